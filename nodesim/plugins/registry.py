"""Discovery and look-up of plugins: from a name to an activation, a loss or another function.

A plugin is registered whole or not at all. Installed plugins (entry points in the group ``nodesim``, the
built-in functions among them) are loaded at the first look-up, one by one, so that a broken one is named and
the others work.
"""

from __future__ import annotations

import sys
import threading
import types
import warnings
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from nodesim._version import version
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    KeyTypeError,
    PluginError,
    PluginWarning,
    UnknownNameError,
    suggestion,
)
from nodesim.functions.function import Function
from nodesim.functions.interruptions import of_signal
from nodesim.notation.symbols import with_article
from nodesim.plugins import new_names, origins, spelling
from nodesim.plugins.brought import GROUP, HOOKS, functions_of
from nodesim.showing import shown
from nodesim.validation import brief, one_of, shortened

if TYPE_CHECKING:
    from importlib import metadata

F = TypeVar("F", bound=Function)
# Names come with any parameters: not all that were ever used are kept.
_MOST_NAMES = 1000
Key = tuple[type[Function], str]
Plugin = tuple[object, set[Key]]


class Registry:
    """The functions that can be used by name, and the plugins that brought them.

    Parameters
    ----------
    installed : bool
        Whether plugins installed with pip are loaded at the first look-up.

    Examples
    --------
    >>> import nodesim as ns
    >>> Registry().find(ns.Activation, "sigmoid")
    <activation sigmoid>
    """

    def __init__(self, *, installed: bool = True) -> None:
        self.broken: dict[str, str] = {}
        self._functions: dict[type[Function], dict[str, Function]] = {kind: {} for kind in HOOKS.values()}
        self._plugins: list[Plugin] = []
        # What names stood for in these tables: looking one up again is a part of every single update.
        self._known: tuple[object, dict[tuple[type[Function], str], Function]] = None, {}
        self._waiting = installed
        self._tried: set[metadata.EntryPoint] = set()
        self._lock = threading.RLock()

    def find(self, kind: type[F], wanted: object) -> F:
        """Return the function of a kind that a name, a specification or the function itself stands for.

        Parameters
        ----------
        kind : type
            `Activation`, `Aggregation`, `Loss`, `Optimizer`, `Initializer`, `Regularizer` or `LearningRateSchedule`.
        wanted : str, mapping or Function
            A name, in any case, a name with parameters as in "leaky_relu(slope=0.2)", an object of that kind, or a
            mapping as files have it, with "name", and maybe "parameters", "from" (the plugin that brought it) or
            "formula" (of a function that is nothing but its formula).

        Raises
        ------
        UnknownNameError
            If no plugin brought that name; the message suggests the nearest.
        """
        if isinstance(wanted, kind):
            return wanted
        # The tables are taken once: what is found while another thread exchanges them is not kept for the new ones.
        tables, known = self._known
        if tables is not (current := self._functions):
            tables, known = self._known = current, {}
        name = (kind, wanted) if type(wanted) is str else None
        if name in known:
            return cast(F, known[name])
        found = self._found(kind, wanted)
        if name is not None and len(known) < _MOST_NAMES:
            known[name] = found
        return found

    def _found(self, kind: type[F], wanted: object) -> F:
        if isinstance(wanted, Mapping) and spelling.is_of_file(wanted):
            return self._described(kind, wanted)
        if not isinstance(wanted, str):
            own = f" One of your own is a nodesim.{kind.__name__}(...)." if callable(wanted) else ""
            raise ArgumentTypeError(
                f"{with_article(kind.kind)} is given by its name, or as an object made by nodesim.{kind.kind}(...); "
                f"got {shortened(wanted)}.{own}"
            )
        found = spelling.named(self._table(kind), wanted)
        if found is None and (written := spelling.with_parameters(wanted)):
            return self.find(kind, written[0]).with_parameters(**written[1])
        if found is None:
            raise UnknownNameError(self._unknown(kind, wanted))
        return found

    def _described(self, kind: type[F], wanted: Mapping[str, Any]) -> F:
        """Return the function that a mapping of a file describes."""
        for key in ("name", "from", "formula"):
            if not isinstance(wanted.get(key, ""), str):
                raise ArgumentTypeError(f"the {key} of {with_article(kind.kind)} is a string, got {shortened(wanted)}.")
        name, parameters = wanted["name"], wanted.get("parameters", {})
        if not isinstance(parameters, Mapping) or not all(isinstance(key, str) for key in parameters):
            raise ArgumentTypeError(f"the parameters of {shortened(name)} must be a dict, got {shortened(parameters)}.")
        if wanted.get("formula"):
            return self._of_formula(kind, name, wanted["formula"], parameters)
        origin = wanted.get("from")
        found = spelling.named(self._table(kind), name)
        if origin and found is None:
            raise UnknownNameError(self._unknown(kind, name, f"{origins.where_from(origin)} "))
        if origin and found is not None:
            origins.compare(found, origin)
        return self.find(kind, name).with_parameters(**parameters)

    def _of_formula(self, kind: type[F], name: str, formula: str, parameters: Mapping[str, float]) -> F:
        """Return what a formula of a file says; what was registered under its name only if it is the same."""
        meant = spelling.made_of_formula(kind, name, formula, parameters)
        found = self._table(kind).get(name)
        if found is None:
            return meant
        if found.parameters.keys() == meant.parameters.keys():
            own = found.with_parameters(**meant.parameters)
            if own.says_the_same(meant):
                return own
        if origins.package(found.origin) != origins.BUILT_IN:
            origins.warn_of_formula(found, formula)
        return meant

    def _unknown(self, kind: type[Function], wanted: str, what_to_do: str = "") -> str:
        table = self._table(kind)
        known = [*table, *(alias for f in table.values() for alias in f.aliases)]
        # Where plugins are broken or missing, the message needs room for what is said of them.
        listed = suggestion(wanted, known, show=8 if self.broken or what_to_do else 40)
        own = "" if what_to_do or listed.startswith("Did") else " One of your own is registered first: register(...)."
        return f"no {kind.kind} named {shortened(wanted)}. {what_to_do}{listed}{own}{self._hint()}"

    def _hint(self) -> str:
        """Say which plugins may have brought it, if they could be loaded: the first few, and briefly why not."""
        reasons = [(name, why.removeprefix(f"plugin {name}: ")) for name, why in islice(self.broken.items(), 2)]
        return "".join(f" Plugin {name} could not be loaded: {brief(why)}" for name, why in reasons)

    def all(self, kind: type[F]) -> list[F]:
        """Return every function of a kind, in the order in which they were registered."""
        return list(self._table(kind).values())

    def _table(self, kind: type[F]) -> dict[str, F]:
        self._load_installed()
        return cast(dict[str, F], self._functions[kind])

    def register(self, plugin: object, origin: str | None = None, *, instead_of: object = None) -> None:
        """Add what a plugin brings: all of it, or, if anything is wrong with it, nothing.

        Parameters
        ----------
        plugin : module, object or Function
            Something with hook implementations (see `nodesim.plugins.hookspecs`), or one function by itself. A plugin
            that is registered already is left as it is.
        origin : str, optional
            Where it comes from, for messages; by default the name of the module or class.
        instead_of : module or object, optional
            An earlier version of the plugin, which it replaces.

        Raises
        ------
        PluginError
            If it has no hooks or misspelt ones, a hook raises or returns something else than functions, or a
            name is taken.
        """
        self._load_installed()
        if any(known is plugin for known, _ in self._plugins):
            return
        origin = origin if origin is not None else _origin(plugin)
        with self._lock:
            functions = list(functions_of(plugin, origin))
            given_up = next((names for known, names in self._plugins if known is instead_of), set())
            known = [(kind, function) for kind, table in self._functions.items() for function in table.values()]
            kept = [function for kind, function in known if (kind, function.name) not in given_up]
            new_names.check(functions, kept, origin)
            tables, plugins = self._without(given_up)
            plugins.append((plugin, {(type(function), function.name) for function in functions}))
            for function in functions:
                tables[type(function)][function.name] = function
            # Plain assignments: wherever Ctrl-C comes in, a plugin is there with all its functions or not at all.
            self._functions, self._plugins = tables, plugins

    def unregister(self, name: str, kind: str | None = None) -> None:
        """Forget the function of a name that was registered in this process or installed.

        Networks that use it keep it. Meant for notebooks, where a cell that registers is run again.

        Parameters
        ----------
        name : str
        kind : {"activation", "aggregation", "loss", "optimizer", "initializer", "regularizer", "schedule"}, optional
            Only needed where functions of several kinds have the name.

        Raises
        ------
        UnknownNameError
            If there is no function of that name.
        ArgumentError
            If several kinds have one, or the kind is none.
        """
        self._load_installed()
        kinds = {function.kind: function for function in HOOKS.values()}
        if kind is not None:
            one_of(kind, kinds, "kind")
        if not isinstance(name, str):
            raise KeyTypeError(f"a function is registered under its name, a string; got {shortened(name)}.")
        tables = {k: table for k, table in self._functions.items() if kind in (None, k.kind)}
        holders: set[Key] = {(k, name) for k, table in tables.items() if name in table}
        if not holders:
            known = [n for table in tables.values() for n in table]
            raise UnknownNameError(f"no function named {shortened(name)} is registered. {suggestion(name, known)}")
        if len(holders) > 1:
            several = " and ".join(sorted(with_article(k.kind) for k, _ in holders))
            raise ArgumentError(f"{shortened(name)} is {several}: say which, by nodesim.unregister(..., kind=...).")
        self._functions, self._plugins = self._without(holders)

    def _without(
        self, keys: set[Key]
    ) -> tuple[dict[type[Function], dict[str, Function]], list[tuple[object, set[Key]]]]:
        tables = {
            kind: {name: function for name, function in table.items() if (kind, name) not in keys}
            for kind, table in self._functions.items()
        }
        # A plugin of which something is gone may be registered again.
        return tables, [(plugin, names) for plugin, names in self._plugins if not names & keys]

    def load_directory(self, directory: str | Path) -> None:
        """Register every Python file of a directory whose name does not start with an underscore.

        A file that was loaded before is read again, and takes the place of what it was.

        Raises
        ------
        PluginError
            If there is no such directory, or naming the files that could not be loaded; the others are.
        """
        try:
            # An empty path is a forgotten one, not the current directory.
            folder = Path(directory) if isinstance(directory, str | Path) and str(directory) else None
            found = folder is not None and folder.is_dir()
        except (OSError, ValueError):
            # Longer than names of files are, or with signs that none has.
            found = False
        if folder is None or not found:
            given = str(directory) if isinstance(directory, Path) else directory
            raise PluginError(f"no plugins directory {shortened(given)}.")
        paths = sorted(folder.glob("[!_]*.py"))
        failures = {path.name: why for path in paths if (why := self._load_file(path.resolve()))}
        if failures:
            raise PluginError(new_names.all_of(failures))

    def _load_file(self, path: Path) -> str | None:
        before = (plugin for plugin, _ in self._plugins if isinstance(plugin, types.ModuleType))
        told = _module_name(path), str(path)
        earlier = (module for module in before if (module.__name__, getattr(module, "__file__", None)) == told)
        return self._try(path.name, lambda: _run_file(path), instead_of=next(earlier, None))

    def _load_installed(self) -> None:
        with self._lock:
            if not self._waiting:
                return
            try:
                # Before loading, not after: registering a plugin leads here again, and so does one that looks
                # something up. And within this try: Ctrl-C may come right behind it.
                self._waiting = False
                # Reading the metadata of everything installed is slow, and imports much: not before it is needed.
                from importlib import metadata

                for point in sorted(metadata.entry_points(group=GROUP), key=_loading_order):
                    if point not in self._tried:
                        why = self._try(_distribution(point), point.load)
                        self._tried.add(point)
                        if why:
                            warnings.warn(shown(f"{why} (the rest of nodesim works)"), PluginWarning, stacklevel=2)
            except BaseException:
                # Ctrl-C, or a warning that is an error: the next look-up goes on where this one ends.
                self._waiting = True
                raise

    def _try(self, origin: str, load: Callable[[], object], *, instead_of: object = None) -> str | None:
        try:
            self.register(load(), origin, instead_of=instead_of)
        except PluginError as error:
            self.broken[origin] = str(error)
        except (Exception, SystemExit) as error:
            if of_signal(error):
                raise
            self.broken[origin] = f"plugin {origin}: importing it raised {type(error).__name__}: {error}"
        else:
            self.broken.pop(origin, None)
            return None
        return self.broken[origin]


def _origin(plugin: object) -> str:
    if isinstance(plugin, Function):
        return origins.SESSION
    named = plugin if isinstance(plugin, types.ModuleType | type) else type(plugin)
    return named.__name__


def _distribution(point: metadata.EntryPoint) -> str:
    if _built_in(point):
        # Installed in editable form, the metadata keep the version of then, while the sources have gone on.
        return f"nodesim {version}"
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


def _built_in(point: metadata.EntryPoint) -> bool:
    return point.value.startswith("nodesim_plugins.")


def _loading_order(point: metadata.EntryPoint) -> tuple[bool, str, str]:
    return (not _built_in(point), _distribution(point), point.name)


def _module_name(path: Path) -> str:
    return f"nodesim_plugin_{path.stem}"


def _run_file(path: Path) -> types.ModuleType:
    # Compiled here instead of imported: a file that was edited a moment ago is never taken from a byte-code cache.
    module = types.ModuleType(_module_name(path))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except BaseException:
        del sys.modules[module.__name__]
        raise
    return module
