"""The functions of this process, by name: look-up, and registration of plugins."""

from __future__ import annotations

from pathlib import Path

from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer
from nodesim.plugins.registry import Registry

default = Registry()


def register(plugin: object) -> None:
    """Make a plugin's functions usable by name in this process.

    Parameters
    ----------
    plugin : module, object, Activation, Loss, Optimizer or Initializer
        Something with hook implementations (see `nodesim.plugins.hookspecs`), or one function by itself.

    Raises
    ------
    PluginError
        If anything is wrong with it; then nothing of it is registered.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.register(ns.Activation("square_example", lambda z: z * z, lambda z, a: 2 * z))
    >>> ns.Network().add_hidden("H1", activation="square_example")
    <Node H1 (hidden, square_example)>
    >>> ns.unregister("square_example")
    """
    default.register(plugin)


def unregister(name: str, kind: str | None = None) -> None:
    """Forget the function registered under a name; see `Registry.unregister`.

    Parameters
    ----------
    name : str
    kind : {"activation", "loss", "optimizer", "initializer"}, optional
        Only needed where functions of several kinds have the name.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no function of that name, or there are several.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.register(ns.Activation("short_lived", lambda z: z, lambda z, a: 1 + 0 * z))
    >>> ns.unregister("short_lived")
    """
    default.unregister(name, kind)


def load_plugins(directory: str | Path) -> None:
    """Register every Python file of a directory; see `Registry.load_directory`.

    Raises
    ------
    PluginError
        If there is no such directory, or naming the files that could not be loaded; the others are.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.load_plugins("no/such/directory")
    Traceback (most recent call last):
    nodesim.errors.PluginError: no plugins directory 'no/such/directory'.
    """
    default.load_directory(directory)


def activation(name: object, **parameters: float) -> Activation:
    """Look up an activation by name, with other values of its parameters if given.

    Raises
    ------
    UnknownNameError
        If no plugin brought that name.
    FunctionError
        For parameters that it does not have.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.activation("leaky_relu", slope=0.2)
    <activation leaky_relu(slope=0.2)>
    """
    return default.find(Activation, name).with_parameters(**parameters)


def loss(name: object, **parameters: float) -> Loss:
    """Look up a loss by name; parameters and errors as for `activation`.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.loss("huber", delta=2)
    <loss huber(delta=2)>
    """
    return default.find(Loss, name).with_parameters(**parameters)


def optimizer(name: object, **parameters: float) -> Optimizer:
    """Look up an optimizer by name; parameters and errors as for `activation`.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.optimizer("momentum", momentum=0.5)
    <optimizer momentum(momentum=0.5)>
    """
    return default.find(Optimizer, name).with_parameters(**parameters)


def initializer(name: object, **parameters: float) -> Initializer:
    """Look up an initializer by name; parameters and errors as for `activation`.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.initializer("normal", std=0.1)
    <initializer normal(mean=0, std=0.1)>
    """
    return default.find(Initializer, name).with_parameters(**parameters)
