r"""Paths cut in the forward pass: what e would be without what comes along them, by exact path patching.

Along a path, the next node sees the value that it would have without what came along the path; every other node sees
the old one. Of W1 (I1 -> H1 -> H3 -> O1):

    H1' = H1 - W1·I1,    HA1' = f(H1'),    H3' = H3 - W7·(HA1 - HA1'),    HA3' = f(H3'),    ...

and e' is the error of OA1' and of the other outputs as they were. A set of paths is cut over its trellis: of each
state s, what is taken off its sum is added up over the arcs into it,

    H_s' = H_s - Σ over the arcs into s  W·(HA_source - HA_source')

so that all paths of a weight, cut at once, give the error of the network in which that weight is 0. Where H is another
aggregation than the sum, nothing can be taken off: it is made anew of all W·HA that come in, those on the way with HA'.

HA is calculated anew from H, by the very function that gives HA' from H': what is not changed gives a difference of
exactly 0, whatever engine calculated the network, and in whatever number type.

References
----------
Goldowsky-Dill, N., C. MacLeod, L. Sato, A. Arora, "Localizing Model Behavior with Path Patching" (2023,
arXiv:2304.05969). K. Wang, A. Variengien, A. Conmy, B. Shlegeris, J. Steinhardt, "Interpretability in the Wild: a
Circuit for Indirect Object Identification in GPT-2 small" (ICLR 2023, arXiv:2211.00593), where it comes from.
"""
