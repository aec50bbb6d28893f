"""Numbers of published functions that stand in more than one place: as formulas, operators and modules.

References
----------
Klambauer, G., T. Unterthiner, A. Mayr and S. Hochreiter, "Self-Normalizing Neural Networks", Advances in Neural
Information Processing Systems 30 (2017).
"""

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717
