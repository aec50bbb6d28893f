"""The code of a notebook: the network itself, and the numbers of the handout, calculated from it by nodesim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodesim.formats.json_files import dumps
from nodesim.handouts.onward import later_weight
from nodesim.handouts.subject import Subject
from nodesim.papers.blocks import Block, Code, Paragraph


@dataclass(frozen=True)
class Cells:
    """Makes the cells.

    Attributes
    ----------
    subject : Subject
    """

    subject: Subject

    def after(self, section: str) -> Iterator[Block]:
        """Yield what stands behind a section."""
        say, weight = self.subject.say, repr(self.subject.connection.name)
        shown = {
            "forward": 'for step in steps:\n    if step.phase == "forward":\n        print(step)',
            "error": 'for step in steps:\n    if step.phase == "error":\n        print(step)',
            "no path": "print(derivation)",
            "partials": f'print(derivation.text("partials", digits={self._digits}))',
            "paths": f'print(derivation.text("paths", digits={self._digits}))',
            "factored": f'print(derivation.text("factored", digits={self._digits}))',
            "costs": "print(derivation.operations)",
            "update": f'for step in steps:\n    if step.quantity == {self._new!r}:\n        print(step)',
        }  # fmt: skip
        if section == "given":
            yield Paragraph(
                (
                    say(
                        "The same network for the program. Change the sample, or a weight (take away the # before "
                        "it), and run the cells again."
                    ),
                )
            )
            yield Code(self._network())
            yield Code(self._run(weight))
        if section in shown:
            yield Code(shown[section])
        if section == "factored":
            yield Code("derivation.draw()")
        if section == "other weights":
            yield Paragraph((say("Any other weight, by its name:"),))
            yield Code(f'print(network.derivation({self._other!r}).text("paths", digits={self._digits}))')

    @property
    def _digits(self) -> int:
        return self.subject.digits

    @property
    def _new(self) -> str:
        return f"{self.subject.weight.name}(k+1)"

    @property
    def _other(self) -> str:
        return (later_weight(self.subject) or self.subject.connection).name

    def _network(self) -> str:
        """Return the cell that makes the network."""
        return (
            "import pathlib\nimport tempfile\n\nimport nodesim as ns\n\n"
            f"document = {_literal(dumps(self.subject.network.simulator))}\n"
            'file = pathlib.Path(tempfile.mkdtemp()) / "network.json"\n'
            'characters = file.write_text(document, encoding="utf-8")\n'
            "network = ns.load(file)"
        )

    def _run(self, weight: str) -> str:
        """Return the cell that runs the sample."""
        subject, run = self.subject, self.subject.graph.run
        place, goals = subject.graph.row, run.targets
        assert goals is not None
        x = [float(run.rows("activated", place[node])[0]) for node in subject.network.inputs]
        y = [float(row[0]) for row in goals]
        return (
            f"# network[{weight}].weight = 0.5\n"
            f"x = {x}\ny = {y}\n"
            f"steps = list(network.steps(x, y, learning_rate={subject.rate!r}))\n"
            f"derivation = network.derivation({weight})"
        )


def _literal(document: str) -> str:
    """Return a document as Python writes it, on lines of its own where that is the same text."""
    plain = document.isascii() and "\\" not in document and "'''" not in document and not document.endswith("'")
    return f"'''{document}'''" if plain else repr(document)
