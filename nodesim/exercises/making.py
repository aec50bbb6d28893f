"""Sheets made: a network, numbers that come out short, and what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from nodesim.errors import ArgumentError, ArgumentTypeError, DataError, FunctionError
from nodesim.exact import reading
from nodesim.exercises.asked import Asked, Planted
from nodesim.exercises.decimals import DOUBLE_DIGITS, at_border
from nodesim.exercises.draft import checked, drafted, worked
from nodesim.exercises.numbers import Dice, Numbers, rounding
from nodesim.exercises.planting import plants
from nodesim.exercises.sheet import Sheet
from nodesim.exercises.tasks import TASKS, USUAL
from nodesim.exercises.topologies import DAG, network_of, sizes
from nodesim.exercises.units import is_usual
from nodesim.exercises.working import Values, Working
from nodesim.gradients.quantities import Quantity, desired
from nodesim.graph.elements import Connection
from nodesim.network import Network
from nodesim.notation.symbols import RATE, plural
from nodesim.validation import items, one_of, optional_digits, shortened, whole
from nodesim.wording.language import language as language_of


def make(
    network: Any,
    *,
    ask: str | Connection = "W1",
    seed: int = 0,
    tasks: Iterable[str] = USUAL,
    digits: int | None = None,
    language: Any = "en",
    paths: int | None = None,
    x: Any = None,
    y: Any = None,
    learning_rate: Any = None,
    hidden: object = "relu",
    output: object = "linear",
) -> Sheet:
    """Make an exercise sheet for pen and paper, whose numbers come out short.

    Parameters
    ----------
    network : list of int, str, or Network
        Sizes such as [2, 2, 2] or "2-2-2"; "dag", a small graph with connections that skip layers, drawn by the seed;
        or a network, whose structure, activations, loss and names are kept while its weights are drawn anew. It is not
        changed.
    ask : str or Connection
        The weight whose gradient is asked for.
    seed : int
        Draws the numbers: the same seed makes the same sheet on every machine.
    tasks : iterable of str
        Of "forward", "paths", "gradient", "tree", "update", "missing path" and "mistake", in their order on the sheet.
    digits : int, optional
        Round what is written down to so many significant digits. By default numbers are exact, and rounded to 4 only
        where they have no end, as those of sigmoid.
    language : str, path or Language
        Of the sentences: "en", "de", or a file of texts.
    paths : int, optional
        How many paths the weight of a "dag" has, from 2 to 8; of other networks only checked.
    x, y : array_like, optional
        One sample, for a network whose own weights are used as they are, with these numbers, however long they become.
    learning_rate : number, optional
        The η of the new weight; by default drawn, and 1/2 with numbers that are given.
    hidden, output : str or Activation
        The activations of a network that is made here.

    Returns
    -------
    Sheet
        With its key: `Sheet.save` writes it for print or for a learning platform, `Sheet.mark` marks answers.

    Raises
    ------
    NodesimError
        If there is no such network, weight, task or language; if the network is none for pen and paper: with nodes
        that do not add up, tied, delayed or very many weights, functions without a formula or derivative, no path to
        the weight; or if no numbers were found.

    See Also
    --------
    nodesim.exercises.save : Several sheets in one file.
    nodesim.exercises.load : Read sheets from a file.
    nodesim.doctor : Say which mistakes made somebody's numbers.

    Notes
    -----
    Numbers are halves, tenths and small whole numbers, drawn until everything that is calculated from them, forward
    and backward, has at most 3 significant digits and 3 decimals; where none are found, more are allowed step by step,
    and the sheet says how many decimals there are. No product of a path is 0, no two are of one size, few weights are
    1, and no sum lies at the kink of its activation. Where a number has no end it is rounded, half away from zero, and
    is never near a border between two roundings.

    All tasks of a sheet have the same numbers. "mistake" shows a calculation with nearly all of them, and "missing
    path" all paths but one: beside tasks that ask for these they give answers away, and are for a sheet of their own,
    with another seed. ``nodesim exercise`` says so where it makes such a sheet.

    References
    ----------
    Article, sections 3 to 5.

    Examples
    --------
    >>> import nodesim as ns
    >>> sheet = ns.exercises.make("2-2-2", ask="W1", seed=7)
    >>> sheet.exact["product 1"] + sheet.exact["product 2"] == sheet.exact["∂e/∂W1"]
    True
    >>> ns.exercises.make("dag", paths=5, tasks=["paths"]).key["number of paths"]
    '5'
    """
    drawn_by, wanted = whole(seed, "seed", least=0), _tasks(tasks)
    to, told = optional_digits(digits), language_of(language)
    rate = None if learning_rate is None else _rate(learning_rate)
    # What is asked of is a copy, in which it has the same name.
    ask = ask.name if isinstance(ask, Connection) else ask
    dice = Dice(f"nodesim sheet {drawn_by} of {ask}")
    if x is not None or y is not None:
        working = _own(network, ask, paths, x, y, rate or Fraction(1, 2))
        _check_digits(working, to)
    else:
        draft, kept = _draft(network, ask, paths, (hidden, output), drawn_by)
        working = _drawn(draft, dice, rate, to, kept=kept)
    asked = Asked(working, wanted, to_digits(working, to), told)
    return Sheet(_network(working), _with_drawn(asked, dice), drawn_by)


def to_digits(working: Working, digits: int | None) -> int | None:
    """Return to how many digits the numbers of a calculation are written, None if as they are.

    Raises
    ------
    ArgumentError, DataError
        If one of them could be rounded either way, is far too large or too small, or cannot be calculated.
    """
    values = {**working.given, **_right(working)}
    found = rounding(values.values(), digits)
    if (name := next((name for name, value in working.right.items() if at_border(value, found)), None)) is not None:
        raise ArgumentError(
            f"rounded to {plural(found or 0, 'digit')}, {name} = {float(values[name])!r} could go either way; ask for "
            "others."
        )
    return found


def _right(working: Working) -> Values:
    """Return the numbers of all steps, if all are ones that somebody writes down."""
    try:
        found = working.right
    except (FunctionError, ArithmeticError) as error:
        raise DataError(f"with these numbers something cannot be calculated: {error}. Give others.") from error
    for name, value in found.items():
        if not is_usual(value):
            raise DataError(
                f"{name} is too large, or too near to 0, for pen and paper with these numbers; give others."
            )
    return found


def _tasks(tasks: Any) -> tuple[str, ...]:
    given = [tasks] if isinstance(tasks, str) else items(tasks, "tasks", "a list of tasks")
    found = tuple(one_of(task, TASKS, "a task") for task in given)
    if not found:
        raise ArgumentError(f"a sheet has one task at least, of {', '.join(map(repr, TASKS))}.")
    if len(set(found)) < len(found):
        raise ArgumentError(f"each task is asked once, got {shortened(list(found))}.")
    return found


def _rate(rate: Any) -> Fraction:
    found = reading.fraction(rate, "learning_rate")
    if found <= 0:
        raise ArgumentError(f"learning_rate must be larger than 0, got {shortened(rate)}.")
    return found


# ---- numbers that are drawn -----------------------------------------------------------------------------------


def _draft(given: Any, ask: Any, paths: Any, functions: tuple[object, object], seed: int) -> tuple[Working, bool]:
    """Return the calculation of the network that is meant, with whatever numbers, and whether it is kept."""
    layers = not isinstance(given, Network) and not (isinstance(given, str) and given == DAG)
    if layers and paths is None and all(isinstance(each, str) for each in (ask, *functions)):
        # Thirty sheets of one network are drafted once.
        return _layered(sizes(given), ask, *functions), True
    return drafted(network_of(given, ask, paths, functions, seed), ask), False


@lru_cache(maxsize=128)
def _layered(counts: tuple[int, ...], ask: str, *functions: str) -> Working:
    return drafted(network_of(counts, ask, None, functions, 0), ask)  # type: ignore[arg-type]


def _check_digits(working: Working, digits: int | None) -> None:
    """Refuse to round to digits that doubles do not have for sure."""
    if digits is not None and digits > DOUBLE_DIGITS and not working.exact:
        raise ArgumentError(
            f"digits must be at most {DOUBLE_DIGITS} where numbers have no end, as with these activations and this "
            f"loss; got {digits}."
        )


def _drawn(draft: Working, dice: Dice, rate: Fraction | None, digits: int | None, *, kept: bool) -> Working:
    _check_digits(draft, digits)
    try:
        given = Numbers(draft, dice, rate, digits).drawn()
    except ArithmeticError:
        network = _network(draft)
        raise DataError(
            f"no numbers were found for {network} by which everything comes out well; try another seed, other "
            "activations, fewer nodes, or give x and y yourself."
        ) from None
    # A draft that is kept for other sheets stays as it is.
    network = _network(draft).copy() if kept else _network(draft)
    network.weights = [float(given[Quantity("weight", each).name]) for each in network.connections]
    x = [given[Quantity("activated", node).name] for node in network.inputs]
    y = [given[desired(node)] for node in network.outputs]
    return worked(network, network.connection(draft.connection.name), x, y, given[RATE])


def _network(working: Working) -> Network:
    network: Network = working.connection.network
    return network


# ---- numbers that are given -----------------------------------------------------------------------------------


def _own(given: Any, ask: Any, paths: Any, x: Any, y: Any, rate: Fraction) -> Working:
    """Return the calculation of a network with its own weights."""
    if not isinstance(given, Network):
        raise ArgumentTypeError(
            "x and y are for a Network, which has weights of its own; of sizes all numbers are drawn."
        )
    if x is None or y is None:
        raise ArgumentError("x and y are given together: the inputs of one sample, and its desired outputs.")
    network = network_of(given, ask, paths, ("relu", "linear"), 0)
    connection = checked(network, ask)
    inputs, single = reading.inputs(x, network.inputs)
    if len(inputs) != 1:
        raise DataError(f"a sheet is of one sample, and x has {len(inputs)}.")
    targets = reading.targets(y, network.outputs, 1, single=single, loss=network.loss, classes=network.classes)
    return worked(network, connection, inputs[0], targets[0], rate)


# ---- what is drawn for tasks ----------------------------------------------------------------------------------


def _with_drawn(asked: Asked, dice: Dice) -> Asked:
    """Choose the path that is left out, and the mistake that is planted, where a task needs one."""
    missing, planted = 0, None
    if "missing path" in asked.tasks:
        check_missing(asked.working)
        missing = dice.below(len(asked.ways))
    if "mistake" in asked.tasks:
        planted = _planted(asked, dice)
    return Asked(asked.working, asked.tasks, asked.digits, asked.language, missing, planted)


def check_missing(working: Working) -> None:
    """Raise an `ArgumentError` if no path can be missing, as there is one alone."""
    if len(working.paths) < 2:
        raise ArgumentError(
            f"{working.connection.name} has one path, so that none can be missing; ask for another weight."
        )


def _planted(asked: Asked, dice: Dice) -> Planted:
    """Choose a mistake: first its kind, so that common ones at many steps do not crowd out the others."""
    found = [each for each in plants(asked.working, digits=asked.digits) if _shown(asked, each.step)]
    if not found:
        raise ArgumentError("no mistake can be planted here that could be told from others; try another seed.")
    name = dice.one(sorted({each.mistake.name for each in found}))
    plant = dice.one([each for each in found if each.mistake.name == name])
    return Planted(plant.step, plant.value, plant.mistake)


def _shown(asked: Asked, step: str) -> bool:
    """Tell whether a step stands in the calculation that is shown: branches do not."""
    return asked.working.by_name[step].kind != "branch"
