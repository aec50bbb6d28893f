"""Fixtures and hypothesis profiles that all tests share."""

from __future__ import annotations

import gc
import importlib.util

import pytest
from hypothesis import HealthCheck, Phase, settings

from nodesim import cli
from nodesim.engines import choice
from nodesim.plugins import lookup
from nodesim.plugins.brought import HOOKS

# Without numba there is no native form.
ENGINES = ["nodes", "numpy", *(["native"] if importlib.util.find_spec("numba") else [])]

# What an example does takes as long as it takes; the fixtures that are used with hypothesis (an engine, a folder to
# write files into, a setting that stays) mean the same to every example.
_ALWAYS = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], print_blob=False
)
# The same examples in every run, so that a change that breaks nothing never fails.
settings.register_profile("quick", _ALWAYS, max_examples=25, derandomize=True)
# Others in every run, and many: pytest --hypothesis-profile=deep.
settings.register_profile("deep", _ALWAYS, max_examples=500)
# For mutations: whether an example fails is all that counts, not which is the smallest that does.
settings.register_profile("mutation", parent=settings.get_profile("quick"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("quick")


def pytest_collection_finish():
    """Search for garbage less often, and not in what stays to the end: it took a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let processes run tests that stand side by side, and take over half of what another has left at the end.

    Dealt out one by one, as -n does by itself, every process makes what a file shares, and two at a time compile the
    same kernels.
    """
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture
def output(capsys):
    """Runs the command line: its exit code, and what it prints."""

    def run(*arguments):
        code = cli.main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=ENGINES)
def engine(request):
    """Every engine, and every form of the compiled one, in turn: for a test that runs a network by it."""
    return request.param


@pytest.fixture(params=ENGINES[1:])
def compiled(request):
    """Every form of the compiled engine, in turn: for a test that compares it with the engine "nodes"."""
    return request.param


@pytest.fixture
def nothing_compiled(monkeypatch):
    """Let checks of functions say nothing of the engine, for which each is compiled: it takes most of their time."""
    monkeypatch.setattr("nodesim.checks.remarks.way_of", str)


@pytest.fixture
def every_engine(engine, monkeypatch):
    """Run a test with every engine in turn as what networks use by default."""
    monkeypatch.setitem(choice.ENGINES, "compiled", choice.ENGINES[engine])


@pytest.fixture
def session():
    """Forget, after the test, whatever it registered."""
    before = {(kind, function.name) for kind in HOOKS.values() for function in lookup.default.all(kind)}
    yield
    for kind in HOOKS.values():
        for function in lookup.default.all(kind):
            if (kind, function.name) not in before:
                lookup.unregister(function.name, kind.kind)
    lookup.default.broken.clear()
