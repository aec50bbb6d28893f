"""Numbers as they stand on a sheet: short decimals as they are, all others rounded, half away from zero."""

from __future__ import annotations

from fractions import Fraction

from nodesim.exercises.working import Value

# So close to a border between two roundings nobody can tell from doubles on which side a number is.
_BORDER = Fraction(1, 10**9)
_NEAR = Fraction(1, 1000)
# With more digits every number is.
DOUBLE_DIGITS = 8
# Most numbers of a sheet are short.
_POWERS = tuple(10**places for places in range(7))


def decimals(value: Value) -> int | None:
    """Return how many decimals write a number exactly; None where none do.

    Examples
    --------
    >>> decimals(Fraction(5, 8)), decimals(Fraction(3)), decimals(Fraction(1, 3))
    (3, 0, None)
    """
    under = value.denominator if isinstance(value, Fraction) else Fraction(value).denominator
    for places, power in enumerate(_POWERS):
        if power % under == 0:
            return places
    return _many(under)


def _many(under: int) -> int | None:
    counts = []
    for prime in (2, 5):
        count = 0
        while under % prime == 0:
            under, count = under // prime, count + 1
        counts.append(count)
    return max(counts) if under == 1 else None


def significant(value: Value) -> int | None:
    """Return how many significant digits write a number exactly; None where none do.

    Examples
    --------
    >>> significant(Fraction("0.05")), significant(Fraction(1200)), significant(Fraction(1, 7))
    (1, 2, None)
    """
    places = decimals(value)
    return None if places is None else len(str(_whole(value, places)).rstrip("0")) or 1


def _whole(value: Value, places: int) -> int:
    """Return a number without its sign and its decimal point."""
    exact = value if isinstance(value, Fraction) else Fraction(value)
    return abs(exact.numerator) * int(10**places) // exact.denominator


def written(value: Value, digits: int | None) -> str:
    """Write a number: exactly where it has at most so many significant digits, else rounded to these.

    Parameters
    ----------
    value : Fraction or float
    digits : int or None
        None writes all digits; the number has an end then.

    Examples
    --------
    >>> written(Fraction(-5, 8), None), written(Fraction(5, 8), 2), written(2 / 3, 4), written(Fraction(10**6, 3), 2)
    ('-0.625', '0.63', '0.6667', '330000')
    """
    if is_rounded(value, digits):
        assert digits is not None
        whole, places = _rounded(value, digits)
    else:
        places = decimals(value) or 0
        whole = _whole(value, places)
    return f"{'-' if value < 0 else ''}{_placed(whole, places)}"


def is_rounded(value: Value, digits: int | None) -> bool:
    """Tell whether a number has more digits than are written."""
    if digits is None:
        return False
    needed = significant(value)
    return needed is None or needed > digits


def half_unit(value: Value, digits: int | None) -> str:
    """Return half a unit of the last digit that is written of a number, "0" where that is all of it."""
    if not is_rounded(value, digits):
        return "0"
    assert digits is not None
    places = _rounded(value, digits)[1]
    return _placed(5 * 10 ** max(-places - 1, 0), places + 1)


def at_border(value: Value, digits: int | None) -> bool:
    """Tell whether a number is so near to a border between two roundings that it could go either way."""
    if not is_rounded(value, digits):
        return False
    assert digits is not None
    scaled = _scaled(value, digits)[0]
    near = _BORDER * scaled
    # A fraction is known with all its digits.
    return abs(scaled % 1 - Fraction(1, 2)) < (min(near, _NEAR) if isinstance(value, Fraction) else near)


def _rounded(value: Value, digits: int) -> tuple[int, int]:
    """Return the digits of a number as a whole number, and how many of them are decimals."""
    scaled, places = _scaled(value, digits)
    whole = int(scaled + Fraction(1, 2))
    return (whole // 10, places - 1) if whole == 10**digits else (whole, places)


def _scaled(value: Value, digits: int) -> tuple[Fraction, int]:
    """Return a number without its sign, times that power of ten which brings its digits before the point."""
    size = abs(Fraction(value))
    places = digits - 1
    while size * Fraction(10) ** places >= 10**digits:
        places -= 1
    while size * Fraction(10) ** places < 10 ** (digits - 1):
        places += 1
    return size * Fraction(10) ** places, places


def _placed(whole: int, places: int) -> str:
    if places <= 0:
        return str(whole * 10**-places)
    text = str(whole).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}"
