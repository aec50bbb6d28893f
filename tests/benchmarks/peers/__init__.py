"""The peers, each in its best ordinary way. Importing one without its library is an ImportError: it is absent.

Each class takes a problem, does it `run(times)` times over and gives weights or gradients by `result()`, in the order
of nodesim's connections.
"""
