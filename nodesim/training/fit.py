"""FIT: from the arguments of `Network.fit` to a trained network, or to one that is as it was.

References
----------
Article, section 3, step 3.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from nodesim.engines.ctrl_c import CtrlC
from nodesim.errors import ArgumentError, DataError
from nodesim.notation.symbols import plural
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.snapshot import Snapshot
from nodesim.training.following import go_back, marks
from nodesim.training.fused import SampleTraining
from nodesim.training.history import History
from nodesim.training.loop import Training
from nodesim.training.plan import Plan
from nodesim.training.rate_search import DescentTraining, EpochTraining
from nodesim.training.shown_history import follow
from nodesim.training.stream import StreamTraining, is_stream
from nodesim.training.training_data import TrainingData


def fit(simulator: Simulator, samples: Samples, plan: Plan) -> History:
    """Train as planned; see `Network.fit`. On any error but Ctrl-C, all is as before."""
    structure, store = simulator.structure, simulator.structure.store
    structure.lock.check_editable()
    before = Snapshot(simulator, settable=bool(plan.callbacks))
    history, ctrl_c, known = History(), CtrlC(), marks(plan.followers)
    training: Training | None = None
    # Plain assignments, here and in the end: where something is called Ctrl-C may come in, and leave the lock.
    structure.lock.reason = "it is being trained"
    try:
        try:
            ctrl_c.listen()
            training = samples.training(simulator, plan, history)
            training.run(ctrl_c)
        except KeyboardInterrupt:
            history.stop_reason = f"interrupted after {plural(len(history), 'whole epoch')}"
            if training is not None:
                # What was done is told, also where it was interrupted while that was told.
                training.followers.end()
            else:
                # Under the lock nothing can be set.
                structure.lock.reason = ""
                before.restore()
        kept = None if training is None else training.kept()
    except BaseException:
        structure.lock.reason = ""
        before.restore()
        go_back(plan.followers, known)
        raise
    finally:
        structure.lock.reason = ""
        ctrl_c.leave()
    store.changed()
    store.forget()
    if training is None:
        return history
    simulator.kept_training = kept
    # Whoever kept what callbacks were shown has what is returned.
    shown = training.callbacks.shown
    if shown is not history:
        follow(shown, history, whole=True)
    return shown


class Samples(NamedTuple):
    """What `Network.fit` was given to train and to validate with."""

    x: Any
    y: Any
    sample_weight: Any = None
    class_weight: Any = None
    validation_data: Any = None

    def training(self, simulator: Simulator, plan: Plan, history: History) -> Training:
        """Return what trains with them as planned.

        Raises
        ------
        DataError, ArgumentError, FunctionError
            If they do not fit the network, or both ways to validate are asked for.
        """
        if is_stream(self.x, self.y):
            if self.sample_weight is not None:
                raise ArgumentError("beside batches sample_weight stands in each of them: (X, y, sample_weight).")
            return StreamTraining(simulator, self.x, self.class_weight, self._validation(simulator), plan, history)
        simulator.learn_classes(self.x, self.y)
        validation = self._validation(simulator)
        # Where only some are trained with, samples have their numbers here alone.
        splits = plan.validation_split is not None
        data = TrainingData(simulator, self.x, self.y, self.sample_weight, self.class_weight, looked_at=splits)
        if plan.validation_split is not None:
            if validation is not None:
                raise ArgumentError("give validation_data or validation_split, not both.")
            data, validation = data.split(plan.validation_split)
        return kind_of(data, plan)(simulator, data, validation, plan, history)

    def _validation(self, simulator: Simulator) -> TrainingData | None:
        return None if self.validation_data is None else TrainingData(simulator, *some_of(self.validation_data))


def some_of(validation_data: Any, *, weighted: bool = True) -> Any:
    """Return validation data, or raise a `DataError` if they are no pair, nor, where they may be, one with weights.

    A data set is a pair of its own.
    """
    if isinstance(validation_data, NamedSamples):
        return validation_data, None
    is_one = isinstance(validation_data, tuple | list) and len(validation_data) in ((2, 3) if weighted else (2,))
    if not is_one:
        more = ", (X, y, sample_weight)" if weighted else ""
        kind = type(validation_data).__name__
        raise DataError(f"validation_data must be a pair (X, y){more} or a Dataset, got {kind}.")
    return validation_data


def kind_of(data: TrainingData, plan: Plan) -> type[SampleTraining]:
    """Return what trains as planned: by the learning rate that was given, or by a search for one."""
    if not plan.searches:
        return SampleTraining
    at_once = plan.batch_size is None or plan.batch_size >= data.count
    descends = at_once and plan.optimizer.start is None and plan.dropout is None
    return DescentTraining if descends else EpochTraining
