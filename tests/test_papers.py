"""Papers as HTML, Markdown and LaTeX: formulas mean what they say, keys hold the answers, no name breaks anything."""

from __future__ import annotations

import base64
import html.parser
import math
import random
import re
import unicodedata
from xml.etree import ElementTree

import pytest

import nodesim as ns
from nodesim.drawing.svg import Drawing, element, text
from nodesim.drawing.tikz import tikz
from nodesim.notation import expressions as ex
from nodesim.notation.latex import latex
from nodesim.notation.mathml import MathML, mathml
from nodesim.notation.tex_signs import in_tex
from nodesim.papers import html as pages
from nodesim.papers import markdown, tex
from nodesim.papers.blocks import (
    Blank,
    Code,
    Equation,
    Figure,
    Heading,
    Items,
    Math,
    Paper,
    Paragraph,
    Strong,
    Table,
)
from nodesim.papers.breaking import Breaker, Signs
from nodesim.papers.latex_pieces import SIGNS, PaperLatex
from nodesim.wording.language import Language, language

ENGLISH = language("en")
GERMAN = Language(
    "de", "Deutsch", ",", {"Name": "Vor- & Nachname", "Key: {title}": "Lösung: {title}", "otherwise": "sonst"}
)
LETTERS = {"H1": 0.7, "HA12": -1.3, "width": 2.1, "W3": 0.25, "η": 0.5}
PARTIALS = {("OA1", "O1"): 0.3, ("e", "W1"): -1.7}


def random_expression(random_, depth):
    """Return an expression of any kind whose numbers are harmless."""
    kind = random_.randrange(9 if depth else 3)
    inner = lambda: random_expression(random_, depth - 1)  # noqa: E731
    if kind == 0:
        return ex.Number(random_.choice([0.5, -2.0, 3.0, 2.5e-7, -1e10, 0.1]))
    if kind == 1:
        return ex.Symbol(*random_.choice(list(LETTERS.items())))
    if kind == 2:
        (over, under), value = random_.choice(list(PARTIALS.items()))
        return ex.Partial(over, under, value)
    if kind in (3, 4):
        return (ex.Sum, ex.Product)[kind - 3](tuple(inner() for _ in range(random_.randint(2, 4))))
    if kind == 5:
        return ex.Quotient(inner(), ex.Sum((ex.Call("exp", (ex.Call("tanh", (inner(),)),)), ex.Number(1.0))))
    if kind == 6:
        return ex.Power(inner(), ex.Number(2.0))
    if kind == 7:
        return ex.Negative(inner())
    return random_.choice(
        [ex.Call("abs", (inner(),)), ex.Call("max", (inner(), inner())), ex.Call("sqrt", (ex.Call("abs", (inner(),)),))]
    )


def read(node):
    """Read MathML as a program of Python, as somebody who knows nothing of nodesim's expressions."""
    tag, inside = node.tag.rpartition("}")[2], list(node)
    if tag in ("math", "mrow", "msqrt"):
        words = []
        for each in inside:
            if each.tag == "mo" and each.text == "|":
                words.append("abs(" if each.get("form") == "prefix" else ")")
            else:
                words.append(read(each))
        return f"sqrt({' '.join(words)})" if tag == "msqrt" else " ".join(words)
    if tag == "mfrac":
        over, under = inside
        if over.find("mo") is not None and over.find("mo").text == "∂" and over[0].text == "∂":
            return f"PARTIALS[{read(over[1])!r}, {read(under[1])!r}]"
        return f"(({read(over)}) / ({read(under)}))"
    if tag == "msub":
        return read(inside[0]) + read(inside[1])
    if tag == "msup":
        return f"{read(inside[0])} ** ({read(inside[1])})"
    signs = {"·": "*", "×": "*", "−": "-"}
    return signs.get(node.text, node.text)


