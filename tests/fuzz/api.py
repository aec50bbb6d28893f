"""Calls of the whole public API with values of every kind; see tests/README.md.

What a call may do is answer, or raise a `NodesimError`; after an error everything is as it was.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import os
import pathlib
import random
import resource
import signal
import sys
import traceback
import unicodedata
import warnings
from collections.abc import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
if "--native" not in sys.argv:
    # What numba compiles would take longer than all calls; this hides it, before anything looks for it.
    sys.modules["numba"] = None

from fuzz.values import KINDS
from fuzz.world import World, X, made_folder, targets

import nodesim as ns

_SECONDS, _BYTES, _LONGEST = 2.0, 3 * 2**30, 500


class Hang(BaseException):
    """A call that does not come back."""


def _alarm(number, frame):
    raise Hang


def shows_control(text):
    """Tell whether a text holds characters that steer a terminal, or that no terminal can be sent."""
    turns = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    kept = text.replace("\n", "")
    return any(unicodedata.category(c) in ("Cc", "Cs") or unicodedata.bidirectional(c) in turns for c in kept)


def plan(found, world, calls, rng):
    """Yield calls: every parameter with a kind of its own, then with another one, and so on; then pairs of parameters."""
    single = [(target, (each.name,)) for target in found for each in target.parameters]
    rng.shuffle(single)
    kinds = [rng.sample(list(KINDS), len(KINDS)) for _ in single]
    first = ((*which, (row[turn],)) for turn in range(len(KINDS)) for which, row in zip(single, kinds))
    yield from itertools.islice(first, calls * 9 // 10)
    several = [target for target in found if len(target.parameters) > 1]
    for number in itertools.count():
        if number % 2:
            target = rng.choice(several)
            names = tuple(each.name for each in rng.sample(target.parameters, 2))
        else:
            target, names = rng.choice(single)
        yield target, names, tuple(rng.choice(list(KINDS)) for _ in names)


def attempt(world, target, given, seconds=_SECONDS):
    """Make a call, and return its error or None."""
    # Of the process's own time: a busy machine makes no fault.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ResourceWarning)
            answer = target.call(world, given)
            if isinstance(answer, Iterator) and all(answer is not each for each in given.values()):
                answer = list(itertools.islice(answer, 20))
            if type(answer).__module__.startswith("nodesim"):
                repr(answer)
        return None
    except BaseException as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def judged(error, target, kinds):
    """Return what is wrong with an error, or None."""
    if isinstance(error, Exception) and target.name in _CALLERS and {"function", "class", "enum"} & set(kinds):
        return None
    if target.method in _OPERATORS and not isinstance(error, Hang):
        return None
    if not isinstance(error, ns.NodesimError):
        return f"foreign {type(error).__name__}"
    text = str(error)
    if len(text) > _LONGEST:
        return "long message"
    return "control characters" if shows_control(text) else None


# Callables that are handed in run there, and what they raise comes out as it is.
_CALLERS = {"net.fit"}
# What multiplies like a number raises what numbers raise; and Python asks the other operand, too.
_OPERATORS = {"__eq__", "__ne__", "__lt__", "__add__", "__mul__", "__rmul__", "__array__"}


def run(calls, seed, report=print, details=False):
    """Make so many calls, and return the faults by what they are."""
    rng = random.Random(seed)
    folder = made_folder()
    os.chdir(folder)
    world = World(folder)
    found = targets(world)
    faults = collections.defaultdict(list)
    signal.signal(signal.SIGPROF, _alarm)
    for target in found:
        # What is valid is, and whatever is compiled on the way is compiled before time is taken.
        error = attempt(world, target, {}, seconds=0)
        if error is not None and (fault := judged(error, target, ())):
            faults[fault, target.name, ()].append((("valid values",), error, []))
    clear(folder)
    world = World(folder)
    before, made, errors = world.digest(), 0, 0
    for target, names, kinds in itertools.islice(plan(found, world, calls, rng), calls):
        makers = [rng.choice(KINDS[kind]) for kind in kinds]
        given = {name: make() for name, make in zip(names, makers)}
        error = attempt(world, target, given)
        made, errors = made + 1, errors + (error is not None)
        fault = None if error is None else judged(error, target, kinds)
        after = world.digest()
        if error is not None and after != before and not fault:
            fault = f"changed though it failed ({[i for i, (a, b) in enumerate(zip(after, before)) if a != b]})"
        if fault is None and error is None and after[0] != before[0]:
            fault = unsound(world)
        if fault:
            faults[fault, target.name, names].append((kinds, error, [_source(make) for make in makers]))
            if details:
                where = "".join(traceback.format_exception(error)[-3:]) if error is not None else ""
                report(
                    f"--- {fault}: {target.name} {names} {kinds} {[_source(make) for make in makers]}\n{where[:1200]}"
                )
        if after != before:
            clear(folder)
            world = World(folder)
            before = world.digest()
    return made, errors, len(found), faults


def unsound(world):
    """Return what is wrong with a network that a call has changed, or None."""
    try:
        world.net.copy().forward(X)
        repr(world.net), world.net.copy()
    except ns.NodesimError:
        return None
    except Exception as error:
        return f"unsound afterwards: {type(error).__name__}: {error}"[:150]
    return None


def clear(folder):
    """Forget the files and functions that a call has left."""
    for path in folder.iterdir():
        if path.is_file() and path.name not in ("net.json", "data.csv"):
            path.unlink()
    from nodesim.plugins.brought import HOOKS
    from nodesim.plugins.lookup import default

    for kind in HOOKS.values():
        for function in default.all(kind):
            if function.origin == "this session":
                ns.unregister(function.name, kind.kind)


def _source(make):
    code = getattr(make, "__code__", None)
    return (
        getattr(make, "__name__", "?")
        if code is None or make.__name__ != "<lambda>"
        else str(code.co_consts)[:60] + str(code.co_names)
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--native", action="store_true", help="with the native engine, which is compiled first")
    parser.add_argument("--details", action="store_true", help="show every fault with its traceback")
    options = parser.parse_args(arguments)
    used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _BYTES, used + _BYTES))
    made, errors, found, faults = run(options.calls, options.seed, details=options.details)
    for (fault, name, names), cases in sorted(faults.items()):
        kinds = sorted({", ".join(case[0]) for case in cases})
        print(f"{len(cases):5} {fault}: {name}({', '.join(names)}) with {kinds[:6]}: {str(cases[0][1])[:160]!r}")
    print(f"{made:,} calls of {found} targets, {errors:,} refused, {sum(map(len, faults.values())):,} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
