"""The functions of this process, by name: look-up, and registration of plugins."""

from __future__ import annotations

import copyreg
import inspect
from numbers import Real
from pathlib import Path
from typing import Any

from nodesim._version import version
from nodesim.errors import FunctionError, NodesimError, UnknownNameError
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer
from nodesim.functions.function import Formulated, Function
from nodesim.functions.regularizer import Regularizer
from nodesim.functions.schedule import LearningRateSchedule
from nodesim.plugins.brought import HOOKS
from nodesim.plugins.registry import Registry
from nodesim.plugins.spelling import made_of_formula
from nodesim.validation import shortened

default = Registry()


def register(plugin: object) -> None:
    """Make a plugin's functions usable by name in this process.

    Parameters
    ----------
    plugin : module, object, Activation, Aggregation, Loss, Optimizer, Initializer, Regularizer or LearningRateSchedule
        Something with hook implementations (see `nodesim.plugins.hookspecs`), or one function by itself.

    Raises
    ------
    PluginError
        If anything is wrong with it; then nothing of it is registered.

    See Also
    --------
    nodesim.unregister : Forget a function.
    nodesim.load_plugins : Register every file of a directory.
    nodesim.Activation : One of the functions that can be registered.
    nodesim.checks.check_activation : Check a function before others use it.

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
    """Forget the function registered under a name.

    Networks that use it keep it. Meant for notebooks, where a cell that registers is run again.

    Parameters
    ----------
    name : str
        Under which it was registered; not an alias.
    kind : {"activation", "aggregation", "loss", "optimizer", "initializer", "regularizer", "schedule"}, optional
        Only needed where functions of several kinds have the name.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no function of that name, or there are several.

    See Also
    --------
    nodesim.register : Make a function usable by name.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.register(ns.Activation("short_lived", lambda z: z, lambda z, a: 1 + 0 * z))
    >>> ns.unregister("short_lived")
    """
    default.unregister(name, kind)


def load_plugins(directory: str | Path) -> None:
    """Register every Python file of a directory whose name does not start with an underscore.

    A file that was loaded before is read again, and takes the place of what it was.

    Parameters
    ----------
    directory : str or path-like
        Where the files are.

    Raises
    ------
    PluginError
        If there is no such directory, or naming the files that could not be loaded; the others are.

    See Also
    --------
    nodesim.register : Register a module or an object.
    nodesim.activation : Look up what a plugin brought.

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

    Parameters
    ----------
    name : str or Activation
        A name, a name with parameters as in "leaky_relu(slope=0.2)", or an activation itself.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    Activation
        To be called with weighted sums, or handed to `Network.add_hidden`.

    Raises
    ------
    UnknownNameError
        If no plugin brought that name; the message suggests the nearest.
    ArgumentTypeError
        If it is neither a name nor an activation.
    FunctionError
        For parameters that it does not have.

    See Also
    --------
    nodesim.loss, nodesim.optimizer, nodesim.initializer, nodesim.regularizer, nodesim.schedule : The other kinds.
    nodesim.Activation : Make one of your own.
    nodesim.register : Make it usable by name.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.activation("leaky_relu", slope=0.2)
    <activation leaky_relu(slope=0.2)>
    """
    return default.find(Activation, name).with_parameters(**parameters)


def loss(name: object, **parameters: float) -> Loss:
    """Look up a loss by name, with other values of its parameters if given.

    Parameters
    ----------
    name : str or Loss
        A name, a name with parameters as in "huber(delta=2)", or a loss itself.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    Loss
        To be handed to `Network`.

    Raises
    ------
    UnknownNameError, ArgumentTypeError, FunctionError
        As for `activation`.

    See Also
    --------
    nodesim.activation : Look up an activation.
    nodesim.Loss : Make one of your own.
    Network.loss : The loss of a network, to be read and set.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.loss("huber", delta=2)
    <loss huber(delta=2)>
    """
    return default.find(Loss, name).with_parameters(**parameters)


def optimizer(name: object, **parameters: float) -> Optimizer:
    """Look up an optimizer by name, with other values of its parameters if given.

    Parameters
    ----------
    name : str or Optimizer
        A name, a name with parameters as in "momentum(momentum=0.5)", or an optimizer itself.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    Optimizer
        To be handed to `Network.update` or `Network.fit`.

    Raises
    ------
    UnknownNameError, ArgumentTypeError, FunctionError
        As for `activation`.

    See Also
    --------
    nodesim.activation : Look up an activation.
    nodesim.Optimizer : Make one of your own.
    Network.fit : Train with it.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.optimizer("momentum", momentum=0.5)
    <optimizer momentum(momentum=0.5)>
    """
    return default.find(Optimizer, name).with_parameters(**parameters)


def initializer(name: object, **parameters: float) -> Initializer:
    """Look up an initializer by name, with other values of its parameters if given.

    Parameters
    ----------
    name : str or Initializer
        A name, a name with parameters as in "normal(std=0.1)", or an initializer itself.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    Initializer
        To be handed to `Network` or `Network.initialize`.

    Raises
    ------
    UnknownNameError, ArgumentTypeError, FunctionError
        As for `activation`.

    See Also
    --------
    nodesim.activation : Look up an activation.
    nodesim.Initializer : Make one of your own.
    Network.initialize : Draw all weights anew with it.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.initializer("normal", std=0.1)
    <initializer normal(mean=0, std=0.1)>
    """
    return default.find(Initializer, name).with_parameters(**parameters)


def regularizer(name: object, **parameters: float) -> Regularizer:
    """Look up a regularizer by name, with other values of its parameters if given.

    Parameters
    ----------
    name : str or Regularizer
        A name, a name with parameters as in "l2(strength=0.1)", or a regularizer itself.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    Regularizer
        To be called with weights, or handed to a training.

    Raises
    ------
    UnknownNameError, ArgumentTypeError, FunctionError
        As for `activation`.

    See Also
    --------
    nodesim.activation : Look up an activation.
    nodesim.Regularizer : Make one of your own.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.regularizer("elastic_net", l1=0.5)
    <regularizer elastic_net(l1=0.5, l2=0.01)>
    """
    return default.find(Regularizer, name).with_parameters(**parameters)


def aggregation(name: object, **parameters: float) -> Aggregation:
    """Look up an aggregation by name, with other values of its parameters if given.

    Parameters
    ----------
    name : str or Aggregation
        A name, a name with parameters in brackets, or an aggregation itself.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    Aggregation
        To be used by nodes: what makes H of what comes in.

    Raises
    ------
    UnknownNameError, ArgumentTypeError, FunctionError
        As for `activation`.

    See Also
    --------
    nodesim.activation : Look up an activation.
    nodesim.Aggregation : Make one of your own.
    Network.add_hidden : Add a node with an aggregation of its own.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.aggregation("product")([2.0, 3.0, 4.0])
    np.float64(24.0)
    """
    return default.find(Aggregation, name).with_parameters(**parameters)


def schedule(name: object, **parameters: float) -> LearningRateSchedule:
    """Look up a schedule of learning rates by name, with other values of its parameters if given.

    Parameters
    ----------
    name : str, LearningRateSchedule, float or callable
        A name, a name with parameters as in "cosine(rate=0.5, epochs=200)", or a schedule itself. A number stands for
        the schedule "constant" with that rate; a callable, which takes the number of an epoch and returns its rate, for
        the schedule that it makes.
    **parameters : float
        Values of its parameters, instead of its own.

    Returns
    -------
    LearningRateSchedule
        To be asked for the rate of an epoch, or handed to a training.

    Raises
    ------
    UnknownNameError, ArgumentTypeError, FunctionError
        As for `activation`.

    See Also
    --------
    nodesim.activation : Look up an activation.
    nodesim.LearningRateSchedule : Make one of your own.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.schedule("exponential", rate=0.5).rate(2)
    0.495
    >>> ns.schedule(0.3).rate(7), ns.schedule(lambda epoch: 1 / epoch).rate(4)
    (0.3, 0.25)
    """
    if isinstance(name, Real) and not isinstance(name, bool):
        rate: Any = name
        return default.find(LearningRateSchedule, "constant").with_parameters(**{"rate": rate, **parameters})
    if callable(name) and not isinstance(name, Function | type):
        called: Any = name if inspect.isroutine(name) else type(name)
        return LearningRateSchedule(called.__name__, name).with_parameters(**parameters)
    return default.find(LearningRateSchedule, name).with_parameters(**parameters)


def specification(function: Function) -> str | dict[str, Any]:
    """Return plain data from which the same function is found again, in this process and others.

    Of a function that nodesim does not bring it names the plugin, and has the formula where that is all there is to it.

    Raises
    ------
    FunctionError
        If it is not registered, or another function is registered under its name.
    """
    given = function.specification
    try:
        known = default.find(type(function), given)
    except NodesimError as error:
        if (described := _by_formula(function)) is not None:
            return described
        raise FunctionError(_cannot_be_kept(function, error)) from error
    if known == function and known.origin in ("", f"nodesim {version}"):
        return given
    described = _by_formula(function)
    if known == function:
        return {**(described or _mapping(given)), "from": known.origin}
    if described is not None:
        return described
    raise FunctionError(
        f"{function.label} cannot be kept in a file: another {function.kind} is registered under its name. "
        f"Register it: nodesim.register(...)."
    )


def _cannot_be_kept(function: Function, error: NodesimError) -> str:
    unknown = isinstance(error, UnknownNameError)
    # Which names there are is of no use to who has the function already.
    why = f"no {function.kind} named {shortened(function.name)} is registered." if unknown else str(error)
    formula = ", or write it as a formula" if isinstance(function, Formulated) else ""
    return (
        f"{function.label} cannot be kept in a file: {why} Files, pickles and other processes, as of n_jobs, know "
        f"functions by name: register it in a module, by nodesim.register(...){formula}."
    )


def _mapping(given: str | dict[str, Any]) -> dict[str, Any]:
    return {"name": given} if isinstance(given, str) else given


def _by_formula(function: Function) -> dict[str, Any] | None:
    """Return the name, the formula and the parameters of a function, if that is all there is to it."""
    if not isinstance(function, Formulated) or not function.formula:
        return None
    try:
        twin = made_of_formula(type(function), function.name, function.formula, function.parameters)
    except FunctionError:
        return None
    if not function.says_the_same(twin):
        return None
    return {**_mapping(function.specification), "formula": function.formula}


def _reduced(function: Function) -> tuple[Any, ...]:
    # Pickled, a function is its name and its parameters, as in the files of networks.
    return _found, (type(function), specification(function))


def _found(kind: type[Function], specification: object) -> Function:
    return default.find(kind, specification)


for _kind in HOOKS.values():
    copyreg.pickle(_kind, _reduced)
