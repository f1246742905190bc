"""The index of cells, filters, and what a row rests on."""

from __future__ import annotations

from evsyn.synthesis.cells import (
    CellIndex,
    Slot,
    cell_step,
    filters,
    missing_status,
    place_path,
    printed_text,
    rests_on,
    study_citekeys,
    study_quotes,
    time_label,
)


def test_index_by_study_arm_and_place(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("events", "4", "e", "o", months=3.0, time_printed="after 3 months")
    index = CellIndex.of(synthetic.evidence())
    (slot,) = index.slots("s1", "e")
    assert slot == Slot("o", "", 3.0, "", "", "as printed")
    assert index.time("s1", slot) == "after 3 months"
    assert index.at("s1", "c", slot) == ()
    assert index.field("s1", "e", slot, "n", "events").value == 4
    assert index.field("s1", "e", slot, "sd") is None
    assert index.owners("s1") == ("e",)
    assert index.arm_label("s1", "") == "whole study"
    path = place_path(index, "s1", "Experimental", slot)
    assert path == ("s1", "Experimental", "O", "after 3 months")


def test_rests_on_joins_each_once(synthetic):
    synthetic.study().outcome("o").counts("o", e=(4, 9))
    cells = [cell for cell in synthetic.evidence().cells if cell.key.arm_id == "e"]
    basis = rests_on([*cells, *cells, None])
    assert basis.extractions == ("x1", "x2")
    assert (basis.status, basis.citekeys) == ("reported", ("s1-report",))
    assert rests_on([]).status == ""
    assert printed_text(cells) == "4, n 9"
    assert cell_step("n", None) is None
    assert cell_step("n", cells[0]).text == "printed: 4"


def test_filters(synthetic):
    synthetic.study("a", condition=("x", "y")).study("b", condition=("y",)).outcome("o")
    ledger = synthetic.ledger
    assert [row.study_id for row in filters(ledger, condition="x").studies] == ["a"]
    assert [row.study_id for row in filters(ledger, condition="y", study="b").studies] == ["b"]
    chosen = filters(ledger, outcome=" o ")
    assert chosen.admits("o")
    assert not chosen.admits("other")
    assert chosen.given == {"outcome": " o "}
    assert filters(ledger).admits("anything")


def test_sources_and_sizes_of_a_study(synthetic):
    synthetic.study()
    synthetic.value("n_enrolled", "20")
    synthetic.value("n_randomised", "9", "e")
    found = synthetic.evidence()
    assert study_citekeys(found.ledger, "s1") == ("s1-report",)
    assert [quote.printed for quote in study_quotes(found, "s1", "e")] == ["9"]
    assert [quote.printed for quote in study_quotes(found, "s1", "c")] == ["20"]
    assert missing_status(found.ledger, "s1") == "not found"


def test_time_label():
    assert time_label(0.5, "") == "0.5 mo"
