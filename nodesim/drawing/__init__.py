"""DRAWING: networks and training curves as SVG, in the article's style."""
