"""Sheets on platforms: the files are valid, and what a platform reads out of them marks every blank rightly."""

from __future__ import annotations

import base64
import io
import itertools
import random
import re
import xml.etree.ElementTree as ET
import zipfile
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from platform_readers import QTI, Item, cloze

import nodesim as ns
from nodesim.exercises.platforms.moodle import moodle
from nodesim.exercises.platforms.qti import qti
from nodesim.exercises.working import Working
from nodesim.gradients.quantities import Quantity, desired
from nodesim.notation.expressions import Number, Partial, Product, Symbol
from nodesim.papers.blocks import Blank, Code, Equation, Figure, Heading, Items, Math, Paper, Paragraph, Strong, Table
from nodesim.showing import shown
from nodesim.wording.language import ENGLISH, Language

SCHEMAS = Path(__file__).parent / "schemas"
GERMAN = Language("de", "Deutsch", ",", {})
ARROW = " → "
# Whatever a field of Moodle, its filters, XML, HTML or a wildcard gives a meaning.
NASTY = ["a}b", "{1:NM:=2}", "~x#", "</p>", "&amp;", "&#125;", '"q"', "I*", "**", "\\}", "\\#", "\\", "=7", "%50%8", "@@PLUGINFILE@@", "{#1}",
         "$$x$$", "\\(y\\)", "[[z]]", "שלום", "bell\x07", "]]>", "two  spaces", "𝔘ni", "it's", "h1", "H1", "a - b", "1,5"]  # fmt: skip


@cache
def schema(name):
    return etree.XMLSchema(file=str(SCHEMAS / f"{name}.xsd"))


def check(name, document):
    schema(name).assertValid(etree.fromstring(document.encode() if isinstance(document, str) else document))


# ---- sheets --------------------------------------------------------------------------------------------------------


class Sheet:
    def __init__(self, paper, names=()):
        self._paper = paper
        self.names = names

    def paper(self):
        return self._paper


def network(seed):
    """Return a small network of one of four forms; every second one has names that nobody would choose."""
    rng = random.Random(seed)
    if seed % 2:
        net = ns.Network.layered([[2, 2, 2], [2, 3, 1], [1, 2, 2, 2], [3, 2, 1]][seed % 4], seed=seed)
    else:
        names = iter(rng.sample(NASTY, len(NASTY)))
        net = ns.Network(seed=seed)
        inputs = [net.add_input(next(names)) for _ in range(2)]
        hidden = [net.add_hidden(next(names)) for _ in range(2 + seed % 3)]
        outputs = [net.add_output(next(names)) for _ in range(1 + seed % 3 % 2)]
        for number, (source, target) in enumerate(
            [*itertools.product(inputs, hidden), *itertools.product(hidden, outputs)], 1
        ):
            net.connect(source, target, name=f"W{number}")
    net.weights = [rng.choice([-1.5, -0.5, 0.25, 0.5, 1.0, 2.0, 0.3]) for _ in net.connections]
    return net


def working(net, seed):
    rng = random.Random(seed)
    x = [Fraction(rng.choice([1, 2, 3]), 2) for _ in net.inputs]
    y = [Fraction(rng.choice([0, 1, 3]), 4) for _ in net.outputs]
    net.forward([float(each) for each in x])
    net.backward([float(each) for each in y])
    given = {
        **{Quantity("activated", node).name: each for node, each in zip(net.inputs, x)},
        **{Quantity("activated", bias).name: Fraction(str(bias.value)) for bias in net.biases},
        **{Quantity("weight", each).name: Fraction(str(each.weight)) for each in net.connections},
        **{desired(node): each for node, each in zip(net.outputs, y)},
        "η": Fraction(1, 10),
    }
    return Working(net.paths("W1").derivatives, net["W1"], given)


def number(name, value, digits):
    written = Decimal(f"{float(value):.{digits}g}")
    half = Decimal((0, (5,), written.as_tuple().exponent - 1))
    exact = Fraction(written) == value
    return Blank(name, f"{written:f}", tolerance="0" if exact else f"{half:f}")


