"""Modules of torch, run by torch itself, with gradients by its own autograd."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks.programs.program import DOUBLE, Allowed
from nodesim.errors import ExchangeError
from nodesim.exchange.blueprint import Blueprint
from nodesim.functions.contracts import Loss

_WIDER = 1e-7
# torch's binary cross entropy cuts its slopes off where p (1 - p) is below this.
_CUT_OFF = 1e-12


def program_of(module: Any) -> TorchProgram:
    """Return a module, or the network of a file, as a program.

    Parameters
    ----------
    module : torch.nn.Module or path
        As `nodesim.from_torch` takes them.

    Raises
    ------
    MissingExtraError, ExchangeError, FileError
        As `nodesim.from_torch` does.
    """
    from nodesim.exchange.torch import reading
    from nodesim.exchange.torch.network_module import NetworkModule

    module = reading.uncompiled(module)
    blueprint = reading.read(module, None)
    return TorchProgram(
        NetworkModule(blueprint) if isinstance(module, str | bytes | os.PathLike) else module, blueprint
    )


class TorchProgram:
    """A module in double precision and in evaluation, whose weights can be exchanged.

    Parameters
    ----------
    module : torch.nn.Module
        It stays as it is.
    blueprint : Blueprint
        What it reads as.
    """

    def __init__(self, module: Any, blueprint: Blueprint) -> None:
        import torch

        from nodesim.exchange.torch.tensors import results_in

        self.name = f"torch {torch.__version__}"
        self.blueprint = blueprint
        self._torch: Any = torch
        try:
            # A user's inference_mode would make copies that can have no gradient.
            with torch.inference_mode(False):
                self._given = copy.deepcopy(module, results_in(module)).eval()
                self._module = copy.deepcopy(module, results_in(module)).double().eval()
        except Exception as error:
            raise ExchangeError(f"{type(module).__name__} cannot be copied: {error}") from error
        held = dict(self._module.named_parameters(remove_duplicate=False)) | dict(self._module.named_buffers())
        origins = blueprint.origins
        self._tensors = [held[name] for name in origins.parameters]
        self._ending = self._found_ending()
        self.softmax = self._ending != ""

    def _found_ending(self) -> str:
        """Tell which kind of softmax it ends with: probabilities add up to 1, their logarithms are below 0."""
        if getattr(self.blueprint.loss, "name", "") != "softmax_cross_entropy" or _is_own(self._module):
            return ""
        with self._torch.no_grad():
            outputs = self._run(np.zeros((1, self.blueprint.kinds.count("input"))))
        return "softmax" if bool((outputs >= 0).all()) else "log_softmax"

    def allowed(self, inputs: Array) -> Allowed:
        """Say how far it may be away, for what torch itself rounds, and how it runs as it was given."""
        with _watched(self._torch) as seen, self._torch.no_grad():
            widened = self._run(inputs)
        remarks, outputs, gradients = [], DOUBLE, DOUBLE
        if seen["softplus"]:
            outputs = gradients = _WIDER
            remarks.append("torch's softplus is linear above 20: 2e-9 off, in value and slope.")
        if seen["hardsigmoid"]:
            gradients = _WIDER * seen["hardsigmoid"]
            remarks.append("torch's hardsigmoid has 1/6 in single precision as its slope: 5e-9 off.")
        if getattr(self.blueprint.loss, "name", self.blueprint.loss) == "binary_cross_entropy" and bool(
            (widened * (1.0 - widened) <= _CUT_OFF).any()
        ):
            remarks.append("torch's binary_cross_entropy is cut off where p (1 - p) < 1e-12; e is made of p by itself.")
        return Allowed(outputs, gradients, (*remarks, *self._as_given(inputs, widened)))

    def _as_given(self, inputs: Array, widened: Any) -> list[str]:
        short = {t.dtype for t in self._given.parameters() if t.is_floating_point()} - {self._torch.float64}
        if not short:
            return []
        kind = sorted(str(each).removeprefix("torch.") for each in short)[0]
        try:
            with self._torch.no_grad():
                outputs = self._given(self._torch.tensor(inputs, dtype=getattr(self._torch, kind))).double()
        except Exception as error:
            return [f"As it is given, in {kind}, it does not run: {type(error).__name__}."]
        distance = float((outputs.reshape(widened.shape) - widened).abs().max()) if widened.numel() else 0.0
        return [f"As it is given, in {kind}, its outputs lie within {distance:.1e} of those in double precision."]

    def outputs(self, inputs: Array, weights: Array) -> Array:
        """Run it; logarithms of probabilities come out as these."""
        with self._torch.no_grad():
            self._put(weights)
            found = self._run(inputs)
            return np.asarray((found.exp() if self._ending == "log_softmax" else found).numpy())

    def judged(self, inputs: Array, targets: Array, loss: Loss) -> tuple[float, Array] | None:
        """Return e and its gradient by each weight, by torch's own losses and autograd.

        NaN for weights that are none of the module's numbers: torch has no gradient of them.
        """
        if loss.name not in _LOSSES:
            return None
        with self._torch.no_grad():
            self._put(self.blueprint.weights)
        for tensor in self._tensors:
            tensor.requires_grad_(True)
        with self._torch.inference_mode(False), self._torch.enable_grad():
            e = self._error(self._run(inputs), self._torch.tensor(targets, dtype=self._torch.float64), loss)
        return float(e.detach()), self.blueprint.origins.gradients(self._differentiated(e))

    def _differentiated(self, e: Any) -> list[Array]:
        found: Any = [None] * len(self._tensors)
        if e.requires_grad and self._tensors:
            found = self._torch.autograd.grad(e, self._tensors, allow_unused=True)
        # What e does not depend on has no gradient there.
        both = zip(found, self._tensors)
        return [np.zeros(tensor.shape) if each is None else each.detach().numpy() for each, tensor in both]

    def _error(self, outputs: Any, targets: Any, loss: Loss) -> Any:
        functional = self._torch.nn.functional
        if loss.name != "softmax_cross_entropy":
            return _LOSSES[loss.name](functional, outputs, targets, **loss.parameters)
        if self._ending:
            shares = _share(targets, outputs) if self._ending == "softmax" else targets * outputs
            return -shares.sum(dim=1).mean()
        return functional.cross_entropy(outputs, targets)

    def _run(self, inputs: Array) -> Any:
        # A module may have squeezed its one output.
        return self._module(self._torch.tensor(inputs, dtype=self._torch.float64)).reshape(len(inputs), -1)

    def _put(self, weights: Array) -> None:
        for number, tensor in enumerate(self._tensors):
            numbers = np.array(tensor.detach().numpy())
            self.blueprint.origins.put(number, numbers, weights)
            tensor.detach().copy_(self._torch.from_numpy(numbers))


_LOSSES: dict[str, Any] = {
    "mse": lambda functional, outputs, targets: functional.mse_loss(outputs, targets),
    "mae": lambda functional, outputs, targets: functional.l1_loss(outputs, targets),
    "huber": lambda functional, outputs, targets, delta: functional.huber_loss(outputs, targets, delta=delta),
    "half_squared_error": lambda functional, outputs, targets: ((outputs - targets) ** 2).sum(dim=1).mean() / 2,
    "binary_cross_entropy": lambda functional, outputs, targets: _binary_cross_entropy(functional, outputs, targets),
    "softmax_cross_entropy": None,
}


def _binary_cross_entropy(functional: Any, p: Any, targets: Any) -> Any:
    if bool((p * (1.0 - p) > _CUT_OFF).all()):
        return functional.binary_cross_entropy(p, targets)
    return -(_share(targets, p) + _share(1.0 - targets, 1.0 - p)).mean()


def _share(targets: Any, p: Any) -> Any:
    """Return targets · log p, which is 0 where the target is, whatever p."""
    return targets * p.where(targets > 0, 1.0).log()


def _is_own(module: Any) -> bool:
    from nodesim.exchange.torch.network_module import NetworkModule

    return isinstance(module, NetworkModule)


@contextmanager
def _watched(torch: Any) -> Iterator[dict[str, int]]:
    """Count the calls in which torch itself is off: softplus with numbers above 20, and hardsigmoid."""
    seen = {"softplus": 0, "hardsigmoid": 0}
    functional = torch.nn.functional

    class Watch(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            options = kwargs or {}
            if function is functional.softplus:
                x = args[0] if args else options["input"]
                beta = args[1] if len(args) > 1 else options.get("beta", 1)
                seen["softplus"] += bool((x * beta > 20).any())
            elif function is functional.hardsigmoid:
                seen["hardsigmoid"] += 1
            return function(*args, **options)

    with Watch():
        yield seen
