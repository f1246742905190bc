"""Harbord's and Peters' tests against lm() in R, and at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.bias.counts_asymmetry import harbord_test, peters_test

REFERENCE = Path(__file__).parents[2] / "reference"
ANALYSES = {
    name: data
    for name, data in json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))[
        "analyses"
    ].items()
    if "counts" in data
}
CLOSED = {"rtol": 1e-8, "atol": 1e-12}
TESTS = {"harbord": harbord_test, "peters": peters_test}


def counts_of(name):
    return [np.array(ANALYSES[name]["counts"][key]) for key in ("ai", "n1i", "ci", "n2i")]


@pytest.mark.parametrize("kind", TESTS)
@pytest.mark.parametrize("name", ANALYSES)
def test_agrees_with_r(name, kind):
    wanted = ANALYSES[name][kind]
    result = TESTS[kind](*counts_of(name))
    for field in ("estimate", "se", "statistic", "p_value", "limit", "limit_ci_lb", "limit_ci_ub"):
        if field in wanted:
            np.testing.assert_allclose(getattr(result, field), wanted[field], **CLOSED)
    assert result.k == wanted["k"]
    assert result.left_out == len(ANALYSES[name]["yi"]) - wanted["k"]


@pytest.mark.parametrize("test", TESTS.values())
def test_other_arm_first_turns_the_sign(test):
    a, n1, c, n2 = counts_of("bcg_RR")
    one, other = test(a, n1, c, n2), test(c, n2, a, n1)
    np.testing.assert_allclose(other.estimate, -one.estimate, rtol=1e-9)
    np.testing.assert_allclose(other.p_value, one.p_value, rtol=1e-9)


@pytest.mark.parametrize("test", TESTS.values())
def test_other_event_turns_the_sign(test):
    a, n1, c, n2 = counts_of("bcg_RR")
    one, other = test(a, n1, c, n2), test(n1 - a, n1, n2 - c, n2)
    np.testing.assert_allclose(other.estimate, -one.estimate, rtol=1e-9)


@pytest.mark.parametrize("test", TESTS.values())
def test_studies_that_carry_nothing_are_counted_not_used(test):
    a, n1, c, n2 = counts_of("bcg_RR")
    one = test(a, n1, c, n2)
    extra = test(
        np.r_[a, 0, 10, 3, np.nan, 2],
        np.r_[n1, 10, 10, 9, 5, 8],
        np.r_[c, 0, 12, 0, 1, 0],
        np.r_[n2, 12, 12, 0, 5, 0],
    )
    assert extra.left_out == 5 and extra.k == 13
    np.testing.assert_allclose(extra.p_value, one.p_value, rtol=1e-12)


@pytest.mark.parametrize("test", TESTS.values())
def test_many_at_once_are_each_alone(test):
    a, n1, c, n2 = counts_of("bcg_RR")
    other = counts_of("egger2001_OR")
    columns = [
        np.column_stack([one, two[:13]]) for one, two in zip((a, n1, c, n2), other, strict=True)
    ]
    many = test(*columns)
    for column in range(2):
        alone = test(*(part[:, column] for part in columns))
        np.testing.assert_allclose(many.p_value[column], alone.p_value, rtol=1e-10)


@pytest.mark.parametrize("test", TESTS.values())
def test_refusals(test):
    a, n1, c, n2 = counts_of("bcg_RR")
    with pytest.raises(StatsError, match="9 studies"):
        test(a[:9], n1[:9], c[:9], n2[:9])
    assert np.isfinite(test(a[:9], n1[:9], c[:9], n2[:9], force=True).p_value)
    with pytest.raises(StatsError, match=r"study 0: events_e=200 lies outside 0\.\.123"):
        test(np.r_[200, a[1:]], n1, c, n2)
    with pytest.raises(StatsError, match="study 2: events_c=-1"):
        test(a, n1, np.r_[c[:2], -1, c[3:]], n2)
    with pytest.raises(StatsError, match="shapes do not fit"):
        test(a, n1[:5], c, n2)
    with pytest.raises(StatsError, match=r"the counts have the shape \(\)"):
        test(1, 2, 1, 2)


@pytest.mark.parametrize("test", TESTS.values())
def test_nothing_but_empty_studies(test):
    result = test([0, 0, 0], [5, 6, 7], [0, 0, 0], [5, 6, 7], force=True)
    assert np.isnan(result.p_value) and result.reason == "fewer than three studies"
    assert result.left_out == 3
