"""What a training went through: errors, why it stopped, and a curve for the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Any

from nodesim.notation import frames, markup
from nodesim.notation.symbols import plural
from nodesim.showing import shown
from nodesim.training.text_chart import chart
from nodesim.validation import whole

if TYPE_CHECKING:
    from nodesim.drawing.svg import Drawing


_MOST_LINES = 10_000


@dataclass
class History:
    """The record of one `Network.fit`.

    Parameters
    ----------
    errors : list of float
        For each epoch, the mean error of the samples, each taken just before the update that it caused; with the
        penalties, if there are any.
    validation_errors : list of float
        For each epoch, the error on the validation data at its end; empty without validation data.
    stop_reason : str
        Why it ended, in words.
    converged : bool
        Whether it stopped because the error was low enough, or did not get lower any more.
    updates : int
        How many times the weights were changed.
    finite : bool
        False if it stopped because a number left the finite ones.
    diverged : bool
        Whether it stopped because its updates made the error grow and grow, a million-fold and rising, or out of the
        finite numbers. `stop_reason` has a learning rate to try.
    learning_rates : list of float
        For each epoch, the η of its updates.
    undone : int
        How many epochs were undone, and made again with half the learning rate; only where none was given to `fit`.

    See Also
    --------
    Network.fit : Train, and return the record.
    Recording : Keep the weights of the epochs as well.

    Examples
    --------
    >>> import nodesim as ns
    >>> net = ns.Network.layered([1, 2, 1], seed=0)
    >>> history = net.fit([[0.0], [1.0]], [1.0, 0.0], epochs=500, stop_at_error=0.01)
    >>> history.converged, history.errors[-1] <= 0.01
    (True, True)
    """

    errors: list[float] = field(default_factory=list)
    validation_errors: list[float] = field(default_factory=list)
    stop_reason: str = "not started"
    converged: bool = False
    updates: int = 0
    finite: bool = True
    diverged: bool = False
    learning_rates: list[float] = field(default_factory=list)
    undone: int = 0

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return len(self.errors)

    def __len__(self) -> int:
        return len(self.errors)

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        if not self.errors:
            return shown(f"no epoch completed: {self.stop_reason}")
        validation = f", validation error {self.validation_errors[-1]:.6g}" if self.validation_errors else ""
        undone = f"; {self.undone:,} more undone, the learning rate halved each time" if self.undone else ""
        return shown(
            f"{plural(self.epochs, 'epoch')}, {plural(self.updates, 'update')}: error {self.errors[0]:.6g} -> "
            f"{self.errors[-1]:.6g}{self._lately}{validation}{undone}; stopped: {self.stop_reason}"
        )

    @property
    def _lately(self) -> str:
        """Where it did not converge, whether the error still moves: what the last tenth of the epochs did to it."""
        over = len(self.errors) // 10
        if self.converged or not over or not self.errors[-1 - over]:
            return ""
        change = (self.errors[-1] - self.errors[-1 - over]) / abs(self.errors[-1 - over])
        moved = f"{abs(change):.2%} {'less' if change < 0 else 'more'} than" if change else "as"
        return f" ({moved} {plural(over, 'epoch')} before)"

    def __repr__(self) -> str:
        return f"<History {self}>"

    def _repr_html_(self) -> str:
        return (self.draw()._repr_html_() if self.errors else "") + markup.line(str(self))

    def draw(self) -> Drawing:
        """Draw the errors over the epochs as a picture, on a logarithmic scale.

        Returns
        -------
        Drawing
            Shown in notebooks; ``.save("curve.svg")`` keeps it.

        See Also
        --------
        History.chart : The same for a terminal.
        WeightHistory.draw : What fed the gradient of one weight, epoch by epoch.

        Examples
        --------
        >>> History([1.0, 0.1, 0.01]).draw()
        <Drawing: training curve: 3 epochs, 0 updates: error 1 -> 0.01; stopped: not started, 640 x 360>
        """
        from nodesim.drawing.line import draw

        return draw(self.errors, self.validation_errors, str(self))

    def to_pandas(self) -> Any:
        """Return the record as a data frame of pandas.

        Returns
        -------
        pandas.DataFrame
            A row for each epoch: "epoch", from 1 on, "error", "validation_error" and "learning_rate"; NaN where there
            is none.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.

        See Also
        --------
        History.draw : The errors as a picture.

        Examples
        --------
        >>> History([1.0, 0.1], learning_rates=[0.5, 0.5]).to_pandas()["error"].tolist()
        [1.0, 0.1]
        """
        epochs = range(1, len(self.errors) + 1)
        others = [_padded(each, len(epochs)) for each in (self.validation_errors, self.learning_rates)]
        names = ("epoch", "error", "validation_error", "learning_rate")
        return frames.frame(dict(zip(names, (epochs, self.errors, *others))))

    def chart(self, width: int = 60, height: int = 8) -> str:
        """Draw the error over the epochs with block characters, on a logarithmic scale.

        Parameters
        ----------
        width, height : int
            Size in characters, without the labels.

        Returns
        -------
        str
            `height` lines, an axis, and what it shows; the first column is the first epoch, the last column the last,
            each other the mean of its epochs. An error of 0 has no bar; × stands where it is not finite.

        See Also
        --------
        History.draw : The same as a picture.
        Network.fit : Train, and return a history.

        Examples
        --------
        >>> print(History([1.0, 0.1, 0.01, 0.001]).chart(width=4, height=3))
            1 │█
              │██▁
        0.001 │███▁
              └────
               error of epoch 1 to 4, logarithmic
        """
        return chart(self.errors, whole(width, "width"), whole(height, "height", 2, _MOST_LINES))


def _padded(numbers: list[float], length: int) -> list[float]:
    return list(islice(chain(numbers, repeat(float("nan"))), length))