def sheet(seed, language=None):
    net = network(seed)
    work = working(net, seed)
    language = language or (GERMAN if seed % 3 == 1 else ENGLISH)
    digits = 2 + seed % 4
    paths = [ARROW.join(node.name for node in path.nodes) for path in work.paths]
    steps = [step for step in work.steps if seed % 5 or step.kind in ("sum", "activated", "error", "update")]
    rows = tuple(
        (
            (Math(Symbol(step.name)),),
            (Math(step.formula, True, digits),),
            (number(step.name, work.right[step.name], digits),),
        )
        for step in steps
    )
    names = tuple(node.name for node in net.nodes)
    blocks = [
        Paragraph(("This is a network: ", Strong(names[-1]), ", ", ", ".join(names), ".")),
        Figure(net.draw(), f"The network {names[0]}"),
        Heading("1. Forward"),
        Table(("quantity", "", names[0]), (*rows, ((), (), ())), f"What {names[1]} sends"),
        Equation(Partial("e", "W1"), (("=", Math(Product((Number(0.5), Number(-0.25))))), ("≈", Math(Number(-0.125))))),
        Code(f"net = {names!r}\nnet.forward()"),
    ]
    if seed % 7:
        items = [
            (place % 3 * 2, (f"{names[0]}: ", Blank(f"path {place + 1}", path, "path")))
            for place, path in enumerate(paths)
        ]
        blocks.append(Items(tuple(items), numbered=bool(seed % 2)))
    if seed % 4 == 2:
        blocks.append(Paragraph(("Which? ", Blank("which", names[1], "choice", choices=names))))
    return Sheet(Paper("Backpropagation by hand", tuple(blocks), language, f"seed {seed}"), names)


SHEETS = {seed: sheet(seed) for seed in range(60)}


def answers(blank):
    """Return what must be accepted in a blank, and what must not."""
    if blank.kind == "choice":
        return [blank.answer], [each for each in blank.choices if each != blank.answer]
    if blank.kind == "path":
        nodes = blank.answer.split(ARROW)
        shown_nodes = [shown(re.sub(r"\s+", " ", node)) for node in nodes]
        right = [
            shown(blank.answer),
            *(sign.join(shown_nodes) for sign in (ARROW, "→", " -> ", "->", " - ", "-", ", ", ",", " ")),
        ]
        wrong = [
            ARROW.join(shown_nodes[:-1]),
            ARROW.join([*shown_nodes, "Z"]),
            ARROW.join(["Z", *shown_nodes[1:]]),
            "",
            "Z",
        ]
        return right, wrong
    value, off = Decimal(blank.answer), Decimal(blank.tolerance)
    step = off or abs(value) / 1000 or Decimal(1)
    right = [value, value + off, value - off, value.quantize(value + Decimal("1e-9"))]
    wrong = [value + off + step / 100, value - off - step / 100, value + 1, *([-value] if abs(value) > off else [])]
    return [f"{each:f}" for each in right], [*(f"{each:f}" for each in wrong), "", "x"]


# ---- Moodle --------------------------------------------------------------------------------------------------------


def questions(document):
    return [each for each in ET.fromstring(document) if each.get("type") == "cloze"]


def seen(markup):
    """Return the words of some HTML, which is XHTML as well."""
    return "".join(ET.fromstring(f"<div>{markup}</div>").itertext())


def test_moodle_reads_valid_files():
    check("moodle", moodle(list(SHEETS.values())))
    for each in SHEETS.values():
        check("moodle", moodle(each))


@pytest.mark.parametrize("part", range(4))
def test_moodle_marks_every_blank(part):
    marked = 0
    for seed in range(part, 60, 4):
        blanks = SHEETS[seed].paper().blanks()
        (question,) = questions(moodle(SHEETS[seed]))
        _, fields = cloze(question.findtext("questiontext/text"))
        assert len(fields) == len(blanks) == int(question.findtext("defaultgrade"))
        for blank, field in zip(blanks, fields):
            assert field.weight == "1"
            if blank.kind == "number":
                assert tuple(map(Decimal, field.tolerance())) == (Decimal(blank.answer), Decimal(blank.tolerance)), seed
            right, wrong = answers(blank)
            if blank.kind == "choice":
                right, wrong = [shown(each) for each in right], [shown(each) for each in wrong]
            assert [each for each in right if field.mark(each) != 1] == [], (seed, blank, field)
            assert [each for each in wrong if field.mark(each)] == [], (seed, blank, field)
            marked += len(right) + len(wrong)
    assert marked > 1000


