"""Second derivatives of e by pairs of weights: the matrix of all, products with it, and where one comes from."""
