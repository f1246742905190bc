"""Counts of the evidence and characteristics of studies."""

from __future__ import annotations

from dataclasses import replace

from evsyn.synthesis.overview import findings_by_value, overview, studies
from evsyn.tables.provenance import Finding


def test_counts_of_the_evidence(trials):
    result = overview(trials)
    rows = {row.name: row for row in result}
    ledger = trials.ledger
    assert rows["studies"].value == len(ledger.studies)
    assert rows["values"].value == len(ledger.extractions)
    assert rows["quoted"].value + rows["unquoted"].value == rows["values"].value
    assert rows["claims"].value == len(ledger.claims)
    statuses = sum(row.value for name, row in rows.items() if name.startswith("status: "))
    assert statuses == len(trials.cells)
    ids = [row.trace.trace_id for row in result]
    assert len(set(ids)) == len(ids)
    for row in result:
        assert row.trace.parameters
        assert dict(row.trace.values)[row.name] == row.value


def test_counts_follow_filters(synthetic):
    synthetic.study("s1", condition=("x",)).study("s2", condition=("y",)).outcome("o")
    synthetic.counts("o", e=(4, 9)).claim("a").claim("b", study_id="s2")
    rows = {row.name: row.value for row in overview(synthetic.evidence(), condition="x")}
    assert (rows["studies"], rows["arms"], rows["values"], rows["claims"]) == (1, 2, 2, 1)
    assert (rows["rates"], rows["without"], rows["studies with a rate"]) == (1, 1, 1)


def test_characteristics(synthetic):
    synthetic.study().outcome("o").counts("o", e=(4, 9))
    synthetic.value("n_randomised", "Forty")
    synthetic.value("sessions", "three", "e")
    synthetic.value("allocation", "randomly")
    (row,) = studies(synthetic.evidence())
    assert row.arms == ("Experimental", "Comparator")
    assert [(fact.field, fact.arm, fact.value, fact.printed) for fact in row.facts] == [
        ("n_randomised", "", 40.0, "Forty"),
        ("sessions", "Experimental", 3.0, "three"),
        ("allocation", "", None, "randomly"),
    ]
    assert [fact.printed for fact in row.fact("sessions", "k")] == ["three"]
    assert all(fact.trace.quotes for fact in row.facts)


def test_kinds(synthetic):
    synthetic.study("a").study("b", kind="review")
    result = studies(synthetic.evidence(), kinds=("review",))
    assert [row.study_id for row in result] == ["b"]
    assert result.settings == {"kinds": "review"}


def test_disagreeing_facts_show_both(synthetic):
    synthetic.study()
    synthetic.value("n_enrolled", "35")
    synthetic.value("n_enrolled", "33", citekey="other")
    (row,) = studies(synthetic.evidence())
    (fact,) = row.facts
    assert (fact.value, fact.status) == (None, "conflicting")
    assert "33" in fact.printed
    assert "35" in fact.printed


def test_findings_on_one_printed_value_stand_together():
    first = Finding("data/synthetic.csv", 7, "one", "warning", "", "a", "s", "impossible")
    others = replace(first, line=8), replace(first, verdict="ambiguous"), replace(first, rule="two")
    assert [[row.rule for row in rows] for rows in findings_by_value([first, *others])] == [
        ["one", "two"], ["one"], ["one"],
    ]  # fmt: skip
    bare = replace(first, line=0), replace(first, line=0, message="b")
    assert len(findings_by_value(bare)) == 2