def test_moodle_takes_a_comma_for_a_point():
    (question,) = questions(moodle(SHEETS[1]))
    _, fields = cloze(question.findtext("questiontext/text"))
    numbers = [(blank, field) for blank, field in zip(SHEETS[1].paper().blanks(), fields) if blank.kind == "number"]
    assert all(field.mark(f" {blank.answer.replace('.', ',')} ") == 1 for blank, field in numbers)
    assert all("," not in field.answers[0][1] for _, field in numbers)


def test_moodle_takes_nothing_else_for_a_field():
    for seed, each in SHEETS.items():
        (question,) = questions(moodle(each))
        between, _ = cloze(question.findtext("questiontext/text"))
        assert "{" not in "".join(between)
        # Whoever reads it sees every name as it is.
        words = seen("".join(between)).replace("\u2068", "").replace("\u2069", "")
        assert all(shown(name) in words for name in each.names), seed
        feedback = question.findtext("generalfeedback/text")
        assert cloze(feedback)[1] == []


def test_the_key_is_the_feedback():
    for seed, language in ((4, ENGLISH), (5, GERMAN)):
        each = sheet(seed, language)
        (question,) = questions(moodle(each))
        rows = ET.fromstring(question.findtext("generalfeedback/text")).findall("tbody/tr")
        told = [
            tuple("".join(cell.itertext()).replace("\u2068", "").replace("\u2069", "") for cell in row) for row in rows
        ]
        right = [
            (shown(blank.name), language.number(blank.answer) if blank.kind == "number" else shown(blank.answer))
            for blank in each.paper().blanks()
        ]
        assert told == right
    assert "0,5" in seen(
        moodle(Sheet(Paper("t", [Paragraph((Math(Number(0.5)), Blank("H1", "1")))], GERMAN))).split("?>")[1]
    )


def test_capitals_count_where_names_differ_by_them():
    alike = Sheet(Paper("t", [Paragraph((Blank("path 1", f"h1{ARROW}H1", "path"),))]))
    unlike = Sheet(Paper("t", [Paragraph((Blank("path 1", f"I1{ARROW}H1", "path"),))]))
    for each, swapped, right in ((alike, "H1 -> h1", 0), (unlike, "i1 -> h1", 1)):
        (question,) = questions(moodle(each))
        assert cloze(question.findtext("questiontext/text"))[1][0].mark(swapped) == right
        assert Item(package(each)["sheet-1.xml"]).score({"RESPONSE_1": swapped}) == right


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_pictures_come_with_the_question(kind):
    each = SHEETS[3]
    (question,) = questions(moodle(each, pictures=kind))
    (file,) = question.findall("questiontext/file")
    drawing = next(block.drawing for block in each.paper().blocks if isinstance(block, Figure))
    content = base64.b64decode(file.text)
    assert content == drawing.png() if kind == "png" else drawing.svg.encode() in content
    assert f'src="@@PLUGINFILE@@/{file.get("name")}"' in question.findtext("questiontext/text")
    assert package(each, pictures=kind)[f"sheet-1-network-1.{kind}"] == content


def test_questions_are_told_apart():
    document = moodle([SHEETS[1], SHEETS[3]], category="Networks/Week 3")
    assert ET.fromstring(document).findtext("question/category/text") == "$course$/top/Networks/Week 3"
    names = [each.findtext("name/text") for each in questions(document)]
    assert names == ["Backpropagation by hand (1/2, seed 1)", "Backpropagation by hand (2/2, seed 3)"]
    assert [[tag.text for tag in each.iterfind("tags/tag/text")][-1] for each in questions(document)] == ["de", "en"]


# ---- QTI -----------------------------------------------------------------------------------------------------------


