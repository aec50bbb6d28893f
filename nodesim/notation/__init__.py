"""How things are written: the article's letters, numbers, tables, and formulas as text and LaTeX."""
