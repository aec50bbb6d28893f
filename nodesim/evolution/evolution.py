"""What evolution went through: the best of each generation as a network, and the curve of its errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodesim.errors import StateError
from nodesim.network import Network
from nodesim.notation import frames, markup, tables
from nodesim.notation.symbols import number, plural
from nodesim.showing import shown
from nodesim.training.history import History
from nodesim.training.text_chart import chart
from nodesim.validation import whole

if TYPE_CHECKING:
    from nodesim.drawing.svg import Drawing

_SHOWN = 20
_MOST_LINES = 10_000
_HEADS = ("generation", "e", "fitness", "mean fitness", "species", "nodes", "connections")


@dataclass(frozen=True, eq=False)
class Generation:
    """A generation, and the best that was in it.

    Parameters
    ----------
    number : int
        From 1 on.
    best : Network
        Of the genome with the largest fitness; it is yours, to be trained or changed.
    genome : neat.DefaultGenome
        The genome itself, a copy: `Evolution.config` is what it was bred with.
    e : float
        The error of the best when it was found; NaN without samples, or where it is not finite.
    fitness, mean_fitness : float
        That of the best, and the mean of all genomes.
    species : int
        How many there are.
    size : (int, int)
        How many nodes, and how many connections, the best had.

    See Also
    --------
    Evolution : All of them.

    Examples
    --------
    >>> import nodesim as ns
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> first = ns.evolve(X, y, generations=2, population=20, seed=0).generations[0]
    >>> first.number, first.best, abs(first.e + first.fitness) < 1e-12
    (1, <Network 2-1: 4 nodes, 3 connections, loss mse>, True)
    """

    number: int
    best: Network
    genome: Any
    e: float
    fitness: float
    mean_fitness: float
    species: int
    size: tuple[int, int]

    def __repr__(self) -> str:
        return f"<Generation {self.number}: e {number(self.e)}, {self.species:,} species, {self.best}>"


@dataclass(frozen=True, eq=False)
class Evolution:
    """The record of one `nodesim.evolve`.

    Parameters
    ----------
    generations : tuple of Generation
        Those that were completed, in order.
    stop_reason : str
        Why it ended, in words.
    config : neat.Config
        What the genomes were bred with: ``neat.nn.FeedForwardNetwork.create(generation.genome, config)`` goes on from
        here in neat-python, and `nodesim.from_neat` reads any of them.
    history : History or None
        Of the backpropagation at the end; None without `epochs`.
    trained : Network or None
        What `best` is; None where no generation was completed.

    See Also
    --------
    nodesim.evolve : Makes it.

    Examples
    --------
    >>> import nodesim as ns
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> evolution = ns.evolve(X, y, generations=3, population=20, seed=0)
    >>> len(evolution.generations), evolution.stop_reason
    (3, 'all 3 generations done')
    >>> evolution.best is min(evolution.generations, key=lambda each: each.e).best
    True
    """

    generations: tuple[Generation, ...]
    stop_reason: str
    config: Any
    history: History | None
    trained: Network | None

    @property
    def best(self) -> Network:
        """The best network of all generations, trained by backpropagation where that was asked for.

        Raises
        ------
        StateError
            If no generation was completed.
        """
        if self.trained is None:
            raise StateError(f"no generation was completed, and there is no best network: {self.stop_reason}.")
        return self.trained

    @property
    def errors(self) -> list[float]:
        """The error of each generation's best."""
        return [each.e for each in self.generations]

    def to_dict(self) -> dict[str, list[Any]]:
        """Return a table of the generations: columns by name.

        Returns
        -------
        dict of str to list
            "generation", "e", "fitness", "mean fitness", "species", "nodes" and "connections".

        See Also
        --------
        Evolution.to_pandas : The same as a data frame.

        Examples
        --------
        >>> import nodesim as ns
        >>> evolution = ns.evolve([[0], [1]], [1, 0], generations=3, population=10, seed=0)
        >>> evolution.to_dict()["generation"]
        [1, 2, 3]
        """
        rows = [
            (each.number, each.e, each.fitness, each.mean_fitness, each.species, *each.size)
            for each in self.generations
        ]
        return {name: [row[place] for row in rows] for place, name in enumerate(_HEADS)}

    def to_pandas(self) -> Any:
        """Return a row for each generation as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            The columns of `to_dict`.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        Evolution.to_dict : The same without pandas.

        Examples
        --------
        >>> import nodesim as ns
        >>> evolution = ns.evolve([[0], [1]], [1, 0], generations=3, population=10, seed=0)
        >>> evolution.to_pandas().shape
        (3, 7)
        """
        return frames.frame(self.to_dict())

    def chart(self, width: int = 60, height: int = 8) -> str:
        """Draw the error of each generation's best with block characters, on a logarithmic scale.

        Parameters
        ----------
        width, height : int
            Size in characters, without the labels.

        Returns
        -------
        str
            As `History.chart` draws it.

        See Also
        --------
        History.chart : The same of a training.
        Evolution.draw : A picture.

        Examples
        --------
        >>> import nodesim as ns
        >>> evolution = ns.evolve([[0], [1]], [1, 0], generations=3, population=10, seed=0)
        >>> print(evolution.chart().splitlines()[-1].strip())
        error of generation 1 to 3, logarithmic
        """
        size = whole(width, "width"), whole(height, "height", 2, _MOST_LINES)
        return chart(self.errors, *size, of="generation")

    def draw(self) -> Drawing:
        """Draw the error of each generation's best as a picture, on a logarithmic scale.

        Returns
        -------
        Drawing
            Shown in notebooks; ``.save("curve.svg")`` keeps it.

        See Also
        --------
        Evolution.chart : The same for a terminal.

        Examples
        --------
        >>> import nodesim as ns
        >>> ns.evolve([[0], [1]], [1, 0], generations=3, population=10, seed=0).draw()
        <Drawing: training curve: 3 generations, 640 x 360>
        """
        from nodesim.drawing.line import draw

        return draw(self.errors, [], plural(len(self.generations), "generation"), of="generation")

    def _cells(self, generations: Sequence[Generation]) -> list[list[str]]:
        return [
            [
                f"{each.number:,}", number(each.e), number(each.fitness), number(each.mean_fitness),
                *(f"{count:,}" for count in (each.species, *each.size)),
            ]
            for each in generations
        ]  # fmt: skip

    def __str__(self) -> str:
        left = len(self.generations) - _SHOWN
        more = [f"... {plural(left, 'generation')} before"] if left > 0 else []
        rows = tables.lines(_HEADS, self._cells(self.generations[-_SHOWN:]), ">")
        return "\n".join([rows[0], *more, *rows[1:], shown(self._ending)])

    @property
    def _ending(self) -> str:
        trained = f"; then {self.history}" if self.history is not None else ""
        return f"stopped: {self.stop_reason}{trained}"

    def __repr__(self) -> str:
        best = "" if self.trained is None else f", e {number(min(self.errors))}, {self.trained}"
        return shown(f"<Evolution of {plural(len(self.generations), 'generation')}{best}; {self._ending}>")

    def _repr_html_(self) -> str:
        generations = self.generations[-_SHOWN:]
        left = len(self.generations) - len(generations)
        before = f"{plural(left, 'generation')} before. " if left else ""
        picture = self.draw()._repr_html_() if self.generations else ""
        return picture + markup.table(_HEADS, self._cells(generations), ">", f"{before}{self._ending}")
