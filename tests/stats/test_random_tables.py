"""Random tables: every interval and test against an independent slow solver, to 1e-8.

The solvers here are scalar: a bisection on the equation that defines the limit, restricted maxima
of the likelihood by bisection on its derivative, probabilities as sums of terms or as fractions of
whole numbers. They share no code with the package. By default two slow methods, the unconditional
tests and the ranges are solved for every so many of the 1,000 tables; for each of them with
``EVSYN_EVERY_TABLE=1`` (two minutes). The tables are random and of nothing.
"""

from __future__ import annotations

import math
import os
from fractions import Fraction

import numpy as np
import pytest

from evsyn.literals import (
    OneArmMethod,
    OrMethod,
    PairedMethod,
    PairedTest,
    RdMethod,
    RrMethod,
    TwoArmTest,
    choices,
)
from evsyn.stats import (
    paired_interval,
    paired_range,
    paired_test,
    proportion_interval,
    two_proportion_interval,
    two_proportion_test,
)

COUNT = 1000
EVERY = os.environ.get("EVSYN_EVERY_TABLE", "") == "1"
Z = 1.9599639845400542
ALPHA = 0.05
CLOSE = {"rtol": 1e-8, "atol": 1e-8}


def random_tables(seed, largest):
    """Two arms: sizes over a wide range, a third with empty cells."""
    rng = np.random.default_rng(seed)
    n = np.ceil(np.exp(rng.uniform(0, np.log(largest), (2, 1000)))).astype(int)
    share = np.where(
        rng.random((2, 1000)) < 0.3, rng.integers(0, 2, (2, 1000)), rng.random((2, 1000))
    )
    return rng.binomial(n, share), n


EVENTS, TOTALS = random_tables(20240613, 150)
(X_E, X_C), (N_E, N_C) = EVENTS[:, :COUNT], TOTALS[:, :COUNT]
ARMS = [tuple(int(v) for v in row) for row in zip(X_E, N_E, X_C, N_C, strict=True)]
ONE_ARM = [(x, n) for x, n, _, _ in ARMS]


def random_pairs():
    rng = np.random.default_rng(20240614)
    n = np.ceil(np.exp(rng.uniform(0, np.log(300), 1000))).astype(int)
    shares = rng.dirichlet([0.5] * 4, 1000)
    return np.array([rng.multinomial(size, p) for size, p in zip(n, shares, strict=True)])


PAIRS = [tuple(int(v) for v in row) for row in random_pairs()[:COUNT]]


def bisect(function, low, high):
    """Where a function changes its sign from that at ``low``; ``high`` where it does not."""
    first = function(low) > 0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (function(middle) > 0) == first:
            low = middle
        else:
            high = middle
    return (low + high) / 2


# ---------------------------------------------------------------------------------- one arm


def pmf(k, n, p):
    if p <= 0 or p >= 1:
        return float(k == (n if p >= 1 else 0))
    return math.exp(
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )


def at_least(x, n, p):
    return math.fsum(pmf(k, n, p) for k in range(x, n + 1))


def at_most(x, n, p):
    return math.fsum(pmf(k, n, p) for k in range(x + 1))


def wilson_lower(x, n, correction=0.0):
    if x == 0:
        return 0.0
    end = max(x / n - correction, 0.0)
    return bisect(lambda p: x / n - p - correction - Z * math.sqrt(p * (1 - p) / n), 0.0, end)


def exact_lower(x, n):
    return 0.0 if x == 0 else bisect(lambda p: ALPHA / 2 - at_least(x, n, p), 0.0, 1.0)


def mid_p_lower(x, n):
    if x == 0:
        return 0.0
    return bisect(lambda p: ALPHA / 2 - at_least(x, n, p) + pmf(x, n, p) / 2, 0.0, 1.0)


def beta_below(a, b, p):
    """Share of Beta(a, b) below p: tanh-sinh rule on the side away from the mode's bulk."""
    if p <= 0:
        return 0.0
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    total, step = 0.0, 1 / 64
    for i in range(-450, 451):
        t = math.pi / 2 * math.sinh(i * step)
        share = 1 / (1 + math.exp(-2 * t)) if t > -300 else 0.0
        if share <= 0.0:
            continue
        x = p * share
        rest = (1 - p) + p / (1 + math.exp(min(2 * t, 700)))
        if x <= 0 or rest <= 0:
            continue
        weight = p * math.pi / 4 * math.cosh(i * step) / math.cosh(min(abs(t), 350)) ** 2
        total += weight * math.exp((a - 1) * math.log(x) + (b - 1) * math.log(rest) - log_beta)
    return total * step


