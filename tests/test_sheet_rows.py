"""Sheets as a reader meets them: rows that do not tell how many paths there are, and what is said beside pictures."""

from __future__ import annotations

import copy
import json
import pickle
import random
import re
from fractions import Fraction

import networkx as nx
import pytest

import nodesim as ns
from nodesim.cli.main import main
from nodesim.exercises.platforms.moodle import moodle
from nodesim.exercises.platforms.qti_item import Item
from nodesim.notation.text import text
from nodesim.papers import html, markdown, notebook
from nodesim.papers.blocks import Blank, Equation, Math, Table

SHEETS = [([1, 1], "W1"), ([2, 2, 2], "W3"), ([2, 3, 3], "W1"), ("dag", "W1"), ([1, 2, 2, 2], "W1")]


def made(place, **settings):
    network, ask = SHEETS[place]
    return ns.exercises.make(network, ask=ask, seed=place, **settings)


def printed(sheet):
    """Return a sheet as lines of text, and the names of all blanks, those in which nothing belongs among them."""
    page, _ = markdown.written([sheet.paper()], filled=False, size="a4", name="x")
    rows = [cell for block in sheet.paper().blocks if isinstance(block, Table) for row in block.rows for cell in row]
    return page, [part.name for cell in rows for part in cell if isinstance(part, Blank)]


# ---- rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(len(SHEETS)))
def test_rows_do_not_tell_how_many_paths_there_are(place):
    sheet = made(place)
    count = int(sheet.key["number of paths"])
    _, names = printed(sheet)
    for kind in ("path", "product"):
        rows = [name for name in names if name.startswith(kind)]
        assert rows == [f"{kind} {number + 1}" for number in range(len(rows))]
        assert count + 2 <= len(rows) <= count + 3
        assert len(rows) % 2 == 0
    assert sheet.mark(sheet.key).score == sheet.mark(sheet.key).out_of == len(sheet.key)
    assert f"path {count + 1}" not in sheet.key
    spare = [name for name in names if name not in sheet.key]
    filled, _ = markdown.written([sheet.paper()], filled=True, size="a4", name="x")
    assert filled.count("**\N{EN DASH}**") == len(spare)
    # Where a field that stays empty would cost a point there is none.
    question = moodle([sheet])
    assert len(re.findall(r"\{1:\w+:=", question)) == len(sheet.key)
    item = Item(sheet.paper(), "i", "t", "p", "svg").written()
    assert len(re.findall("<(?:textEntry|inlineChoice)Interaction ", item)) == len(sheet.key)
    assert spare
    assert not any(f">{name}<" in question or f'label="{name}"' in item for name in spare)


@pytest.mark.parametrize("place", range(1, len(SHEETS)))
def test_no_point_is_lost_by_the_row_in_which_a_path_stands(place):
    sheet = made(place)
    count = int(sheet.key["number of paths"])
    for seed in range(6):
        rows = random.Random(seed).sample(range(1, count + 3), count)
        answers = {name: value for name, value in sheet.key.items() if not re.match(r"(path|product) \d", name)}
        for number, row in enumerate(rows, 1):
            answers |= {f"path {row}": sheet.key[f"path {number}"], f"product {row}": sheet.key[f"product {number}"]}
        marking = sheet.mark(answers)
        assert (marking.score, marking.remarks) == (marking.out_of, ())


@pytest.mark.parametrize("place", range(1, len(SHEETS)))
@pytest.mark.parametrize("last", [True, False])
def test_a_path_too_many_costs_the_number_of_paths(place, last):
    """What is added for it is carried on: the sum follows, wherever the row stands that is too many."""
    sheet = made(place)
    count = int(sheet.key["number of paths"])
    for wrong in ("O1 - I1", sheet.key[f"path {count}"]):
        extra, gradient = Fraction("0.625"), f"∂e/∂{sheet.working.connection.name}"
        answers = {**sheet.key, "number of paths": str(count + 1), f"path {count + 1}": wrong}
        answers |= {f"product {count + 1}": str(extra)}
        if not last:
            for kind in ("path", "product"):
                first, spare = f"{kind} 1", f"{kind} {count + 1}"
                answers[first], answers[spare] = answers[spare], answers[first]
        total = sheet.exact[gradient] + extra
        new = f"{sheet.working.connection.name}(k+1)"
        given = sheet.working.given
        answers |= {gradient: str(total), new: str(given[sheet.working.connection.name] - given["η"] * total)}
        marking = sheet.mark(answers)
        lost = {each.blank for each in marking.verdicts if each.verdict == "wrong"}
        told = {remark.blank: remark for remark in marking.remarks}
        if wrong == sheet.key[f"path {count}"] and not last:
            # Then it is the second of the two that is too many.
            assert "a second time" in told[f"path {count}"].text
            continue
        row = f"path {count + 1}" if last else "path 1"
        assert lost == {"number of paths"}
        assert set(told) == {"number of paths", row}
        assert wrong in told[row].text
        assert set(told[row].follows) == {gradient, new}
        assert {each.blank for each in marking.verdicts if each.verdict == "follows"} == {gradient, new}


