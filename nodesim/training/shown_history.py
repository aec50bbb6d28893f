"""The record that callbacks are shown: their own, so that whatever they write into it changes no training."""

from __future__ import annotations

from nodesim.training.history import History


def follow(shown: History, record: History, *, whole: bool = False) -> None:
    """Let the record that is shown become the training's own, which has grown.

    Parameters
    ----------
    shown, record : History
    whole : bool
        Whether to write all of it anew, and not only from where the two do not end alike.

    Examples
    --------
    >>> shown = History([1.0])
    >>> follow(shown, History([1.0, 0.5], updates=2))
    >>> shown.errors, shown.updates
    ([1.0, 0.5], 2)
    """
    for name, value in vars(record).items():
        own = vars(shown)[name]
        if not isinstance(value, list):
            setattr(shown, name, value)
        elif not isinstance(own, list):
            setattr(shown, name, list(value))
        else:
            # One epoch after the other is told: comparing all of them each time would take longer than the training.
            known = 0 if whole or own[-1:] != value[len(own) - 1 : len(own)] else len(own)
            own[known:] = value[known:]
