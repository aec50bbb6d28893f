"""ONNX files, run by onnxruntime in double precision, or where that has no such operator, by ONNX's own evaluator.

What a file holds in single precision is widened: the same numbers, and every operator in doubles, are the exact oracle
for a network that reads them so. How the file as it was given lies from that is told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.programs.onnx_constants import passes_on, rounded
from nodesim.checks.programs.onnx_doubles import converted, needed
from nodesim.checks.programs.program import SINGLE, Allowed
from nodesim.errors import ExchangeError, MissingExtraError
from nodesim.exchange.onnx import graphs, opening
from nodesim.exchange.onnx.folding import folded
from nodesim.exchange.onnx.reading import Reading, reading
from nodesim.functions.contracts import Loss
from nodesim.validation import brief

# What a constant of single precision does to the outputs, and to their slopes.
_ROUNDED = 1e-6
# What torch's softplus leaves out.
_PASSED_ON = 1e-8


def program_of(other: Any) -> OnnxProgram:
    """Return the program that an ONNX file is.

    Parameters
    ----------
    other : path, bytes or onnx.ModelProto

    Raises
    ------
    MissingExtraError
        Without onnx and onnxruntime.
    FileError, ExchangeError
        As `nodesim.from_onnx`.
    """
    onnx = opening.imported()
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("running ONNX files needs the extra 'onnx': pip install 'nodesim[onnx]'.") from error
    return OnnxProgram(onnx, onnxruntime, reading(other))


class OnnxProgram:
    """A model of ONNX; see `nodesim.checks.programs.program.Program`.

    Parameters
    ----------
    onnx, onnxruntime : module
    read : Reading
        The model, and what it reads as.
    """

    def __init__(self, onnx: Any, onnxruntime: Any, read: Reading) -> None:
        self._onnx, self._runtime = onnx, onnxruntime
        self.blueprint = read.blueprint
        self.softmax = bool(read.ending.softmax)
        self.name = f"onnxruntime {onnxruntime.__version__}"
        self._model, self._input = read.opened.model, read.input
        self._wanted = read.ending.softmax or read.ending.output
        self._arrays = _arrays(read)
        self._rounded = rounded(onnx, self._model, self._arrays, read.blueprint)
        # Inside a network there is none.
        self._logarithms = self.softmax and any(
            node.op_type == "LogSoftmax" for node in needed(self._model.graph.node, self._wanted)
        )
        self._session = self._evaluator = None
        self._why = ""
        self._start()

    def _start(self) -> None:
        model = self._converted("float64", set(self.blueprint.origins.parameters))
        # Weights of nodes that do not lead to an output are no part of it.
        self._fed = {value.name for value in model.graph.input}
        try:
            self._session = self._opened(model)
        except Exception as error:
            # What onnxruntime raises has no class of its own for operators that it lacks.
            self._why = _reason(str(error))
            self._evaluator = _evaluator(self._onnx, model)
            self.name = f"onnx {self._onnx.__version__}"

    def _converted(self, dtype: str, changeable: set[str]) -> Any:
        return converted(self._onnx, self._model, self._arrays, self._wanted, dtype, changeable)

    def _opened(self, model: Any) -> Any:
        options = self._runtime.SessionOptions()
        # Small batches, thousands of times: a second thread only waits.
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        return self._runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def allowed(self, inputs: Array) -> Allowed:
        """Say how far it may be away: for constants that it has in single precision, and what torch's softplus is."""
        remarks = tuple(self._of_precision(inputs))
        if self._rounded:
            constants = ", ".join(self._rounded[:5])
            what = f"its constants are rounded to single precision ({constants}), those of the network not"
            return Allowed(_ROUNDED, _ROUNDED, (*remarks, what))
        if passes_on(self._model):
            what = "it passes on what is above 20 where a network's softplus is up to 2.1e-9 more"
            return Allowed(_PASSED_ON, _PASSED_ON, (*remarks, what))
        return Allowed(remarks=remarks)

    def _of_precision(self, inputs: Array) -> Iterator[str]:
        """Say who runs it in double precision, and how far away it is in single."""
        own = self.outputs(inputs, self.blueprint.weights)
        if self._evaluator is not None:
            yield (
                f"onnxruntime {self._runtime.__version__} cannot run it in double precision ({self._why}); ONNX's "
                "reference evaluator does, with Erf in doubles"
            )
        if self._evaluator is None and not self._is_single:
            return
        single = self._of_single(inputs)
        if single is None:
            yield "onnxruntime cannot run it in single precision either"
            return
        scale = max(float(np.abs(own).max(initial=0.0)), 1e-300)
        away = float(np.abs(single - own).max(initial=0.0)) / scale
        how = "as given, in single precision," if self._is_single else "in single precision"
        verdict = "" if away <= SINGLE else f", more than the {SINGLE:g} that single precision explains"
        yield f"{how} onnxruntime lies {away:.1e} of the largest output from it{verdict}"

    @property
    def _is_single(self) -> bool:
        values = [value for value in self._model.graph.input if value.name == self._input]
        return bool(values) and values[0].type.tensor_type.elem_type != self._onnx.TensorProto.DOUBLE

    def _of_single(self, inputs: Array) -> Array | None:
        try:
            session = self._opened(self._converted("float32", set()))
            (found,) = session.run(None, {self._input: self._shaped(inputs).astype(np.float32)})
        except Exception:
            return None
        return self._ended(np.asarray(found, dtype=float))

    def outputs(self, inputs: Array, weights: Array) -> Array:
        """Run it with the weights of the blueprint, or changed ones."""
        given = {self._input: self._shaped(np.asarray(inputs, dtype=float)), **self._changed(weights)}
        if self._session is not None:
            (found,) = self._session.run(None, given)
        else:
            assert self._evaluator is not None
            (found,) = self._evaluator.run(None, given)
        return self._ended(np.asarray(found, dtype=float))

    def _shaped(self, inputs: Array) -> Array:
        """Return samples in the shape that the file wants, as of pictures that it lays out itself."""
        (axes,) = (value.type.tensor_type.shape.dim for value in self._model.graph.input if value.name == self._input)
        return inputs.reshape(len(inputs), *(axis.dim_value for axis in axes[1:])) if len(axes) > 2 else inputs

    def _ended(self, found: Array) -> Array:
        found = found.reshape(len(found), -1)
        return np.exp(found) if self._logarithms else found

    def _changed(self, weights: Array) -> dict[str, Array]:
        """Return the arrays whose numbers are not those of the file."""
        origins, arrays = self.blueprint.origins, dict[str, Array]()
        changed = weights != self.blueprint.weights
        for number, (name, ours) in enumerate(zip(origins.parameters, origins.connections)):
            if name in self._fed and changed[ours].any():
                arrays[name] = self._arrays[name].copy()
                origins.put(number, arrays[name], weights)
        return arrays

    def judged(self, inputs: Array, targets: Array, loss: Loss) -> tuple[float, Array] | None:
        """Return None: onnxruntime only runs forward."""
        return None


