"""ENGINES: ways to calculate the same numbers.

"nodes" is `nodesim.engines.reference`, the definition; "numpy" is `nodesim.engines.vectorized`; "native" is
`nodesim.engines.native`; "compiled" is the fastest of these two that there is, see `nodesim.engines.choice`.
"""
