"""Data sets that come with nodesim, as CSV files beside this module."""

from __future__ import annotations

from importlib import resources

from nodesim.datasets.dataset import Dataset
from nodesim.datasets.tabular import from_table
from nodesim.formats.delimited import read_table

SHIPPED = {
    "iris": {
        "description": "sepals and petals of 150 irises of three species",
        "source": "R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7 (1936); "
        "UCI Machine Learning Repository, doi 10.24432/C56C76",
        "licence": "CC BY 4.0",
    },
    "penguins": {
        "description": "bills, flippers and mass of 342 penguins of three species",
        "source": "K. B. Gorman, T. D. Williams and W. R. Fraser, PLoS ONE 9(3): e90081 (2014); "
        "palmerpenguins by A. M. Horst, A. P. Hill and K. B. Gorman",
        "licence": "CC0 1.0",
    },
}


def shipped(name: str) -> Dataset:
    """Return a data set that comes with nodesim."""
    with resources.as_file(resources.files("nodesim.datasets").joinpath("data", f"{name}.csv")) as file:
        table = read_table(file)
    *features, target = range(len(table.names))
    return from_table(table, name, features, [target], **SHIPPED[name])
