"""Genomes of neat-python, and files that it exports, read."""
