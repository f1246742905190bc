"""What assumptions change."""

from __future__ import annotations

import pytest

from evsyn.synthesis.assumptions import _time, assumption_effects
from evsyn.tables.derive import evidence as derive


def by_id(result):
    """Rows by assumption."""
    return {row.assumption_id: row for row in result}


def test_every_assumption_of_the_ledger(trials):
    rows = by_id(assumption_effects(trials))
    assert list(rows) == list(trials.ledger.assumption)
    for row in rows.values():
        assert row.effect
        assert row.trace.ends
        assert row.accepted == (row.default == "accept")
    size = rows["nassar2016-20-20"]
    assert "with nassar2016-patients it would give 18/20" in size.effect
    assert "3/15" in rows["mohamedali2017-excellent-0"].effect
    assert "9/10" in rows["nassar2016-10-30"].effect


def test_accepted_ones_are_seen_from_the_other_side(trials):
    found = derive(trials.ledger, "mohamedali2017-excellent-0")
    row = by_id(assumption_effects(found, study="mohamedali2017"))["mohamedali2017-excellent-0"]
    assert row.accepted
    assert row.effect.startswith("gives ")
    assert ("rates", "3 to 5 of 15", "3/15") in [
        (change[0], change[2], change[3]) for change in row.changes
    ]


def test_what_is_required_comes_with_it(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("percent_unclear", "40", "e", "o")
    synthetic.assumption("unit", "percent_unclear", "percent", outcome_id="o")
    synthetic.assumption("size", "n", "10", outcome_id="o", requires=("unit",))
    synthetic.assumption("amount", "percent_unclear", "percent_change", group="unit")
    rows = by_id(assumption_effects(synthetic.evidence()))
    assert "4/10" in rows["size"].effect
    assert rows["amount"].effect == "would change no result"
    both = synthetic.evidence("unit,size")
    unit = by_id(assumption_effects(both))["unit"]
    assert any(change[3] == "4/10" for change in unit.changes)


def test_an_impossible_one_says_so(synthetic):
    synthetic.study().outcome("o").counts("o", e=(4, 9))
    synthetic.assumption("size", "n", "12", arm_id="e", outcome_id="o")
    row = by_id(assumption_effects(synthetic.evidence()))["size"]
    assert row.effect.startswith("cannot be accepted")


def test_filters(synthetic):
    synthetic.study().study("s2").outcome("o")
    synthetic.assumption("one", "n", "5").assumption("two", "n", "5", study_id="s2", outcome_id="o")
    found = synthetic.evidence()
    assert list(by_id(assumption_effects(found, study="s2"))) == ["two"]
    assert len(assumption_effects(found, outcome="o")) == 2
    assert assumption_effects(found).notes == ("2 assumptions, 0 of them accepted.",)


@pytest.mark.parametrize("field", ["n_enrolled", "sd"])
def test_values_that_are_no_counts(synthetic, field):
    synthetic.study().outcome("score", "continuous")
    synthetic.value("mean", "4", "e", "score")
    more = {} if field == "n_enrolled" else {"arm_id": "e", "outcome_id": "score"}
    synthetic.assumption("x", field, "7", **more)
    row = by_id(assumption_effects(synthetic.evidence()))["x"]
    assert ("evidence", "7") in [(change[0], change[3]) for change in row.changes]


@pytest.mark.parametrize(
    ("months", "anchor", "said"),
    [
        (0.0, "last session", "at the last session"), (0.0, "baseline", "at baseline"),
        (0.0, "", "at the start"), (3.0, "baseline", "3 mo"), (None, "", ""),
    ],
)  # fmt: skip
def test_months_are_told_from_where_they_count(months, anchor, said):
    assert _time(months, anchor) == said
