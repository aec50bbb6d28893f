"""nodesim: the microscope for feed-forward networks.

Every node, bias and connection is an object you can hold. Assemble a network node by node, run it, train it,
and ask of any weight which paths feed its gradient. Names are those of the article: H is a weighted sum (or
another aggregation of what comes in), HA its activation, O and OA those of an output, W a weight, e the error;
gradients and e are means over the samples.

See Also
--------
Network : Assemble, run, train, explain, draw, explore and save a network.
GradientPaths : What `Network.paths` returns: the paths that feed one gradient.
Derivation : What `Network.derivation` returns: the same as a formula.
check_gradients : Compare backpropagation with path sums and finite differences.
doctor : Say whether somebody's numbers are right, and which mistakes made them if not.
sweep : Train many networks in one call.
register : Add an activation, a loss, an optimizer or another function of your own.
datasets : Samples to learn from.
exercises : Sheets for pen and paper, with their keys.
figures : The figures of the article.

References
----------
Beqari, E., "A Very Basic Introduction to Feed-Forward Neural Networks" (DZone, 2018).

Examples
--------
>>> import nodesim as ns
>>> net = ns.Network.layered([2, 2, 2], seed=0)
>>> _, _ = net.forward([0.05, 0.1]), net.backward([0.01, 0.99])
>>> net.paths("W1").count
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodesim import _loading as _loading  # before all that takes time
from nodesim._version import version as __version__
from nodesim.errors import (
    ArgumentError,
    ArgumentTypeError,
    CheckError,
    CycleError,
    DataError,
    ExchangeError,
    FileError,
    FrozenGraphError,
    FunctionError,
    KeyTypeError,
    MissingExtraError,
    NodesimError,
    NonFiniteError,
    PluginError,
    PluginWarning,
    PositionError,
    StaleElementError,
    StateError,
    StructureError,
    TooManyPathsError,
    UnknownNameError,
    WorkerError,
)
from nodesim.functions.aggregation import Aggregation
from nodesim.functions.contracts import Activation, Initializer, Loss, Optimizer
from nodesim.functions.regularizer import Regularizer
from nodesim.functions.schedule import LearningRateSchedule
from nodesim.graph.elements import Bias, Connection, Layer, Node
from nodesim.graph.ties import Tie
from nodesim.network import Network, load
from nodesim.plugins.hookspecs import hookimpl
from nodesim.plugins.lookup import (
    activation,
    aggregation,
    initializer,
    load_plugins,
    loss,
    optimizer,
    register,
    regularizer,
    schedule,
    unregister,
)

if TYPE_CHECKING:
    from nodesim import checks as checks
    from nodesim import datasets as datasets
    from nodesim import exercises as exercises
    from nodesim.analysis.dead_weights import DeadWeights as DeadWeights
    from nodesim.analysis.diagnosis import Diagnosis as Diagnosis
    from nodesim.analysis.path_counts import PathCounts as PathCounts
    from nodesim.article import figures as figures
    from nodesim.attribution.attribution import Attribution as Attribution
    from nodesim.checks import GradientReport as GradientReport
    from nodesim.checks import check_gradients as check_gradients
    from nodesim.curvature.hessian import Hessian as Hessian
    from nodesim.curvature.hessian import SecondDerivative as SecondDerivative
    from nodesim.curvature.meeting_table import Meeting as Meeting
    from nodesim.curvature.meeting_table import Meetings as Meetings
    from nodesim.datasets import Dataset as Dataset
    from nodesim.derivation import Derivation as Derivation
    from nodesim.derivation.comparison import DerivationComparison as DerivationComparison
    from nodesim.derivation.operations import Operations as Operations
    from nodesim.derivation.steps import Step as Step
    from nodesim.drawing.svg import Drawing as Drawing
    from nodesim.evolution import Evolution as Evolution
    from nodesim.evolution import Generation as Generation
    from nodesim.evolution import evolve as evolve
    from nodesim.exact import ExactRun as ExactRun
    from nodesim.exact.expression import ExactExpression as ExactExpression
    from nodesim.exact.paths import ExactPath as ExactPath
    from nodesim.exact.paths import ExactPaths as ExactPaths
    from nodesim.explorer.explorer import Explorer as Explorer
    from nodesim.gradients.quantities import Factor as Factor
    from nodesim.handouts import Handout as Handout
    from nodesim.handouts import handout as handout
    from nodesim.importers import from_fann as from_fann
    from nodesim.importers import from_neat as from_neat
    from nodesim.importers import from_onnx as from_onnx
    from nodesim.importers import from_sklearn as from_sklearn
    from nodesim.importers import from_torch as from_torch
    from nodesim.ledger.entry import LedgerEntry as LedgerEntry
    from nodesim.ledger.ledger import Ledger as Ledger
    from nodesim.ledger.postings import Postings as Postings
    from nodesim.mistakes import DoctorReport as DoctorReport
    from nodesim.mistakes import Explanation as Explanation
    from nodesim.mistakes import Mistake as Mistake
    from nodesim.mistakes import doctor as doctor
    from nodesim.paths import Cut as Cut
    from nodesim.paths import Cuts as Cuts
    from nodesim.paths import Flow as Flow
    from nodesim.paths import GradientPath as GradientPath
    from nodesim.paths import GradientPaths as GradientPaths
    from nodesim.paths.arrays import PathArrays as PathArrays
    from nodesim.paths.change_table import ChangeTable as ChangeTable
    from nodesim.paths.comparison import PathComparison as PathComparison
    from nodesim.paths.tied_paths import TiedPaths as TiedPaths
    from nodesim.recurrence.over_time import GradientsOverTime as GradientsOverTime
    from nodesim.recurrence.over_time import gradients_over_time as gradients_over_time
    from nodesim.surgery.growth import Growth as Growth
    from nodesim.surgery.pruning import Proof as Proof
    from nodesim.surgery.pruning import Pruning as Pruning
    from nodesim.surgery.pruning import Removal as Removal
    from nodesim.sweeps import Sweep as Sweep
    from nodesim.sweeps import Trial as Trial
    from nodesim.sweeps import sweep as sweep
    from nodesim.training.epoch import Epoch as Epoch
    from nodesim.training.history import History as History
    from nodesim.training.path_recording import PathRecording as PathRecording
    from nodesim.training.recording import Recording as Recording
    from nodesim.training.weight_history import WeightHistory as WeightHistory


__all__ = [
    "Activation",
    "Aggregation",
    "ArgumentError",
    "ArgumentTypeError",
    "Attribution",
    "Bias",
    "ChangeTable",
    "CheckError",
    "Connection",
    "Cut",
    "Cuts",
    "CycleError",
    "DataError",
    "Dataset",
    "DeadWeights",
    "Derivation",
    "DerivationComparison",
    "Diagnosis",
    "DoctorReport",
    "Drawing",
    "Epoch",
    "Evolution",
    "ExactExpression",
    "ExactPath",
    "ExactPaths",
    "ExactRun",
    "ExchangeError",
    "Explanation",
    "Explorer",
    "Factor",
    "FileError",
    "Flow",
    "FrozenGraphError",
    "FunctionError",
    "Generation",
    "GradientPath",
    "GradientPaths",
    "GradientReport",
    "GradientsOverTime",
    "Growth",
    "Handout",
    "Hessian",
    "History",
    "Initializer",
    "KeyTypeError",
    "Layer",
    "LearningRateSchedule",
    "Ledger",
    "LedgerEntry",
    "Loss",
    "Meeting",
    "Meetings",
    "MissingExtraError",
    "Mistake",
    "Network",
    "Node",
    "NodesimError",
    "NonFiniteError",
    "Operations",
    "Optimizer",
    "PathArrays",
    "PathComparison",
    "PathCounts",
    "PathRecording",
    "PluginError",
    "PluginWarning",
    "PositionError",
    "Postings",
    "Proof",
    "Pruning",
    "Recording",
    "Regularizer",
    "Removal",
    "SecondDerivative",
    "StaleElementError",
    "StateError",
    "Step",
    "StructureError",
    "Sweep",
    "Tie",
    "TiedPaths",
    "TooManyPathsError",
    "Trial",
    "UnknownNameError",
    "WeightHistory",
    "WorkerError",
    "__version__",
    "activation",
    "aggregation",
    "check_gradients",
    "checks",
    "datasets",
    "doctor",
    "evolve",
    "exercises",
    "figures",
    "from_fann",
    "from_neat",
    "from_onnx",
    "from_sklearn",
    "from_torch",
    "gradients_over_time",
    "handout",
    "hookimpl",
    "initializer",
    "load",
    "load_plugins",
    "loss",
    "optimizer",
    "register",
    "regularizer",
    "schedule",
    "sweep",
    "unregister",
]


# Imported when they are asked for: most programs need few of them.
_LATE = {
    "Attribution": "nodesim.attribution.attribution",
    "ChangeTable": "nodesim.paths.change_table",
    "Cut": "nodesim.paths",
    "Cuts": "nodesim.paths",
    "Dataset": "nodesim.datasets",
    "DeadWeights": "nodesim.analysis.dead_weights",
    "Derivation": "nodesim.derivation",
    "DerivationComparison": "nodesim.derivation.comparison",
    "Diagnosis": "nodesim.analysis.diagnosis",
    "DoctorReport": "nodesim.mistakes",
    "Drawing": "nodesim.drawing.svg",
    "Epoch": "nodesim.training.epoch",
    "Evolution": "nodesim.evolution",
    "ExactExpression": "nodesim.exact.expression",
    "ExactPath": "nodesim.exact.paths",
    "ExactPaths": "nodesim.exact.paths",
    "ExactRun": "nodesim.exact",
    "Explanation": "nodesim.mistakes",
    "Explorer": "nodesim.explorer.explorer",
    "Factor": "nodesim.gradients.quantities",
    "Flow": "nodesim.paths",
    "Generation": "nodesim.evolution",
    "GradientPath": "nodesim.paths",
    "GradientPaths": "nodesim.paths",
    "GradientReport": "nodesim.checks",
    "Growth": "nodesim.surgery.growth",
    "Handout": "nodesim.handouts",
    "GradientsOverTime": "nodesim.recurrence.over_time",
    "Hessian": "nodesim.curvature.hessian",
    "History": "nodesim.training.history",
    "Ledger": "nodesim.ledger.ledger",
    "LedgerEntry": "nodesim.ledger.entry",
    "Meeting": "nodesim.curvature.meeting_table",
    "Meetings": "nodesim.curvature.meeting_table",
    "Mistake": "nodesim.mistakes",
    "Operations": "nodesim.derivation.operations",
    "PathArrays": "nodesim.paths.arrays",
    "PathComparison": "nodesim.paths.comparison",
    "PathCounts": "nodesim.analysis.path_counts",
    "PathRecording": "nodesim.training.path_recording",
    "Postings": "nodesim.ledger.postings",
    "Proof": "nodesim.surgery.pruning",
    "Pruning": "nodesim.surgery.pruning",
    "Recording": "nodesim.training.recording",
    "Removal": "nodesim.surgery.pruning",
    "SecondDerivative": "nodesim.curvature.hessian",
    "Step": "nodesim.derivation.steps",
    "Sweep": "nodesim.sweeps",
    "TiedPaths": "nodesim.paths.tied_paths",
    "Trial": "nodesim.sweeps",
    "WeightHistory": "nodesim.training.weight_history",
    "check_gradients": "nodesim.checks",
    "checks": "nodesim.checks",
    "datasets": "nodesim.datasets",
    "doctor": "nodesim.mistakes",
    "evolve": "nodesim.evolution",
    "exercises": "nodesim.exercises",
    "figures": "nodesim.article.figures",
    "from_fann": "nodesim.importers",
    "from_neat": "nodesim.importers",
    "from_onnx": "nodesim.importers",
    "from_sklearn": "nodesim.importers",
    "from_torch": "nodesim.importers",
    "gradients_over_time": "nodesim.recurrence.over_time",
    "handout": "nodesim.handouts",
    "sweep": "nodesim.sweeps",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        from importlib import import_module

        module = import_module(_LATE[name])
        return getattr(module, name, module)
    raise AttributeError(f"module 'nodesim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
