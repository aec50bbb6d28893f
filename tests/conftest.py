"""Fixtures that all tests share."""

from __future__ import annotations

import importlib.util

import pytest

from nodesim.engines import choice
from nodesim.functions import Activation, Initializer, Loss, Optimizer
from nodesim.plugins import lookup

# Without numba there is no native form.
ENGINES = ["nodes", "numpy", *(["native"] if importlib.util.find_spec("numba") else [])]


@pytest.fixture(params=ENGINES)
def engine(request):
    """Every engine, and every form of the compiled one, in turn: a test that takes it never names one."""
    return request.param


@pytest.fixture
def every_engine(engine, monkeypatch):
    """Run a test with every engine in turn as what networks use by default."""
    monkeypatch.setitem(choice.ENGINES, "compiled", choice.ENGINES[engine])


@pytest.fixture
def session():
    """Forget, after the test, whatever it registered."""
    kinds = (Activation, Loss, Optimizer, Initializer)
    before = {function.name for kind in kinds for function in lookup.default.all(kind)}
    yield
    for kind in kinds:
        for function in lookup.default.all(kind):
            if function.name not in before:
                lookup.unregister(function.name, kind.kind)
    lookup.default.broken.clear()
