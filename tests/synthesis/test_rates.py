"""Rates: the numbers that must come out of the evidence, and every row that has none."""

from __future__ import annotations

import pytest

from evsyn.errors import StatsError, TableError
from evsyn.synthesis.rates import interval_name, rates
from evsyn.tables.derive import evidence as derive
from evsyn.tables.evidence import Evidence


def one(result, **wanted):
    """The single row with these values."""
    rows = [row for row in result if all(getattr(row, k) == v for k, v in wanted.items())]
    assert len(rows) == 1, (wanted, len(rows))
    return rows[0]


# The repository's own evidence --------------------------------------------------------------


def test_park_2012(trials: Evidence):
    row = one(
        rates(trials, condition="striae"),
        study_id="park2012",
        outcome_id="improvement_marked_or_excellent",
    )
    assert (row.events, row.n) == (7, 16)
    assert row.ci_lb == pytest.approx(0.2310, abs=5e-5)
    assert row.ci_ub == pytest.approx(0.6682, abs=5e-5)
    assert row.citekeys == ("park2012",)


def test_skinstylus(trials: Evidence):
    row = one(rates(trials, study="skinstylus_k200044"), outcome_id="vas_gain_10mm")
    assert (row.events, row.n, row.status) == (22, 30, "reported")


def test_kaur_is_derived_from_a_truncated_percentage(trials: Evidence):
    row = one(rates(trials, study="kaur2024"), arm_id="mn_prp", outcome_id="satisfaction_very")
    assert (row.events, row.n, row.status) == (13, 15, "derived")
    assert "truncated" in row.reason


def test_mohamed_ali_is_derived_and_ambiguous(trials: Evidence):
    result = rates(trials, study="mohamedali2017", outcome="improvement_marked_or_excellent")
    needling = one(result, arm_id="microneedling")
    assert (needling.events, needling.n, needling.status) == (10, 15, "derived")
    other = one(result, arm_id="microdermabrasion")
    assert (other.events, other.n, other.rate) == (None, 15, None)
    assert (other.events_min, other.events_max, other.status) == (3, 5, "ambiguous")
    values = dict(other.trace.values)
    assert values["rate_min"] == pytest.approx(3 / 15)
    assert values["rate_max"] == pytest.approx(5 / 15)
    assumed = derive(trials.ledger, "mohamedali2017-excellent-0")
    again = one(rates(assumed, outcome="improvement_marked_or_excellent"),
                study_id="mohamedali2017", arm_id="microdermabrasion")  # fmt: skip
    assert (again.events, again.n, again.status) == (3, 15, "assumed")
    assert again.assumptions == ("mohamedali2017-excellent-0",)


def test_osman_and_aust_have_rows_without_a_rate(trials: Evidence):
    result = rates(trials, study="osman2017,aust2010")
    assert {row.rate for row in result} == {None}
    assert all(row.reason and row.citekeys for row in result)
    aust = one(result, study_id="aust2010")
    assert (aust.outcome_id, aust.printed) == ("", "Twenty-two enrolled")


def test_nassar_has_no_rate_unless_its_assumptions_are_accepted(trials: Evidence):
    row = one(rates(trials), study_id="nassar2016", arm_id="needling")
    assert (row.rate, row.status, row.printed) == (None, "not found", "90 %")
    assert "does not say of what" in row.reason
    assert "nassar2016-20-20" in row.reason
    assumed = rates(
        derive(trials.ledger, "nassar2016-20-20,nassar2016-patients"), study="nassar2016"
    )
    counts = {row.arm_id: (row.events, row.n, row.status) for row in assumed}
    assert counts == {
        "needling": (18, 20, "assumed"),
        "microdermabrasion_sonophoresis": (10, 20, "assumed"),
    }


def test_every_arm_and_every_trace(trials: Evidence):
    result = rates(trials)
    listed = {(row.study_id, row.arm_id) for row in result}
    assert listed >= set(trials.ledger.arm)
    ids = [row.trace.trace_id for row in result]
    assert len(set(ids)) == len(ids)
    for row in result:
        assert row.trace.ends
        if row.rate is not None:
            assert row.trace.quotes
            assert dict(row.trace.values)["rate"] == row.rate
        else:
            assert row.reason
    assert any("without a row" in note for note in result.notes)


# Synthetic -----------------------------------------------------------------------------------


def test_values_of_the_whole_study_stay_one_row(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("events", "4", "", "o")
    synthetic.value("n", "9", "", "o")
    result = rates(synthetic.evidence())
    row = one(result, outcome_id="o")
    assert (row.arm_id, row.arm, row.events, row.n) == ("", "whole study", 4, 9)
    assert "not by arm" in row.reason
    assert [row.arm_id for row in result] == ["e", "c", ""]


def test_unusable_shares_say_why(synthetic):
    synthetic.study().outcome("a").outcome("b").outcome("d")
    synthetic.value("percent_units", "40", "e", "a")
    synthetic.value("percent", "40", "e", "b")
    synthetic.value("events", "4", "e", "d")
    reasons = {row.outcome_id: row.reason for row in rates(synthetic.evidence())}
    assert "other than participants" in reasons["a"]
    assert "not of how many" in reasons["b"]
    assert '"4" with the event is printed, but not of how many' in reasons["d"]


def test_full_text_makes_missing_not_reported(synthetic):
    synthetic.study(read_scope="full text")
    assert {row.status for row in rates(synthetic.evidence())} == {"not reported"}


def test_outcome_filter_leaves_out_arms_without_it(synthetic):
    synthetic.study().outcome("o").counts("o", e=(1, 4))
    assert [row.arm_id for row in rates(synthetic.evidence(), outcome="o")] == ["e"]
    assert [row.arm_id for row in rates(synthetic.evidence())] == ["e", "c"]


def test_order_is_by_year_then_ledger(synthetic):
    synthetic.study("late", year=2010).study("early", year=1999).study("named2003", year=None)
    ids = [row.study_id for row in rates(synthetic.evidence())]
    assert list(dict.fromkeys(ids)) == ["early", "named2003", "late"]


def test_unknown_names_are_refused_with_a_hint(synthetic):
    synthetic.study().outcome("healing")
    found = synthetic.evidence()
    with pytest.raises(TableError, match=r'no outcome "heling".*did you mean "healing".*allowed'):
        rates(found, outcome="heling")
    with pytest.raises(TableError, match='no condition "x"'):
        rates(found, condition="x")
    with pytest.raises(TableError, match='no study "s2"'):
        rates(found, study="s1,s2")


def test_options_are_refused_before_any_row(synthetic):
    with pytest.raises(StatsError):
        rates(synthetic.evidence(), interval="wilsn")
    with pytest.raises(StatsError):
        rates(synthetic.evidence(), level=95)


def test_settings_and_names(synthetic):
    synthetic.study()
    result = rates(synthetic.evidence(), interval="blaker", level=0.9, study="s1")
    assert result.settings == {"interval": "blaker", "level": 0.9, "study": "s1"}
    assert interval_name("blaker") == "Blaker"


def test_limits_of_a_share_stay_shares(synthetic):
    synthetic.study().outcome("o").counts("o", e=(0, 15), c=(14, 15))
    first, second = rates(synthetic.evidence(), interval="agresti-coull")
    assert (first.ci_lb, second.ci_ub) == (0.0, 1.0)
    assert first.ci_ub == pytest.approx(0.238563, abs=1e-6)
    assert "limits cut to 0% to 100%: the method gives −3.5% to 23.9%" in first.reason
    assert not any(row.reason for row in rates(synthetic.evidence()))
