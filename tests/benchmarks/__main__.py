"""All works, nodesim beside its peers, in one table: ``python tests/benchmarks``.

``--only A,D`` does some of the works, also those that are long, ``--rounds N`` more or fewer rounds, ``--json FILE``
keeps every single time.
Peers that are not installed are said to be absent. Nothing is asserted about time, but every contestant's numbers are
compared with those of the engine "nodes" before it is timed.
"""

import environment

if __name__ == "__main__":
    environment.prepare()  # before NumPy and its like are imported
    import command

    command.main()
