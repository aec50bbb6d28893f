"""Arguments at the door: checked by what they are meant to be, and refused with a message that says who got what."""

from nodesim.validation.choices import flag, one_of
from nodesim.validation.data import numbers
from nodesim.validation.listing import items, names
from nodesim.validation.numerals import DIGITS, ENDLESS, MOST, above_zero, at_least_zero, finite, optional_digits, whole
from nodesim.validation.positions import Listing, position, positions
from nodesim.validation.shortening import brief, shortened

__all__ = [
    "DIGITS",
    "ENDLESS",
    "MOST",
    "Listing",
    "above_zero",
    "at_least_zero",
    "brief",
    "finite",
    "flag",
    "items",
    "names",
    "numbers",
    "one_of",
    "optional_digits",
    "position",
    "positions",
    "shortened",
    "whole",
]