def test_spare_rows_are_read_from_tables(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sheet = made(1)
    sheet.save("sheet.json")
    lines = [*sheet.key.items(), ("path 4", "I2 - H2 - O1")]
    (tmp_path / "a.csv").write_text("".join(f"{name};{value}\n" for name, value in lines), "utf-8")
    assert main(["mark", "sheet.json", "a.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["score"], [remark["blank"] for remark in found["remarks"]]) == (found["out_of"], ["path 4"])
    (tmp_path / "a.csv").write_text("path 9;I2 - H2 - O1\n", "utf-8")
    assert main(["mark", "sheet.json", "a.csv"]) == 1


def test_what_another_path_adds_follows_from_it():
    sheet = ns.exercises.make([2, 3, 3], seed=2, tasks=["missing path", "update"])
    right = sheet.working.right
    paths = [" - ".join(node.name for node in path.nodes) for path in sheet.working.paths]
    for place, path in enumerate(paths):
        if place == sheet.asked.missing:
            continue
        answers = {**sheet.key, "missing path": path, "missing product": str(right[f"product {place + 1}"])}
        marking = sheet.mark(answers)
        assert {each.blank: each.verdict for each in marking.verdicts}["missing product"] == "follows"
        (remark,) = marking.remarks
        assert (remark.blank, remark.follows) == ("missing path", ("missing product",))
        both = sheet.mark({**answers, "missing product": str(right[f"product {place + 1}"] + 1)})
        assert both.score == both.out_of - 2
        # What the path that is missing adds is no less right where another was named.
        assert sheet.mark({**sheet.key, "missing path": path}).score == marking.out_of - 1


# ---- what is said ---------------------------------------------------------------------------------------------------


def test_a_graph_is_told_without_its_picture():
    """The network is built again from the tables, and calculates the same."""
    for seed in range(8):
        sheet = ns.exercises.make("dag", seed=seed, paths=3)
        page, _ = printed(sheet)
        found = nx.DiGraph()
        tables = [
            block for block in sheet.paper().blocks if isinstance(block, Table) and block.heads[0].startswith("W")
        ]
        for table in tables:
            for name, (ends,), (number,) in zip(table.heads, *table.rows):
                source, target = ends.split(" → ")
                found.add_edge(source, target, name=name, weight=Fraction(number.replace("−", "-")))
        links = {(c.source.name, c.target.name): (c.name, Fraction(str(c.weight))) for c in sheet.network.connections}
        assert {
            pair: (d["name"], d["weight"]) for *pair, d in map(list, found.edges(data=True)) for pair in [tuple(pair)]
        } == links
        layer = {}
        for node in nx.topological_sort(found):
            layer[node] = max((layer[before] + 1 for before in found.predecessors(node)), default=0)
        last = max(layer.values())
        layer |= {node.name: last for node in sheet.network.outputs}
        long = [data["name"] for a, b, data in found.edges(data=True) if layer[b] - layer[a] > 1]
        said = re.search(r"Connections that skip layers: (.*)\.", page)[1].split(", ")
        assert sorted(said) == sorted(long)
        assert "There are no bias nodes." in page
    assert "skip" not in printed(made(1))[0]
    assert "bias nodes" not in printed(made(1))[0]


@pytest.mark.parametrize("language", ["en", "de"])
def test_red_is_said_to_be_the_weight(language):
    asked, not_asked = made(2, language=language), made(2, tasks=["gradient"], language=language)
    captions = [sheet.paper().blocks[0].caption for sheet in (asked, not_asked)]
    assert all("W1" in caption for caption in captions)
    assert captions[0] != captions[1]
    assert captions[0].startswith(captions[1].rstrip("."))


def test_the_slope_of_every_node_on_a_path_is_said():
    for place in range(1, len(SHEETS)):
        sheet = made(place)
        page, _ = printed(sheet)
        line = re.search(r"Slopes of the activations: (.*)\.", page)[1]
        told = re.findall(r"/?partial ([HO])_\{(\d+)\}\}", line)
        named = [
            *map("".join, told),
            *(name for names in re.findall("likewise at ([HO0-9, ]+)", line) for name in names.split(", ")),
        ]
        route = [node for way in (p.nodes for p in sheet.working.paths) for node in way[1:]]
        assert sorted(named) == sorted({node.name for node in route})


def test_nothing_is_divided_by_one():
    for outputs, task in ((1, "forward"), (2, "forward"), (1, "mistake")):
        sheet = ns.exercises.make([2, 2, outputs], seed=4, tasks=[task])
        formulas = [text(part.expression) for part in inlines(sheet) if isinstance(part, Math)]
        assert not any(re.search(r"/ ?1(?!\d)", each) for each in formulas)
        assert any("/ 2" in each or "/2" in each for each in formulas) == (outputs == 2)


def inlines(sheet):
    for block in sheet.paper().blocks:
        if isinstance(block, Table):
            yield from (part for row in block.rows for cell in row for part in cell)
        elif isinstance(block, Equation):
            yield from (math for _, math in block.rights)


def test_a_tree_says_where_to_begin_and_what_it_gives():
    page, _ = printed(made(1))
    assert "∂e/∂W3 is branch 1: compare it with the sum of the products." in page
    assert "Begin with the innermost." in page
    assert "Branches may repeat" not in page
    page, _ = printed(made(1, tasks=["tree"]))
    assert "∂e/∂W3 is branch 1." in page
    # From either node of the second hidden layer paths lead on through the same two nodes.
    assert "Branches may repeat" in printed(ns.exercises.make([1, 2, 2, 2, 2], seed=1, tasks=["tree"]))[0]


# ---- files ----------------------------------------------------------------------------------------------------------


def test_choices_are_kept_in_english(tmp_path):
    """What is chosen is called in the sheet's language, and is no part of what a file says of the calculation."""
    texts = {"code": "la", "name": "Latin", "decimal": ","}
    printed_as = ("wrong sign", "bias left out", "any other summand left out", "weights of other connections taken")
    words = {name: f"«{name}»" for name in printed_as}
    file = tmp_path / "la.json"
    file.write_text(json.dumps({**texts, "texts": {**words, "product {place}": "«{place}»"}}), "utf-8")
    for seed in range(8):
        plain = ns.exercises.make([2, 2, 2], seed=seed, tasks=["mistake"])
        for language in ("de", file):
            sheet = ns.exercises.make([2, 2, 2], seed=seed, tasks=["mistake"], language=language)
            sheet.save(tmp_path / "sheet.json")
            sheet.save_key(tmp_path / "key.json")
            kept = json.loads((tmp_path / "key.json").read_text("utf-8"))
            assert kept == {**plain.key, "mistake": plain.asked.planted.mistake.name}
            again = ns.exercises.load(tmp_path / "sheet.json")
            for answers in (kept, sheet.key):
                assert sheet.mark(answers).score == 3
            assert again.mark(kept).score == 3


def test_one_more_and_several_more(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sheet = ns.exercises.make([2, 2, 2], seed=1, language="de")
    sheet.save("sheet.json")
    names = list(sheet.key)
    for left_out, said in ((["e"], "1 fehlt"), (["e", "H1"], "2 fehlen")):
        cells = ["" if name in left_out else value for name, value in sheet.key.items()]
        rows = [";".join(["name", *names]), ";".join(["Ann", *cells])]
        (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", "utf-8")
        assert main(["mark", "sheet.json", "a.csv", "--language", "de"]) == 0
        assert re.search(rf"Ann .* {said}", capsys.readouterr().out)


def test_a_remark_names_its_mistake():
    sheet = ns.exercises.make([2, 2, 2], seed=7)
    given = sheet.working.given
    without = sum(given[a] * given[b] for a, b in (("I1", "W1"), ("I2", "W3")))
    assert repr(sheet.mark({**sheet.key, "H1": str(without)}).remarks[0]) == "<Remark: H1 wrong: bias forgotten>"


# ---- as objects ---------------------------------------------------------------------------------------------------


def test_sheets_markings_and_handouts_go_through_pickle():
    sheet = made(1, language="de")
    marking = sheet.mark({**sheet.key, "H1": "99", "e": ""})
    handout = ns.handout(sheet.network, "W1", [1, 2], [1, 0])
    again, marked, handed = pickle.loads(pickle.dumps((sheet, marking, handout)))
    assert again.key == sheet.key
    assert marked == marking
    assert hash(marked) == hash(marking)
    assert html.written(handed.paper()) == html.written(handout.paper())
    assert notebook.written(handed.notebook()) == notebook.written(handout.notebook())
    assert copy.deepcopy(sheet).to_dict() == sheet.to_dict()
    # Whoever changes what was handed out changes no key.
    sheet.key.clear()
    assert sheet.key == again.key


def test_keys_are_numbers_to_programs_in_every_language():
    sheet = ns.exercises.make([2, 2, 2], seed=3, language="de")
    for each in sheet.mark({}).verdicts:
        if each.blank in sheet.exact:
            assert Fraction(each.right) == sheet.exact[each.blank]


@pytest.mark.parametrize("language", ["en", "de"])
def test_choices_of_mistakes_are_told_apart(language):
    """A term of a forward sum is no path, and whoever lacks it finds one choice alone; the doctor's names are read."""
    for seed in range(40):
        sheet = ns.exercises.make([2, 2, 2], seed=seed, tasks=["mistake"], language=language)
        name, blank = sheet.asked.planted.mistake.name, sheet.blanks[-1]
        assert len(set(blank.choices)) == len(blank.choices) == len({name, *blank.others})
        assert not any("path" in choice or "Pfad" in choice or "input" in choice for choice in blank.choices)
        left_out = {"path forgotten": ("summand", "Summand"), "input left out": ("factor", "Faktor")}.get(
            name, ("", "")
        )
        assert any(word in blank.answer for word in left_out)
        # As they stand in the keys and tables of 0.1.0.
        for answer in ("path forgotten", "input left out", blank.answer):
            right = answer in (name, blank.answer)
            assert sheet.mark({**sheet.key, "mistake": answer}).score == 2 + right
