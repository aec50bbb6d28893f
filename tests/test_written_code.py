"""The reader of Markdown finds what is wrong in a document, and nothing in one that is right."""

from __future__ import annotations

import pytest
import written_code

RIGHT = """# A document

```python
import nodesim as ns

net = ns.Network.layered([2, 2, 2], seed=0)
net.save("net.json")
print("H1.5 of 1.2.3", net["W1"].weight, [1.5e-300])
print(*range(5), sep="\\n")
```

```text
H1.5 of 1.2.3 0.1257302210933 [1.5e-300]
0
...
3
4
```

Save this as `mine/own.py`:

```python
print(1 / 3)
```

```sh
pip install nothing  # is not run
nodesim info net.json  # is
```

1. In a list:

   ~~~console
   $ nodesim new 2-3-1 --seed 0 -o other.json
   <Network 2-3-1: 8 nodes, 13 connections, loss mse> saved to other.json
   $ pip install nothing
   $ nodesim info other.json
   ...
   ~~~

````text
```python
raise SystemExit("code within a text is text")
```
````
"""


@pytest.fixture
def found(folder):
    """Writes a document and says what is wrong with its code, each fault without the document's name."""

    def faults(text):
        (folder / "page.md").write_text(text, encoding="utf-8")
        return [fault.removeprefix("page.md:") for fault in written_code.faults("page.md", folder)]

    return faults


def test_a_right_document_has_no_fault(found, folder):
    assert found(RIGHT) == []
    assert (folder / "mine" / "own.py").read_text(encoding="utf-8") == "print(1 / 3)\n"
    assert (folder / "other.json").exists()


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("0.1257302210933 ", "0.1257302220933 ", "12: 'H1.5 of 1.2.3 0.1257302220933 [1.5e-300]' is written, 'H1.5 "),
        ("1.5e-300]\n0", "1.7e-300]\n0", "12: 'H1.5 of"),
        ("H1.5 of 1.2.3 0", "H1.6 of 1.2.3 0", "12: 'H1.6 of"),
        ("of 1.2.3 0", "of 1.2.4 0", "12: 'H1.5 of 1.2.4"),
        ("\n3\n4\n", "\n3\n5\n", "12: after ...: nowhere ['3', '5']"),
        ("\n3\n4\n", "\n3\n4\n5\n", "12: after ...: nowhere ['3', '4', '5']"),
        ("\n...\n3", "\n3", "12: '3' is written, '1' is printed"),
        ("print(1 / 3)", "print(1 / 0)", "22: ZeroDivisionError: division by zero"),
        ("nodesim info net", "nodesim info no", "26: nodesim info no.json  # is: ends with 1: nodesim: error: no.json"),
        ("13 connections", "12 connections", "33: nodesim new 2-3-1 --seed 0 -o other.json: '<Network 2-3-1: 8 nodes, 12"),
    ],
)  # fmt: skip
def test_planted_faults_are_found(found, right, wrong, fault):
    assert RIGHT.count(right) == 1
    (said,) = found(RIGHT.replace(right, wrong))
    assert said.startswith(fault)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("0.5", "0.5"),
        ("−0.5458·1·1.304", "−0.5459·1·1.304"),
        ("0.70010043989102", "0.70010043989999"),
        ("1.25e-07 ok", "1.26e-07 ok"),
        ("a  0.125  ok", "a   0.12  ok"),
        ("at 0.5.", "at 0.5."),
        ("a\n...", "a"),
        ("...\nb\n...\nb", "b\nb\nb"),
        ("a \n", "\na\n\n"),
    ],
)
def test_the_same(written, printed):
    assert not written_code.unlike(written, printed)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("0.5", "0.7"),
        ("−0.5", "0.5"),
        ("0.7001004398910", "0.7001004410000"),
        ("W1", "W2"),
        ("12 paths", "13 paths"),
        ("1.25e-07", "1.25e-08"),
        ("a  b", "a b"),
        ("1 2", "1 2 3"),
        ("a\nb", "a"),
        ("a", "a\nb"),
        ("...\nc", "a\nb"),
        ("x = 1.", "x = 2."),
        ("1.5 2.5", "1.5"),
    ],
)
def test_not_the_same(written, printed):
    assert written_code.unlike(written, printed)


@pytest.mark.parametrize("text", ["```python\nprint()\n", "```console\nno command\n```\n"])
def test_blocks_that_are_none(found, text):
    with pytest.raises(ValueError, match="the block of line 1"):
        found(text)


def test_links(folder):
    (folder / "other.md").write_text(
        "(label)=\n# A `B` & c!\n## A [link](x.md)\n# A b  c\n```\n# no heading\n```\n", encoding="utf-8"
    )
    (folder / "page.md").write_text(
        "# Here\n[a](other.md#a-b--c) [b](other.md#a-link) [c](other.md#label) [d](#here) <img src='other.md'>\n"
        "[e](https://example.org/no) [f](mailto:a@b.c) `[code](no.md)` [`code`](other.md) ![g](other.md)\n"
        "```\n[h](no.md)\n```\n[i]: other.md\n",
        encoding="utf-8",
    )
    assert written_code.broken_links(folder / "page.md") == []
    (folder / "page.md").write_text(
        "# Here\n[a](other.md#no-heading) ![b](no.png)\n\n[c](#there) [`d`](no/)\n[e]: no.md 'title'\n<img alt='' src=\"f.svg\">\n",
        encoding="utf-8",
    )
    said = [fault.partition("page.md:")[2] for fault in written_code.broken_links(folder / "page.md")]
    assert said == [
        "2: other.md has no heading #no-heading", "2: there is no no.png", "4: page.md has no heading #there",
        "4: there is no no/", "5: there is no no.md", "6: there is no f.svg",
    ]  # fmt: skip


def test_words():
    assert written_code.prose("# A b\n\n```sh\nnot this\n```\n[c d](not-this.md), `not this` -- e.\n") == [
        "A", "b", "[c", "d],", "e."
    ]  # fmt: skip
