"""Printers of expressions: plain text and LaTeX, from the same tree."""
