"""A module's forward as torch.fx traces it, walked through step by step."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import torch
import torch.fx

from nodesim.errors import ExchangeError
from nodesim.exchange.assembly import Assembly, Nodes, Sums
from nodesim.exchange.blueprint import Blueprint, loss_of
from nodesim.exchange.torch import graphs
from nodesim.exchange.torch.layers import Layers
from nodesim.exchange.torch.network_module import NetworkModule
from nodesim.exchange.torch.operations import Ended, Operations
from nodesim.exchange.torch.tensors import Names, called, check_plain, results_in
from nodesim.functions.interruptions import of_signal
from nodesim.plugins import lookup
from nodesim.showing import shown
from nodesim.validation import brief


def read(module: Any, loss: object) -> Blueprint:
    """Return a module as a blueprint.

    Raises
    ------
    ExchangeError
        Naming the part, or the function, that a network cannot be made of.
    """
    check_plain(module)
    return _Walk(module).blueprint(loss)


class _Tracer(torch.fx.Tracer):  # type: ignore[misc]
    """Goes into modules of users' own; what torch brings is a step."""

    # Else what is done with buffers is done while tracing, to the buffers themselves.
    proxy_buffer_attributes = True

    def is_leaf_module(self, m: Any, module_qualified_name: str) -> bool:
        return isinstance(m, NetworkModule) or super().is_leaf_module(m, module_qualified_name)


