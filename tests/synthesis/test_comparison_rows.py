"""Titles and printed results of comparisons."""

from __future__ import annotations

import pytest

from evsyn.synthesis.cells import CellIndex
from evsyn.synthesis.compare import compare
from evsyn.synthesis.comparison_rows import Content, Place, effect_title, printed_results
from evsyn.synthesis.effects import Effect, options


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (Effect(1.8, 1.134, 2.857, p_value=0.0138), "RR 1.80 (95% CI 1.13 to 2.86), p 0.014"),
        (
            Effect(
                0.5, ci_lb_min=0.05, ci_ub_max=0.9, p_value_min=0.01, p_value_max=0.06, pairings=3
            ),
            "RR 0.50 (over every pairing: 95% CI 0.050 to 0.90), p 0.010 to 0.060",
        ),
        (Effect(0.5), "RR 0.50"),
        (Effect(ci_lb=0.3, p_value=0.3), "1/9 v 0/9: no RR, p 0.30"),
        (Effect(estimate_min=1.0, estimate_max=2.0), "RR between 1.00 and 2.00: derived"),
    ],
)
def test_titles(effect: Effect, expected: str):
    content = Content(effect, "derived", events=(1, 0), n=(9, 9))
    assert effect_title(effect, options("RR"), content) == expected


def test_title_without_counts():
    content = Content(Effect(), "not found", printed="90 % v 50 %")
    assert effect_title(Effect(), options("RR"), content) == "90 % v 50 %: no RR"


def test_printed_results(synthetic):
    synthetic.study().outcome("o")
    for field, printed in (("estimate", "2"), ("ci_lb", "1"), ("ci_ub", "4")):
        synthetic.value(field, printed, "e_v_c", "o", measure="OR", ci_level="95")
    synthetic.value("p", "<0.05", "e_v_c", "o")
    found = synthetic.evidence()
    index = CellIndex.of(found)
    ((slot, cells),) = index.slots("s1", "e_v_c").items()
    assert printed_results(cells) == "OR 2 (1 to 4), p <0.05"
    place = Place(index, found.ledger.studies[0], found.ledger.comparisons[0], slot)
    assert place.labels == ("Experimental", "Comparator")
    assert place.result("ci_lb", "OR").value == 1
    assert place.result("ci_lb", "RR") is None


def test_a_comparison_without_anything_ends_in_parameters(synthetic):
    synthetic.study()
    (row,) = compare(synthetic.evidence())
    assert row.reason == "no count by arm in what was read"
    assert row.trace.ends
    assert ("comparison", "e_v_c") in row.trace.parameters
    (review,) = compare(synthetic.evidence(), measure="MD")
    assert review.reason == "no mean by arm in what was read"
