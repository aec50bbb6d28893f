"""The version, in its single place."""

version = "0.2.0"
