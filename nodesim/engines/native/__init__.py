"""The compiled engine in native code: kernels compiled by numba, which the extra ``fast`` brings."""
