"""Runs of a network: samples at the door, forward, the error, backward, and an optimizer's state."""
