"""PATHS: what feeds a gradient: counted, listed, ranked, restricted and shared out.

References
----------
Article, sections 4 and 5.
"""

from nodesim.paths.flow_table import Flow
from nodesim.paths.gradient_paths import GradientPaths
from nodesim.paths.path import GradientPath

__all__ = ["Flow", "GradientPath", "GradientPaths"]
