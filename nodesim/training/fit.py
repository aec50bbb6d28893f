"""FIT: from the arguments of `Network.fit` to a trained network, or to one that is as it was.

References
----------
Article, section 3, step 3.
"""

from __future__ import annotations

from typing import Any

from nodesim.engines.ctrl_c import CtrlC
from nodesim.errors import DataError
from nodesim.notation.symbols import plural
from nodesim.simulation.data_set import NamedSamples
from nodesim.simulation.simulator import Simulator
from nodesim.simulation.snapshot import Snapshot
from nodesim.training.following import go_back, marks
from nodesim.training.history import History
from nodesim.training.loop import Training
from nodesim.training.plan import Plan
from nodesim.training.rate_search import DescentTraining, EpochTraining
from nodesim.training.shown_history import follow
from nodesim.training.training_data import TrainingData


def fit(simulator: Simulator, x: Any, y: Any, validation_data: Any, plan: Plan) -> History:
    """Train as planned; see `Network.fit`. On any error but Ctrl-C, all is as before."""
    structure, store = simulator.structure, simulator.structure.store
    structure.lock.check_editable()
    before = Snapshot(simulator, settable=bool(plan.callbacks))
    history, training, ctrl_c, known = History(), None, CtrlC(), marks(plan.followers)
    # Plain assignments, here and in the end: where something is called Ctrl-C may come in, and leave the lock.
    structure.lock.reason = "it is being trained"
    try:
        try:
            ctrl_c.listen()
            simulator.learn_classes(x, y)
            data = TrainingData(simulator, x, y, looked_at=False)
            validation = None if validation_data is None else TrainingData(simulator, *pair_of(validation_data))
            training = kind_of(data, plan)(simulator, data, validation, plan, history)
            training.run(ctrl_c)
        except KeyboardInterrupt:
            history.stop_reason = f"interrupted after {plural(len(history), 'whole epoch')}"
            if training is not None:
                # What was done is told, also where it was interrupted while that was told.
                training.followers.end()
            else:
                before.restore()
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
    # Whoever kept what callbacks were shown has what is returned.
    shown = training.callbacks.shown
    if shown is not history:
        follow(shown, history, whole=True)
    return shown


def pair_of(validation_data: Any) -> Any:
    """Return validation data, or raise a `DataError` if they are no pair; a data set is one of its own."""
    if isinstance(validation_data, NamedSamples):
        return validation_data, None
    if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
        raise DataError(f"validation_data must be a pair (X, y) or a Dataset, got {type(validation_data).__name__}.")
    return validation_data


def kind_of(data: TrainingData, plan: Plan) -> type[Training]:
    """Return what trains as planned: by the learning rate that was given, or by a search for one."""
    if plan.learning_rate is not None:
        return Training
    at_once = plan.batch_size is None or plan.batch_size >= data.count
    return DescentTraining if at_once and plan.optimizer.start is None else EpochTraining
