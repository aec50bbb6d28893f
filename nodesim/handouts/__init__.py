"""HANDOUTS: one gradient explained on paper."""
