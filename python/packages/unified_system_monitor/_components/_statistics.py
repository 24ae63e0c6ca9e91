"""Statistics that the components need, without numpy and scipy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Line(NamedTuple):
    """A straight line through points."""

    slope: float
    level: float
    """Its value at the last point."""
    r: float
    """Correlation of the points with it, -1 to 1."""


def mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return math.fsum(values) / len(values)


def deviation(values: Sequence[float]) -> float:
    """Return the standard deviation of a sample; 0 of a single value."""
    if len(values) < 2:
        return 0.0
    middle = mean(values)
    return math.sqrt(math.fsum((v - middle) ** 2 for v in values) / (len(values) - 1))


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile, between two values by their distance."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def line(points: Sequence[tuple[float, float]]) -> Line | None:
    """Fit a line to (x, y); ``None`` when the points have no extent in x."""
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    middle_x, middle_y = mean(xs), mean(ys)
    sxx = math.fsum((x - middle_x) ** 2 for x in xs)
    if sxx <= 0.0:
        return None
    sxy = math.fsum((x - middle_x) * (y - middle_y) for x, y in points)
    syy = math.fsum((y - middle_y) ** 2 for y in ys)
    slope = sxy / sxx
    r = sxy / math.sqrt(sxx * syy) if syy > 0.0 else 0.0
    return Line(slope, middle_y + slope * (xs[-1] - middle_x), max(-1.0, min(1.0, r)))


def pearson(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Return Pearson's coefficient; ``None`` when one of them is constant."""
    found = line(list(zip(xs, ys)))
    if found is None or _is_constant(ys) or _is_constant(xs):
        return None
    return found.r


def spearman(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Return Spearman's coefficient: Pearson's of the ranks, ties sharing theirs."""
    return pearson(_ranks(xs), _ranks(ys))


def kendall(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Return Kendall's tau-b, in n log n (Knight's way)."""
    count = len(xs)
    order = sorted(range(count), key=lambda place: (xs[place], ys[place]))
    ordered = [ys[place] for place in order]
    pairs = count * (count - 1) // 2
    tied_x = _tied(xs)
    tied_y = _tied(ys)
    tied_both = _tied(list(zip(xs, ys)))
    if pairs in (tied_x, tied_y):
        return None
    swaps = _sort_counting(ordered)
    concordant = pairs - tied_x - tied_y + tied_both - 2 * swaps
    return concordant / math.sqrt((pairs - tied_x) * (pairs - tied_y))


def independent(values: Sequence[float], others: Sequence[float]) -> float:
    """Return how many independent pairs two series are worth: neighbours in time are alike.

    By the product of their correlations with themselves one step later (Bartlett).
    """
    a, b = _next_alike(values), _next_alike(others)
    return max(3.0, len(values) * (1 - a * b) / (1 + a * b)) if a * b > 0 else float(len(values))


def p_of_r(r: float, count: float) -> float:
    """Return the chance of such a coefficient (Pearson's, Spearman's) without a relation."""
    if count <= 3:
        return 1.0
    if abs(r) >= 1.0:
        return 0.0
    degrees = count - 2
    t = abs(r) * math.sqrt(degrees / (1 - r * r))
    return _beta_share(degrees / (degrees + t * t), degrees / 2, 0.5)


def p_of_tau(tau: float, count: float) -> float:
    """Return the chance of such a tau without a relation, by its normal approximation."""
    if count <= 3:
        return 1.0
    z = abs(tau) * math.sqrt(9 * count * (count - 1) / (2 * (2 * count + 5)))
    return math.erfc(z / math.sqrt(2))


def _is_constant(values: Sequence[float]) -> bool:
    return min(values) == max(values)


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            ranks[place] = (start + end) / 2
        start = end + 1
    return ranks


def _tied(values: Sequence[object]) -> int:
    counts: dict[object, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return sum(n * (n - 1) // 2 for n in counts.values())


def _sort_counting(values: list[float]) -> int:
    """Sort in place by merging; return how many pairs were in the wrong order."""
    swaps, width = 0, 1
    while width < len(values):
        for start in range(0, len(values) - width, 2 * width):
            left = values[start : start + width]
            right = values[start + width : start + 2 * width]
            a = b = 0
            for place in range(start, start + len(left) + len(right)):
                if b >= len(right) or (a < len(left) and left[a] <= right[b]):
                    values[place] = left[a]
                    a += 1
                else:
                    values[place] = right[b]
                    b += 1
                    swaps += len(left) - a
        width *= 2
    return swaps


def _next_alike(values: Sequence[float]) -> float:
    found = pearson(values[:-1], values[1:]) if len(values) > 3 else None
    return 0.0 if found is None else max(-0.99, min(0.99, found))


def _beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_share(1.0 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    least = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1) or least)
    fraction = d
    for m in range(1, 500):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / (1.0 + numerator * d or least)
            c = 1.0 + numerator / c or least
            step = c * d
            fraction *= step
        if abs(step - 1.0) < 1e-14:
            break
    return front * fraction / a
