"""Everything exported says completely what it is: numpydoc's validation finds no gap, and See Also leads somewhere."""

from __future__ import annotations

import functools
import inspect

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import Validator, validate

import nodesim

# Of everything. Not asked for: where the quotes stand (GL01, GL02: ruff holds that), and an extended summary (ES01: a
# docstring whose first line says all needs no second one).
WORDING = {
    "GL03", "GL05", "GL06", "GL07", "GL08", "GL09", "GL10", "SS01", "SS02", "SS03", "SS04", "SS05", "SS06",
}  # fmt: skip
# Of what is called, too: parameters, results, what to read next, and an example.
CALLED = WORDING | {
    "PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR07", "PR08", "PR09", "PR10", "RT01", "RT02", "RT03", "RT04",
    "RT05", "YD01", "SA01", "SA02", "SA03", "SA04", "EX01",
}  # fmt: skip
# The text of a marker that pluggy makes is pluggy's, and a version is a string.
NAMES = [name for name in nodesim.__all__ if name not in ("__version__", "hookimpl")]


def is_property(thing):
    return isinstance(thing, property | functools.cached_property)


def members(thing):
    """Return the public names of a class, or of a module, that are documented with it."""
    if inspect.isclass(thing):
        kinds = property, functools.cached_property, classmethod, staticmethod
        return [name for name, value in vars(thing).items() if inspect.isfunction(value) or isinstance(value, kinds)]
    if inspect.ismodule(thing):
        own = [name for name, value in vars(thing).items() if getattr(value, "__module__", "") == thing.__name__]
        return [name for name in getattr(thing, "__all__", own) if name not in nodesim.__all__]
    return []


def codes(thing):
    """Return what is asked of a docstring: of properties and errors only that it is there and well formed."""
    error = isinstance(thing, type) and issubclass(thing, Exception)
    return WORDING if error or is_property(thing) else CALLED


def found(path):
    """Return the object of a dotted path, a property itself and not its value."""
    return functools.reduce(getattr, path.removeprefix("nodesim.").split("."), nodesim)


def problems(path):
    for code, message in validate(path)["errors"]:
        if code in codes(found(path)):
            yield f"{path}: {code} {message}"
    for name in Validator(get_doc_object(found(path))).see_also:
        try:
            found(name)
        except AttributeError:
            yield f"{path}: See Also names {name}, which nodesim does not export"


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_are_complete(name):
    path, thing = f"nodesim.{name}", getattr(nodesim, name)
    assert thing.__doc__
    # numpydoc reads no module; one stands here for what it holds.
    own = [] if inspect.ismodule(thing) else [path]
    listed = [*own, *(f"{path}.{member}" for member in members(thing) if not member.startswith("_"))]
    assert listed
    assert "\n".join(problem for each in listed for problem in problems(each)) == ""
