"""Whatever is said can be said in German, and in any language of a file; numbers are written as there."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from collected_texts import ROOT, in_page, in_python, table
from planted import RATE, planted

import nodesim as ns
from nodesim.errors import ArgumentError, ArgumentTypeError, FileError
from nodesim.plugins import lookup
from nodesim.wording.files import difference, fields, read
from nodesim.wording.language import ENGLISH, Language, codes, language
from nodesim.wording.message import Joined, Message, Numeral

GERMAN = language("de")
PYTHON, PAGE = in_python(ROOT), in_page(ROOT)


# ---- all texts -------------------------------------------------------------------------------------------------


def test_every_text_is_a_literal_that_the_source_can_be_searched_for():
    assert len(PYTHON[0]) > 100
    assert PYTHON[1] == PAGE[1] == []


def test_german_has_every_text_and_no_other():
    # `python tests/collected_texts.py --write` puts them there, empty.
    found = table()
    for part, (said, _) in (("texts", PYTHON), ("page", PAGE)):
        wanted = {each.text: each.place for each in said}
        assert {text: place for text, place in wanted.items() if not found[part].get(text)} == {}
        assert sorted(found[part].keys() - wanted.keys()) == []


def test_what_is_put_into_a_text_is_what_its_braces_name():
    for each in PYTHON[0]:
        if each.names is None or not each.names:
            # Marked, or with values from a dict; and what is said as it is has braces that are only braces.
            continue
        assert fields(each.text) == each.names, each.place
    assert sum(bool(each.names) for each in PYTHON[0]) > 30


def test_a_translation_has_the_braces_and_the_ends_of_its_text():
    for part in ("texts", "page"):
        for text, own in table()[part].items():
            assert difference(text, own) == "", text
            # Spaces at the ends join it to others.
            assert (
                re.fullmatch(r"(\s*).*?(\s*)", text, re.DOTALL).groups()
                == re.fullmatch(r"(\s*).*?(\s*)", own, re.DOTALL).groups()
            ), text
            assert (text[-1] in ".:?!") == (own[-1] in ".:?!"), text
            # What is in letters and signs of the article, or in code, stays.
            for kept in re.findall(r"∂\w+/∂\w+|`[^`]+`|--[a-z-]+|η", text):
                assert kept in own, text


@pytest.mark.parametrize(
    ("text", "own", "wrong"),
    [
        ("{a} of {b}", "{b}: {a}, {a}", ""), ("none", "keine {", ""), ("{a} of {b}", "{a}", "lacks {b}"),
        ("{a}", "{a} {b}", "has {b}, which the text has not"), ("{a}", "a", "lacks {a}"),
        ("{a}", "{a", "braces that are not closed"), ("{a}", "{a} }", "braces that are not closed"),
        ("{a}", "{a:>10}", "hold more than a name"), ("{a}", "{a!r}", "hold more than a name"),
        ("{a}", "{a.b}", "hold more than a name"), ("{a}", "{a[0]}", "hold more than a name"), ("{a}", "{}", "hold more than a name"),
    ],
)  # fmt: skip
def test_braces_are_compared(text, own, wrong):
    assert wrong in difference(text, own)
    assert bool(wrong) == bool(difference(text, own))


# ---- numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "german"),
    [
        ("0.5", "0,5"), ("−0.25", "−0,25"), ("-3.5e-05", "-3,5e-05"), ("≈ 0.667", "≈ 0,667"), ("= 2", "= 2"), ("1e+20", "1e+20"),
        ("1,234", "1.234"), ("1,234,567.5", "1.234.567,5"), (".5", ",5"), ("12.5%", "12,5%"), ("(−0.5)", "(−0,5)"), (r"\left(2.5 \times 10^{-7}\right)", r"\left(2,5 \times 10^{-7}\right)"), ("2.5·10^-7", "2,5·10^-7"), ("inf", "inf"), ("", ""),
    ],
)  # fmt: skip
def test_numbers_take_the_signs_of_a_language(written, german):
    assert GERMAN.number(written) == german
    assert ENGLISH.number(written) == written


@pytest.mark.parametrize(
    "text",
    ["W1.5", "2-2-2", "1.2.3", "net.json", "e.", ".", "a, b", "1, 2", "12,34", "1,2345", "0.5 · 3", "H1 = 0.5", "v1.0"],
)
def test_what_is_no_number_keeps_its_points_and_commas(text):
    assert GERMAN.number(text) == text


def test_messages_are_told_with_what_is_within_them():
    german = Language("de", "Deutsch", ",", {"{a} and {b}": "{b} und {a}", "half": "halb", "; ": " / "}, {}, ".")
    inner = Message("{a} and {b}", a=Numeral("0.5"), b=Message("half"))
    assert str(inner) == "0.5 and half"
    assert inner.told(german) == "halb und 0,5"
    assert Joined(Message("; "), [inner, "half", Numeral(12345)]).told(german) == "halb und 0,5 / half / 12.345"
    # A name with braces is only a name.
    assert Message("{a} and {b}", a="{b}", b="{0}").told(german) == "{0} und {b}"
    assert Message("half") == Message("half") != Message("{a} and {b}", a=1, b=2)
    assert (
        len({Message("half"), Message("half"), Joined(" ", ["a"]), Joined(" ", ["a"]), Numeral("1"), Numeral(1)}) == 3
    )


# ---- files -----------------------------------------------------------------------------------------------------

HEAD = {"code": "fr", "name": "français", "decimal": ","}


def put(name, content):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    Path(name).write_bytes(data)
    return name


def test_a_file_is_a_language_and_what_it_lacks_is_english(folder):
    put("fr.json", b"\xef\xbb\xbf" + json.dumps({**HEAD, "texts": {"right": "juste", "wrong": ""}}).encode())
    for which in ("fr.json", "./fr.json", Path("fr.json"), str(folder / "fr.json"), language("fr.json")):
        french = language(which)
        assert (french.code, french.name, french.decimal, french.thousands) == ("fr", "français", ",", ".")
        assert (french.say("right"), french.say("wrong"), french.say("verdict")) == ("juste", "wrong", "verdict")
        assert french.page == {}
    # Read anew: whoever translates looks at what became of it.
    put("fr.json", {**HEAD, "thousands": "\u202f", "texts": {"right": "exact"}, "page": {"Learn": "Apprendre"}})
    assert language("fr.json").say("right") == "exact"
    assert language("fr.json").page == {"Learn": "Apprendre"}
    assert language("fr.json").number("1,234.5") == "1\u202f234,5"


REFUSED = {
    "no JSON": (b"{", "no JSON"), "binary": (b"\xff\xfe\x00", "UTF-8"), "latin-1": ('{"code": "é"}'.encode("latin-1"), "UTF-8"),
    "a list": ([1], "object"), "empty": (b"", "no JSON"), "deep": (b"[" * 100_000, "no JSON"), "large": (b" " * 5_000_001, "more than 5,000,000 bytes"),
    "nothing": ({}, '"code"'), "no code": ({**HEAD, "code": ""}, '"code"'), "a code with a space": ({**HEAD, "code": "my fr"}, '"code"'),
    "a number": ({**HEAD, "name": 3}, '"name"'), "a long name": ({**HEAD, "name": "x" * 100}, '"name"'), "two lines": ({**HEAD, "name": "a\nb"}, '"name"'),
    "another sign": ({**HEAD, "decimal": "#"}, '"decimal"'), "both the same": ({**HEAD, "thousands": ","}, "both ','"),
    "a misspelt key": ({**HEAD, "text": {}}, "'text'"), "texts in a list": ({**HEAD, "texts": []}, '"texts"'),
    "a text of a number": ({**HEAD, "texts": {"right": 1}}, "'right'"), "a nested one": ({**HEAD, "page": {"a": {"b": "c"}}}, "'a'"),
    "braces": ({**HEAD, "texts": {"{count} paths": "{nombre} chemins"}}, "'{count} paths' lacks {count}"),
    "a key twice": (b'{"code": "fr", "code": "de"}', "twice"), "a text twice": (b'{"texts": {"a": "1", "a": "2"}}', "twice"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_table_of_texts_is_named_with_what_is_wrong(what, folder):
    content, said = REFUSED[what]
    with pytest.raises(FileError) as caught:
        language(put("xy.json", content))
    assert str(caught.value).startswith("xy.json")
    assert said in str(caught.value)


def test_a_damaged_file_is_refused_or_a_language(folder):
    whole = (ROOT / "nodesim" / "wording" / "texts" / "de.json").read_bytes()[:3000] + b'"":""}}'
    rng = random.Random(5)
    refused = 0
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 2, 8))):
            place = rng.randrange(len(data))
            data[place : place + rng.choice((0, 1, 20))] = bytes(
                rng.choices(b'{}[]",:\\x0\xe4 ', k=rng.choice((0, 1, 3)))
            )
        try:
            Path("x.json").write_bytes(data)
            found = read(Path("x.json"), "x.json")
        except FileError:
            refused += 1
        else:
            assert all(difference(text, own) == "" for text, own in found.texts.items() if own)
    assert refused > 200


def test_languages_are_found_by_code_or_as_a_file(folder):
    assert codes()[0] == "en"
    assert "de" in codes()
    assert language() is language("en") is ENGLISH
    assert language("de") is language("de")
    with pytest.raises(ArgumentError, match=r"no language 'fr'; there are en, de.*\./fr\.json"):
        language("fr")
    for which in ("./de", "nobody.json", Path("de"), Path(), "x\0/y"):
        with pytest.raises(FileError, match="cannot be read"):
            language(which)
    for which in (3, None, b"de", ["de"]):
        with pytest.raises(ArgumentTypeError, match="a language is a code"):
            language(which)


# ---- what the doctor says --------------------------------------------------------------------------------------


def reports():
    for seed in range(1, 26):
        found = planted(seed, 1 + seed % 2)
        if found is not None:
            net, x, y, _, _, wrong = found
            yield ns.doctor(net, x, y, learning_rate=RATE, **wrong)
            yield ns.doctor(net, x, y, error=wrong["error"], error_after=0.5)
            first = dict(list(wrong["gradients"].items())[:3])
            yield ns.doctor(net, x, y, gradients={name: value + 1.0 for name, value in first.items()})


REPORTS = list(reports())
CROSSED = str.maketrans(dict.fromkeys("abcdefghijklmnopqrstuvwyz", "x"))


def crossed_out(text):
    """Return a text whose small letters are all x, those in braces aside."""
    return "".join(part if part.startswith("{") else part.translate(CROSSED) for part in re.split(r"(\{\w+\})", text))


def test_nothing_the_doctor_says_stays_english():
    nobody = Language("x", "x", ",", {each.text: crossed_out(each.text) for each in PYTHON[0]})
    names = {loss.name for loss in lookup.default.all(ns.Loss)}
    seen = 0
    for report in REPORTS:
        for text in (report.told(nobody), *(mistake.told(nobody) for each in report.explanations for mistake in each)):
            seen += text.count("xx")
            assert set(re.findall(r"\b[a-z]*[a-wyz][a-z]*\b", text)) <= names | {"e", "n"}, text
    assert seen > 3000


def test_german_gives_the_same_numbers_with_other_signs():
    for report in REPORTS:
        numbers = Counter(re.findall(r"\d+(?:\.\d+)?(?:e[+-]\d+)?", str(report)))
        german = Counter(each.replace(",", ".") for each in re.findall(r"\d+(?:,\d+)?(?:e[+-]\d+)?", report.told("de")))
        assert numbers == german
        assert not re.search(r"\d\.\d", report.told("de"))


def test_english_is_what_printing_shows():
    for report in REPORTS[:9]:
        assert report.told("en") == str(report)
        assert report.told("de").count("\n") == str(report).count("\n")
        assert report.to_dict("de")["checked"] == report.to_dict()["checked"]
        names = [each["name"] for each in report.to_dict("de")["mistakes"]]
        assert names == [each.name for each in report.mistakes]


def test_names_of_users_are_not_translated():
    net = ns.Network()
    x, h, o = net.add_input("right"), net.add_hidden("wrong"), net.add_output("all outputs")
    net.connect(x, h, name="sign"), net.connect(h, o, name="{count}")
    report = ns.doctor(net, [0.5], [1.0], gradients={"sign": 3.0, "{count}": 5.0})
    for text in (report.told("de"), str(report)):
        assert {"∂e/∂sign", "∂e/∂{count}"} <= set(text.split())


# ---- the command line ------------------------------------------------------------------------------------------


def test_a_file_is_begun_translated_and_checked(folder, output):
    code, text, errors = output("languages", "--write", "fr.json")
    assert (code, errors) == (0, "")
    texts = table()["texts"]
    assert f"{len(texts) + len(table()['page']):,} texts to be translated" in text
    begun = json.loads(Path("fr.json").read_text(encoding="utf-8"))
    assert list(begun["texts"]) == list(texts)
    assert set(begun["texts"].values()) == {""}
    assert REPORTS[0].told("fr.json").replace(",", ".") == str(REPORTS[0]).replace(",", ".")
    begun["name"], begun["texts"]["right"] = "français", "juste"
    begun["texts"]["All numbers is right."] = "vieux"
    put("fr.json", begun)
    code, text, errors = output("languages", "--check", "fr.json")
    assert code == 1
    assert f"fr, français, decimal sign ,: 1 of {len(texts)} texts" in text
    assert "missing (texts): wrong\n" in text
    assert "missing (texts): right\n" not in text
    assert "not said by nodesim (texts): All numbers is right. (meant: " in text
    assert "1 text in it nodesim does not say" in errors
    # Written again, it keeps what somebody made.
    del begun["texts"]["wrong"]
    put("fr.json", begun)
    assert output("languages", "--write", "fr.json")[0] == 0
    again = json.loads(Path("fr.json").read_text(encoding="utf-8"))
    assert again["texts"] == {**begun["texts"], "wrong": ""}
    put("fr.json", {**begun, "texts": {"{count} paths": "{nombre} chemins"}})
    for option in ("--write", "--check"):
        before = Path("fr.json").read_bytes()
        code, _, errors = output("languages", option, "fr.json")
        assert code == 1
        assert "'{count} paths' lacks {count}" in errors
        assert Path("fr.json").read_bytes() == before


def test_the_languages_are_listed(output):
    code, text, _ = output("languages")
    assert code == 0
    total, page = len(table()["texts"]), len(table()["page"])
    assert re.search(rf"^de +Deutsch +{total} of {total} +{page} of {page}$", text, re.MULTILINE)


@pytest.mark.parametrize("file", ["my texts.json", "fr.txt", "fr", ".json", "x.json"])
def test_a_file_begun_is_named_for_its_code(file, folder, output):
    code, _, errors = output("languages", "--write", file)
    assert code == 2
    assert "such as fr.json" in errors
    assert list(folder.iterdir()) == []


def test_the_doctor_is_asked_in_german(folder, output):
    net = ns.Network.layered([2, 2, 1], seed=0)
    net.save("net.json")
    net.forward([0.05, 0.1]), net.backward([0.5])
    Path("answers.csv").write_text(f"∂e/∂W1;{-net['W1'].gradient:.5f}\n".replace(".", ","), encoding="utf-8")
    line = ["doctor", "net.json", "answers.csv", "--input", "0.05,0.1", "--target", "0.5"]
    code, text, errors = output(*line, "--language", "de")
    assert (code, errors) == (1, "nodesim: error: 1 of 1 number is wrong.\n")
    assert text.startswith("Größe")
    assert (
        "\n1. Vorzeichen (alle Gewichte): Die Ableitung von e nach jeder Ausgabe, etwa ∂e/∂OA1, hat das falsche" in text
    )
    assert f"{abs(net['W1'].gradient):.6g}".replace(".", ",") in text
    code, text, _ = output(*line, "--language", "de", "--json")
    mistake = json.loads(text)["mistakes"][0]
    assert (code, mistake["name"]) == (1, "sign")
    assert mistake["text"].startswith(
        "Die Ableitung von e nach jeder Ausgabe, etwa ∂e/∂OA1, hat das falsche Vorzeichen."
    )
    assert output(*line)[1] == output(*line, "--language", "en")[1] != text
    assert output(*line, "--language", "fr")[0] == 2
    assert output(*line, "--language", "fr.json")[0] == 1