def package(sheets, **options):
    with zipfile.ZipFile(io.BytesIO(qti(sheets, **options))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_packages_are_valid_and_whole():
    for sheets in (SHEETS[0], [SHEETS[1]], [SHEETS[2], SHEETS[3]], list(SHEETS.values())):
        files = package(sheets)
        manifest = files.pop("imsmanifest.xml")
        check("manifest", manifest)
        resources = ET.fromstring(manifest).findall("{*}resources/{*}resource")
        listed = [file.get("href") for each in resources for file in each.findall("{*}file")]
        assert sorted(listed) == sorted(files)
        assert all(each.get("href") == each.find("{*}file").get("href") for each in resources)
        for name, content in files.items():
            if name.endswith(".xml"):
                check("qtiv2p1/imsqti_v2p1", content)
                images = {image.get("src") for image in ET.fromstring(content).iter(f"{QTI}img")}
                assert images <= set(files)
            else:
                assert ET.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
        tests = [each for each in resources if each.get("type") == "imsqti_test_xmlv2p1"]
        assert len(tests) == (len(files) > 2)
    items = [each.get("href") for each in ET.fromstring(files["test.xml"]).iter(f"{QTI}assessmentItemRef")]
    assert items == [f"sheet-{place}.xml" for place in range(1, 61)]


@pytest.mark.parametrize("part", range(4))
def test_qti_scores_every_blank(part):
    for seed in range(part, 60, 4):
        blanks = SHEETS[seed].paper().blanks()
        item = Item(package(SHEETS[seed])["sheet-1.xml"])
        names = [each.get("responseIdentifier") for each in item.interactions]
        assert list(item.declared) == names
        assert item.outcomes == {"SCORE": 0, "MAXSCORE": len(blanks)}
        assert item.score({}) == 0
        assert [each.get("label") for each in item.interactions] == [shown(blank.name) for blank in blanks]
        rounds = []
        for blank, interaction in zip(blanks, item.interactions):
            right, wrong = answers(blank)
            if blank.kind == "choice":
                choices = {
                    "".join(each.itertext()).strip("\u2068\u2069"): each.get("identifier") for each in interaction
                }
                right, wrong = ([choices[shown(each)] for each in those] for those in (right, wrong))
            rounds.append([*((each, 1) for each in right), *((each, 0) for each in wrong)])
        # Somebody who has the first of each, somebody who has the second, and so on.
        for given in itertools.zip_longest(*rounds, fillvalue=("", 0)):
            responses = {name: answer for name, (answer, _) in zip(names, given)}
            assert item.score(responses) == sum(point for _, point in given), (seed, responses)
        everything = {name: item.declared[name].findtext(f"{QTI}correctResponse/{QTI}value") for name in names}
        assert item.score(everything) == len(blanks)


def test_qti_says_that_numbers_have_a_point_where_the_language_has_a_comma():
    said = ["decimal point" in package(sheet(3, each))["sheet-1.xml"].decode() for each in (ENGLISH, GERMAN)]
    assert said == [False, True]


def test_any_name_can_be_an_answer():
    for name in NASTY:
        lines = [Blank("which", name, "choice", choices=tuple(NASTY)), Blank("path 1", f"{name}{ARROW}{name}", "path")]
        each = Sheet(Paper("t", [Paragraph(tuple(lines)), Table(("nothing",), ())]))
        (question,) = questions(moodle(each))
        _, (choice, path) = cloze(question.findtext("questiontext/text"))
        assert choice.answers == [(float(other == name), shown(other)) for other in NASTY]
        assert path.mark(f"{shown(name)}->{shown(name)}") == 1
        content = package(each)["sheet-1.xml"]
        check("qtiv2p1/imsqti_v2p1", content)
        assert (
            Item(content).score(
                {"RESPONSE_1": f"CHOICE_{NASTY.index(name) + 1}", "RESPONSE_2": f"{shown(name)}->{shown(name)}"}
            )
            == 2
        )


def test_long_names_are_cut_where_a_platform_cuts_them():
    each = Sheet(Paper("t" * 300, [Paragraph((Blank("H" * 300, "1"),))]))
    assert questions(moodle(each))[0].findtext("name/text") == "t" * 255
    check("qtiv2p1/imsqti_v2p1", package(each)["sheet-1.xml"])


def test_the_order_of_paths_is_said_where_it_counts():
    for count in (1, 2):
        each = Sheet(
            Paper(
                "t", [Paragraph(tuple(Blank(f"path {place}", f"I{place}{ARROW}O1", "path") for place in range(count)))]
            )
        )
        assert ("the order of the paths counts" in moodle(each)) == (count > 1)
    for seed in (1, 3, 7):
        paths = {blank.answer for blank in SHEETS[seed].paper().blanks() if blank.kind == "path"}
        for text in (moodle(SHEETS[seed]), package(SHEETS[seed])["sheet-1.xml"].decode()):
            assert ("the order of the paths counts" in text) == (len(paths) > 1)


# ---- sheets of nodesim ---------------------------------------------------------------------------------------------

MADE = [
    ([2, 2, 2], "W1", ("forward", "paths", "gradient", "tree", "update"), "en"),
    ([1, 2, 2, 2], "W1", ("missing path",), "de"),
    ([2, 3, 1], "W2", ("mistake",), "en"),
    ([3, 2, 1], "W8", ("forward", "update"), "de"),
]


@cache
def made():
    return [
        ns.exercises.make(sizes, ask=ask, seed=seed, tasks=tasks, language=language)
        for seed, (sizes, ask, tasks, language) in enumerate(MADE)
    ]


def test_the_key_of_a_sheet_has_every_point():
    files = package(made())
    for place, (each, question) in enumerate(zip(made(), questions(moodle(made())), strict=True), 1):
        _, fields = cloze(question.findtext("questiontext/text"))
        item = Item(files[f"sheet-{place}.xml"])
        blanks = each.paper().blanks()
        assert [blank.answer for blank in blanks] == list(each.key.values())
        assert sum(field.mark(answer) for field, answer in zip(fields, each.key.values(), strict=True)) == len(blanks)
        responses = dict(zip(item.declared, each.key.values(), strict=True))
        for interaction in item.interactions:
            choices = {"".join(choice.itertext()): choice.get("identifier") for choice in interaction}
            name = interaction.get("responseIdentifier")
            responses[name] = choices.get(responses[name], responses[name])
        assert item.score(responses) == len(blanks)


def test_sheets_of_nodesim_are_valid():
    check("moodle", moodle(made()))
    for name, content in package(made()).items():
        if name.endswith(".xml"):
            check("manifest" if name == "imsmanifest.xml" else "qtiv2p1/imsqti_v2p1", content)


# ---- both ----------------------------------------------------------------------------------------------------------


def test_a_file_is_the_same_whenever_it_is_made():
    first, again = list(SHEETS.values())[:6], [sheet(seed) for seed in range(6)]
    assert moodle(first) == moodle(again)
    assert qti(first) == qti(again)
    with zipfile.ZipFile(io.BytesIO(qti(first))) as archive:
        entries = {(each.date_time, each.create_system, each.external_attr >> 16) for each in archive.infolist()}
        assert entries == {((1980, 1, 1, 0, 0, 0), 3, 0o644)}


@pytest.mark.parametrize("written", [moodle, qti])
def test_what_is_no_question_is_refused(written):
    with pytest.raises(ns.ArgumentError, match="no sheet"):
        written([])
    with pytest.raises(ns.ArgumentError, match="has no blank"):
        written(Sheet(Paper("Reading", [Heading("Nothing to do")])))
    with pytest.raises(ns.ArgumentError, match='"svg" or "png"'):
        written(SHEETS[0], pictures="gif")


def test_schemas_refuse_what_is_wrong():
    document = moodle(SHEETS[0])
    for wrong in (document.replace('type="cloze"', 'type="close"'), document.replace("questiontext", "text")):
        with pytest.raises(etree.DocumentInvalid):
            check("moodle", wrong)
    item = package(SHEETS[0])["sheet-1.xml"].decode()
    for wrong in (
        item.replace(' responseIdentifier="RESPONSE_1"', ""),
        item.replace("<p>", "<math>").replace("</p>", "</math>"),
    ):
        with pytest.raises(etree.DocumentInvalid):
            check("qtiv2p1/imsqti_v2p1", wrong)