def jeffreys_lower(x, n):
    if x == 0:
        return 0.0
    return bisect(lambda p: ALPHA / 2 - beta_below(x + 0.5, n - x + 0.5, p), 0.0, 1.0)


def blaker_lower(x, n):
    """Lowest p accepted: piece by piece between the p at which a further opposite count enters."""
    if x == 0:
        return 0.0
    start = exact_lower(x, n)
    reached = at_least(x, n, start)
    entered = [k for k in range(x) if at_most(k, n, start) <= reached]
    k = entered[-1] if entered else -1
    while True:
        end = bisect(lambda p, k=k: at_most(k + 1, n, p) - at_least(x, n, p), start, 1.0)

        def accepted(p, k=k):
            return at_least(x, n, p) + at_most(k, n, p) - ALPHA

        if accepted(start) > 0:
            return start
        low, high = start, end
        for _ in range(100):  # the lowest point of a piece that falls, then rises
            one, two = low + (high - low) / 3, high - (high - low) / 3
            low, high = (low, two) if accepted(one) < accepted(two) else (one, high)
        if accepted(end) > 0:
            return bisect(accepted, low, end)
        start, k = end, k + 1


def wald(x, n):
    half = Z * math.sqrt(x / n * (1 - x / n) / n)
    return x / n - half, x / n + half


def agresti_coull(x, n):
    total = n + Z * Z
    centre = (x + Z * Z / 2) / total
    half = Z * math.sqrt(centre * (1 - centre) / total)
    return centre - half, centre + half


def mirrored(lower):
    return lambda x, n: (lower(x, n), 1 - lower(n - x, n))


ONE_ARM_SOLVERS = {
    "wald": wald,
    "agresti-coull": agresti_coull,
    "wilson": mirrored(wilson_lower),
    "wilson-cc": mirrored(lambda x, n: wilson_lower(x, n, 1 / (2 * n))),
    "clopper-pearson": mirrored(exact_lower),
    "jeffreys": mirrored(jeffreys_lower),
    "mid-p": mirrored(mid_p_lower),
    "blaker": mirrored(blaker_lower),
}
SLOW = {"jeffreys": 40, "blaker": 8}


@pytest.mark.parametrize("method", choices(OneArmMethod))
def test_one_arm(method):
    tables = ONE_ARM[:: 1 if EVERY else SLOW.get(method, 1)]
    x, n = np.transpose(tables)
    found = proportion_interval(x, n, method=method)
    expected = np.array([ONE_ARM_SOLVERS[method](*table) for table in tables])
    np.testing.assert_allclose(found.ci_lb, expected[:, 0], **CLOSE)
    np.testing.assert_allclose(found.ci_ub, expected[:, 1], **CLOSE)


# --------------------------------------------------------------------------------- two arms


def maximum(slope, low, high):
    """Where a falling derivative is zero, at the end it points to where it is not."""
    if high <= low or slope(low) <= 0:
        return low
    return high if slope(high) >= 0 else bisect(slope, low, high)


def over(events, p):
    if not events:
        return 0.0
    return events / p if p > 0 else math.inf


def standardised(gap, variance):
    if gap == 0:
        return 0.0
    return gap / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, gap)


def rd_score(table, value):
    x_e, n_e, x_c, n_c = table

    def slope(p):
        return (
            over(x_e, p + value)
            - over(n_e - x_e, 1 - p - value)
            + over(x_c, p)
            - over(n_c - x_c, 1 - p)
        )

    p = maximum(slope, max(0.0, -value), min(1.0, 1.0 - value))
    variance = (p + value) * (1 - p - value) / n_e + p * (1 - p) / n_c
    gap = x_e / n_e - x_c / n_c - value
    return standardised(gap, variance)


def rr_score(table, value):
    x_e, n_e, x_c, n_c = table

    def slope(p):
        return over(x_e + x_c, p) - value * over(n_e - x_e, 1 - value * p) - over(n_c - x_c, 1 - p)

    p = maximum(slope, 0.0, min(1.0, 1.0 / value))
    variance = value * p * (1 - value * p) / n_e + value * value * p * (1 - p) / n_c
    gap = x_e / n_e - value * x_c / n_c
    return standardised(gap, variance)


