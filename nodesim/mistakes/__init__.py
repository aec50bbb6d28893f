"""Numbers that somebody calculated by hand, or in another program: whether they are right, and what happened if not."""

from nodesim.mistakes.doctor import doctor
from nodesim.mistakes.report import DoctorReport, Explanation, Mistake

__all__ = ["DoctorReport", "Explanation", "Mistake", "doctor"]
