"""HANDOUTS: the gradient of one weight explained on a few pages, with the numbers of a sample or in letters."""

from nodesim.handouts.handout import Handout, handout

__all__ = ["Handout", "handout"]
