"""What must hold for every table of pairs, whatever its counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.literals import PairedMethod, PairedRatioMethod, PairedTest, choices
from evsyn.stats import (
    effect_sizes,
    mean_difference,
    paired_from_phi,
    paired_interval,
    paired_mean_difference,
    paired_mean_range,
    paired_range,
    paired_ratio_interval,
    paired_test,
)

COUNTS = st.integers(0, 60)
TABLES = st.tuples(COUNTS, COUNTS, COUNTS, COUNTS).filter(lambda table: sum(table) > 0)
LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])
SPREADS = st.floats(0.1, 50)
MEANS = st.floats(-100, 100)


@st.composite
def margins(draw):
    n = draw(st.integers(1, 25))
    return draw(st.integers(0, n)), draw(st.integers(0, n)), n


@pytest.mark.parametrize("method", choices(PairedMethod))
@given(table=TABLES, level=LEVELS)
def test_swapping_arms_flips_the_difference(method, table, level):
    a, b, c, d = table
    found = paired_interval(a, b, c, d, method=method, level=level)
    swapped = paired_interval(a, c, b, d, method=method, level=level)
    assert swapped.estimate == -found.estimate
    assert swapped.ci_lb == pytest.approx(-found.ci_ub, rel=1e-12, abs=1e-15)
    assert swapped.ci_ub == pytest.approx(-found.ci_lb, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("method", choices(PairedMethod))
@given(table=TABLES, level=LEVELS)
def test_counting_the_others_flips_the_difference(method, table, level):
    a, b, c, d = table
    found = paired_interval(a, b, c, d, method=method, level=level)
    others = paired_interval(d, c, b, a, method=method, level=level)
    assert others.ci_lb == pytest.approx(-found.ci_ub, rel=1e-9, abs=1e-12)
    assert others.ci_ub == pytest.approx(-found.ci_lb, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", ["newcombe", "tango", "wald"])
@given(table=TABLES, level=LEVELS)
def test_the_interval_holds_the_difference(method, table, level):
    found = paired_interval(*table, method=method, level=level)
    assert found.ci_lb <= found.estimate + 1e-12
    assert found.ci_ub >= found.estimate - 1e-12


@given(table=TABLES, level=LEVELS)
def test_score_intervals_stay_where_differences_are(table, level):
    for method in ("tango", "newcombe"):
        found = paired_interval(*table, method=method, level=level)
        assert -1 - 1e-12 <= found.ci_lb <= found.ci_ub <= 1 + 1e-12


@given(table=TABLES)
def test_tango_agrees_with_the_asymptotic_test(table):
    p_value = paired_test(*table, method="mcnemar").p_value
    if np.isnan(p_value) or abs(p_value - 0.05) < 1e-6:
        return
    found = paired_interval(*table)
    assert (p_value < 0.05) == (found.ci_lb > 0 or found.ci_ub < 0)


@pytest.mark.parametrize("method", ["bonett-price", "newcombe", "tango", "wald"])
@given(table=TABLES)
def test_higher_level_is_wider(method, table):
    narrow, wide = (paired_interval(*table, method=method, level=x) for x in (0.8, 0.95))
    assert wide.ci_lb <= narrow.ci_lb + 1e-12
    assert wide.ci_ub >= narrow.ci_ub - 1e-12


@pytest.mark.parametrize("method", choices(PairedTest))
@given(table=TABLES, other=COUNTS)
def test_p_ignores_order_and_concordance(method, table, other):
    a, b, c, d = table
    found = paired_test(a, b, c, d, method=method).p_value
    same = paired_test(a + other, c, b, d, method=method).p_value
    assert same == found or (np.isnan(same) and np.isnan(found))
    assert np.isnan(found) or 0 <= found <= 1


@given(table=TABLES)
def test_mid_p_lies_below_exact_and_correction_above_none(table):
    p = {name: paired_test(*table, method=name).p_value for name in choices(PairedTest)}
    assert p["mcnemar-mid-p"] <= p["mcnemar-exact"]
    if table[1] + table[2]:
        assert p["mcnemar"] <= p["mcnemar-cc"]


@pytest.mark.parametrize("method", choices(PairedRatioMethod))
@given(table=TABLES, level=LEVELS)
def test_swapping_arms_inverts_the_ratio(method, table, level):
    a, b, c, d = table
    found = paired_ratio_interval(a, b, c, d, method=method, level=level)
    swapped = paired_ratio_interval(a, c, b, d, method=method, level=level)
    with np.errstate(divide="ignore"):
        assert swapped.ci_lb == pytest.approx(1 / found.ci_ub, rel=1e-9, nan_ok=True)
        assert swapped.ci_ub == pytest.approx(1 / found.ci_lb, rel=1e-9, nan_ok=True)


@given(table=TABLES, level=LEVELS)
def test_tang_and_tango_exclude_equality_together(table, level):
    difference = paired_interval(*table, level=level)
    ratio = paired_ratio_interval(*table, method="tang", level=level)
    if np.isnan(ratio.ci_lb) or min(abs(difference.ci_lb), abs(difference.ci_ub)) < 1e-9:
        return
    assert (difference.ci_lb > 0) == (ratio.ci_lb > 1)
    assert (difference.ci_ub < 0) == (ratio.ci_ub < 1)


@given(margin=margins())
def test_the_range_holds_every_table(margin):
    e, c, n = margin
    span = paired_range(e, c, n)
    for both in range(max(0, e + c - n), min(e, c) + 1):
        table = both, e - both, c - both, n - e - c + both
        p_value, interval = paired_test(*table).p_value, paired_interval(*table)
        assert span.p_value_min <= p_value <= span.p_value_max
        assert span.ci_lb_min <= interval.ci_lb <= span.ci_lb_max
        assert span.ci_ub_min <= interval.ci_ub <= span.ci_ub_max
    assert span.tables == min(e, c) - max(0, e + c - n) + 1


@given(margin=margins())
def test_the_range_flips_with_the_arms(margin):
    e, c, n = margin
    span, swapped = paired_range(e, c, n), paired_range(c, e, n)
    assert swapped.p_value_max == span.p_value_max
    assert swapped.ci_lb_min == pytest.approx(-span.ci_ub_max, rel=1e-12, abs=1e-15)
    assert swapped.ci_ub_min == pytest.approx(-span.ci_lb_max, rel=1e-12, abs=1e-15)


@given(margin=margins())
def test_phi_of_a_table_gives_the_table(margin):
    e, c, n = margin
    for both in range(max(0, e + c - n), min(e, c) + 1):
        scale = np.sqrt(e * (n - e) * c * (n - c))
        phi = (n * both - e * c) / scale if scale else 0.0
        table = paired_from_phi(e, c, n, phi)
        assert table.both == both
        assert table.only_e + table.both == e
        assert table.only_c + table.both == c
        assert table.both + table.only_e + table.only_c + table.neither == n


@given(table=TABLES)
def test_effect_sizes_of_pairs_are_those_of_the_intervals(table):
    difference = effect_sizes(
        "MPRD", to="none", **dict(zip(("both", "only_e", "only_c", "neither"), table, strict=True))
    )
    wald = paired_interval(*table, method="wald")
    if not np.isnan(difference.yi):
        half = 1.959963984540054 * np.sqrt(difference.vi)
        assert wald.ci_ub - wald.estimate == pytest.approx(half, rel=1e-7)


@given(m1=MEANS, m2=MEANS, s1=SPREADS, s2=SPREADS, n=st.integers(2, 200))
def test_swapping_arms_flips_the_mean_difference(m1, m2, s1, s2, n):
    for method in ("welch", "pooled"):
        found = mean_difference(m1, s1, n, m2, s2, n + 3, method=method)
        swapped = mean_difference(m2, s2, n + 3, m1, s1, n, method=method)
        assert swapped.estimate == -found.estimate
        assert swapped.ci_lb == pytest.approx(-found.ci_ub, rel=1e-9, abs=1e-9)
        assert swapped.p_value == pytest.approx(found.p_value, rel=1e-9)


@given(m1=MEANS, m2=MEANS, s1=SPREADS, s2=SPREADS, n=st.integers(2, 200), r=st.floats(-1, 1))
def test_every_correlation_lies_in_the_range(m1, m2, s1, s2, n, r):
    found = paired_mean_difference(m1, s1, m2, s2, n, r=r)
    span = paired_mean_range(m1, s1, m2, s2, n)
    assert span.se_min <= found.se * (1 + 1e-12)
    assert span.se_max >= found.se * (1 - 1e-12)
    if found.se > 0:
        assert span.ci_lb_min <= found.ci_lb + 1e-9
        assert span.ci_ub_max >= found.ci_ub - 1e-9
        assert span.p_value_min <= found.p_value * (1 + 1e-9)
        assert span.p_value_max >= found.p_value * (1 - 1e-9)
