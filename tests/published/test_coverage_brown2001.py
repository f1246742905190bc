"""Coverage of intervals for a proportion, exact by enumeration.

L. D. Brown, T. T. Cai, A. DasGupta, "Interval estimation for a binomial proportion", Statistical
Science 16 (2001) 101-133: the Wald interval for p = 1/2 and n = 10 (table 1), and lucky and unlucky
n for p = 0.2 (section 2). Whole rows of coverage: R's own intervals, ``r_coverage.json``. The
guarantee of the exact intervals, and its absence in the others, hold at every p; the intervals of
differences are enumerated too.
"""

from __future__ import annotations

import json
from math import comb
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats import paired_interval, proportion_interval, two_proportion_interval

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference/r_coverage.json").read_text(encoding="utf-8")
)


def binomial(n, p):
    return np.array([comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)])


def coverage(method, n, p, level=0.95):
    found = proportion_interval(np.arange(n + 1), n, method=method, level=level)
    return float(binomial(n, p)[(found.ci_lb <= p) & (p <= found.ci_ub)].sum())


def test_wald_at_one_half():
    assert coverage("wald", 10, 0.5) == pytest.approx(0.891, abs=5.1e-4)


def test_wald_is_better_with_30_than_with_98():
    lucky, unlucky = coverage("wald", 30, 0.2), coverage("wald", 98, 0.2)
    assert unlucky < lucky < 0.95
    # The intervals recommended there stay near the level at both.
    for method in ("wilson", "jeffreys", "agresti-coull"):
        for n in (30, 98):
            assert abs(coverage(method, n, 0.2) - 0.95) < 0.02


@pytest.mark.parametrize("method", list(REFERENCE["coverage"]))
def test_same_as_enumerated_with_the_intervals_of_r(method):
    for n, row in zip(REFERENCE["n"], REFERENCE["coverage"][method], strict=True):
        found = [coverage(method, int(n), p) for p in REFERENCE["p"]]
        np.testing.assert_allclose(found, row, rtol=1e-12)


@pytest.mark.parametrize("method", ["clopper-pearson", "blaker"])
@pytest.mark.parametrize("n", [4, 9, 17, 30])
def test_exact_intervals_keep_their_level_at_every_p(method, n):
    # Coverage is lowest next to a limit: just outside each of them.
    found = proportion_interval(np.arange(n + 1), n, method=method)
    edges = np.concatenate([found.ci_lb, found.ci_ub])
    edges = edges[(edges > 0) & (edges < 1)]
    for p in np.concatenate([edges * (1 - 1e-9), edges * (1 + 1e-9), np.linspace(0.01, 0.99, 99)]):
        assert coverage(method, n, min(p, 1 - 1e-12)) >= 0.95 - 1e-7


def test_blaker_covers_no_more_than_clopper_pearson():
    for p in np.linspace(0.013, 0.987, 60):
        assert coverage("blaker", 20, p) <= coverage("clopper-pearson", 20, p) + 1e-12


@pytest.mark.parametrize(
    ("measure", "method", "worst"),
    [
        ("RD", "wald", None),
        ("RD", "newcombe", 0.92),
        ("RD", "mee", 0.92),
        ("RD", "miettinen-nurminen", 0.93),
        ("RR", "koopman", 0.92),
        ("RR", "miettinen-nurminen", 0.93),
        ("OR", "miettinen-nurminen", 0.93),
    ],
)
def test_two_arms_of_15_and_20(measure, method, worst):
    e, c = np.meshgrid(np.arange(16), np.arange(21), indexing="ij")
    found = two_proportion_interval(e, 15, c, 20, measure=measure, method=method)
    reached = []
    for p_e in np.linspace(0.06, 0.94, 12):
        for p_c in np.linspace(0.07, 0.93, 12):
            value = {"RD": p_e - p_c, "RR": p_e / p_c, "OR": p_e / (1 - p_e) * (1 - p_c) / p_c}
            inside = (found.ci_lb <= value[measure]) & (value[measure] <= found.ci_ub)
            reached.append((np.outer(binomial(15, p_e), binomial(20, p_c)) * inside).sum())
    if method == "wald":
        assert min(reached) < 0.88 and np.mean(reached) < 0.95
    else:
        assert min(reached) > worst and 0.945 < np.mean(reached) < 0.975


@pytest.mark.parametrize("method", ["wald", "bonett-price", "newcombe", "tango"])
def test_twenty_pairs(method):
    n = 20
    cells = np.array(
        [
            (a, b, c, n - a - b - c)
            for a in range(n + 1)
            for b in range(n + 1 - a)
            for c in range(n + 1 - a - b)
        ]
    )
    ways = np.array(
        [
            comb(n, int(a)) * comb(n - int(a), int(b)) * comb(n - int(a) - int(b), int(c))
            for a, b, c, _ in cells
        ],
        dtype=float,
    )
    found = paired_interval(*cells.T, method=method)
    rng = np.random.default_rng(5)
    reached = []
    for shares in rng.dirichlet([2, 1, 1, 2], 150):
        inside = (found.ci_lb <= shares[1] - shares[2]) & (shares[1] - shares[2] <= found.ci_ub)
        chance = ways * np.prod(shares**cells, axis=1)
        assert chance.sum() == pytest.approx(1)
        reached.append(chance[inside].sum())
    if method == "wald":
        assert min(reached) < 0.88
    else:
        assert min(reached) > 0.90 and 0.94 < np.mean(reached) < 0.98
