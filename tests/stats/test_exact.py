"""Exact p-values against enumeration in whole fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from evsyn.stats._exact import barnard_p, boschloo_p, fisher_p

# Synthetic tables: ties, unequal arms, empty and full arms, no difference.
TABLES = [
    (7, 8, 3, 14),
    (18, 20, 10, 20),
    (7, 12, 1, 12),
    (0, 5, 5, 5),
    (2, 9, 0, 31),
    (1, 3, 2, 6),
    (4, 11, 9, 13),
    (18, 20, 6, 21),
    (0, 1, 1, 1),
]


def fisher_fraction(table):
    x_e, n_e, x_c, n_c = table
    m = x_e + x_c

    def ways(count):
        return comb(n_e, count) * comb(n_c, m - count)

    own = ways(x_e)
    possible = range(max(0, m - n_c), min(n_e, m) + 1)
    total = comb(n_e + n_c, m)
    near = sum(ways(count) for count in possible if ways(count) <= own)
    return Fraction(near, total), Fraction(own, total)


def pearson_fraction(table):
    x_e, n_e, x_c, n_c = table
    total, m = n_e + n_c, x_e + x_c
    if m in (0, total):
        return Fraction(0)
    return Fraction((x_e * n_c - x_c * n_e) ** 2 * total, n_e * n_c * m * (total - m))


def unconditional(table, extreme):
    """Largest probability of a region of tables, on a fine grid of the common proportion."""
    _, n_e, _, n_c = table
    pi = np.linspace(0, 1, 20001)
    value = np.zeros_like(pi)
    for i in range(n_e + 1):
        for j in range(n_c + 1):
            if extreme((i, n_e, j, n_c)):
                ways = comb(n_e, i) * comb(n_c, j)
                value += ways * pi ** (i + j) * (1 - pi) ** (n_e + n_c - i - j)
    return value.max()


def test_fisher_is_the_sum_of_fractions():
    arms = tuple(np.array(column, dtype=float) for column in zip(*TABLES, strict=True))
    p_value, observed = fisher_p(arms)
    expected = [fisher_fraction(table) for table in TABLES]
    np.testing.assert_allclose(p_value, [float(p) for p, _ in expected], rtol=1e-13)
    np.testing.assert_allclose(observed, [float(own) for _, own in expected], rtol=1e-13)


def test_fisher_does_not_depend_on_the_company_of_other_tables():
    tables = [(x, 30, 40 - x, 200) for x in range(31)] + [(1, 2, 1, 2)]
    arms = tuple(np.array(column, dtype=float) for column in zip(*tables, strict=True))
    together, _ = fisher_p(arms)
    for at, table in enumerate(tables):
        alone, _ = fisher_p(tuple(np.array([float(value)]) for value in table))
        assert alone[0] == pytest.approx(together[at], rel=1e-13)


def test_fisher_in_blocks():
    # So many wide tables that they do not fit one block.
    x_e = np.tile(np.arange(0.0, 1001.0), 2)
    full = np.full_like(x_e, 1000.0)
    p_value, _ = fisher_p((x_e, full, 1000.0 - x_e, full))
    np.testing.assert_allclose(p_value[:1001], p_value[:1001][::-1], rtol=1e-9)
    np.testing.assert_array_equal(p_value[:1001], p_value[1001:])
    assert p_value[500] == 1.0


@pytest.mark.parametrize("table", TABLES)
def test_barnard_is_the_largest_probability_of_its_region(table):
    own = pearson_fraction(table)
    expected = unconditional(table, lambda other: pearson_fraction(other) >= own)
    found = barnard_p(table)
    assert found == pytest.approx(expected, rel=1e-6)
    assert found >= expected * (1 - 1e-12)


@pytest.mark.parametrize("table", TABLES)
def test_boschloo_is_the_largest_probability_of_its_region(table):
    own, _ = fisher_fraction(table)
    expected = unconditional(table, lambda other: fisher_fraction(other)[0] <= own)
    found = boschloo_p(table)
    assert found == pytest.approx(expected, rel=1e-6)
    assert found >= expected * (1 - 1e-12)


@pytest.mark.parametrize("table", TABLES)
def test_boschloo_never_exceeds_fisher(table):
    assert boschloo_p(table) <= float(fisher_fraction(table)[0]) * (1 + 1e-12)


def test_several_hundred_an_arm_keeps_its_accuracy():
    # The arms swapped and the outcome turned round are the same question.
    for test in (barnard_p, boschloo_p):
        p_value = test((120, 300, 150, 310))
        assert test((150, 310, 120, 300)) == pytest.approx(p_value, rel=1e-10)
        assert test((180, 300, 160, 310)) == pytest.approx(p_value, rel=1e-10)
        assert 0.03 < p_value < 0.05
