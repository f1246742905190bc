"""Pairs: one table, every table, an assumed correlation."""

from __future__ import annotations

import math

import pytest

from evsyn.synthesis.effects import options
from evsyn.synthesis.pairs import margin_effect, pair_effect


def test_printed_pairs_of_fagerland_2014():
    # Airway hyper-responsiveness, 1, 1, 7, 12 children: Tango -0.517 to -0.026,
    # McNemar's asymptotic p 0.034 (Fagerland, Lydersen, Laake 2014, tables 5 and 6).
    effect = pair_effect(1, 1, 7, 12, chosen=options("RD"))
    assert effect.estimate == pytest.approx(-6 / 21)
    assert effect.ci_lb == pytest.approx(-0.517, abs=5e-4)
    assert effect.ci_ub == pytest.approx(-0.026, abs=5e-4)
    assert effect.p_value == pytest.approx(0.034, abs=5e-4)
    assert (effect.ci_method, effect.p_method, effect.pairings) == ("tango", "mcnemar", 1)
    assert effect.p_value_min == effect.p_value_max == effect.p_value


def test_ratio_of_pairs_uses_its_score_interval():
    effect = pair_effect(59, 6, 16, 80, chosen=options("RR"))
    assert effect.estimate == pytest.approx(65 / 75)
    assert effect.ci_method == "tang"
    assert effect.vi == pytest.approx(22 / (65 * 75))


def test_the_range_holds_every_table():
    span = margin_effect(20, 5, 50, options("RR"))
    for both in range(0, 6):
        effect = pair_effect(
            both, 20 - both, 5 - both, 25 + both, chosen=options("RR", None, "mcnemar-exact")
        )
        assert effect.estimate == pytest.approx(span.estimate)
        assert span.p_value_min <= effect.p_value <= span.p_value_max
        assert span.ci_lb_min <= effect.ci_lb
        assert effect.ci_ub <= span.ci_ub_max
        assert span.vi_min <= effect.vi <= span.vi_max
    assert span.pairings == 6
    assert span.p_value is span.ci_lb is span.vi is None
    assert "every possible pairing" in span.reason


def test_one_possible_table_is_a_point():
    effect = margin_effect(0, 25, 25, options("RD"))
    assert effect.pairings == 1
    assert effect.estimate == effect.ci_lb == -1
    assert effect.p_value == effect.p_value_min == effect.p_value_max == pytest.approx(2 * 0.5**25)


def test_phi_picks_one_table():
    effect = margin_effect(18, 10, 20, options("RD", phi=0.3))
    assert effect.pairings == 1
    assert effect.p_value is not None
    assert "phi 0.3 assumed" in effect.how
    refused = margin_effect(2, 9, 30, options("RD", phi=0.95))
    assert refused.estimate is None
    assert "impossible" in refused.reason


def test_marginal_odds_ratio():
    effect = pair_effect(10, 5, 2, 13, chosen=options("OR"))
    assert effect.estimate == pytest.approx((15 / 15) / (12 / 18))
    assert effect.yi == pytest.approx(math.log(effect.estimate))
    # delta method with the covariance of the two margins
    p_e, p_c, n = 0.5, 0.4, 30
    joint = 10 / n - p_e * p_c
    expected = (1 / 0.25 + 1 / 0.24 - 2 * joint / (0.25 * 0.24)) / n
    assert effect.vi == pytest.approx(expected)
    assert effect.ci_lb == pytest.approx(math.exp(effect.yi - 1.959963984540054 * expected**0.5))


@pytest.mark.parametrize("measure", ["RR", "OR"])
def test_no_event_under_one_arm_has_no_log_ratio(measure: str):
    effect = margin_effect(0, 5, 25, options(measure))
    assert effect.estimate == 0
    assert effect.yi is effect.vi is effect.vi_min is None
    assert "no event under one arm" in effect.reason


def test_everyone_under_one_arm_has_no_log_odds():
    effect = margin_effect(25, 5, 25, options("OR"))
    assert effect.estimate is effect.yi is None
    assert "everyone" in effect.reason


def test_a_ratio_without_end_of_pairs_is_named():
    effect = margin_effect(23, 0, 25, options("RR"))
    assert (effect.estimate, effect.ci_ub, effect.ci_ub_max) == (None, None, None)
    assert effect.infinite == ("estimate", "ci_ub")
    assert "the estimate and the upper limit are infinite" in effect.reason
    odds = margin_effect(5, 0, 25, options("OR"))
    assert (odds.estimate, odds.infinite) == (None, ("estimate",))
    assert "no interval without events under one arm" in odds.reason


def test_an_end_of_the_range_that_is_infinite_hides_no_other():
    effect = margin_effect(5, 2, 27, options("RR"))
    assert effect.infinite == ()
    assert effect.ci_ub_max is not None
    same = pair_effect(10, 0, 0, 0, chosen=options("RR"))
    assert (same.estimate, same.p_value) == (1, None)
    assert "no mcnemar test: no pairs that differ" in same.reason
