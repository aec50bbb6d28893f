"""The article itself: its demonstration and its figures."""
