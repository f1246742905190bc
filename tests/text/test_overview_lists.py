from __future__ import annotations

from evsyn.synthesis.results import CountRow, Result
from evsyn.tables.provenance import Trace
from evsyn.text import overview_lists


def overview(**counts):
    """An overview (synthetic)."""
    rows = [
        CountRow(name, f"label {name}", value, Trace(name, parameters=(("table", name),)))
        for name, value in counts.items()
    ]
    return Result("overview", tuple(rows), {})


def test_counts_stand_under_their_heading_in_the_right_number(assert_sound):
    counts = {"kind: trial": 41, "kind: letter": 1, "kind: new": 2, "read: abstract": 1}
    block = overview_lists(overview(**counts))
    assert_sound(block)
    assert block.slot == "wide"
    for said in (
        "Sources by kind",
        "41 trials",
        "1 letter",
        "2 label kind: new",
        "1 abstract only",
    ):
        assert said in block.plain, said
    assert "Response rates" not in block.plain


def test_noughts_are_left_out_and_status_is_marked():
    block = overview_lists(overview(**{"status: derived": 3, "status: assumed": 0}))
    assert 'class="st st-derived"' in block.html
    assert "assumed" not in block.html
