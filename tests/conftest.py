"""Fixtures that all tests share."""

from __future__ import annotations

import pytest

from nodesim import plugins
from nodesim.calculation import ENGINES
from nodesim.functions import Activation, Initializer, Loss, Optimizer


@pytest.fixture(params=list(ENGINES))
def engine(request):
    """Every engine in turn: a test that takes it never names one."""
    return request.param


@pytest.fixture
def session():
    """Forget, after the test, whatever it registered."""
    kinds = (Activation, Loss, Optimizer, Initializer)
    before = {function.name for kind in kinds for function in plugins.default.all(kind)}
    yield
    for kind in kinds:
        for function in plugins.default.all(kind):
            if function.name not in before:
                plugins.unregister(function.name, kind.kind)
    plugins.default.broken.clear()
