"""FORMATS: networks in files, and as plain networkx graphs."""
