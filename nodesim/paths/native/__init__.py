"""Kernels for paths; they need numba, the extra ``fast``."""
