"""THE LEDGER of a training: what moved each weight, update by update, posted by output, node, sample, path and epoch.

References
----------
Article, section 3, step 3.
"""
