"""The tasks of a sheet, as blocks with blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from nodesim.derivation.tree import Branch
from nodesim.exercises.asked import ADDS, COUNT, MISSING, Asked
from nodesim.exercises.found import mistake
from nodesim.exercises.given import formula
from nodesim.exercises.working import Step
from nodesim.notation.expressions import Expression, Partial, Symbol, total, transform
from nodesim.notation.symbols import ERROR
from nodesim.papers.blocks import Block, Equation, Heading, Items, Line, Math, Paragraph, Table

Blocks = Iterator[Block]
Maker = Callable[[Asked], Blocks]


def questions(asked: Asked) -> Blocks:
    """Yield the tasks, each under its heading."""
    titles = _titles(asked)
    for number, task in enumerate(asked.tasks, 1):
        yield Heading(f"{number}. {titles[task]}")
        yield from _MAKERS[task](asked)


def _titles(asked: Asked) -> dict[str, str]:
    say = asked.language.say
    return {
        "forward": say("Forward"),
        "paths": say("Paths"),
        "gradient": say("The gradient, path by path"),
        "tree": say("The gradient as a tree"),
        "update": say("The new weight"),
        "missing path": say("A path is missing"),
        "mistake": say("Find the mistake"),
    }


def _forward(asked: Asked) -> Blocks:
    say = asked.language.say
    yield Paragraph((say("Calculate what every node adds up, what it sends, and the error e."),))
    steps = [step for step in asked.working.steps if step.kind in ("sum", "activated", "error")]
    rows = tuple(((Math(Symbol(step.name)),), formula(asked, step.formula), (asked.blank(step.name),)) for step in steps)
    yield Table((say("quantity"), say("formula"), say("number")), rows)


def _paths(asked: Asked) -> Blocks:
    say, count = asked.language.say, len(asked.ways)
    weight = asked.working.of.name
    yield Paragraph(
        (say("Which paths lead from {weight} to the error? Write down the nodes of each, from the first one on.",
             weight=weight), " ", say("How many are there?"), " ", asked.number(COUNT, Fraction(count)))
    )  # fmt: skip
    yield Items(tuple((0, (asked.path(f"path {place + 1}", place),)) for place in range(count)), numbered=True)


def _gradient(asked: Asked) -> Blocks:
    say, working = asked.language.say, asked.working
    yield Paragraph((say("Calculate the partial derivatives."),))
    partials = [step for step in working.steps if step.kind == "partial"]
    cells = [((_math(step),), (asked.blank(step.name),)) for step in partials]
    yield Table((say("derivative"), say("number")) * 2, tuple(_pairs(cells)))
    own = say("Multiply them up along each path, in the order of your paths, and add the products.")
    yield Paragraph((own if "paths" in asked.tasks else say("Multiply them up along each path, and add the products."),))
    rows = []
    for place, way in enumerate(asked.ways):
        name = f"product {place + 1}"
        path = () if "paths" in asked.tasks else (" \N{RIGHTWARDS ARROW} ".join(node.name for node in way), ": ")
        rows.append((0, (say("product {place}", place=place + 1), ": ", *path, asked.blank(name))))
    yield Items(tuple(rows))
    yield Paragraph(_equals(asked, Partial(ERROR, working.of.name), (), working.by_name[_gradient_name(asked)].name))


def _pairs(cells: Sequence[tuple[Line, Line]]) -> Iterator[tuple[Line, ...]]:
    """Yield cells two by two, so that a table is half as long; an empty pair stands where there is none left."""
    half = (len(cells) + 1) // 2
    for place in range(half):
        yield (*cells[place], *(cells[half + place] if half + place < len(cells) else ((), ())))


def _math(step: Step) -> Math:
    partial = step.element
    return Math(Partial(partial.numerator.name, partial.denominator.name))


def _gradient_name(asked: Asked) -> str:
    return Partial(ERROR, asked.working.of.name).name


def _equals(asked: Asked, left: Expression, words: Line, name: str) -> Line:
    """Return a quantity, what it is made of, and the blank for its number."""
    return (Math(left), " = ", *((*words, " = ") if words else ()), asked.blank(name))


def _tree(asked: Asked) -> Blocks:
    say, working = asked.language.say, asked.working
    yield Paragraph(
        (say("The same gradient, factored: each branch is the sum of the branches within it times its own factors. "
             "Fill in the numbers from the inside out."),)
    )  # fmt: skip
    steps = {id(step.element): step for step in working.steps if step.kind == "branch"}
    inner = {id(each) for step in steps.values() for each in step.element.branches}
    roots = [step.element for step in steps.values() if id(step.element) not in inner]
    yield Items(tuple(item for root in roots for item in _branch(asked, root, steps, 0)))
    if len(roots) > 1:
        whole = total(tuple(Symbol(steps[id(root)].name) for root in roots))
        line = (Math(Partial(ERROR, working.of.name)), " = ", Math(_told(asked, whole)))
        # Where the gradient has its blank already, it is not asked for twice.
        yield Paragraph(line if "gradient" in asked.tasks else (*line, " = ", asked.blank(_gradient_name(asked))))


def _branch(asked: Asked, branch: Branch, steps: dict[int, Step], depth: int) -> Iterator[tuple[int, Line]]:
    step = steps[id(branch)]
    line = (Math(_told(asked, Symbol(step.name))), " = ", Math(_told(asked, step.formula)), " = ", asked.blank(step.name))
    yield depth, line
    for inner in branch.branches:
        yield from _branch(asked, inner, steps, depth + 1)


def _told(asked: Asked, expression: Expression) -> Expression:
    """Name the branches and products of an expression in the sheet's language."""

    def named(part: Expression) -> Expression | None:
        if isinstance(part, Symbol) and part.name.startswith(("branch ", "product ")):
            return Symbol(label(asked, part.name))
        return None

    return transform(expression, named)


def label(asked: Asked, name: str) -> str:
    """Return the name of a quantity as it is said in the sheet's language."""
    kind, _, place = name.partition(" ")
    if kind == "branch":
        return asked.language.say("branch {place}", place=place)
    return asked.language.say("product {place}", place=place) if kind == "product" else name


def _update(asked: Asked) -> Blocks:
    say, working = asked.language.say, asked.working
    name = f"{working.of.name}(k+1)"
    words = say("One step of gradient descent, with the learning rate η. What is the weight then?")
    yield Paragraph((words,))
    yield Paragraph(_equals(asked, Symbol(name), (Math(working.by_name[name].formula),), name))


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
