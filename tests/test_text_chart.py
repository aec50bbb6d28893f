"""The curve for terminals: what it says is what the line below says."""

from __future__ import annotations

import math
import random

import pytest

import nodesim as ns

CASES = {
    "falling": [0.9 * 0.8**k for k in range(200)], "tiny": [0.05**k for k in range(30)], "zeros": [1.0, 0.1, 0.0, 0.0], "all zero": [0.0] * 5,
    "constant": [0.5] * 9, "one": [0.3], "rising": [0.1 * 1.3**k for k in range(70)], "nan": [1.0, math.nan, 0.5], "infinite": [1.0, 1e300, math.inf],
    "none finite": [math.nan], "denormal": [5e-324, 1e-320], "spike": [1.0, 1e6, 0.1],
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_any_errors_have_a_chart(name):
    history = ns.History(errors=CASES[name])
    for width, height in ((60, 8), (5, 2), (1, 3)):
        lines = history.chart(width, height).splitlines()
        assert len(lines) == height + 2
        assert lines[-1].strip().startswith("error of epoch 1")
        assert ("logarithmic" in lines[-1]) == (len(history) > 1)
        bars = [line.split("│")[1] for line in lines[:height]]
        assert max(map(len, bars)) <= min(width, len(history))
        finite = [error for error in CASES[name] if 0 < error < math.inf]
        assert ("×" in "".join(bars)) == (
            not all(map(math.isfinite, history.errors[-1:] if width == 1 else history.errors))
        )
        if not finite:
            assert not any(line.split("│")[0].strip() for line in lines[:height])


def test_both_ends_are_those_of_the_line_below():
    rng = random.Random(0)
    for _ in range(200):
        errors = sorted((10 ** rng.uniform(-12, 3) for _ in range(rng.randint(2, 300))), reverse=True)
        history = ns.History(errors=errors)
        lines = history.chart(rng.randint(2, 80), rng.randint(2, 12)).splitlines()
        top, bottom = lines[0].split("│")[0].strip(), lines[-3].split("│")[0].strip()
        assert (top, bottom) == (f"{errors[0]:.3g}", f"{errors[-1]:.3g}")
        assert f"error {errors[0]:.6g} -> {errors[-1]:.6g}" in str(history)
