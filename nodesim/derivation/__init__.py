"""DERIVATION: the chain rule written out, path by path, factored, shared, and as a tree.

One expression is built from the derivative graph; the printers beside it write it, so that a formula and its
number cannot disagree.
"""

from nodesim.derivation.derivation import Derivation

__all__ = ["Derivation"]
