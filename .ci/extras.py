"""Each extra in an empty environment: python extras.py NAMES WHEEL CHECKOUT, where NAMES may be "all-of-them".

The wheel is installed with one extra and nothing else, the demo of the first page runs, and then what the extra is
for. Times and sizes are said. The extras "test" and "dev" are what .ci/run installs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
import tomllib
from pathlib import Path

NOT_HERE = {"test", "dev"}
# There are many builds of torch: which one, is said before.
FIRST = {"torch": ["torch==2.13.0"]}
TRIALS = {
    "fast": """
        net = ns.Network.layered([4, 5, 3], seed=0)
        net.engine = "native"
        iris = ns.datasets.load("iris")
        errors = net.fit(iris, epochs=5, learning_rate=0.1).errors
        twin = ns.Network.layered([4, 5, 3], seed=0)
        twin.engine = "nodes"
        expected = twin.fit(iris, epochs=5, learning_rate=0.1).errors
        assert all(abs(a - b) < 1e-12 for a, b in zip(errors, expected))
    """,
    "png": """
        net = ns.Network.layered([2, 2, 2], seed=0)
        net.draw(highlight="W1").save("x.png")
        assert open("x.png", "rb").read(8) == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    """,
    "widget": """
        widget = ns.Network.layered([2, 2, 2], seed=0).explore([0.05, 0.1], [0.01, 0.99]).widget()
        assert "W12" in str(widget.document)
    """,
    "sweep": """
        X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        alone = ns.sweep([2, 3, 1], X, y, seeds=4, learning_rate=[0.1, 0.5], epochs=20)
        both = ns.sweep([2, 3, 1], X, y, seeds=4, learning_rate=[0.1, 0.5], epochs=20, n_jobs=2)
        assert (alone.errors == both.errors).all()
    """,
    "dask": """
        import numpy as np
        from distributed import Client

        if __name__ == "__main__":
            X = np.random.default_rng(0).normal(size=(200, 3))
            alone, spread = (ns.Network.layered([3, 4, 1], seed=0) for _ in range(2))
            with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
                spread.fit(X, X[:, :1], epochs=2, learning_rate=0.1, client=client)
            alone.fit(X, X[:, :1], epochs=2, learning_rate=0.1)
            assert np.allclose(spread.weights, alone.weights, rtol=1e-12, atol=0)
    """,
    "pandas": """
        frame = ns.Network.layered([2, 2, 2], seed=0).path_counts().to_pandas()
        assert len(frame) == 12
    """,
    "sklearn": """
        from sklearn.datasets import load_wine
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from nodesim.sklearn import NodesimClassifier

        X, y = load_wine(return_X_y=True)
        model = make_pipeline(StandardScaler(), NodesimClassifier(hidden=(5,), epochs=50, random_state=0)).fit(X, y)
        assert model.score(X, y) > 0.9
        net = model[-1].network_
        net.forward(X[0])
        assert net.paths("W1", to="OA1").count > 0
        assert ns.checks.check_exchange(net, net.to_sklearn(), X[:20])
    """,
    "onnx": """
        net = ns.Network.layered([4, 5, 3], hidden="gelu", seed=0)
        net.to_onnx("net.onnx")
        assert ns.checks.check_exchange(ns.from_onnx("net.onnx"), "net.onnx")
    """,
    "torch": """
        net = ns.Network.layered([4, 5, 3], hidden="tanh", seed=0)
        assert ns.checks.check_exchange(net, net.to_torch())
        assert ns.checks.check_exchange(ns.from_torch(net.to_torch()), net.to_torch())
    """,
    "neat": """
        X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        found = ns.evolve(X, y, generations=3, population=20, seed=3, epochs=5)
        assert found.best.error(X, y) < 1
    """,
    "sympy": """
        from fractions import Fraction
        import sympy

        net = ns.Network.layered([2, 2, 1], hidden="sigmoid", seed=0)
        gradient = net.exact([Fraction(1, 2), 1], [1], symbols=True).gradient("W1")
        assert isinstance(gradient.sympy(), sympy.Expr)
    """,
}


def main() -> None:
    """Try the extras that are asked for, one after the other."""
    names, wheel, checkout = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    there = set(project["optional-dependencies"]) - NOT_HERE
    chosen = sorted(there) if names == "all-of-them" else names.split(",")
    if unknown := set(chosen) - there:
        sys.exit(f"no extra {', '.join(sorted(unknown))}; there are {', '.join(sorted(there))}")
    if missing := there - set(TRIALS) - {"all", "docs"}:
        sys.exit(f"{Path(__file__).name} does not say what {', '.join(sorted(missing))} is for")
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name:8}", tried(name, wheel, checkout, Path(folder).resolve()), flush=True)


def tried(name: str, wheel: Path, checkout: Path, folder: Path) -> str:
    """Install one extra, run what it is for, and return how long both took and how large it is."""
    environment, work = folder / "environment", folder / "work"
    work.mkdir()
    _run(folder, {}, sys.executable, "-m", "venv", str(environment))
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    empty = _size(environment)
    started = time.perf_counter()
    for wanted in (FIRST.get(name), [f"{wheel}[{name}]"]):
        if wanted:
            _run(folder, {}, str(programs / "python"), "-m", "pip", "install", "--quiet", *wanted)
    installed = time.perf_counter()
    size = _size(environment) - empty
    # As in an activated environment, and nothing of the caller's modules.
    path = {"PATH": os.pathsep.join([str(programs), os.environ["PATH"]])}
    _run(work, path, str(programs / "nodesim"), "demo")
    if name == "docs":
        _run(
            checkout,
            path,
            str(programs / "sphinx-build"),
            "-W",
            "-E",
            "-q",
            "-j",
            "auto",
            "examples/site",
            str(work / "site"),
        )
    else:
        # Of "all" everything must run that its parts are for.
        for part in _parts(name, checkout):
            trial = work / f"{part}_trial.py"
            trial.write_text(f"import nodesim as ns\n{textwrap.dedent(TRIALS[part])}", encoding="utf-8")
            _run(work, path, str(programs / "python"), str(trial))
    ran = time.perf_counter()
    return f"installed in {installed - started:4.0f} s, {size / 1e6:5.0f} MB; demo and trial {ran - installed:4.0f} s"


def _parts(name: str, checkout: Path) -> list[str]:
    if name != "all":
        return [name]
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(set(re.findall(r"[\w-]+", " ".join(project["optional-dependencies"]["all"]))) & set(TRIALS))


def _run(folder: Path, more: dict[str, str], *command: str) -> None:
    alone = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env={**alone, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


if __name__ == "__main__":
    main()
