"""Numbers that somebody calculated by hand or in a program of their own: are they right, and if not, what happened?"""

from nodesim.mistakes.doctor import doctor
from nodesim.mistakes.report import DoctorReport, Explanation, Mistake

__all__ = ["DoctorReport", "Explanation", "Mistake", "doctor"]
