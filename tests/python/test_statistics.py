"""Statistics without numpy: against values that are known, and by their properties."""

from __future__ import annotations

import random

import pytest
from unified_system_monitor._components import _statistics as statistics

XS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
YS = [2.0, 1.0, 4.0, 3.0, 7.0, 8.0, 6.0, 5.0]


def test_coefficients_are_those_of_the_books() -> None:
    # 1 - 6 * sum of squared differences (26) / (8 * 63); 28 pairs, 7 of them in the wrong order.
    differences = sum((x - y) ** 2 for x, y in zip(XS, YS))
    rho = 1 - 6 * differences / (8 * 63)
    assert statistics.spearman(XS, YS) == pytest.approx(rho)
    assert statistics.pearson(XS, YS) == pytest.approx(rho)
    wrong = sum(YS[a] > YS[b] for a in range(8) for b in range(a + 1, 8))
    assert statistics.kendall(XS, YS) == pytest.approx((28 - 2 * wrong) / 28)


def test_ties_count_in_kendalls_tau_b() -> None:
    # Concordant 4, discordant 0; one pair is tied in x only, one in y only.
    assert statistics.kendall([1, 1, 2, 3], [1, 2, 2, 3]) == pytest.approx(4 / 5)


def test_a_constant_series_goes_together_with_nothing() -> None:
    flat = [3.0] * 8
    for kind in (statistics.pearson, statistics.spearman, statistics.kendall):
        assert kind(XS, flat) is None
        assert kind(flat, XS) is None


def test_spearman_is_one_for_whatever_grows() -> None:
    assert statistics.spearman(XS, [x**5 for x in XS]) == pytest.approx(1.0)
    assert statistics.kendall(XS, [-(x**3) for x in XS]) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("r", "count", "p"),
    # Of tables of the t distribution: the critical r of 5 % and of 1 %, two-sided.
    [(0.632, 10, 0.05), (0.765, 10, 0.01), (0.361, 30, 0.05), (0.1966, 100, 0.05)],
)
def test_p_values_are_those_of_the_tables(r: float, count: int, p: float) -> None:
    assert statistics.p_of_r(r, count) == pytest.approx(p, rel=0.02)
    assert statistics.p_of_r(-r, count) == statistics.p_of_r(r, count)


def test_p_values_at_the_ends() -> None:
    assert statistics.p_of_r(0.0, 50) == pytest.approx(1.0)
    assert statistics.p_of_r(1.0, 50) == 0.0
    assert statistics.p_of_r(0.9, 3) == 1.0
    assert statistics.p_of_tau(0.0, 50) == pytest.approx(1.0)
    assert statistics.p_of_tau(0.9, 50) < 1e-9


def test_neighbours_that_are_alike_are_worth_fewer() -> None:
    source = random.Random(1)  # noqa: S311
    noise = [source.gauss(0, 1) for _ in range(500)]
    walk = [0.0]
    for step in noise:
        walk.append(0.95 * walk[-1] + step)
    other = [0.0]
    for _ in range(500):
        other.append(0.95 * other[-1] + source.gauss(0, 1))
    assert statistics.independent(walk, other) < 60
    assert statistics.independent(noise, noise[::-1]) > 400


def test_quantiles_lie_between_the_values() -> None:
    assert statistics.quantile(XS, 0.5) == 4.5
    assert statistics.quantile(XS, 0.0) == 1.0
    assert statistics.quantile(XS, 1.0) == 8.0
    assert statistics.quantile([7.0], 0.95) == 7.0
    assert statistics.deviation([7.0]) == 0.0
    assert statistics.deviation([1.0, 3.0]) == pytest.approx(2**0.5)


def test_a_line_without_extent_is_none() -> None:
    assert statistics.line([(1.0, 2.0), (1.0, 3.0)]) is None
    found = statistics.line([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)])
    assert found is not None
    assert (found.slope, found.level, found.r) == pytest.approx((2.0, 5.0, 1.0))
