"""What a proof of exchange has found."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nodesim.notation import markup
from nodesim.notation.symbols import plural
from nodesim.showing import shown

_HEADS = ("compared", "worst difference / scale", "allowed", "where", "verdict")


@dataclass(frozen=True)
class ExchangeProof:
    """How far a network and another program's are apart: true if it is no farther than rounding explains.

    Parameters
    ----------
    network, program : str
        What was compared with what.
    samples : int
        How many.
    outputs : float
        The largest difference of an output, in parts of its scale.
    outputs_at : str
        Where it is: "O2, sample 17".
    error, gradients : float
        The difference of e, and the largest one of a gradient, in parts of their scale; not a number where there was
        nothing to compare.
    gradients_at : str
        Where that is: "W5".
    outputs_allowed, gradients_allowed : float
        How large they may be; e may be as far away as outputs.
    compared, weights : int
        How many gradients were compared, and how many weights there are.
    way : str
        How the other program's gradients were had: "its own backpropagation" or "differences of its outputs".
    digits : float
        How many digits such differences have: the median of all weights.
    findings : tuple of str
        What is not the same in both: a weight, an activation, a connection.
    remarks : tuple of str
        What a user should know.

    See Also
    --------
    nodesim.checks.check_exchange : Make a proof.

    Examples
    --------
    >>> proof = ExchangeProof(
    ...     network="a network 1-1 of 2 weights, loss mse", program="numpy 2", samples=100, outputs=3e-16,
    ...     outputs_at="O1, sample 7", error=1e-16, gradients=2e-16, gradients_at="W1", outputs_allowed=1e-12,
    ...     gradients_allowed=1e-12, compared=2, weights=2, way="its own backpropagation",
    ... )
    >>> proof
    <ExchangeProof: numpy 2 agrees to 3.0e-16>
    >>> proof.worst, proof.where, bool(proof)
    (3e-16, 'O1, sample 7', True)
    """

    network: str
    program: str
    samples: int
    outputs: float
    outputs_at: str
    error: float
    gradients: float
    gradients_at: str
    outputs_allowed: float
    gradients_allowed: float
    compared: int
    weights: int
    way: str
    digits: float = math.nan
    findings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the two say the same."""
        limits = (self.outputs_allowed, self.outputs_allowed, self.gradients_allowed)
        return not self.findings and not any(found > limit for found, limit in zip(self._found, limits))

    @property
    def worst(self) -> float:
        """The largest difference of all, in parts of its scale."""
        return max((found for found in self._found if not math.isnan(found)), default=math.nan)

    @property
    def where(self) -> str:
        """Where that is."""
        places = (self.outputs_at, "e", self.gradients_at)
        return next((place for found, place in zip(self._found, places) if found == self.worst), "")

    @property
    def _found(self) -> tuple[float, float, float]:
        return self.outputs, self.error, self.gradients

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        verdict = f"agrees to {self.worst:.1e}" if self.ok else f"DIFFERS: {self._reason}"
        return shown(f"<ExchangeProof: {self.program} {verdict}>")

    @property
    def _reason(self) -> str:
        return self.findings[0] if self.findings else f"{self.worst:.1e} of the scale at {self.where}"

    @property
    def _verdict(self) -> str:
        if self.ok:
            return f"the same network: nowhere farther apart than {self.worst:.1e} of the scale ({self.where})"
        return f"NOT THE SAME: {self._reason}"

    @property
    def _compared_with(self) -> str:
        return f"{self.network}, compared with {self.program} on {plural(self.samples, 'sample')}"

    @property
    def _rows(self) -> list[tuple[str, ...]]:
        gradients = f"{plural(self.compared, 'gradient')}"
        if self.compared < self.weights:
            gradients = f"{self.compared} of {self.weights:,} gradients"
        lines = (
            ("outputs", self.outputs, self.outputs_allowed, self.outputs_at),
            ("error e", self.error, self.outputs_allowed, "mean"),
            (gradients, self.gradients, self.gradients_allowed, self.gradients_at),
        )
        return [
            (what, "not compared", "", "", "")
            if math.isnan(found)
            else (what, f"{found:.1e}", f"{limit:.0e}", place, "ok" if found <= limit else "DIFFERS")
            for what, found, limit, place in lines
        ]

    @property
    def _notes(self) -> list[str]:
        digits = "" if math.isnan(self.digits) else f", which have {self.digits:.1f} digits"
        way = [f"gradients of the other program: {self.way}{digits}"] if self.compared else []
        return [*(f"differs: {each}" for each in self.findings), *way, *self.remarks]

    def __str__(self) -> str:
        rows = [_HEADS, *self._rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
        table = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]
        lines = [self._compared_with, *table, *(f"- {note}" for note in self._notes), self._verdict]
        return "\n".join(map(shown, lines))

    def _repr_html_(self) -> str:
        table = markup.table(_HEADS, self._rows, "<>><<")
        return markup.line(self._compared_with) + table + markup.points(self._notes) + markup.line(self._verdict)
