"""Networks of other programs: read into a `Blueprint`, and written from a network.

Each reader says what the other program holds in terms of an `Assembly`: matrices, shifts, functions. What cannot be
said in them is refused by name, and so is what a network of nodesim has and the other program does not.
"""
