"""A small network whose tree has branches of unequal length, in letters: a connection that leaves out a layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nodesim.derivation.tree import Branch, branches
from nodesim.handouts.factored import numbered
from nodesim.handouts.subject import Subject
from nodesim.network import Network
from nodesim.papers.blocks import Block, Items, Paragraph

# Of more paths nobody reads the tree.
_FEW = 64


def example(subject: Subject) -> Iterator[Block]:
    """Yield the tree of a network in which one connection leaves out a layer; nothing where the own tree shows it."""
    derivation = subject.derivation
    if derivation.count < _FEW and _is_uneven(branches(derivation.expression("factored"))):
        return
    say, small = subject.say, _small(subject)
    first, second = (subject.path(path.nodes) for path in small.derivation.paths)
    yield Paragraph(
        (
            say(
                "A connection may leave out layers. Then paths are of unequal length, and under one branch stand "
                "branches of different layers; the rule of step 5 stays the same. For example, of the paths {first} "
                "and {second} the second leaves out H2. Begin with branch 3, the innermost:",
                first=first, second=second,
            ),
        )
    )  # fmt: skip
    yield Items(tuple(numbered(small, small.derivation.expression("factored"))))


def _is_uneven(tree: tuple[Branch, ...]) -> bool:
    return len({each.layer for each in tree}) > 1 or any(_is_uneven(each.branches) for each in tree)


def _small(subject: Subject) -> Subject:
    network = Network(seed=0)
    network.add_input("I1"), network.add_hidden("H1"), network.add_hidden("H2"), network.add_output("O1")
    for source, target in (("I1", "H1"), ("H1", "H2"), ("H2", "O1"), ("H1", "O1")):
        network.connect(source, target)
    network.forward([0.0]), network.backward([0.0])
    return replace(subject, network=network, connection=network.connection("W1"), numbers=False)
