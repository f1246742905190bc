"""Two independent arms: textbook values and the handling of empty cells."""

from __future__ import annotations

import math

import pytest

from evsyn.synthesis.effects import options
from evsyn.synthesis.independent import count_effect, count_yi_vi, normal_p, normal_quantile


def test_interval_and_test_agree():
    # The score interval excludes 1 exactly where the score test rejects at its level.
    for events_e in range(0, 16):
        effect = count_effect(events_e, 15, 5, 20, chosen=options("RR"))
        inside = (effect.ci_lb or 0) < 1 < (effect.ci_ub or math.inf)
        assert inside == (effect.p_value > 0.05)


def test_katz_goes_with_the_wald_test():
    effect = count_effect(18, 20, 10, 20, chosen=options("RR", "katz"))
    assert effect.p_method == "wald"
    assert effect.p_value == pytest.approx(normal_p(math.log(1.8) / math.sqrt(1 / 18)))


@pytest.mark.parametrize("measure", ["RR", "OR"])
def test_no_events_in_both_arms_say_nothing_on_ratios(measure: str):
    effect = count_effect(0, 10, 0, 12, chosen=options(measure))
    assert effect.estimate is effect.yi is effect.vi is effect.ci_lb is None
    assert "no events in either arm" in effect.reason


def test_no_events_in_both_arms_are_a_difference_of_zero():
    effect = count_effect(0, 10, 0, 12, chosen=options("RD"))
    assert effect.estimate == 0
    assert effect.ci_lb < 0 < effect.ci_ub
    assert effect.yi == 0
    assert effect.vi > 0
    assert "for the variance alone" in effect.reason


def test_an_empty_cell_is_corrected_for_pooling_only():
    effect = count_effect(0, 20, 3, 20, chosen=options("RR"))
    assert effect.estimate == 0
    assert effect.yi == pytest.approx(math.log(0.5 / 21) - math.log(3.5 / 21))
    assert "0.5 added" in effect.reason
    turned = count_effect(3, 20, 0, 20, chosen=options("RR"))
    assert turned.estimate is turned.ci_ub is None
    assert turned.ci_lb is not None
    assert turned.yi == pytest.approx(-effect.yi)
    assert "infinite" in turned.reason


def test_an_odds_ratio_of_all_events_says_nothing():
    effect = count_effect(10, 10, 12, 12, chosen=options("OR"))
    assert effect.estimate is effect.yi is None
    assert "everyone" in effect.reason


def test_difference_is_not_corrected_where_it_has_a_variance():
    yi, vi, corrected = count_yi_vi(0, 20, 3, 20, measure="RD")
    assert yi == pytest.approx(-0.15)
    assert vi == pytest.approx(0.15 * 0.85 / 20)
    assert not corrected


def test_swapping_the_arms_turns_the_sign():
    for measure in ("RR", "OR", "RD"):
        there = count_yi_vi(7, 20, 3, 25, measure=measure)
        back = count_yi_vi(3, 25, 7, 20, measure=measure)
        assert there[0] == pytest.approx(-back[0])
        assert there[1] == pytest.approx(back[1])


def test_normal_quantile():
    assert normal_quantile(0.9) == pytest.approx(1.6448536269514722)


@pytest.mark.parametrize(
    ("measure", "counts", "told"),
    [
        ("RR", (5, 10, 0, 10), "the estimate and the upper limit are infinite"),
        ("OR", (10, 10, 3, 10), "the estimate and the upper limit are infinite"),
    ],
)
def test_what_has_no_end_is_named(measure: str, counts: tuple[int, ...], told: str):
    effect = count_effect(*counts, chosen=options(measure))
    assert (effect.estimate, effect.ci_ub, effect.infinite) == (None, None, ("estimate", "ci_ub"))
    assert effect.ci_lb is not None
    assert told in effect.reason


@pytest.mark.parametrize(
    ("measure", "counts", "interval", "test", "told"),
    [
        ("RR", (0, 15, 1, 15), "katz", None, "katz limits need every cell"),
        ("RR", (0, 15, 1, 15), "katz", None, "no Wald test with an empty cell"),
        ("OR", (0, 15, 1, 15), "woolf", None, "woolf limits need every cell"),
        ("RD", (0, 15, 0, 15), None, "score", "no score test: all participants have the same"),
        ("RR", (10, 10, 10, 10), None, None, "no score test: all participants have the same"),
    ],
)
def test_whatever_is_missing_has_its_reason(measure, counts, interval, test, told):
    effect = count_effect(*counts, chosen=options(measure, interval, test))
    assert effect.p_value is None
    assert told in effect.reason
