"""``python -m nodesim``: the command line."""

import sys

from nodesim.cli import main

if __name__ == "__main__":
    sys.exit(main())