def value(program):
    """Evaluate what `read` has read."""
    partials = {tuple(pair): number for pair, number in PARTIALS.items()}
    names = {name: getattr(math, name) for name in ("exp", "tanh", "sqrt")} | {
        "abs": abs,
        "max": max,
        "PARTIALS": partials,
    }
    return eval(program, {"__builtins__": {}}, names | LETTERS)


@pytest.mark.parametrize("seed", range(300))
def test_mathml_means_what_the_expression_is(seed):
    expression = random_expression(random.Random(seed), 3)
    found = value(read(ElementTree.fromstring(mathml(expression))))
    assert found == pytest.approx(ex.evaluate(expression), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("seed", range(200))
def test_pieces_of_a_broken_formula_are_the_formula(seed):
    expression = random_expression(random.Random(seed), 4)
    signs = Signs("<mo>+</mo>", "<mo>−</mo>", MathML.dot, *2 * ("<mo>(</mo>", "<mo>)</mo>"))
    rows = Breaker(MathML(), signs).rows(expression)
    whole = "".join(piece for row in rows for piece in row.pieces)
    found = value(read(ElementTree.fromstring(f"<math>{whole}</math>")))
    assert found == pytest.approx(ex.evaluate(expression), rel=1e-12, abs=1e-300)
    # In LaTeX, the same pieces but for brackets that grow.
    written = "".join(piece for row in Breaker(PaperLatex(), SIGNS).rows(expression) for piece in row.pieces)
    assert squeezed(written) == squeezed(latex(expression))


def squeezed(written):
    return re.sub(r"\\left|\\right|\\Big[lr]|\{\}|\s", "", written)


def test_numbers_have_the_sign_of_the_language():
    product = ex.Product((ex.Number(-0.5), ex.Symbol("W1", 1.25), ex.Number(2.5e-7)))
    assert "<mn>0,5</mn>" in mathml(product, language=GERMAN)
    written = PaperLatex(numbers=True, language=GERMAN).write(product)[0]
    assert written == r"-0{,}5 \cdot 1{,}25 \cdot (2{,}5 \times 10^{-7})".replace("(", r"\left(").replace(
        ")", r"\right)"
    ) or (written == r"-0{,}5 \cdot 1{,}25 \cdot 2{,}5 \times 10^{-7}")
    where = ex.Call("where", (ex.Comparison(ex.Symbol("z"), "<", ex.Number(0.5)), ex.Number(0.0), ex.Symbol("z")))
    assert "sonst" in mathml(where, language=GERMAN)
    assert r"\text{sonst}" in PaperLatex(language=GERMAN).write(where)[0]
    assert PaperLatex().write(ex.Symbol("HA1(k+1)"))[0] == r"\mathit{HA}_{1}(k+1)"


# ---- papers --------------------------------------------------------------------------------------------------


def network(sizes):
    net = ns.Network.layered(sizes, seed=1)
    net.forward([0.5] * sizes[0])
    net.backward([0.25] * sizes[-1])
    return net


def paper(sizes=(2, 2, 2), name="W1", which=ENGLISH):
    """Return a paper with a block of every kind; every answer is a number that stands nowhere else."""
    net = network(list(sizes))
    derivation = net.derivation("W1")
    blanks = [Blank(f"{name}{place}", f"-{place}.98765{place}") for place in range(4)]
    blanks += [
        Blank("path 1", "I1 → H1 → O1 → Q77", "path"),
        Blank("which", "C", "choice", choices=("A <1>", "C", name or "?")),
    ]
    rows = tuple(((f"{name} & |", Math(ex.Symbol(name))), (blank,)) for blank in blanks[:3])
    return Paper(
        f"By hand: {name}",
        (
            Heading(name), Paragraph(("Say ", Strong(name), " ", Math(derivation.symbol), " at ", blanks[3])),
            Figure(net.draw(highlight="W1"), name), Table((name, "number"), rows, name),
            Equation(derivation.symbol, (("=", Math(derivation.expression("paths"))), ("≈", Math(derivation.expression("paths"), True, 4)))),
            Equation(derivation.symbol, (("=", Math(derivation.expression("factored"))),)),
            Items(((0, (name,)), (1, (blanks[4],)), (3, ("deep",)), (0, (blanks[5],)))), Items(((0, ("first",)),), True),
            Figure(derivation.draw()), Code(f"print({name!r})  # {name}\n"),
        ),
        which,
        f"seed 7, {name}",
    )  # fmt: skip


def parsed(page):
    assert page.startswith("<!DOCTYPE html>\n")
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


class Strict(html.parser.HTMLParser):
    """Collects what a page asks for."""

    asked, tags, open = (), (), ()

    def handle_starttag(self, tag, attrs):
        self.tags = (*self.tags, tag)
        self.asked += tuple(
            value
            for name, value in attrs
            if name in ("src", "href", "srcset", "action", "data") or name.startswith("on")
        )

    handle_startendtag = handle_starttag


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("size", ["a4", "letter"])
def test_a_page_asks_for_nothing_and_can_be_read_aloud(filled, size):
    page = pages.written([paper(), paper(which=GERMAN)], filled=filled, size=size)
    reader = Strict()
    reader.feed(page)
    assert reader.asked
    assert all(asked.startswith("data:image/svg+xml;base64,") for asked in reader.asked)
    assert not {"script", "link", "iframe", "object", "style src", "form"} & set(reader.tags)
    assert not re.search(r"url\(|@import|https?:", page)
    root = parsed(page)
    assert root.get("lang") == "en"
    articles = list(root.iter("article"))
    assert [each.get("lang") for each in articles] == ["en", "de"]
    assert [len(list(each.iter("h1"))) for each in articles] == [1, 1]
    assert all(head.get("scope") in ("col", "row") for head in root.iter("th"))
    assert all(image.get("alt") for image in root.iter("img"))
    assert all(
        ElementTree.fromstring(base64.b64decode(image.get("src").partition(",")[2])) is not None
        for image in root.iter("img")
    )
    named = [table.get("aria-labelledby") for table in root.iter("table")]
    assert len(set(named)) == 2
    assert set(named) <= {each.get("id") for each in root.iter()}
    assert f"size: {'A4' if size == 'a4' else 'letter'};" in page
    assert ("Lösung: By hand: W1" in page) == filled


def answers_of_html(page):
    return {
        blank.find("small").text: "".join(blank.find("span").itertext()).strip("\u200b")
        for blank in parsed(page).iter("span")
        if blank.get("class", "").startswith("blank ")
    }


def answers_of_markdown(page):
    plain = re.sub(r"\\([^\w\s])", r"\1", page)
    found = re.findall(r"(?:\*\*([^*\n]+)\*\*|(_{8,})) \(`([^`]+)`\)", plain)
    return {name: answer for answer, _, name in found}


def answers_of_tex(page):
    found = re.findall(r"\\room\{[\d.]+cm\}\{((?:[^{}]|\{[^{}]*\})*)\}\{([^{}]*)\}", page)
    back = {r"\ensuremath{-}": "−", r"\ensuremath{\rightarrow}": "→"}
    return {name: re.sub(r"\\ensuremath\{[^}]*\}", lambda sign: back[sign[0]], answer) for answer, name in found}


@pytest.mark.parametrize("which", [language("en"), GERMAN])
def test_the_key_holds_the_answers_and_the_sheet_none(which):
    made = paper(which=which)
    wanted = {
        blank.name: blank.answer.replace("-", "−").replace(".", which.decimal)
        if blank.kind == "number"
        else blank.answer
        for blank in made.blanks()
        if blank.kind != "choice"
    }
    for write, answers in (
        (pages.written, answers_of_html),
        (lambda paper, filled: markdown.written(paper, filled=filled)[0], answers_of_markdown),
        (tex.written, answers_of_tex),
    ):
        key, sheet = write(made, filled=True), write(made, filled=False)
        found = answers(key)
        assert {name: answer for name, answer in found.items() if name in wanted} == wanted
        empty = answers(sheet)
        assert set(wanted) <= set(empty)
        assert not any(empty[name] for name in wanted)
        assert "98765" not in sheet
        assert "Q77" not in sheet
        # What is to be chosen is marked in the key alone, by a sign and not by a colour.
        ticked = ("&#9746;", r"\ticked~")
        assert any(sign in key for sign in ticked)
        assert not any(sign in sheet for sign in ticked)


def test_a_sheet_has_room_for_its_writer_in_its_language():
    for written in (pages.written, lambda paper, **more: markdown.written(paper, **more)[0]):
        assert "Vor- &amp; Nachname" in written(paper(which=GERMAN)) or "Vor- \\& Nachname" in written(
            paper(which=GERMAN)
        )
        assert "Nachname" not in written(paper(which=GERMAN), filled=True)
    assert r"\who{Vor- \& Nachname}" in tex.written(paper(which=GERMAN))
    handout = Paper("No blanks", (Paragraph(("text",)),))
    assert "Name" not in pages.written(handout)


def test_words_of_markdown_stay_words():
    made = Paper(
        "1. First",
        (Heading("2. Next"), Paragraph(("3. is a number",)), Paragraph(("- 4",)), Paragraph(("# 5 * 6_7_",))),
    )
    page, _ = markdown.written(made)
    assert page.split("\n\n") == ["# 1. First", "## 2. Next", "3\\. is a number", "\\- 4", "\\# 5 \\* 6\\_7\\_\n"]
    listed, _ = markdown.written(Paper("", (Items(((0, ("1. is",)), (0, ("-",)))), Table(("x",), (), "2) is"))))
    assert [line for line in listed.splitlines() if "|" not in line][-5:] == ["- 1\\. is", "- \\-", "", "2\\) is", ""]
    bars = Math(ex.Sum((ex.Call("abs", (ex.Symbol("z"),)), ex.Symbol("a|b"))))
    page, _ = markdown.written(Paper("Bars", (Table(("x", "y"), (((bars,), ("|",)),)),)))
    assert page.splitlines()[-1].replace("\\|", "").count("|") == 3


def test_pictures_lie_beside_markdown():
    page, files = markdown.written([paper(), paper()], name="sheet")
    assert sorted(files) == [f"sheet_files/{place}.svg" for place in range(1, 5)]
    assert all(f"(<{path}>)" in page and ElementTree.fromstring(content) is not None for path, content in files.items())


# ---- names ---------------------------------------------------------------------------------------------------

NASTY = [
    "", " ", "\\", "{", "}}", "$x$", "a&b", "#1", "50 %", "^_~", "</h1><script>alert(1)</script>", "]]>", "--", "``''",
    "\\end{document}", "\\input{/etc/passwd}", "|x|", "[1]", "* a", "a\nb", "\x00\x1b[31m", "\u05e9\u05dc 7", "重み", "🙂",
    "ß", "e\u0301", "ﬁ", "\ud800", "½", "W1(k+1)", "HA[{]", "HA1[3]", "$$", "`", "```", "<b>", "&amp;", "Ω", "ſ", "Ŧ", "ŉ", "x" * 150, "a word " * 30,
]  # fmt: skip


def random_name(seed):
    random_ = random.Random(seed)
    ranges = [(0x20, 0x7F)] * 4 + [(0xA0, 0x250), (0x370, 0x600), (0x2000, 0x2800), (0x1D400, 0x1D800), (0, 0x110000)]
    return "".join(chr(random_.randrange(*random_.choice(ranges))) for _ in range(random_.randint(1, 12)))


NAMES = NASTY + [random_name(seed) for seed in range(250)]
T1 = {chr(code) for code in [*range(0xC0, 0x180), *range(0x218, 0x21C)]} - set("×÷")


def without_escapes(page):
    return re.sub(r"\\[\\{}$&#%_ ,]", "", page)


def assert_sound(page):
    """Assert that what LaTeX reads is balanced and holds no sign that pdflatex lacks."""
    assert {sign for sign in page if not sign.isascii()} <= T1
    assert not {sign for sign in page if unicodedata.category(sign) == "Cc"} - {"\n"}
    plain, depth = without_escapes(re.sub(r"(?m)(?<!\\)%.*$", "", page)), 0
    for sign in plain:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert plain.count("$") % 2 == 0
    assert "~" not in plain or "\\" in plain
    opened = []
    for what, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", plain):
        if what == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []


def named_paper(name):
    """Return a paper in which a name stands wherever one can."""
    drawing = Drawing(text(name, 5.0, 5.0) + text(name, 5.0, 5.0, font_weight="bold", fill="#ff0000"), 50.0, 20.0, name)
    blank = Blank(name, name, "path")
    return Paper(
        name,
        (
            Heading(name), Paragraph((name, " ", Strong(name), " ", Math(ex.Symbol(name)), " ", blank)), Figure(drawing, name),
            Table((name,), (((name,),), ((Math(ex.Partial(name, f"HA[{name}]")),),)), name), Items(((0, (name,)),)),
            Equation(ex.Symbol(name), (("=", Math(ex.Product((ex.Symbol(name), ex.Call(name, (ex.Symbol(name),)))))),)),
            Code(name), Paragraph((Blank(name, name, "choice", choices=(name, "b")),)),
        ),
        language("en"),
        name,
    )  # fmt: skip


@pytest.mark.parametrize("start", range(0, len(NAMES), 30))
def test_no_name_breaks_a_writer(start):
    for name in NAMES[start : start + 30]:
        made = named_paper(name)
        for filled in (False, True):
            root = parsed(pages.written(made, filled=filled))
            assert not list(root.iter("script"))
            title = "".join(root.find(".//h1").itertext())
            assert title.removeprefix("Key: ") == ns.showing.shown(name)
            assert_sound(
                tex.written(made, filled=filled).partition(r"\begin{document}")[2].replace(r"\end{document}", "")
            )
            page, _ = markdown.written(made, filled=filled)
            assert page.isprintable() or {sign for sign in page if not sign.isprintable()} == {"\n"}
            assert not re.search(r"(?<!\\)<(?!sheet_files|sub>|/sub>)[a-z/!]", re.sub(r"(`+)[^`](.|\n)*?\1", "", page))


def test_text_of_latex_says_the_same():
    back = {
        r"\textbackslash{}": "\\",
        r"\textasciicircum{}": "^",
        r"\textasciitilde{}": "~",
        r"\textquotedbl{}": '"',
        r"\textasciigrave{}": "`",
        "{}": "",
    }
    for name in ("a\\b{c}$d&e#f^g_h~i%j", "--- ''' \"q\" `r`", "Größe ŧ"):
        written = in_tex(name)
        read = re.sub(r"\\text\w+\{\}|\{\}", lambda found: back[found[0]], written)
        read = re.sub(r"\\([{}$&#_%])", r"\1", read)
        assert read == (name if "ŧ" not in name else "Größe \\u0167")


# ---- TikZ ----------------------------------------------------------------------------------------------------


def counted(root, tag):
    return sum(each.tag.rpartition("}")[2] == tag for each in root.iter())


@pytest.mark.parametrize("sizes", [[2, 2, 2], [3, 4, 2, 1]])
def test_tikz_has_what_svg_has(sizes):
    net = network(sizes)
    for drawing in (net.draw(highlight="W1", labels="weights"), net.derivation("W1").draw()):
        root, written = ElementTree.fromstring(drawing.svg), tikz(drawing.svg)
        assert written == drawing.tikz
        assert_sound(written)
        assert written.count("circle[radius=") == counted(root, "circle") > 0
        assert written.count(r"\node[") == counted(root, "text") > 0
        assert written.count("-- cycle;") == counted(root, "polygon")
        assert written.count(" rectangle ") == counted(root, "rect") + 1
        lines = counted(root, "line") + counted(root, "path")
        assert written.count(r"\draw[") == lines + sum(counted(root, tag) for tag in ("circle", "polygon", "rect"))
        assert written.count("dash pattern") == sum("stroke-dasharray" in each.attrib for each in root.iter())
        for each in root.iter():
            if each.tag.endswith("circle"):
                assert (
                    f"({float(each.get('cx')):g},{float(each.get('cy')):g}) circle[radius={round(0.75 * float(each.get('r')), 2):g}bp]"
                    in written
                )
            elif each.tag.endswith("text") and each.text:
                assert f"}}{in_tex(each.text)}}}" in written or f"{in_tex(each.text)}}}" in written
        assert f"rectangle ({drawing.width:g},{drawing.height:g})" in written


def test_tikz_of_each_element():
    group = element(
        "g",
        element("path", d="M1 2C3 4 5 6 7 8H9V10Z", fill="none", stroke="#ff0000", stroke_width=2),
        transform="translate(3 4.5)",
        opacity=0.5,
    )
    written = Drawing(group + element("polyline", points="0,1 2,3", fill="none", stroke="#000000"), 10, 10, "x").tikz
    assert r"\begin{scope}[shift={(3,4.5)}]" in written
    assert "(1,2) .. controls (3,4) and (5,6) .. (7,8) -- (9,8) -- (9,10) -- cycle" in written
    assert "opacity=0.5" in written
    assert "(0,1) -- (2,3);" in written
    for foreign in (
        "<image/>",
        '<g transform="rotate(3)"/>',
        '<line x1="0" y1="0" x2="1" y2="1" stroke="url(#a)"/>',
        '<path d="Q1 2 3 4"/>',
    ):
        with pytest.raises(ns.ArgumentError, match="cannot be written as TikZ"):
            Drawing(foreign, 10, 10, "x").tikz  # noqa: B018


def test_a_drawing_is_saved_for_latex(tmp_path):
    drawing = network([2, 2, 2]).draw()
    drawing.save(tmp_path / "net.tex")
    written = (tmp_path / "net.tex").read_text(encoding="utf-8")
    assert drawing.tikz in written
    assert f"paperwidth={0.75 * drawing.width:g}bp" in written
    assert_sound(written)
    (tmp_path / "net.tex").unlink()
    with pytest.raises(ns.ArgumentError):
        Drawing("<image/>", 10, 10, "x").save(tmp_path / "net.tex")
    assert list(tmp_path.iterdir()) == []


def test_a_blank_is_called_as_its_label_says():
    named = Paper("P", (Paragraph((Blank("path 1", "I1", "path", label="Pfad 1"), Blank("H1", "2"))),))
    for page in (pages.written(named), tex.written(named), markdown.written(named)[0]):
        assert "Pfad 1" in page
        assert "H1" in page
        assert "path 1" not in page


def test_a_formula_stays_behind_its_sign():
    formula = Math(ex.Product((ex.Symbol("a"), ex.Symbol("b"))))
    said = Paper("P", (Paragraph(("It is = ", formula, " ≈ ", formula, " and ", formula)),))
    page = pages.written(said)
    assert page.count('<span class="m">=&#160;<math') == page.count('<span class="m">≈&#160;<math') == 1
    assert page.count('<span class="m"><math') == 1
    assert tex.written(said).count("=~$") == tex.written(said).count(r"\approx}~$") == 1


def test_a_box_stays_with_its_words():
    """No line is broken between what is ticked and what it stands for, whoever writes it."""
    asked = Paper("Boxes", [Paragraph((Blank("which", "B c", "choice", choices=("A", "B c")),))])
    for filled in (False, True):
        for written in (pages.written(asked, filled=filled), markdown.written(asked, filled=filled)[0]):
            boxes = re.findall(r"&#974[46];(.{6})", written)
            assert len(boxes) == 2
            assert all(after in ("&#160;", "&nbsp;") for after in boxes)
        assert tex.written(asked, filled=filled).count(r"ticked~") == 2