def _reason(message: str) -> str:
    lacking = re.search(r"implementation for (\w+)\(", message)
    return f"it has no {lacking[1]} of doubles" if lacking else brief(message.rpartition(":")[2].strip(), 120)


def _arrays(read: Reading) -> dict[str, Array]:
    graph = graphs.graph_of(read.opened)
    constants = {name: graph.constant(name) for name in graph.initializers}
    for step in graph.steps:
        constant = folded(graph, step) if step.op == "Constant" else None
        if constant is not None and constant.name in read.blueprint.origins.parameters:
            constants[constant.name] = constant
    return {name: constant.values for name, constant in constants.items() if constant is not None}


def _evaluator(onnx: Any, model: Any) -> Any:
    from onnx.reference import ReferenceEvaluator
    from onnx.reference.op_run import OpRun

    erf = np.vectorize(math.erf, otypes=[float])

    class Erf(OpRun):  # type: ignore[misc]
        """The evaluator's own one is rounded to single precision."""

        def _run(self, x: Any) -> tuple[Any, ...]:
            return (erf(x) if x.size else x,)

    try:
        return ReferenceEvaluator(model, new_ops=[Erf])
    except Exception as error:
        raise ExchangeError(f"ONNX's reference evaluator cannot run it: {brief(str(error), 300)}") from error
