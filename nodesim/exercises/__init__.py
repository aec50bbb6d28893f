"""EXERCISES: sheets for pen and paper whose numbers come out short, their keys, marking that follows errors through."""

from nodesim.exercises.files import load, save
from nodesim.exercises.making import make
from nodesim.exercises.remarks import Marking, Remark
from nodesim.exercises.sheet import Sheet

__all__ = ["Marking", "Remark", "Sheet", "load", "make", "save"]