class _Walk:
    """A module on its way to a blueprint."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.alone = _Tracer().is_leaf_module(module, "")
        self.root = torch.nn.Sequential(module) if self.alone else _copied(module)
        self.graph = _traced(self.root, type(module).__name__)
        self.parts = dict(self.root.named_modules(remove_duplicate=False))
        self.assembly = Assembly(type(module).__name__)
        names = Names(module)
        self.layers, self.operations = Layers(self.assembly, names), Operations(self.assembly, names, module.training)
        self.values: dict[Any, Any] = {}

    def blueprint(self, loss: object) -> Blueprint:
        """Walk through all steps."""
        graphs.merge_patterns(self.graph, self.parts)
        graphs.check_in_place(self.graph, self.parts, self._who)
        uses, needed = graphs.uses(self.graph), graphs.needed(self.graph)
        self._check(needed)
        for node in self.graph.nodes:
            if node not in needed:
                continue
            if node.op == "output":
                return self._finished(node, loss)
            found = self._value(node)
            if isinstance(found, Ended) and any(user.op != "output" for user in node.users):
                raise ExchangeError(
                    f"{self._who(node)} stands inside: a network has a {found.kind} only at its very end, and leaves "
                    "it to the loss there."
                )
            # A weight stands for one connection: what is used more than once becomes nodes.
            self.values[node] = self.assembly.finished(found) if isinstance(found, Sums) and uses[node] > 1 else found
        raise ExchangeError(f"{self.assembly.program} returns nothing.")

    def _check(self, needed: set[Any]) -> None:
        """Refuse what nothing is known of, before anything else is said."""
        for node in self.graph.nodes:
            try:
                if node in needed and node.op == "call_module":
                    self.layers.check(self.parts[node.target])
                elif node in needed and node.op in ("call_function", "call_method"):
                    self.operations.check(node.target)
            except ExchangeError as error:
                raise ExchangeError(f"{self._who(node)}: {error}") from error

    def _value(self, node: Any) -> Any:
        if node.op == "placeholder":
            if self.values:
                # An option with a default, which stands where it is used.
                return None
            return self.assembly.inputs(graphs.width(self.graph, self.parts, self.root, self.assembly.program))
        arguments, options = torch.fx.node.map_arg((node.args, node.kwargs), self.values.__getitem__)
        try:
            if node.op == "get_attr":
                return self.operations.held(graphs.attribute(self.root, node.target))
            if node.op == "call_module":
                part = self.parts[node.target]
                return self.layers.passed(part, self._path(node), *arguments, **options)
            return self.operations.called(node.target, *arguments, **options)
        except (ExchangeError, TypeError, ValueError, RuntimeError, IndexError) as error:
            if isinstance(error, ExchangeError) and str(error).startswith(self.assembly.program):
                raise
            raise ExchangeError(f"{self._who(node)}: {brief(str(error), 300)}") from error

    def _path(self, node: Any) -> str:
        return "" if self.alone else str(node.target)

    def _who(self, node: Any) -> str:
        if node.op == "call_module":
            return called(self._path(node), self.parts[node.target])
        call = "" if node.op == "get_attr" else "()"
        return f"{self.assembly.program}: {shown(graphs.name_of(node))}{call}"

    def _finished(self, node: Any, loss: object) -> Blueprint:
        (given,) = node.args
        found = self.values.get(given) if isinstance(given, torch.fx.Node) else None
        columns, ending = (found.columns, found.kind) if isinstance(found, Ended) else (found, None)
        if not isinstance(columns, Nodes | Sums):
            what = shown(brief(str(given), 80))
            raise ExchangeError(f"{self.assembly.program} returns something else than one tensor of outputs: {what}.")
        last = graphs.behind_aliases(given.args[0] if ending == "squeeze" else given, self.parts)
        if ending in (None, "squeeze"):
            ending = "sigmoid" if graphs.curve_of(last, self.parts) == "sigmoid" else None
        blueprint = self.assembly.blueprint(columns, lookup.loss(loss_of(loss, ending)))
        _check_loss(blueprint, ending, self.assembly.program)
        return blueprint


def _copied(module: Any) -> Any:
    """Return a copy with the very same tensors: torch.fx, and forward() while it is traced, set attributes."""
    tensors = [*module.parameters(), *module.buffers()]
    try:
        return copy.deepcopy(module, results_in(module) | {id(tensor): tensor for tensor in tensors})
    except Exception as error:
        if of_signal(error):
            raise
        # Something else that it holds cannot be copied.
        return copy.copy(module)


def _traced(root: Any, name: str) -> Any:
    try:
        parameters = list(inspect.signature(root.forward).parameters.values())
    except (TypeError, ValueError) as error:
        raise ExchangeError(f"{name} has no forward() that can be looked at: {error}") from error
    more = {each.name: each.default for each in parameters[1:]}
    missing = [key for key, default in more.items() if default is inspect.Parameter.empty]
    if not parameters or missing or parameters[0].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        takes = ", ".join(each.name for each in parameters) or "nothing"
        raise ExchangeError(f"{name} takes {shown(takes)}; a network has one tensor of inputs.")
    try:
        return _Tracer().trace(root, concrete_args=more or None)
    except Exception as error:
        if of_signal(error):
            raise
        raise ExchangeError(f"the forward() of {name} cannot be traced: {brief(shown(str(error)), 250)}") from error


def _check_loss(blueprint: Blueprint, ending: str | None, program: str) -> None:
    """Refuse a loss that does not fit the outputs, or would make something else of a final softmax."""
    loss: Any = blueprint.loss
    outputs = list(_outputs(blueprint))
    if not outputs or "input" not in blueprint.kinds:
        raise ExchangeError(f"{program} has no inputs, or no outputs.")
    if ending in ("softmax", "log_softmax") and (loss.name != "softmax_cross_entropy" or len(outputs) < 2):
        raise ExchangeError(
            f"{program} ends with a softmax of {len(outputs)} outputs. Here it belongs to the loss "
            f"softmax_cross_entropy, of 2 outputs or more; got {loss.name}."
        )
    if len(outputs) < loss.least_outputs or (loss.outputs and any(f.name != loss.outputs for f in outputs)):
        raise ExchangeError(
            f"{program} does not end as the loss {loss.name} needs it: {loss.least_outputs} outputs or more, "
            f"{loss.outputs or 'any activation'}; got {len(outputs)}, {', '.join(dict.fromkeys(map(str, outputs)))}."
        )


def _outputs(blueprint: Blueprint) -> Iterator[Any]:
    return (given for given, kind in zip(blueprint.given, blueprint.kinds) if kind == "output")
