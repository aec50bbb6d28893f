"""Why a training ended, in words, by the errors of its epochs."""

from __future__ import annotations

from collections.abc import Sequence

# By which part the error of the last tenth of the epochs must fall to be called falling.
_FALLING = 0.01


def advice(rate: float) -> str:
    """Return what to do about a learning rate with which a training diverges.

    Examples
    --------
    >>> advice(0.5)
    'Try learning_rate=0.05 (it was 0.5), or leave it out: then fit finds one.'
    """
    return f"Try learning_rate={rate / 10:.3g} (it was {rate:.3g}), or leave it out: then fit finds one."


def not_finite(epoch: int, error: Exception, rate: float | None) -> str:
    """Say what ended a training in an epoch; the rate at which it came there, if it made any update."""
    reason = f"not finite in epoch {epoch}: {error} The last finite weights are kept."
    return reason if rate is None else f"{reason} {advice(rate)}"


def all_done(epochs: int, verdict: str) -> str:
    """Say that a training was not stopped, and what to know about it."""
    return f"all {epochs:,} epochs done{verdict}"


def verdict(errors: Sequence[float], rate: float) -> str:
    """Return what to know about a training that was not stopped: nobody should take its end for success.

    Parameters
    ----------
    errors : sequence of float
        Of its epochs.
    rate : float

    Examples
    --------
    >>> verdict([1.0] + [0.5] * 9, 0.1), verdict([2.0**-n for n in range(10)], 0.1)
    ('', ', the error still falling')
    """
    if not len(errors):
        return ""
    if errors[-1] > errors[0]:
        return f", with a larger error than at the beginning. {advice(rate)}"
    tenth = errors[-1 - len(errors) // 10]
    return ", the error still falling" if tenth - errors[-1] > _FALLING * abs(tenth) else ""


def diverged(errors: Sequence[float], rate: float) -> str:
    """Say that the error grew and grew."""
    grew = f"the error grew from {errors[0]:.3g} to {errors[-1]:.3g} in {len(errors):,} epochs"
    return f"{grew}: it diverges. {advice(rate)}"


def low_enough(limit: float | None) -> str:
    """Say that the error is what was asked for."""
    return f"the error is at most {limit:g}"


def settled(reason: str, rate: float, converged: bool) -> str:
    """Say that the error did not get lower any more; a training that only got worse did not converge."""
    return reason if converged else f"{reason}. {advice(rate)}"
