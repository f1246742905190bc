"""Properties of intervals and tests of proportions, on drawn counts."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.literals import OneArmMethod, OrMethod, RdMethod, RrMethod, TwoArmTest, choices
from evsyn.stats import (
    nnt,
    proportion_interval,
    two_proportion_interval,
    two_proportion_test,
)

LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
ONE_ARM = choices(OneArmMethod)
TWO_ARMS = [
    *(("RD", method) for method in choices(RdMethod)),
    *(("RR", method) for method in choices(RrMethod)),
    *(("OR", method) for method in choices(OrMethod)),
]
CENTRED_ELSEWHERE = ("agresti-coull",)  # its centre is not the estimate
SLACK = 1e-9

# Equal tails of the posterior, or of half the observed count, can miss the estimate at a level
# as low as a half.
UNSURE = {(method, level) for method in ("jeffreys", "mid-p") for level in (0.5, 0.8)}


@st.composite
def arms(draw, largest=60):
    n = draw(st.integers(1, largest))
    return draw(st.integers(0, n)), n


@st.composite
def tables(draw, largest=60):
    return (*draw(arms(largest)), *draw(arms(largest)))


def same(left, right, rel=1e-9):
    """Equal, or both undefined."""
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return left == pytest.approx(right, rel=rel, abs=1e-13)


@pytest.mark.parametrize("method", ONE_ARM)
@given(arm=arms(), level=LEVELS)
def test_interval_of_one_arm_contains_its_estimate(method, arm, level):
    found = proportion_interval(*arm, method=method, level=level)
    assert found.ci_lb <= found.ci_ub
    if method not in CENTRED_ELSEWHERE and (method, level) not in UNSURE:
        assert found.ci_lb - SLACK <= found.estimate <= found.ci_ub + SLACK


@pytest.mark.parametrize("method", ONE_ARM)
@given(arm=arms(), level=LEVELS)
def test_counting_the_others_turns_the_interval_round(method, arm, level):
    x, n = arm
    found = proportion_interval(x, n, method=method, level=level)
    turned = proportion_interval(n - x, n, method=method, level=level)
    assert same(found.ci_lb, 1 - turned.ci_ub)
    assert same(found.ci_ub, 1 - turned.ci_lb)


@pytest.mark.parametrize("method", ONE_ARM)
@given(arm=arms())
def test_higher_level_is_no_narrower(method, arm):
    levels = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
    found = [proportion_interval(*arm, method=method, level=level) for level in levels]
    for narrow, wide in pairwise(found):
        assert wide.ci_ub - wide.ci_lb >= narrow.ci_ub - narrow.ci_lb - SLACK
        if method not in CENTRED_ELSEWHERE:  # its centre moves with the level
            assert wide.ci_lb <= narrow.ci_lb + SLACK
            assert wide.ci_ub >= narrow.ci_ub - SLACK


@pytest.mark.parametrize("method", ONE_ARM)
@given(n=st.integers(1, 60), level=LEVELS)
def test_more_events_move_both_limits_up(method, n, level):
    found = proportion_interval(np.arange(n + 1), n, method=method, level=level)
    if method != "wald":  # its width vanishes at the ends
        assert (np.diff(found.ci_lb) >= -SLACK).all()
        assert (np.diff(found.ci_ub) >= -SLACK).all()


@pytest.mark.parametrize("method", ONE_ARM)
@given(drawn=st.lists(arms(), min_size=1, max_size=8), level=LEVELS)
def test_arms_in_an_array_equal_arms_alone_in_any_order(method, drawn, level):
    events, n = np.array(drawn).T
    together = proportion_interval(events, n, method=method, level=level)
    turned = proportion_interval(events[::-1], n[::-1], method=method, level=level)
    for at, arm in enumerate(drawn):
        alone = proportion_interval(*arm, method=method, level=level)
        assert same(alone.ci_lb, together.ci_lb[at], rel=1e-12)
        assert same(alone.ci_ub, together.ci_ub[at], rel=1e-12)
        assert same(alone.ci_lb, turned.ci_lb[-1 - at], rel=1e-12)


@pytest.mark.parametrize(("measure", "method"), TWO_ARMS)
@given(table=tables(), level=LEVELS)
def test_interval_of_two_arms_contains_its_estimate(measure, method, table, level):
    found = two_proportion_interval(*table, measure=measure, method=method, level=level)
    if not (math.isnan(found.estimate) or math.isnan(found.ci_lb)):
        slack = SLACK * max(1.0, found.estimate if math.isfinite(found.estimate) else 1.0)
        assert found.ci_lb - slack <= found.estimate
        assert found.estimate == found.ci_ub or found.estimate <= found.ci_ub + slack


@pytest.mark.parametrize(("measure", "method"), TWO_ARMS)
@given(table=tables(), level=LEVELS)
def test_swapping_the_arms_turns_the_effect_round(measure, method, table, level):
    x_e, n_e, x_c, n_c = table
    found = two_proportion_interval(*table, measure=measure, method=method, level=level)
    swapped = two_proportion_interval(
        x_c, n_c, x_e, n_e, measure=measure, method=method, level=level
    )

    def turned(value):
        if measure == "RD":
            return -value
        return math.inf if value == 0 else 1 / value

    assert same(swapped.estimate, turned(found.estimate))
    assert same(swapped.ci_lb, turned(found.ci_ub))
    assert same(swapped.ci_ub, turned(found.ci_lb))


@pytest.mark.parametrize(("measure", "method"), [case for case in TWO_ARMS if case[0] != "RR"])
@given(table=tables())
def test_counting_the_others_turns_the_effect_round(measure, method, table):
    x_e, n_e, x_c, n_c = table
    found = two_proportion_interval(*table, measure=measure, method=method)
    others = two_proportion_interval(n_c - x_c, n_c, n_e - x_e, n_e, measure=measure, method=method)
    assert same(found.ci_lb, others.ci_lb)
    assert same(found.ci_ub, others.ci_ub)


@pytest.mark.parametrize(("measure", "method"), TWO_ARMS)
@given(table=tables())
def test_higher_level_of_two_arms_is_no_narrower(measure, method, table):
    levels = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
    found = [
        two_proportion_interval(*table, measure=measure, method=method, level=level)
        for level in levels
    ]
    for narrow, wide in pairwise(found):
        if not math.isnan(narrow.ci_lb):
            assert wide.ci_lb <= narrow.ci_lb * (1 + math.copysign(SLACK, narrow.ci_lb)) + 1e-13
            assert wide.ci_ub >= narrow.ci_ub * (1 - math.copysign(SLACK, narrow.ci_ub)) - 1e-13


@pytest.mark.parametrize(("measure", "method"), TWO_ARMS)
@given(drawn=st.lists(tables(), min_size=1, max_size=8))
def test_tables_in_an_array_equal_tables_alone(measure, method, drawn):
    together = two_proportion_interval(*np.array(drawn).T, measure=measure, method=method)
    for at, table in enumerate(drawn):
        alone = two_proportion_interval(*table, measure=measure, method=method)
        assert same(alone.estimate, together.estimate[at], rel=1e-12)
        assert same(alone.ci_lb, together.ci_lb[at], rel=1e-11)
        assert same(alone.ci_ub, together.ci_ub[at], rel=1e-11)


@pytest.mark.parametrize("method", choices(TwoArmTest))
@given(table=tables(largest=25))
def test_p_value_does_not_depend_on_the_naming(method, table):
    x_e, n_e, x_c, n_c = table
    p_value = two_proportion_test(*table, method=method).p_value
    swapped = two_proportion_test(x_c, n_c, x_e, n_e, method=method)
    others = two_proportion_test(n_e - x_e, n_e, n_c - x_c, n_c, method=method)
    assert same(p_value, swapped.p_value)
    assert same(p_value, others.p_value)
    assert math.isnan(p_value) or 0 < p_value <= 1


@given(table=tables(largest=25))
def test_tests_stand_in_their_known_order(table):
    p_value = {
        method: two_proportion_test(*table, method=method).p_value for method in choices(TwoArmTest)
    }
    assert p_value["fisher-mid-p"] < p_value["fisher"]
    assert p_value["boschloo"] <= p_value["fisher"] * (1 + SLACK)
    if not math.isnan(p_value["score"]):
        assert p_value["chi-square"] <= p_value["n-1"] <= 1
        assert p_value["chi-square"] <= p_value["yates"]
        assert p_value["score"] == p_value["n-1"]


@given(table=tables(), level=LEVELS)
def test_numbers_needed_are_reciprocals(table, level):
    found = nnt(*table, level=level)
    difference = two_proportion_interval(*table, measure="RD", level=level)
    assert found.through_infinity == (difference.ci_lb <= 0 <= difference.ci_ub)
    if difference.estimate:
        assert found.estimate == pytest.approx(1 / difference.estimate, rel=1e-14)
        assert abs(found.estimate) >= 1
    if not found.through_infinity:
        assert found.ci_lb <= found.estimate <= found.ci_ub
    else:
        assert found.ci_ub < 0 < found.ci_lb or not np.isfinite([found.ci_lb, found.ci_ub]).all()
