"""The house keeps its order: imports point down, the core imports no face, and nothing is imported in vain."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize

import networkx as nx
from helpers import ROOT

import nodesim as ns

# From the ground up: a room imports what stands before it.
ROOMS = [
    "_loading", "_version", "_arrays", "showing", "errors", "validation", "wording", "notation", "functions", "plugins", "graph", "engines", "simulation",
    "gradients", "paths", "analysis", "mistakes", "formats", "exchange", "drawing", "papers", "derivation", "attribution", "curvature", "surgery", "recurrence", "exact", "parallel", "training", "ledger", "datasets", "explorer", "network", "importers", "exercises", "handouts", "evolution", "sweeps",
    "article", "checks", "sklearn", "cli", "__main__",
]  # fmt: skip


def modules():
    """Return the modules of nodesim by their dotted names, the face `nodesim` itself left out."""
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in (ROOT / "nodesim").rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in files.items() if name != "nodesim.__init__"}


MODULES = modules()


def imports(path):
    """Return the modules of nodesim that a file imports, for types and inside functions, too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name.split(".")[0] == "nodesim"}


def test_rooms_stand_in_order():
    rooms = {name.split(".")[1] for name in MODULES}
    assert sorted(rooms) == sorted(ROOMS)
    upwards = [
        f"{name} imports {other}"
        for name, path in MODULES.items()
        for other in imports(path)
        if other == "nodesim" or ROOMS.index(other.split(".")[1]) > ROOMS.index(name.split(".")[1])
    ]
    assert not upwards


def test_nothing_else_lies_at_the_door():
    """What builds and installs leave there git does not see; a file that a trial left there it would."""
    left = {"build", "dist", "__pycache__"}
    there = {path.name for path in ROOT.iterdir() if path.name[0] != "." and path.suffix != ".egg-info"}
    assert there - left == {"pyproject.toml", "nodesim", "plugins", "tests", "examples", "README.md", "LICENSE"}


def test_the_map_of_the_house_has_every_room():
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(ROOMS)
    for path in re.findall(r"`((?:nodesim|tests|plugins|engines|graph|cli)/[\w./]+)`", text):
        assert (ROOT / path).exists() or (ROOT / "nodesim" / path).exists(), path


def test_there_are_no_circles():
    graph = nx.DiGraph((name, other) for name, path in MODULES.items() for other in imports(path))
    assert [circle for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


def code_lines(text):
    """Count the lines that are neither docstring nor comment nor blank."""
    documented = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            documented |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return len({token.start[0] for token in tokens if token.type not in layout} - documented)


def test_no_file_is_long():
    sources = [*MODULES.values(), *(ROOT / "plugins").rglob("*.py")]
    lengths = {path: code_lines(path.read_text(encoding="utf-8")) for path in sources}
    face = ROOT / "nodesim" / "network.py"
    assert lengths.pop(face) <= 600
    assert [path for path, length in lengths.items() if length > 250] == []


def foreign_privates(path):
    """Return the private attributes that a file reads or sets on what it did not define."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own, read = set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            own.add(node.attr)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            read.append((path.name, node.lineno, node.attr))
    return [found for found in read if found[2] not in own]


def test_few_reach_into_what_is_private_elsewhere():
    assert sum(map(len, map(foreign_privates, MODULES.values()))) < 20


def test_the_faces_have_no_parents():
    assert ns.Network.__mro__ == (ns.Network, object)
    assert ns.GradientPaths.__mro__ == (ns.GradientPaths, object)


def test_importing_nodesim_imports_little():
    code = "import sys, networkx, numpy, pluggy; before = set(sys.modules); import nodesim; print(*sorted(set(sys.modules) - before))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    strangers = {name.split(".")[0] for name in names} - {"nodesim", "numpy", "secrets", "hmac", "cython_runtime", "gc"}
    assert {name for name in strangers if not name.startswith("_")} == set()
    for late in (
        "nodesim.cli",
        "nodesim.checks",
        "nodesim.article.demo",
        "nodesim.training.path_recording",
        "nodesim_plugins",
    ):
        assert late not in names


def test_every_package_is_shipped():
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "nodesim").rglob("__init__.py")}
    assert set(settings["packages"]) == found | {"nodesim_plugins"}


def test_the_tests_are_told_of():
    told = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    names = {path.stem for folder in ("tests", "tests/browser") for path in (ROOT / folder).glob("test_*.py")}
    assert sorted(name for name in names if f"`{name}`" not in told and f"`browser/{name}`" not in told) == []


def test_core_depends_on_three_packages():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {dependency.split(">")[0] for dependency in project["dependencies"]}
    assert names == {"networkx", "numpy", "pluggy"}
    extras = {"resvg_py", "anywidget", "traitlets", "joblib", "threadpoolctl", "distributed", "pandas", "sympy"}
    extras |= {"sklearn", "skops", "torch", "onnx", "onnxruntime", "neat"}
    for path in [*(ROOT / "nodesim").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                # Type checkers bring what they read there.
                node.body.clear()
        for node in ast.walk(tree):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in {module.split(".")[0] for module in found}:
                # What an extra brings is imported where it is used, never with the module.
                late = name in extras and node not in tree.body
                # The modules of the native form are themselves imported where they are used.
                late = late or (name in ("numba", "llvmlite") and path.parent.name == "native")
                # So are the rooms that are named for their extra: whoever enters one asks for that.
                late = late or (name == path.parent.name and name in ("sklearn", "torch"))
                assert name in names | {"nodesim"} or name in sys.stdlib_module_names or late, (path, name)
