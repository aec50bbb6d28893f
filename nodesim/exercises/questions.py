"""The tasks of a sheet, as blocks with blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from nodesim.derivation.tree import Branch
from nodesim.exercises.asked import ADDS, COUNT, MISSING, Asked
from nodesim.exercises.found import mistake
from nodesim.exercises.given import formula, name_of, slopes, told
from nodesim.exercises.spare import spare
from nodesim.exercises.working import Step
from nodesim.notation.expressions import Call, Expression, Partial, Symbol, total
from nodesim.notation.symbols import ERROR
from nodesim.papers.blocks import Blank, Block, Equation, Heading, Items, Line, Math, Paragraph, Table

Blocks = Iterator[Block]
Maker = Callable[[Asked], Blocks]
# A sum of so many letters leaves room for a second formula beside it.
_NARROW = 6
# Paths of so many nodes fit two beside one another.
_SHORT = 5
# The first of these says what the slopes of activations are.
_SLOPED = ("gradient", "tree", "update", "missing path")


def questions(asked: Asked) -> Blocks:
    """Yield the tasks, each under its heading."""
    titles = _titles(asked)
    sloped = next((task for task in asked.tasks if task in _SLOPED), None)
    for number, task in enumerate(asked.tasks, 1):
        yield Heading(f"{number}. {titles[task]}")
        if task == sloped:
            yield from slopes(asked)
        yield from _MAKERS[task](asked)


def _titles(asked: Asked) -> dict[str, str]:
    say = asked.language.say
    return {
        "forward": say("Forward: what every node adds up and sends, and the error e"),
        "paths": say("Paths"),
        "gradient": say("The gradient: partial derivatives, and products of paths"),
        "tree": say("The gradient as a tree"),
        "update": say("The new weight"),
        "missing path": say("A path is missing"),
        "mistake": say("Find the mistake"),
    }


def _forward(asked: Asked) -> Blocks:
    say = asked.language.say
    steps = [step for step in asked.working.steps if step.kind in ("sum", "activated", "error")]
    cells = [
        ((Math(Symbol(step.name)), " = ", *formula(asked, step.formula)), (asked.blank(step.name),)) for step in steps
    ]
    beside = 2 if all(map(_is_narrow, steps)) else 1
    yield Table((say("quantity"), say("number")) * beside, tuple(_beside(cells, beside)))


def _is_narrow(step: Step) -> bool:
    """Tell whether there is room for a second formula beside that of a step."""
    cases = isinstance(step.formula, Call) and step.formula.function == "where"
    return step.kind == "error" or (not cases and len(step.letters) <= _NARROW)


def _paths(asked: Asked) -> Blocks:
    say, count = asked.language.say, len(asked.ways)
    words = say(
        "All paths from {weight} to e; rows may stay empty. How many are there?",
        weight=asked.working.of.name,
    )
    yield Paragraph((words, " ", asked.number(COUNT, Fraction(count))))
    cells = [((str(place + 1),), (asked.path(f"path {place + 1}", place),)) for place in range(count)]
    cells += [((name.removeprefix("path "),), (_spare(asked, name, "path"),)) for name in spare("path", count)]
    beside = 2 if max(map(len, asked.ways)) <= _SHORT else 1
    yield Table((say("path"), say("nodes")) * beside, tuple(_beside(cells, beside)))


def _gradient(asked: Asked) -> Blocks:
    say, working = asked.language.say, asked.working
    partials = [
        ((Math(name_of(asked, step)),), (asked.blank(step.name),)) for step in working.steps if step.kind == "partial"
    ]
    yield Table((say("derivative"), say("number")) * 3, tuple(_beside(partials, 3)))
    named = "paths" not in asked.tasks
    own = say("Multiply them along each path, in the order of your paths, and add the products.")
    yield Paragraph((say("Multiply them along each path, and add the products.") if named else own,))
    cells = [
        (_product(asked, place, named), (asked.blank(f"product {place + 1}"),)) for place in range(len(asked.ways))
    ]
    if not named:
        for path, name in zip(spare("path", len(asked.ways)), spare("product", len(asked.ways))):
            cells.append(((asked.called(path),), (_spare(asked, name, "number"),)))
    cells.append(((say("sum"), ": ", Math(Partial(ERROR, working.of.name))), (asked.blank(_gradient_name(asked)),)))
    beside = 1 if named else 3
    yield Table((say("path"), say("product")) * beside, tuple(_beside(cells, beside)))


def _spare(asked: Asked, name: str, kind: str) -> Blank:
    """Return room to write in that stays empty where nobody makes a mistake."""
    return Blank(name, "", kind, label=asked.called(name))


def _product(asked: Asked, place: int, named: bool) -> Line:
    """Return which path a product is of: its nodes, or the number under which somebody wrote it down."""
    if named:
        return (asked.path("", place).answer,)
    return (asked.called(f"path {place + 1}"),)


def _beside(cells: Sequence[tuple[Line, Line]], count: int) -> Iterator[tuple[Line, ...]]:
    """Yield pairs of cells, some beside one another, so that a table is shorter; the last row is filled up."""
    for place in range(0, len(cells), count):
        row = [cell for pair in cells[place : place + count] for cell in pair]
        yield (*row, *[()] * (2 * count - len(row)))


def _gradient_name(asked: Asked) -> str:
    return Partial(ERROR, asked.working.of.name).name


def _equals(left: Expression, right: Expression, blank: Blank) -> Line:
    """Return a quantity, what it is made of, and the blank for its number."""
    return (Math(left), " = ", Math(right), " = ", blank)


def _tree(asked: Asked) -> Blocks:
    working = asked.working
    steps = {id(step.element): step for step in working.steps if step.kind == "branch"}
    inner = {id(each) for step in steps.values() for each in step.element.branches}
    roots = [step.element for step in steps.values() if id(step.element) not in inner]
    yield Paragraph((" ".join(_rules_of_trees(asked, list(steps.values()), len(roots))),))
    yield Items(tuple(item for root in roots for item in _branch(asked, root, steps, 0)))
    if len(roots) > 1:
        whole = total(tuple(Symbol(steps[id(root)].name) for root in roots))
        line = (Math(Partial(ERROR, working.of.name)), " = ", Math(told(asked, whole)))
        # Where the gradient has its blank already, it is not asked for twice.
        yield Paragraph(line if "gradient" in asked.tasks else (*line, " = ", asked.blank(_gradient_name(asked))))


def _rules_of_trees(asked: Asked, steps: Sequence[Step], roots: int) -> Iterator[str]:
    """Say how a tree is calculated."""
    say = asked.language.say
    yield say("The gradient factored: a branch is the sum of those under it, times its own factors.")
    if len(steps) > roots:
        yield say("Begin with the innermost.")
    if len({step.element.whole for step in steps}) < len(steps):
        yield say("Branches may repeat, where several paths have a part in common.")
    if roots == 1:
        gradient, branch = _gradient_name(asked), asked.called("branch 1")
        if "gradient" in asked.tasks:
            yield say(
                "{gradient} is {branch}: compare it with the sum of the products.", branch=branch, gradient=gradient
            )
        else:
            yield say("{gradient} is {branch}.", branch=branch, gradient=gradient)


def _branch(asked: Asked, branch: Branch, steps: dict[int, Step], depth: int) -> Iterator[tuple[int, Line]]:
    step = steps[id(branch)]
    line = _equals(told(asked, Symbol(step.name)), told(asked, step.formula), asked.blank(step.name))
    yield depth, line
    for inner in branch.branches:
        yield from _branch(asked, inner, steps, depth + 1)


def _update(asked: Asked) -> Blocks:
    say, working = asked.language.say, asked.working
    name = f"{working.of.name}(k+1)"
    words = say("One step of gradient descent:")
    yield Paragraph((words, " ", *_equals(Symbol(name), working.by_name[name].formula, asked.blank(name))))


def _missing(asked: Asked) -> Blocks:
    say, working = asked.language.say, asked.working
    written = [step for step in working.steps if step.kind == "product"]
    kept = tuple(step.formula for place, step in enumerate(written) if place != asked.missing)
    yield Paragraph((say("Somebody wrote down this sum for the gradient. One path is missing."),))
    yield Equation(Partial(ERROR, working.of.name), (("=", Math(total(kept))),))
    yield Paragraph((say("Which path is it?"), " ", asked.path(MISSING, asked.missing)))
    product = working.right[written[asked.missing].name]
    yield Paragraph((say("What does it add to the gradient?"), " ", asked.number(ADDS, product)))


_MAKERS: dict[str, Maker] = {
    "forward": _forward, "paths": _paths, "gradient": _gradient, "tree": _tree, "update": _update,
    "missing path": _missing, "mistake": mistake,
}  # fmt: skip