def or_score(table, value):
    x_e, n_e, x_c, n_c = table

    def share(logit):
        return 1 / (1 + math.exp(-logit))

    shift = math.log(value)  # on the logit, where neither p nor 1 - p loses digits
    logit = bisect(lambda v: x_e + x_c - n_e * share(v + shift) - n_c * share(v), -300.0, 300.0)
    p_e, q_e, p_c, q_c = share(logit + shift), share(-logit - shift), share(logit), share(-logit)
    spread = 1 / (n_e * p_e * q_e) + 1 / (n_c * p_c * q_c)
    return (x_e - n_e * p_e) * math.sqrt(spread)


def inflation(table, method):
    total = table[1] + table[3]
    return Z * math.sqrt(total / (total - 1)) if method == "miettinen-nurminen" else Z


def rd_limits(table, method):
    x_e, n_e, x_c, n_c = table
    bound, point = inflation(table, method), x_e / n_e - x_c / n_c
    lower = bisect(lambda d: rd_score(table, d) - bound, -1.0, point) if point > -1 else -1.0
    upper = bisect(lambda d: rd_score(table, d) + bound, point, 1.0) if point < 1 else 1.0
    return lower, upper


def ratio_limits(score):
    """Limits of a ratio on the log scale, from the estimate outwards."""

    def limits(table, method):
        x_e, n_e, x_c, n_c = table
        bound = inflation(table, method)
        never = x_e == 0 if score is rr_score else x_e == 0 or x_c == n_c
        always = x_c == 0 if score is rr_score else x_c == 0 or x_e == n_e

        def excess(log_value, sign):
            return score(table, math.exp(log_value)) - sign * bound

        lower = 0.0 if never else math.exp(bisect(lambda v: excess(v, 1), -25.0, 25.0))
        upper = math.inf if always else math.exp(bisect(lambda v: excess(v, -1), -25.0, 25.0))
        return lower, upper

    return limits


def rd_wald(table, _):
    x_e, n_e, x_c, n_c = table
    p, q = x_e / n_e, x_c / n_c
    half = Z * math.sqrt(p * (1 - p) / n_e + q * (1 - q) / n_c)
    return p - q - half, p - q + half


def rd_newcombe(table, _):
    x_e, n_e, x_c, n_c = table
    wilson = ONE_ARM_SOLVERS["wilson"]
    p, q, (l_e, u_e), (l_c, u_c) = x_e / n_e, x_c / n_c, wilson(x_e, n_e), wilson(x_c, n_c)
    return (p - q - math.hypot(p - l_e, u_c - q), p - q + math.hypot(u_e - p, q - l_c))


def log_normal(table, measure):
    x_e, n_e, x_c, n_c = table
    cells = (x_e, x_c) if measure == "katz" else (x_e, x_c, n_e - x_e, n_c - x_c)
    if 0 in cells:
        return math.nan, math.nan
    if measure == "katz":
        point, variance = (x_e / n_e) / (x_c / n_c), 1 / x_e - 1 / n_e + 1 / x_c - 1 / n_c
    else:
        point = x_e * (n_c - x_c) / (x_c * (n_e - x_e))
        variance = sum(1 / cell for cell in cells)
    factor = math.exp(Z * math.sqrt(max(variance, 0.0)))
    return point / factor, point * factor


TWO_ARM_SOLVERS = {
    ("RD", "wald"): rd_wald,
    ("RD", "newcombe"): rd_newcombe,
    ("RD", "mee"): rd_limits,
    ("RD", "miettinen-nurminen"): rd_limits,
    ("RR", "katz"): log_normal,
    ("RR", "koopman"): ratio_limits(rr_score),
    ("RR", "miettinen-nurminen"): ratio_limits(rr_score),
    ("OR", "woolf"): log_normal,
    ("OR", "miettinen-nurminen"): ratio_limits(or_score),
}
ALL_TWO_ARM = [
    (measure, method)
    for measure, names in (("RD", RdMethod), ("RR", RrMethod), ("OR", OrMethod))
    for method in choices(names)
]


