"""The version, in its single place."""

version = "0.1.0"
