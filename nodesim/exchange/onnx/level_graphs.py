"""A network as a graph of ONNX."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint
from nodesim.exchange.onnx import activations, aggregations
from nodesim.exchange.onnx.aggregations import Joining
from nodesim.exchange.onnx.groups import Group, Groups
from nodesim.functions.contracts import Activation
from nodesim.plugins import lookup
from nodesim.validation import shortened

INPUT, OUTPUT = "x", "y"
# What one message of protobuf may hold; a little is left for all that is no weight.
MOST_BYTES = 2**31 - 2**20
_IR_VERSION = 8


def model(onnx: Any, blueprint: Blueprint, dtype: str) -> Any:
    """Return a network as a model, without metadata.

    Raises
    ------
    ExchangeError
        For an activation without a formula, a number out of the range of `dtype`, or more numbers than a file holds.
    """
    return _Writer(onnx, blueprint, dtype).model()


class _Writer:
    """Collects nodes, initializers and functions."""

    def __init__(self, onnx: Any, blueprint: Blueprint, dtype: str) -> None:
        self.onnx, self.blueprint, self.dtype = onnx, blueprint, np.dtype(dtype)
        self.groups = Groups(blueprint)
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        # By the name and what is calculated; parameters are inputs.
        self.functions: dict[tuple[str, ...], Any] = {}
        self.tensors = [INPUT]

    def model(self) -> Any:
        """Return the whole."""
        size = self.groups.size * self.dtype.itemsize
        if size > MOST_BYTES:
            raise ExchangeError(
                f"its weights take {size:,} bytes as dense matrices, and an ONNX file holds {MOST_BYTES:,} at most."
            )
        for group in self.groups.all:
            self.tensors.append(self._calculated(group))
        self._end()
        helper, kind = self.onnx.helper, self.onnx.helper.np_dtype_to_tensor_dtype(self.dtype)
        ends = [
            [helper.make_tensor_value_info(name, kind, ["samples", len(rows)])]
            for name, rows in ((INPUT, self.groups.inputs), (OUTPUT, self.groups.outputs))
        ]
        graph = helper.make_graph(self.nodes, "network", *ends, self.initializers)
        domains = [helper.make_opsetid("", activations.OPSET)]
        if self.functions:
            domains.append(helper.make_opsetid(activations.DOMAIN, activations.OWN_OPSET))
        return helper.make_model(
            graph, opset_imports=domains, functions=list(self.functions.values()), ir_version=_IR_VERSION,
            producer_name="nodesim",
        )  # fmt: skip

    def _calculated(self, group: Group) -> str:
        sources = [self.tensors[number] for number in group.sources]
        before = sources[0] if len(sources) == 1 else self._do("Concat", sources, f"joined{group.number}", axis=1)
        if group.aggregation is not None:
            return self._activated(group, self._joined(group, before))
        sums = self._do("MatMul", [before, self._weights(group.matrix)], f"product{group.number}")
        for count, (row, part) in enumerate(group.biases, start=1):
            bias, constant = self._weights(part), self._constant(row)
            if constant != 1.0:
                given = self._number(f"constant{group.number}_{count}", constant, self._name(row))
                bias = self._do("Mul", [bias, given], f"times{group.number}_{count}")
            sums = self._do("Add", [sums, bias], f"shifted{group.number}_{count}")
        return self._activated(group, sums)

    def _joined(self, group: Group, before: str) -> str:
        """Return H of nodes that are no sums: what each contribution is, for all of them, and then all together."""
        weights, number = self._weights(group.matrix), group.number
        each = []
        for count, (row, columns) in enumerate(zip(group.constants, group.taken), start=1):
            name = f"{number}_{count}"
            place = self._store(f"place{name}", np.array(count - 1, dtype=np.int64))
            own = self._do("Gather", [weights, place], f"row{name}", axis=0)
            if row >= 0:
                factor = self._number(f"constant{name}", self._constant(row), self._name(row))
            else:
                taken = self._store(f"taken{name}", columns.astype(np.int64))
                factor = self._do("Gather", [before, taken], f"sent{name}", axis=1)
            each.append(self._do("Mul", [factor, own], f"contribution{name}"))
        if all(row >= 0 for row in group.constants):
            # Nothing comes from the inputs, and yet there is a row for each sample.
            none = self._store(f"none{number}", np.zeros((self.groups.widths[group.sources[0]], 1), dtype=self.dtype))
            rows = self._do("MatMul", [self.tensors[group.sources[0]], none], f"samples{number}")
            each[0] = self._do("Add", [each[0], rows], f"contribution{number}_0")
        assert group.aggregation is not None
        who = self._name(group.rows[0])
        return aggregations.joined(Joining(self._do, self._number, f"joined{number}"), group.aggregation, each, who)

    def _activated(self, group: Group, sums: str) -> str:
        function = group.activation
        operator = activations.operator_of(function)
        if operator is not None:
            return self._do(operator, [sums], f"activated{group.number}") if operator else sums
        own = self._function(function)
        parameters = [
            self._number(f"parameter{group.number}_{key}", value, f"{function.label}, its {key}")
            for key, value in function.parameters.items()
        ]
        return self._do(own, [sums, *parameters], f"activated{group.number}", domain=activations.DOMAIN)

    def _function(self, function: Activation) -> str:
        # Those of one key differ in the values of parameters, which are inputs.
        key = function.name, function.formula, function.origin, *function.parameters
        if key not in self.functions:
            name = self._free(function.name if function.name.isascii() and function.name.isidentifier() else "own")
            self.functions[key] = activations.function_of(self.onnx, function, name, str(self.dtype))
        return str(self.functions[key].name)

    def _free(self, name: str) -> str:
        taken = {made.name for made in self.functions.values()}
        names = itertools.chain([name], (f"{name}_{count}" for count in itertools.count(2)))
        return next(each for each in names if each not in taken)

    def _end(self) -> None:
        rows = self.groups.outputs
        owners = np.unique(self.groups.of[rows])
        tensors = [self.tensors[number] for number in owners.tolist()]
        found = tensors[0] if len(tensors) == 1 else self._do("Concat", tensors, "joined_outputs", axis=1)
        starts = np.concatenate([[0], np.cumsum(self.groups.widths[owners])])
        places = starts[np.searchsorted(owners, self.groups.of[rows])] + self.groups.column[rows]
        if not np.array_equal(places, np.arange(starts[-1])):
            self._store("outputs", places.astype(np.int64))
            found = self._do("Gather", [found, "outputs"], "gathered", axis=1)
        if lookup.loss(self.blueprint.loss).name == "softmax_cross_entropy":
            found = self._do("Softmax", [found], "probabilities", axis=1)
        self._do("Identity", [found], OUTPUT)

    def _do(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def _weights(self, part: Any) -> str:
        with np.errstate(over="ignore"):
            values = part.filled(self.blueprint.weights, str(self.dtype))
        if not np.isfinite(values).all():
            wrong = part.connections[~np.isfinite(values.flat[part.places])][0]
            ends = self.blueprint.sources[wrong], self.blueprint.targets[wrong]
            self._refuse(f"the weight of {' -> '.join(map(self._name, ends))}", self.blueprint.weights[wrong])
        return self._store(part.name, values)

    def _number(self, name: str, value: float, whose: str) -> str:
        with np.errstate(over="ignore"):
            array = np.array(value, dtype=self.dtype)
        if not np.isfinite(array):
            self._refuse(whose, value)
        return self._store(name, array)

    def _store(self, name: str, values: Array) -> str:
        self.initializers.append(self.onnx.numpy_helper.from_array(values, name))
        return name

    def _refuse(self, whose: str, value: float) -> None:
        raise ExchangeError(f"{whose}, {float(value)!r}, is out of the range of {self.dtype}.")

    def _name(self, row: Any) -> str:
        return shortened(self.blueprint.names[row])

    def _constant(self, row: int) -> float:
        value = self.blueprint.given[row]
        assert isinstance(value, float | int)
        return float(value)
