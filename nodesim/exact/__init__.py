"""EXACT: a run in fractions, in which nothing is rounded; where a function is not rational, in letters.

The numbers are those that were written: "0.1", 0.1 and Decimal("0.1") are 1/10. So the sum over all paths and
backpropagation can be compared with ``==``, and the engines, which round, with what they should have found.
"""

from nodesim.exact.run import ExactRun

__all__ = ["ExactRun"]
