"""The check of a loss: what its author runs before shipping, and what the built-in ones pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nodesim._arrays import Array
from nodesim.checks import formulas, native_forms
from nodesim.checks.differences import outside
from nodesim.checks.remarks import runs
from nodesim.checks.subject import Fault, Subject, near, report, with_out
from nodesim.functions import finite_differences
from nodesim.functions.contracts import Loss
from nodesim.functions.shapes import wrong_shape
from nodesim.plugins import lookup

_OUTPUTS, _SAMPLES = 3, 7


def check_loss(loss: Loss | str) -> str:
    """Check a loss: shapes, samples by themselves, the derivative, the formulas, and the native form.

    Parameters
    ----------
    loss : Loss or str
        The loss, or its name; with parameters as in "huber(delta=2)".

    Returns
    -------
    str
        How the compiled engine calculates it where it runs natively, about what that costs, and why it is not faster.

    Raises
    ------
    CheckError
        Saying what is wrong.
    UnknownNameError
        If no loss has that name.

    See Also
    --------
    nodesim.Loss : What a loss needs.
    nodesim.checks.check_activation : The same for an activation, in the same manner.
    nodesim.check_gradients : Compare the gradients of a network that uses it.

    Examples
    --------
    >>> import nodesim as ns
    >>> ns.checks.check_loss(ns.loss("mse")).startswith(("fused (about 1 ns a number)", "called as it is"))
    True
    """
    loss = lookup.loss(loss)
    target, output, far = _numbers(loss)
    plain = _Form(loss, loss.function, loss.derivative)
    checks = [
        lambda: plain.parts(target, output),
        lambda: plain.slopes(target, _outputs(loss, far), everywhere=loss.outputs is not None),
        lambda: formulas.loss(loss, target, output, *plain.called(target, output)),
    ]
    if loss.sum_function is None:
        forms, seen = [plain], output
    else:
        of_sums = _Form(loss, loss.sum_function, loss.sum_derivative)
        checks.append(lambda: of_sums.parts(target, far))
        checks.append(lambda: formulas.loss_of_sums(loss, target, far, of_sums.called(target, far)[1]))
        forms, seen = [plain, of_sums], far
    checks.append(lambda: native_forms.loss(loss, target, seen, *forms[-1].called(target, seen)))
    checks.append(lambda: with_out(forms[-1].slope, "the derivative", loss, target, seen))
    checks += [subject.dismissed for form in forms for subject in (form.function, form.derivative)]
    report(loss, *checks)
    return runs(loss)


def _numbers(loss: Loss) -> tuple[Array, Array, Array]:
    """Return targets, outputs, and sums of which some are far from the targets."""
    least, most = loss.targets or (0.0, 1.0)
    least = least if np.isfinite(least) else min(0.0, most - 1.0)
    width = most - least if np.isfinite(most) else 1.0
    generator, shape = np.random.default_rng(0), (_OUTPUTS, _SAMPLES)
    target = least + width * generator.uniform(0.05, 0.95, shape)
    return target, generator.uniform(0.05, 0.95, shape), generator.uniform(-6.0, 6.0, shape)


def _outputs(loss: Loss, sums: Array) -> Array:
    return sums if loss.outputs is None else lookup.activation(loss.outputs).function(sums)


class _Form:
    """A loss as a function of the outputs, or of their sums."""

    def __init__(self, loss: Loss, function: Any, derivative: Any) -> None:
        self.loss = loss
        self.function = Subject(function, "the function")
        self.derivative, self.slope = Subject(derivative, "the derivative"), derivative

    def called(self, target: Array, output: Array) -> tuple[Array, Array]:
        return self.function(target, output), self.derivative(target, output)

    def parts(self, target: Array, output: Array) -> Iterator[str]:
        errors, slopes = self.called(target, output)
        for call, found, shape in (
            (self.function, errors, output.shape[1:]),
            (self.derivative, slopes, output.shape),
        ):
            if found.shape != shape:
                raise Fault(f"{call.who} returns {wrong_shape(found.shape, output.shape, shape)}")
            if not np.isfinite(found).all():
                raise Fault(f"{call.who} returns {found[~np.isfinite(found)][0]}")
            _each_by_itself(call, found, target, output)
        self._fewest(target, output)
        yield from self.slopes(target, output)
        # At an exact fit some have a kink, and there what the author chose must lie between its sides.
        yield from self.slopes(target, target)

    def _fewest(self, target: Array, output: Array) -> None:
        part = slice(0, self.loss.least_outputs)
        for call, shape in ((self.function, (_SAMPLES,)), (self.derivative, output[part].shape)):
            found = call(target[part], output[part])
            if found.shape != shape:
                raise Fault(f"{call.who} returns {wrong_shape(found.shape, output[part].shape, shape)}")

    def slopes(self, target: Array, output: Array, *, everywhere: bool = True) -> Iterator[str]:
        """Say where the derivative is another one.

        Not everywhere means that these outputs may be none that the loss is meant for: there it may raise, not be
        finite, or have been made flat for them, with a slope that leads back.
        """
        with np.errstate(all="ignore"):
            try:
                slopes = self.derivative(target, output, shape=output.shape)
            except Fault:
                if everywhere:
                    raise
                return
        size = np.maximum(np.abs(output), np.abs(target)).max(axis=0)
        for row in range(len(output)):

            def along(numbers: Array, row: int = row) -> Array:
                moved = output.copy()
                moved[row] = numbers
                return self.function(target, moved)

            expected = finite_differences.slopes(along, output[row], size)
            flat = (expected.left == 0.0) & (expected.right == 0.0)
            found = slopes[row] if everywhere else np.where(flat, 0.0, slopes[row])
            wrong = outside(found, expected, output[row])
            if wrong is not None:
                place, said = wrong
                yield f"the derivative by output {row} is {slopes[row, place]:g}, finite differences give {said}"


def _each_by_itself(call: Subject, whole: Array, target: Array, output: Array) -> None:
    if not near(call(target, output), whole).all():
        raise Fault(f"{call.who} gives other numbers when it is called again with the same ones")
    # Engines hand over a batch in parts: what a sample adds must not depend on the others, nor on where it stands.
    some = [5, 2]
    part = call(target[:, some], output[:, some])
    if part.shape != whole[..., some].shape or not near(part, whole[..., some]).all():
        raise Fault(f"{call.who} gives a sample another number where other samples are beside it")
