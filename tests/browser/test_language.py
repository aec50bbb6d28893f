"""The page in other languages: it says nothing that is not in the table, all of the table, and German has room."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from collected_texts import in_page, in_python
from test_choosing import DROP
from test_whole_page import CUT, PAINTED, XOR
from test_widget import Notebook

import nodesim as ns
from nodesim.wording.language import language

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads((ROOT / "nodesim/explorer/schema.json").read_text(encoding="utf-8"))
GERMAN = language("de")
LITERAL = re.compile(r"\b(?:worded|marked)\(")
# All that is read or read aloud: texts, what fields and lists say, and what stands in attributes.
SEEN = r"""() => {
    const found = new Set();
    const root = document.querySelector("#nodesim-explorer, .nodesim");
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode()); ) found.add(text.textContent.trim());
    for (const element of root.querySelectorAll("*")) {
        for (const name of ["title", "aria-label", "placeholder", "aria-valuetext", "aria-roledescription", "alt"]) {
            if (element.hasAttribute(name)) found.add(element.getAttribute(name).trim());
        }
    }
    return [...found, document.title].filter(Boolean);
}"""
# Lists have an arrow at their end, over which a long choice would run.
CUT_IN_LISTS = """() => [...document.querySelectorAll(".training select, .deriving select")].filter((list) => {
    if (!list.checkVisibility() || list.matches(".data-set")) return false;
    const { font, paddingLeft, paddingRight } = getComputedStyle(list);
    const pen = Object.assign(document.createElement("canvas").getContext("2d"), { font });
    const room = list.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight) - 14;
    return list.selectedOptions.length && pen.measureText(list.selectedOptions[0].text).width > room;
}).map((list) => `${list.ariaLabel}: ${list.selectedOptions[0].text}`)"""
# The same in German and English; names of the article and of functions are words of neither.
ALIKE = {
    "Training", "Pause", "Filter", "Zoom", "Test", "test {error}", "{name} = {number}", "{step} of {count}",
    "{paths} to {start}", "{title}", "{loss}", "Name", "{activation}",
}  # fmt: skip
# Letters that only translations have: a text that is not in the table keeps its own.
STRANGE = {ord(letter): 0x1D5A0 + place for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
STRANGE |= {ord(letter): 0x1D5BA + place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}


def strange(text):
    """Write a text in other letters, but not the names in its braces."""
    return "".join(part if part.startswith("{") else part.translate(STRANGE) for part in re.split(r"(\{\w+\})", text))


@pytest.fixture(scope="session")
def everything_else(tmp_path_factory):
    """A language in which every text is known by its letters."""
    file = tmp_path_factory.mktemp("languages") / "strange.json"
    parts = {part: {text: strange(text) for text in getattr(GERMAN, part)} for part in ("texts", "page")}
    head = {"code": "tlh", "name": "strange", "decimal": ",", "thousands": "."}
    file.write_text(json.dumps({**head, **parts}), encoding="utf-8")
    return language(file)


def explored(language, **settings):
    net = ns.Network.layered([2, 3, 1], hidden="tanh", output="sigmoid", loss="binary_cross_entropy", seed=1)
    return net.explore(*XOR, language=language, **settings)


def press(page, *names):
    for name in names:
        page.get_by_role("button", name=name, exact=True).filter(visible=True).first.click()


def tour(page, say):
    """Lead through the page in a language, and stop at each state of it by its name."""
    page.evaluate(PAINTED)
    yield "opened"
    page.locator("summary", has_text=say("Try this")).click()
    page.evaluate("nodesim.select('W1')")
    for tab in page.get_by_role("tab").all():
        tab.click()
        yield f"W1, {tab.get_attribute('data-view')}"
    page.locator("[data-keep='rates']").click()
    page.locator("[data-keep='nudge 0.1']").click()
    yield "a weight changed"
    for menu in (say("Save"), say("Filter")):
        page.locator("summary", has_text=menu).click()
        yield f"the menu {menu}"
        if menu == say("Save"):
            page.locator("summary", has_text=menu).press("Escape")
    page.locator(".filter input[type=range]").press("End")
    page.locator("fieldset input").nth(1).click()
    yield "a layer collapsed"
    page.locator("fieldset input").nth(1).click()
    page.locator("summary", has_text=say("Filter")).press("Escape")
    page.evaluate("nodesim.select('H1')")
    page.locator("[data-labels='numbers']").click()
    press(page, say("Step through"))
    yield "the first step"
    page.locator(".stepbar input").press("End")
    yield "the last step"
    page.locator(".stepbar input").press("ArrowLeft")
    press(page, say("Close"), say("Rewind to the original"))
    page.evaluate("nodesim.select('W2')")
    page.locator(".deriving select").select_option(index=1)
    yield "an output derived"
    page.get_by_label(say("Data set"), exact=True).select_option("moons")
    press(page, say("Play"))
    page.wait_for_function("() => nodesim.app.runs.moments.length > 3")
    yield "playing"
    press(page, say("Pause"))
    page.evaluate(DROP, ["other.csv", "a,b,y\n1,2\n"])
    page.locator(".data-picker [role=alert]").wait_for()
    yield "a file refused"
    page.evaluate("nodesim.select('O1')")
    page.get_by_label(say("Activation"), exact=True).select_option("tanh")
    page.locator(".building [role=alert]").wait_for()
    yield "a change refused"
    page.get_by_label(say("Data set"), exact=True).select_option("sine")
    page.get_by_label(say("Learning rate"), exact=True).fill("100000")
    page.get_by_label(say("Learning rate"), exact=True).press("Enter")
    press(page, say("Play"))
    page.locator(".training > [role=alert]").filter(visible=True).wait_for()
    yield "a training that failed"


def words_left(texts, names):
    """Return the words of our own alphabet in texts, without names and formulas."""
    known = re.compile("|".join(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])" for name in names) or "$.")
    words = ((word, text) for text in texts for word in re.findall(r"[A-Za-z]{3,}", known.sub(" ", text)))
    return {f"{word}: {text}" for word, text in words}


def names_of(page):
    """What is called so in every language: functions, data sets with their columns, formulas, files."""
    offered = page.evaluate("""() => [
        ...nodesim.document.offered.data.flatMap(({ name, inputs, outputs }) => [name, ...inputs, ...outputs]),
        ...[...nodesim.document.offered.activations, ...nodesim.document.offered.losses, ...nodesim.document.offered.optimizers].map(({ name }) => name),
    ]""")
    plain = {name.partition("(")[0] for name in offered}
    formulas = {"log", "exp", "tanh", "abs", "max", "min", "softmax", "sign", "sqrt", "sin", "cos", "expm", "atan"}
    return sorted({*offered, *plain, *formulas, "other.csv", "NaN"}, key=len, reverse=True)


def test_whatever_the_page_says_stands_in_the_table(show, everything_else):
    page = show(explored(everything_else, guide=["1 + 1"])).page
    say = everything_else.page.__getitem__
    names = names_of(page)
    seen, states = set(), []
    for state in tour(page, say):
        states.append(state)
        page.evaluate(PAINTED)
        seen |= set(page.evaluate(SEEN))
    assert words_left(seen, names) == set()
    assert len(states) == 16
    assert len(seen) > 600
    assert page.evaluate("document.documentElement.lang") == "tlh"


def test_a_page_that_cannot_calculate_says_so_in_its_language(show, everything_else):
    net = ns.Network.layered([2, 2, 2], seed=0, dtype="float32")
    page = show(net.explore([[0.1, 0.2], [0.3, float("1e38")]], language=everything_else)).page
    for name in ("W1", "H1", "I1", "B1", "O1", None):
        page.evaluate("(name) => nodesim.select(name)", name)
        page.evaluate(PAINTED)
        assert words_left(page.evaluate(SEEN), ["linear", "sigmoid", "mse", "log", "exp", "NaN"]) == set(), name


def test_what_the_worker_says_is_in_the_language_too(show, everything_else):
    page = show(explored(everything_else)).page
    trouble = """async () => {
        nodesim.app.session.set({ learningRate: 1e300, optimizer: "sgd" });
        await nodesim.train({ epochs: 5, learningRate: 1e300 }).catch(() => {});
        return nodesim.app.session.trouble;
    }"""
    said = page.evaluate(trouble)
    assert said
    assert words_left([said], []) == set()


@cache
def english():
    """Whatever English pages say, with anything in its braces."""
    keys = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(key)) for key in GERMAN.page if key not in ALIKE]
    return re.compile("|".join(keys))


def german_as_english(texts):
    """Return what German pages say as English ones do."""
    return {text for text in texts if re.search(r"[A-Za-z]{3}", text) and english().fullmatch(text)}


@pytest.mark.parametrize("width", [1280, 390])
def test_german_has_room(show, width):
    page = show(explored("de", guide=["Auf W1 klicken."]), viewport={"width": width, "height": 844}).page
    assert page.locator("html").get_attribute("lang") == "de"
    seen = set()
    for place, state in enumerate(tour(page, GERMAN.page.__getitem__)):
        page.emulate_media(color_scheme=("light", "dark")[(place + (width < 900)) % 2])
        page.evaluate(PAINTED)
        # In a collapsed layer on a narrow screen the letters are small in English as well.
        cut = [each for each in page.evaluate(CUT) if not (state == "a layer collapsed" and each.endswith(" px"))]
        assert cut + page.evaluate(CUT_IN_LISTS) == [], state
        seen |= set(page.evaluate(SEEN))
    assert german_as_english(seen) == set()


def test_sentences_in_german(show):
    page = show(explored("de"), "#select=W1").page
    said = re.sub(r"\s+", " ", page.inner_text(".headline"))
    assert "1 Pfad führt vom Fehler 𝑒 dorthin, in Rot." in said
    assert page.locator(".facts").inner_text() == "8 Knoten · 13 Verbindungen · Fehlerfunktion binary_cross_entropy"
    # Numbers have a point, in fields as in texts: a field takes no comma.
    page.locator(".editing input[type=number]").fill("0.25")
    page.locator(".editing input[type=number]").press("Enter")
    assert re.sub(r"\s+", " ", page.inner_text(".changes")) == "W 1 0.345584 → 0.25 Δ = −0.0955842 Rückgängig"
    assert page.evaluate("nodesim.weights[0]") == 0.25


def test_a_widget_speaks_the_language_of_its_document(watch):
    cell = Notebook(watch().page, explored("de"))
    assert cell.page.locator(".nodesim").get_attribute("lang") == "de"
    assert cell.page.get_by_role("button", name="Zurücksetzen").count() == 1
    cell.tell("document", json.loads(json.dumps(explored("en").document)))
    assert cell.page.locator(".nodesim").get_attribute("lang") == "en"
    assert cell.page.get_by_role("button", name="Reset").count() == 1


def test_english_pages_carry_no_table_and_others_are_valid(everything_else):
    english = explored("en").document
    assert not {"texts", "language"} & set(english)
    for spoken in (GERMAN, everything_else):
        document = explored(spoken).document
        jsonschema.validate(document, SCHEMA)
        assert document["texts"] == dict(spoken.page)
    jsonschema.validate(english, SCHEMA)
    document = explored("de").document
    assert [layer["name"] for layer in document["layers"]] == [
        "Eingabeschicht",
        "Verdeckte Schicht 1",
        "Ausgabeschicht",
    ]
    assert document["samples"][3]["name"] == "Beispiel 4"
    # What Python says and the page might say as well is the same.
    python = {each.text for each in in_python(ROOT)[0] if each.place.startswith("nodesim/explorer/")}
    shared = python & set(GERMAN.page)
    assert len(shared) >= 8
    assert {text for text in shared if GERMAN.texts[text] != GERMAN.page[text]} == set()


def test_what_a_file_lacks_is_said_in_english(show, tmp_path):
    file = tmp_path / "part.json"
    head = {"code": "fr", "name": "français", "decimal": ",", "thousands": " ", "texts": {}}
    file.write_text(json.dumps({**head, "page": {"Play": "Jouer", "Pause": ""}}), encoding="utf-8")
    page = show(explored(file)).page
    buttons = page.locator(".training .buttons button").all_inner_texts()
    assert buttons == ["Jouer", "Pause", "One update", "One epoch", "Reset"]
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.get_by_role("heading", name="Change the network").count() == 1


def test_texts_of_the_page_are_literals_and_the_table_has_them_all():
    said, wrong = in_page(ROOT)
    assert wrong == []
    literals = {each.text for each in said}
    assert literals == set(GERMAN.page)
    assert [text for text in literals if not GERMAN.page[text].strip()] == []
    for text, own in GERMAN.page.items():
        places = re.findall(r"\{(\w+)\}", text)
        assert sorted(places) == sorted(re.findall(r"\{(\w+)\}", own)), text
        assert {text[-1]} & set(".:") == {own[-1]} & set(".:"), text
    # Every call either has a literal, or says one that was marked elsewhere.
    for path in (ROOT / "nodesim/explorer/page/src").rglob("*.js"):
        source = path.read_text(encoding="utf-8")
        made_up = re.findall(r"\b(?:worded|marked)\(\s*`[^`]*\$\{", source)
        assert made_up == [], path


def test_the_command_line_makes_a_german_page(tmp_path):
    from nodesim.cli.main import main

    net, file = tmp_path / "net.json", tmp_path / "page.html"
    ns.Network.layered([2, 2, 1], seed=0).save(net)
    assert main(["explore", str(net), "--language", "de", "-o", str(file)]) == 0
    assert '<html lang="de">' in file.read_text(encoding="utf-8")
    assert main(["explore", str(net), "--language", "xx", "-o", str(file)]) == 2


# Literals of several words that nobody reads: classes of elements, fonts, media, keys under which something is kept.
UNREAD = re.compile(
    r"verdict (good|warning)|aftermath .*|bar \w+|worked long|title start|label desired|value delta|open all|close all"
    r"|\(prefers-color-scheme: dark\)|.*sans-serif|\.building .*|\.group .*|.*<\?xml.*|nodesim explorer|hidden layer"
    r"|(error before|gradient of|slope by|error after).*|the worker ended|all numbers are finite|script#document.*"
)


def test_no_sentence_stands_outside_of_the_table():
    said = re.compile(r"""(?:worded|marked)\(\s*"(?:[^"\\\n]|\\.)*\"""")
    found = []
    for path in sorted((ROOT / "nodesim/explorer/page/src").rglob("*.js")):
        source = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for text in re.findall(r""""(?:[^"\\\n]|\\.)*"|`[^`]*`""", said.sub("(", source)):
            words = re.sub(r"\$\{[^}]*\}", " ", text[1:-1]).strip()
            if re.search(r"[A-Za-z]{2,}[,.:;]? [a-z]{2,}", words) and not UNREAD.fullmatch(words):
                found.append(f"{path.name}: {words[:80]}")
    assert found == []
