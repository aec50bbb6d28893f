"""What can be exchanged in a calculation as a whole, numbered, each made once: forward passes, losses, ways back."""

from __future__ import annotations

import numpy as np

from nodesim._arrays import Array, Indices
from nodesim.errors import NodesimError
from nodesim.functions.contracts import Loss
from nodesim.mistakes.backward import Variants
from nodesim.mistakes.forward import Sheet
from nodesim.plugins import lookup
from nodesim.simulation import objective


class Choices:
    """Collects the variants that edits ask for; `made` then calculates all of them together.

    Parameters
    ----------
    sheet : Sheet
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._same: Indices = np.arange(len(sheet.weights))
        self._forward: list[Indices] = [self._same]
        self._turned: list[Indices] = [self._same]
        self._entering: list[tuple[Loss, float, bool, bool]] = [(sheet.loss, 1.0, False, False)]
        self._judged: list[Loss] = [sheet.loss]

    def forward(self, swapped: Indices) -> int:
        """Feed forward with other weights: for each connection the number of that whose weight it takes, or -1."""
        self._forward.append(swapped)
        return len(self._forward) - 1

    def turned(self, swapped: Indices) -> int:
        """Walk back through other weights, given in the same way."""
        self._turned.append(swapped)
        return len(self._turned) - 1

    def entering(self, loss: Loss, factor: float = 1.0, *, as_sums: bool = False, by_activated: bool = False) -> int:
        """Let the derivative of another loss enter.

        Parameters
        ----------
        loss : Loss
        factor : float
        as_sums : bool
            Whether ∂e/∂OA is taken for ∂e/∂O.
        by_activated : bool
            Whether ∂e/∂OA is taken where the loss has ∂e/∂O.
        """
        self._entering.append((loss, factor, as_sums, by_activated))
        return len(self._entering) - 1

    def judged(self, loss: Loss) -> int:
        """Calculate e by another loss."""
        self._judged.append(loss)
        return len(self._judged) - 1

    def made(self) -> Variants:
        """Calculate all of them."""
        sheet = self._sheet
        padded = np.append(sheet.weights, 0.0)
        swapped, turned = np.array(self._forward), np.array(self._turned)
        weights = padded[swapped]
        passes = sheet.forward(weights)
        entering: list[tuple[Array, bool]] = []
        for loss, factor, as_sums, by_activated in self._entering:
            numbers, of_sums = sheet.entering(loss, passes, by_activated=by_activated)
            entering.append((factor * numbers, of_sums or as_sums))
        judged = np.array([sheet.errors(loss, passes) for loss in self._judged])
        return Variants(weights, swapped, passes, entering, judged, self._judged, turned)


_OTHERS = (
    "mse", "half_squared_error", "binary_cross_entropy", "softmax_cross_entropy", "mae", "huber", "log_cosh",
)  # fmt: skip


def other_losses(sheet: Sheet) -> list[Loss]:
    """Return the built-in losses that these outputs and targets could have been judged by."""
    found = []
    outputs = sheet.schedule.outputs
    for name in _OTHERS:
        try:
            loss = lookup.loss(name)
            objective.check_outputs(loss, outputs)
        except NodesimError:
            # A loss that is not there, or needs other outputs.
            continue
        low, high = loss.targets or (-np.inf, np.inf)
        if loss.name != sheet.loss.name and low <= sheet.targets.min() and sheet.targets.max() <= high:
            found.append(loss)
    return found
