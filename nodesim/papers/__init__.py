"""PAPERS: what is printed, as blocks, and how they are written: HTML, Markdown, LaTeX, a notebook."""
