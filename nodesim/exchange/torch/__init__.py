"""Modules of torch, read and written.

Whoever imports this asks for torch, so the extra is looked for here and now, and the modules below import it as
their own.
"""

from nodesim.errors import MissingExtraError

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    raise MissingExtraError("networks of torch need the extra 'torch': pip install 'nodesim[torch]'.") from error
