"""The derivative graph: quantities, partial derivatives between them, and numbers handed on along it."""
