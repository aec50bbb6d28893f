"""Networks are pruned, grown and rescaled, and each change says why it was made and what it did to e."""
