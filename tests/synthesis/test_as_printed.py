"""Results taken as printed: of synthetic trials and synthetic reviews."""

from __future__ import annotations

import math

import pytest

from evsyn.synthesis.as_printed import REVIEW_RESULT, printed_effect
from evsyn.synthesis.compare import compare
from evsyn.synthesis.effects import options
from evsyn.synthesis.meta import pool_comparisons

Z = 1.959963984540054


def printed(synthetic, measure="OR", study="s1", **values: str):
    """Print some result values of the comparison e_v_c."""
    for field, text in values.items():
        relation = text[0] if text[0] in "<>" else ""
        named = {} if field == "p" else {"measure": measure}
        level = "95" if field.startswith("ci") else ""
        synthetic.value(
            field, text, "e_v_c", "o", study_id=study, relation=relation, ci_level=level,
            citekey=f"{study}-report", **named,
        )  # fmt: skip


def test_limits_and_standard_errors_tell_the_variance():
    chosen = options("MD")
    limits = printed_effect(-1.5, (-2.5, -0.5), 0.1, chosen)
    assert limits.vi == pytest.approx((2 / (2 * Z)) ** 2)
    error = printed_effect(-1.5, (None, None), 0.5, chosen)
    assert (error.vi, error.ci_method, error.ci_lb) == (
        0.25, "wald", pytest.approx(-1.5 - Z / 2)
    )  # fmt: skip
    bare = printed_effect(-1.5, (None, None), None, chosen)
    assert (bare.estimate, bare.vi, bare.reason) == (-1.5, None, "no interval is printed")
    ratio = printed_effect(2.0, (1.0, 4.0), None, options("ROM"))
    assert ratio.yi == pytest.approx(math.log(2))
    assert ratio.vi == pytest.approx((math.log(4) / (2 * Z)) ** 2)


def test_limits_of_another_level_are_not_shown_as_those_asked_for():
    effect = printed_effect(2.0, (1.0, 4.0), None, options("OR", level=0.9))
    assert (effect.estimate, effect.ci_lb, effect.ci_ub, effect.ci_method) == (2, None, None, "")
    assert effect.vi == pytest.approx((math.log(4) / (2 * Z)) ** 2)
    assert effect.reason == "its limits are printed for 95%, not 90%"


def test_what_has_no_log_gives_nothing_to_pool():
    effect = printed_effect(0.0, (0.0, 4.0), None, options("OR"))
    assert (effect.estimate, effect.ci_ub, effect.yi, effect.vi) == (0, 4, None, None)
    assert "no log" in effect.reason
    half = printed_effect(2.0, (None, 4.0), None, options("OR"))
    assert (half.vi, half.reason) == (None, "no single lower limit is printed")
    zero = printed_effect(1.0, (None, None), 0.0, options("MD"))
    assert (zero.vi, zero.p_value, zero.ci_lb) == (None, None, None)


def test_a_bound_is_no_p_value(synthetic):
    synthetic.study().outcome("o")
    printed(synthetic, estimate="2.0", ci_lb="1.0", ci_ub="4.0", p="<0.05")
    (row,) = compare(synthetic.evidence(), measure="OR")
    assert (row.estimate, row.p_value, row.p_method) == (2, None, "")
    assert row.printed == "OR 2.0 (1.0 to 4.0), p <0.05"


def test_a_bound_is_no_estimate(synthetic):
    synthetic.study().outcome("o")
    printed(synthetic, estimate="<2.0", p="0.03")
    (row,) = compare(synthetic.evidence(), measure="OR")
    assert row.estimate is None


def test_a_review_is_shown_and_enters_no_pool(synthetic):
    synthetic.study("s0", kind="review", design="", allocation="").outcome("o")
    printed(synthetic, study="s0", estimate="2.0", ci_lb="1.0", ci_ub="4.0", p="0.05")
    for study in ("s1", "s2"):
        synthetic.study(study)
        printed(synthetic, study=study, estimate="2.0", ci_lb="1.0", ci_ub="4.0")
    compared = compare(synthetic.evidence(), measure="OR")
    row = next(row for row in compared if row.kind == "review")
    assert (row.estimate, row.ci_lb, row.ci_ub, row.p_value) == (2, 1, 4, 0.05)
    assert (row.ci_method, row.p_method, row.status) == ("as printed", "as printed", "reported")
    assert (row.yi, row.vi, row.reason) == (None, None, REVIEW_RESULT)
    assert [quote.printed for quote in row.trace.quotes] == ["2.0", "1.0", "4.0", "0.05"]
    assert any(note.startswith("Pooled results of reviews (s0)") for note in compared.notes)
    (pooled,) = pool_comparisons(compared)
    assert (pooled.k, pooled.studies) == (2, ("s1", "s2"))


@pytest.mark.parametrize(("asked", "told"), [("RR", "no RR: OR printed"), ("RD", "no RD")])
def test_a_review_of_another_measure_says_which(synthetic, asked: str, told: str):
    synthetic.study(kind="review", design="", allocation="").outcome("o")
    printed(synthetic, estimate="2.0", ci_lb="1.0", ci_ub="4.0")
    (row,) = compare(synthetic.evidence(), measure=asked)
    assert (row.estimate, row.p_value, row.status) == (None, None, "reported")
    assert told in row.reason
    assert row.printed == "OR 2.0 (1.0 to 4.0)"


def test_counts_of_a_review_are_not_one_comparison(synthetic):
    synthetic.study(kind="review", design="", allocation="").outcome("o")
    synthetic.counts("o", e=(5, 10), c=(2, 10))
    (row,) = compare(synthetic.evidence())
    assert (row.estimate, row.status) == (None, "not found")
    assert "not one comparison" in row.reason
