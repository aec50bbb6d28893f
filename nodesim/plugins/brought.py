"""What a plugin brings: its hooks are called, and all that is wrong with them is named."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import replace

import pluggy

from nodesim.errors import PluginError, suggestion
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer
from nodesim.functions.function import Function
from nodesim.functions.interruptions import of_signal
from nodesim.functions.regularizer import Regularizer
from nodesim.functions.schedule import LearningRateSchedule
from nodesim.plugins import hookspecs
from nodesim.validation import shortened

GROUP = "nodesim"
HOOKS: dict[str, type[Function]] = {
    "nodesim_activations": Activation,
    "nodesim_aggregations": Aggregation,
    "nodesim_losses": Loss,
    "nodesim_optimizers": Optimizer,
    "nodesim_initializers": Initializer,
    "nodesim_regularizers": Regularizer,
    "nodesim_schedules": LearningRateSchedule,
}


def functions_of(plugin: object, origin: str) -> Iterator[Function]:
    """Yield the functions of a plugin, or the one that it is.

    Parameters
    ----------
    plugin : module, object or Function
    origin : str
        Where it comes from, for messages and for the functions.

    Raises
    ------
    PluginError
        If it has no hooks or misspelt ones, or a hook raises or returns something else than functions.
    """
    if isinstance(plugin, Function):
        plugin = _carrier(plugin)
    if isinstance(plugin, type):
        raise PluginError(f"plugin {origin} is a class; register an object of it: nodesim.register({origin}()).")
    # A manager of its own for each plugin: what is wrong is the plugin's, and nothing is left behind.
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name=origin)
        manager.check_pending()
        implemented = [caller.name for caller in manager.get_hookcallers(plugin) or []]
    except pluggy.PluginValidationError as error:
        raise PluginError(f"plugin {origin}: {_misspelt(manager, plugin) or error}") from error
    except Exception as error:
        if of_signal(error):
            raise
        # Whatever the attributes of an object raise, which are read one by one.
        why = f"{type(error).__name__}: {shortened(str(error))}"
        raise PluginError(f"plugin {origin} cannot be searched for hooks: {why}.") from error
    unmarked = [hook for hook in HOOKS if hook not in implemented and callable(getattr(plugin, hook, None))]
    if unmarked:
        raise PluginError(f"plugin {origin}: mark {', '.join(unmarked)} with @nodesim.hookimpl.")
    if not implemented:
        raise PluginError(
            f"plugin {origin} has no hooks. Give it one of {', '.join(HOOKS)}, marked with @nodesim.hookimpl."
        )
    for hook, kind in HOOKS.items():
        yield from _checked(manager, hook, kind, origin)


def _checked(manager: pluggy.PluginManager, hook: str, kind: type[Function], origin: str) -> Iterator[Function]:
    try:
        results = getattr(manager.hook, hook)()
        alone = next((result for result in results if isinstance(result, Function)), None)
        functions = [] if alone is not None else [function for result in results for function in result]
    except Exception as error:
        if of_signal(error):
            raise
        raise PluginError(f"plugin {origin}: {hook}() failed with {type(error).__name__}: {error}") from error
    if alone is not None:
        raise PluginError(
            f"plugin {origin}: {hook}() returned {shortened(alone)}; it must return a list: return [{alone.name}]."
        )
    if not results and getattr(manager.hook, hook).get_hookimpls():
        raise PluginError(f"plugin {origin}: {hook}() returned nothing; it must return a list of its functions.")
    for function in functions:
        if not isinstance(function, kind):
            raise PluginError(
                f"plugin {origin}: {hook}() must return a list of nodesim.{kind.__name__} objects; "
                f"got {shortened(function)}."
            )
        yield replace(function, origin=origin)


def _misspelt(manager: pluggy.PluginManager, plugin: object) -> str:
    names = [caller.name for caller in manager.get_hookcallers(plugin) or [] if caller.name not in HOOKS]
    return " ".join(f"there is no hook {name!r}. {suggestion(name, HOOKS)}" for name in names)


def _carrier(function: Function) -> object:
    def implementation() -> list[Function]:
        return [function]

    module = types.ModuleType(function.name)
    hook = next(hook for hook, kind in HOOKS.items() if isinstance(function, kind))
    setattr(module, hook, hookspecs.hookimpl(implementation))
    return module
