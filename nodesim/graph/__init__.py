"""The structure of a network: elements, names, order, and the store of their numbers."""