@pytest.mark.parametrize(("measure", "method"), ALL_TWO_ARM)
def test_two_arms(measure, method):
    found = two_proportion_interval(X_E, N_E, X_C, N_C, measure=measure, method=method)
    solver = TWO_ARM_SOLVERS[measure, method]
    expected = np.array([solver(table, method) for table in ARMS])
    for limits, values in ((found.ci_lb, expected[:, 0]), (found.ci_ub, expected[:, 1])):
        np.testing.assert_array_equal(np.isfinite(limits), np.isfinite(values))
        np.testing.assert_array_equal(np.isnan(limits), np.isnan(values))
        finite = np.isfinite(values)
        np.testing.assert_allclose(limits[finite], values[finite], **CLOSE)


def chi_square_tail(statistic):
    return math.erfc(math.sqrt(statistic / 2))


def fisher(table):
    """Whole numbers only: the tables no more probable than the one seen, and that one."""
    x_e, n_e, x_c, n_c = table
    m = x_e + x_c
    ways = {
        k: math.comb(n_e, k) * math.comb(n_c, m - k)
        for k in range(max(0, m - n_c), min(n_e, m) + 1)
    }
    total = math.comb(n_e + n_c, m)
    low = sum(value for value in ways.values() if value <= ways[x_e])
    return Fraction(low, total), Fraction(ways[x_e], total)


def asymptotic(table, method):
    x_e, n_e, x_c, n_c = table
    total, m = n_e + n_c, x_e + x_c
    if m in (0, total):
        return math.nan
    cross = abs(x_e * (n_c - x_c) - x_c * (n_e - x_e))
    if method == "yates":
        cross = max(cross - total / 2, 0)
    factor = total - 1 if method in ("n-1", "score") else total
    return chi_square_tail(float(Fraction(cross) ** 2 * factor / (m * (total - m) * n_e * n_c)))


@pytest.mark.parametrize("method", choices(TwoArmTest)[:6])
def test_two_arm_tests(method):
    found = two_proportion_test(X_E, N_E, X_C, N_C, method=method).p_value
    if method.startswith("fisher"):
        half = Fraction(1, 2) if method == "fisher-mid-p" else 0
        expected = [float(p - half * own) for p, own in map(fisher, ARMS)]
    else:
        expected = [asymptotic(table, method) for table in ARMS]
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-14)


def unconditional(table, method):
    """Largest probability of the region over a fine grid of the common proportion, then finer."""
    x_e, n_e, x_c, n_c = table
    region = []

    def order(a, c):
        if method == "boschloo":
            return fisher((a, n_e, c, n_c))[0]
        m = a + c
        if m in (0, n_e + n_c):
            return Fraction(0)
        return -Fraction((a * n_c - c * n_e) ** 2, m * (n_e + n_c - m))

    seen = order(x_e, x_c)
    region = [(a, c) for a in range(n_e + 1) for c in range(n_c + 1) if order(a, c) <= seen]

    def probability(p):
        one = [pmf(a, n_e, p) for a in range(n_e + 1)]
        two = [pmf(c, n_c, p) for c in range(n_c + 1)]
        return math.fsum(one[a] * two[c] for a, c in region)

    grid = [i / 200 for i in range(201)]
    values = [probability(p) for p in grid]
    best = max(values)
    for at in [i for i in range(1, 200) if values[i] >= max(values[i - 1], values[i + 1])]:
        low, high = grid[at - 1], grid[at + 1]
        for _ in range(60):
            one, two = low + (high - low) / 3, high - (high - low) / 3
            low, high = (one, high) if probability(one) < probability(two) else (low, two)
        best = max(best, probability((low + high) / 2))
    return min(best, 1.0)


@pytest.mark.parametrize("method", ["barnard", "boschloo"])
def test_unconditional_tests(method):
    small = [table for table in ARMS if table[1] * table[3] <= 150][:: 1 if EVERY else 16]
    assert len(small) >= 20
    found = two_proportion_test(*np.transpose(small)[[0, 1, 2, 3]], method=method).p_value
    expected = [unconditional(table, method) for table in small]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


# ------------------------------------------------------------------------------------ pairs


