"""A sweep over Dask of which a worker is killed as soon as it is at work: prints whether the table is the same."""

from __future__ import annotations

import os
import signal
import threading
import time

import joblib
from distributed import Client, LocalCluster

import nodesim as ns

X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]


def kill(client, killed):
    workers = client.run(os.getpid)
    while not killed:
        for worker, tasks in client.processing().items():
            if tasks and not killed:
                os.kill(workers[worker], signal.SIGKILL)
                killed.append(workers[worker])
        time.sleep(0.01)


def main():
    fit = {"seeds": 16, "epochs": 30, "batch_size": 2}
    table, killed = ns.sweep([2, 3, 1], X, Y, **fit), []
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        killer = threading.Thread(target=kill, args=(client, killed))
        killer.start()
        with joblib.parallel_config(backend="dask"):
            other = ns.sweep([2, 3, 1], X, Y, n_jobs=-1, **fit)
        killer.join()
        gone = set(killed).isdisjoint(client.run(os.getpid).values())
    same = (other.weights == table.weights).all() and other.to_dict() == table.to_dict()
    print("the same" if same and killed and gone else "another")


if __name__ == "__main__":
    main()
