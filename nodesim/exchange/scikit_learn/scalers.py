"""What the scalers of a pipeline do to each column: multiply, and shift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.validation import shortened

# Of a fitted scaler, what each of its columns is multiplied by, and what is then added; None for neither.
_Read = Callable[[Any], tuple[Any, Any]]


def _divided(scaler: Any, center: str) -> tuple[Any, Any]:
    scale, shift = scaler.scale_, getattr(scaler, center, None)
    factors = None if scale is None else 1.0 / np.asarray(scale, dtype=float)
    if shift is None:
        return factors, None
    return factors, -np.asarray(shift, dtype=float) / (1.0 if scale is None else np.asarray(scale, dtype=float))


def _standard(scaler: Any) -> tuple[Any, Any]:
    # with_mean and with_std may have been switched after the fit, and then count.
    factors, shifts = _divided(scaler, "mean_") if scaler.with_std else (None, _minus(scaler.mean_))
    return factors, shifts if scaler.with_mean else None


def _robust(scaler: Any) -> tuple[Any, Any]:
    factors, shifts = _divided(scaler, "center_") if scaler.with_scaling else (None, _minus(scaler.center_))
    return factors, shifts if scaler.with_centering else None


def _minus(shift: Any) -> Any:
    return None if shift is None else -np.asarray(shift, dtype=float)


_READ: dict[str, _Read] = {
    "StandardScaler": _standard,
    "RobustScaler": _robust,
    "MinMaxScaler": lambda scaler: (scaler.scale_, scaler.min_),
    "MaxAbsScaler": lambda scaler: _divided(scaler, ""),
}


def scaled(scalers: list[Any], count: int, who: str) -> tuple[Array, Array]:
    """Return what scalers, one after the other, multiply each of the columns by, and add to it then.

    Raises
    ------
    ExchangeError
        Naming the step that is none of these scalers, is not fitted, or does something else, too.
    """
    factors, shifts = np.ones(count), np.zeros(count)
    for scaler in scalers:
        with np.errstate(all="ignore"):
            factor, shift = _step(scaler, count, who)
            factors, shifts = factors * factor, shifts * factor + shift
        if not (np.isfinite(factors).all() and np.isfinite(shifts).all()):
            raise ExchangeError(
                f"{who}: its {type(scaler).__name__} holds a number that is not finite, or a scale of 0."
            )
    return factors, shifts


def _step(scaler: Any, count: int, who: str) -> tuple[Array, Array]:
    kind = type(scaler).__name__
    if type(scaler).__module__.partition(".")[0] != "sklearn" or kind not in _READ:
        raise ExchangeError(
            f"{who}: its step {shortened(scaler, 60)} cannot be carried; {', '.join(_READ)} and 'passthrough' can. "
            "Call the other steps yourself, and give the last one."
        )
    if not hasattr(scaler, "n_features_in_"):
        raise ExchangeError(f"{who}: its {kind} is not fitted.")
    if getattr(scaler, "clip", False):
        raise ExchangeError(f"{who}: its {kind} clips what is out of range, which no node does; clip=False is carried.")
    factor, shift = _READ[kind](scaler)
    found = (np.asarray(1.0 if factor is None else factor, dtype=float),
             np.asarray(0.0 if shift is None else shift, dtype=float))  # fmt: skip
    if any(each.shape not in ((), (count,)) for each in found) or scaler.n_features_in_ != count:
        raise ExchangeError(
            f"{who}: its {kind} has {shortened(scaler.n_features_in_)} columns, and the step behind it takes {count}."
        )
    return found