def tango_score(table, value):
    a, b, c, d = table
    n = a + b + c + d

    def slope(q):  # of the probability of only_c; that of only_e is value more
        return over(b, q + value) + over(c, q) - 2 * over(a + d, 1 - 2 * q - value)

    q = maximum(slope, max(0.0, -value), (1 - value) / 2)
    variance = n * (2 * q + value - value * value)
    gap = b - c - n * value
    return standardised(gap, variance)


def tango(table):
    a, b, c, d = table
    point = (b - c) / (a + b + c + d)
    lower = bisect(lambda t: tango_score(table, t) - Z, -1.0, point) if point > -1 else -1.0
    upper = bisect(lambda t: tango_score(table, t) + Z, point, 1.0) if point < 1 else 1.0
    return lower, upper


def paired_wald(table, shift=0):
    a, b, c, d = table
    n, b, c = a + b + c + d + 2 * shift, b + shift, c + shift
    p, q = b / n, c / n
    half = Z * math.sqrt(max(p + q - (p - q) ** 2, 0.0) / n)
    return p - q - half, p - q + half


def paired_newcombe(table):
    a, b, c, d = table
    n = a + b + c + d
    product = (a + b) * (c + d) * (a + c) * (b + d)
    cross = a * d - b * c
    cross = max(cross - n / 2, 0) if cross > 0 else cross
    phi = cross / math.sqrt(product) if product else 0.0
    wilson = ONE_ARM_SOLVERS["wilson"]
    p, q, (l_p, u_p), (l_q, u_q) = (a + b) / n, (a + c) / n, wilson(a + b, n), wilson(a + c, n)

    def joined(one, two):
        return math.sqrt(max(one * one - 2 * phi * one * two + two * two, 0.0))

    return p - q - joined(p - l_p, u_q - q), p - q + joined(u_p - p, q - l_q)


PAIRED_SOLVERS = {
    "wald": paired_wald,
    "bonett-price": lambda table: paired_wald(table, 1),
    "newcombe": paired_newcombe,
    "tango": tango,
}


@pytest.mark.parametrize("method", choices(PairedMethod))
def test_pairs(method):
    found = paired_interval(*np.transpose(PAIRS), method=method)
    expected = np.array([PAIRED_SOLVERS[method](table) for table in PAIRS])
    np.testing.assert_allclose(found.ci_lb, expected[:, 0], **CLOSE)
    np.testing.assert_allclose(found.ci_ub, expected[:, 1], **CLOSE)


def mcnemar(table, method):
    _, b, c, _ = table
    n, least = b + c, min(b, c)
    if method in ("mcnemar", "mcnemar-cc"):
        gap = abs(b - c) if method == "mcnemar" else max(abs(b - c) - 1, 0)
        return chi_square_tail(gap * gap / n) if n else math.nan
    tail = Fraction(sum(math.comb(n, k) for k in range(least + 1)), 2**n)
    point = Fraction(math.comb(n, least), 2**n)
    if method == "mcnemar-exact" or n == 0:
        return float(min(2 * tail, Fraction(1)))
    return float(1 - point / 2 if b == c else 2 * tail - point)


@pytest.mark.parametrize("method", choices(PairedTest))
def test_paired_tests(method):
    found = paired_test(*np.transpose(PAIRS), method=method).p_value
    np.testing.assert_allclose(found, [mcnemar(t, method) for t in PAIRS], rtol=1e-8, atol=1e-14)


def test_ranges_over_all_pairings():
    margins = [(a + b, a + c, a + b + c + d) for a, b, c, d in PAIRS if a + b + c + d <= 40]
    margins = margins[:: 1 if EVERY else 5]
    found = paired_range(*np.transpose(margins))
    for at, (e, c, n) in enumerate(margins):
        tables = [
            (both, e - both, c - both, n - e - c + both)
            for both in range(max(0, e + c - n), min(e, c) + 1)
        ]
        limits = np.array([tango(table) for table in tables])
        p = [mcnemar(table, "mcnemar-exact") for table in tables]
        expected = (
            limits[:, 0].min(),
            limits[:, 0].max(),
            limits[:, 1].min(),
            limits[:, 1].max(),
            min(p),
            max(p),
            len(tables),
        )
        names = (
            "ci_lb_min",
            "ci_lb_max",
            "ci_ub_min",
            "ci_ub_max",
            "p_value_min",
            "p_value_max",
            "tables",
        )
        np.testing.assert_allclose([getattr(found, name)[at] for name in names], expected, **CLOSE)
