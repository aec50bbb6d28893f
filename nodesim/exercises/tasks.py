"""What can be asked on a sheet."""

TASKS = ("forward", "paths", "gradient", "tree", "update", "missing path", "mistake")
USUAL = ("forward", "paths", "gradient", "tree", "update")
