"""What is wrong with the shape that a loss returns, in words from which its author knows what to write."""

from __future__ import annotations


def wrong_shape(found: tuple[int, ...], outputs: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Say which shape came and which was expected, and by which axis it came about.

    Parameters
    ----------
    found, expected : tuple of int
    outputs : tuple of int
        (n_outputs, n_samples), of what the function was given.

    Examples
    --------
    >>> wrong_shape((3,), (3, 7), (7,))
    'shape (3,), expected (7,): sum over axis 0, the outputs'
    """
    said = f"shape {found}, expected {expected}"
    if len(expected) == 1 and found in (outputs[:1], ()):
        return f"{said}: sum over axis 0, the outputs"
    if len(expected) == 1 and found == outputs:
        return f"{said}: one number for each sample, summed over axis 0, the outputs"
    return said
