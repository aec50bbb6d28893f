"""The other programs that a network is compared with, each run by itself."""
