"""The hooks that a plugin may implement: one for each kind of thing that has a name and can be swapped.

A plugin is any module or object with one or more of these functions, each marked with `nodesim.hookimpl`.
Hand it to `nodesim.register`, put it into a directory for ``--plugins-dir``, or ship it with an entry point
in the group ``nodesim``. The built-in functions come in through the same hooks.

Examples
--------
>>> import nodesim as ns
>>> class Cubic:
...     @ns.hookimpl
...     def nodesim_activations(self):
...         return [ns.Activation("cubic_example", lambda z: z**3, lambda z, a: 3 * z**2, formula="z ** 3")]
>>> ns.register(Cubic())
>>> ns.activation("cubic_example")
<activation cubic_example>
>>> ns.unregister("cubic_example")
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer
from nodesim.functions.regularizer import Regularizer
from nodesim.functions.schedule import LearningRateSchedule

hookspec = pluggy.HookspecMarker("nodesim")
hookimpl = pluggy.HookimplMarker("nodesim")


@hookspec
def nodesim_activations() -> Iterable[Activation]:  # type: ignore[empty-body]
    """Return the activations that the plugin adds.

    Called once, when the plugin is registered. Names must be free; a name that is taken refuses the
    whole plugin.

    Returns
    -------
    iterable of Activation
        Each is found by its name and its aliases.
    """


@hookspec
def nodesim_losses() -> Iterable[Loss]:  # type: ignore[empty-body]
    """Return the losses that the plugin adds; called once, when the plugin is registered.

    Returns
    -------
    iterable of Loss
        Each is found by its name and its aliases.
    """


@hookspec
def nodesim_optimizers() -> Iterable[Optimizer]:  # type: ignore[empty-body]
    """Return the optimizers that the plugin adds; called once, when the plugin is registered.

    Returns
    -------
    iterable of Optimizer
        Each is found by its name and its aliases.
    """


@hookspec
def nodesim_initializers() -> Iterable[Initializer]:  # type: ignore[empty-body]
    """Return the initializers that the plugin adds; called once, when the plugin is registered.

    Returns
    -------
    iterable of Initializer
        Each is found by its name and its aliases.
    """


@hookspec
def nodesim_regularizers() -> Iterable[Regularizer]:  # type: ignore[empty-body]
    """Return the regularizers that the plugin adds; called once, when the plugin is registered.

    Returns
    -------
    iterable of Regularizer
        Each is found by its name and its aliases.
    """


@hookspec
def nodesim_schedules() -> Iterable[LearningRateSchedule]:  # type: ignore[empty-body]
    """Return the schedules of learning rates that the plugin adds; called once, when the plugin is registered.

    Returns
    -------
    iterable of LearningRateSchedule
        Each is found by its name and its aliases.
    """


@hookspec
def nodesim_aggregations() -> Iterable[Aggregation]:  # type: ignore[empty-body]
    """Return the aggregations that the plugin adds; called once, when the plugin is registered.

    Returns
    -------
    iterable of Aggregation
        Each is found by its name and its aliases.
    """
