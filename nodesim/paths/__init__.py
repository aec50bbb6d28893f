"""PATHS: what feeds a gradient: counted, listed, ranked, restricted, shared out and cut.

References
----------
Article, sections 4 and 5.
"""

from nodesim.paths.cut import Cut
from nodesim.paths.cuts import Cuts
from nodesim.paths.flow_table import Flow
from nodesim.paths.gradient_paths import GradientPaths
from nodesim.paths.path import GradientPath

__all__ = ["Cut", "Cuts", "Flow", "GradientPath", "GradientPaths"]
