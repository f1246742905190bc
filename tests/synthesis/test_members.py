"""Studies of a pool: what they hold, and their columns as numbers or words; all synthetic."""

from __future__ import annotations

import pytest

from evsyn.errors import StatsError
from evsyn.synthesis.compare import compare
from evsyn.synthesis.members import Member, column, numeric, of_comparison, study_columns
from evsyn.synthesis.overview import studies


def member(name, **columns):
    return Member(name, name, 0.1, 0.2, "reported", columns=columns)


def test_a_column_is_numbers_only_where_every_cell_is_one():
    some = [member("a", dose="1.5", kind="x"), member("b", dose="2", kind="2"), member("c")]
    assert column(some, "DOSE ") == ("dose", [1.5, 2.0, None])
    assert column(some, "kind") == ("kind", ["x", "2", None])
    assert column([member("a", dose="NA"), member("b", dose="3")], "dose")[1] == [None, 3.0]


def test_a_column_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(StatsError, match=r'no column "doze" .did you mean "dose".*: dose, kind'):
        column([member("a", dose=1.0, kind="x")], "doze")


@pytest.mark.parametrize(
    ("cell", "value"), [("1e3", 1000.0), ("1,5", None), ("−2", -2.0), (3, 3.0), ("", None)]
)
def test_numbers(cell, value):
    assert numeric(cell) == value


def counted(synthetic, **study):
    synthetic.outcome("o").study("s1", **study)
    for arm, events in (("e", "9"), ("c", "4")):
        synthetic.value("events", events, arm, "o")
        synthetic.value("n", "20", arm, "o")
    return synthetic.evidence()


def test_counts_of_independent_arms_go_along_and_those_of_pairs_do_not(synthetic):
    (row,) = compare(counted(synthetic))
    assert of_comparison(row).data == {"events_e": 9, "n_e": 20, "events_c": 4, "n_c": 20}
    assert of_comparison(row).columns["design"] == "parallel"
    assert "value_type" not in of_comparison(row).columns


def test_pairs_have_no_table_of_independent_arms(synthetic):
    (row,) = compare(counted(synthetic, design="within-person"))
    pair = of_comparison(row, {"year": 2001.0})
    assert pair.data == {}
    assert (pair.vi, pair.variance) == (None, row.vi_max)
    assert pair.columns["year"] == 2001.0


def test_fields_of_studies_and_facts_with_one_number(synthetic):
    found = counted(synthetic)
    synthetic.value("sessions", "4", "", "")
    rows = study_columns(studies(synthetic.evidence()))
    assert rows["s1"]["design"] == "parallel"
    assert rows["s1"]["sessions"] == 4
    assert len(compare(found)) == 1
