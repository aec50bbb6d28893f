"""ENGINES: ways to calculate the same numbers.

"nodes" is `nodesim.engines.reference`, the definition; "numpy" is `nodesim.engines.vectorized`; "native" is
`nodesim.engines.native`; "compiled" begins with the one and goes on with the other, see `nodesim.engines.compiled`.
"""
