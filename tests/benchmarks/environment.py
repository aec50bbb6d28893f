"""One thread for everybody: the libraries read these variables when they are imported."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "NPROC": "1",  # the size of XLA's thread pool
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
}

PACKAGES = ["numpy", "numba", "scipy", "networkx", "jax", "torch", "scikit-learn", "micrograd"]


def prepare() -> None:
    """Start this program anew with the settings, unless it runs with them already."""
    if any(os.environ.get(name) != value for name, value in SETTINGS.items()):
        here = str(Path(__file__).parent)
        os.execve(sys.executable, [sys.executable, here, *sys.argv[1:]], os.environ | SETTINGS)


def described() -> dict[str, str]:
    """Return what the times depend on: Python, the processor and its cores, and the versions of the packages."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "absent"
    return {
        "python": platform.python_version(),
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} of {os.cpu_count()} cores",
        **versions,
    }


def _processor() -> str:
    """Return the model of the processor, where the system tells it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return f"{line.partition(':')[2].strip()} ({platform.machine()})"
    return platform.machine()
