"""The house keeps its order: imports point down, the core imports no face, and nothing is imported in vain."""

from __future__ import annotations

import ast
import subprocess
import sys

from helpers import ROOT

# From the ground up. A module imports what stands before it; faces stand last.
ORDER = [
    "_version", "errors", "notation", "expressions", "printers", "printers.writing", "printers.tables", "printers.text", "printers.latex", "calls", "arguments", "thinning", "formulas", "derivatives", "functions", "hookspecs", "registry", "plugins",
    "bulk", "store", "elements", "order", "names", "schedule", "structure", "assembly", "layered", "engines", "engines.task", "engines.noting", "engines.nodes", "engines.blocks", "engines.levels",
    "engines.native", "engines.native.kernels", "engines.native.instructions", "engines.native.lanes", "engines.native.calls", "engines.native.exponentials", "engines.native.finite", "engines.native.slabs", "engines.native.functions", "engines.native.program", "engines.native.grouping", "engines.native.chunks", "engines.native.tiles", "engines.native.dense", "engines.native.memory", "engines.native.arrangement", "engines.native.sweeps", "engines.native.single", "engines.native.engine",
    "engines.native.losses", "engines.native.steps", "engines.native.scalars", "engines.native.watch", "engines.native.online", "engines.native.epochs", "engines.native.training", "engines.native.form", "engines.compiled", "cascade",
    "objective", "calculation", "data", "optimization", "formats.files", "formats.tables", "drawing.svg", "drawing.curve", "drawing.stack", "history", "progress", "stretches", "training", "recording", "quantities", "partials", "paths.trellis", "paths.arithmetic", "paths.sums", "paths.listing", "paths.ranking", "paths.batches", "paths.path", "paths.flow", "paths.distances", "paths.sharing", "paths.native", "paths.native.filling", "paths.arrays", "paths.counted", "paths.listed", "paths.outputs", "paths.paths", "paths",
    "whole.finding", "whole.counts", "whole.norm", "whole.reasons", "whole.blocking", "whole.why", "whole.dead", "whole.sizes", "whole.layers", "whole.diagnosis", "whole",
    "definitions", "derivation.forms", "derivation.subgraph", "derivation.passing", "derivation.costs", "derivation.elimination", "derivation.operations", "derivation.comparison", "derivation.layout", "derivation.tree",
    "derivation.latex", "derivation.derivation", "derivation", "running", "steps", "formats.checked", "formats.native", "formats.graphs", "formats",
    "drawing.labels", "drawing.layout", "drawing.highlight", "drawing.network", "drawing",
    "explorer.numbers", "explorer.sizes", "explorer.samples", "explorer.runs", "explorer.structure", "explorer.document", "explorer.page", "explorer.widget", "explorer.explorer", "explorer",
    "tracing", "surveying", "keeping", "network", "following.parts", "following.twin", "following.picture", "following.weight", "following.recording", "following", "figures", "checks.conformance", "checks.gradients", "checks", "datasets.dataset", "datasets.tabular", "datasets.generators", "datasets.shipped", "datasets", "demo", "cli.command", "cli.terminal", "cli.samples", "cli.catalogue", "cli.networks", "cli.learning", "cli.tracing", "cli.ranking", "cli.exploring", "cli.main", "cli", "__main__",
]  # fmt: skip


def imports(path):
    """Yield what a module of nodesim imports when it is imported, type checking left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body.clear()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nodesim":
            parts = (node.module or "").split(".")[1:]
            for alias in node.names:
                full = ".".join([*parts, alias.name])
                yield full if full in ORDER else ".".join(parts)


def test_imports_point_down():
    root = ROOT / "nodesim"
    files = {
        ".".join(p.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): p for p in root.rglob("*.py")
    }
    files.pop("__init__")
    assert sorted(files) == sorted(ORDER)
    for module, path in files.items():
        late = {name for name in imports(path) if name and ORDER.index(name) >= ORDER.index(module)}
        # The network hands over to its tracers, which stand above what they trace.
        assert not late, (module, late)


def test_importing_nodesim_imports_little():
    code = "import sys, networkx, numpy, pluggy; before = set(sys.modules); import nodesim; print(*sorted(set(sys.modules) - before))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    strangers = {name.split(".")[0] for name in names} - {"nodesim", "numpy", "secrets", "hmac", "cython_runtime", "gc"}
    assert {name for name in strangers if not name.startswith("_")} == set()
    for late in ("nodesim.cli", "nodesim.checks", "nodesim.demo", "nodesim.following", "nodesim_plugins"):
        assert late not in names


def test_every_package_is_shipped():
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "nodesim").rglob("__init__.py")}
    assert set(settings["packages"]) == found | {"nodesim_plugins"}


def test_core_depends_on_three_packages():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {dependency.split(">")[0] for dependency in project["dependencies"]}
    assert names == {"networkx", "numpy", "pluggy"}
    extras = {"resvg_py", "anywidget", "traitlets"}
    for path in [*(ROOT / "nodesim").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in {module.split(".")[0] for module in found}:
                # What an extra brings is imported where it is used, never with the module.
                late = name in extras and node not in tree.body
                # The modules of the native form are themselves imported where they are used.
                late = late or (name in ("numba", "llvmlite") and path.parent.name == "native")
                assert name in names | {"nodesim"} or name in sys.stdlib_module_names or late, (path, name)
