"""A count at a place, or why there is none."""

from __future__ import annotations

from evsyn.synthesis.cells import CellIndex, Slot
from evsyn.synthesis.counts import count_at, is_countable

PLACE = Slot("o", "", None, "", "", "as printed")


def at(synthetic, arm="e", accept="default"):
    """The count at the place of the synthetic outcome ``o``."""
    index = CellIndex.of(synthetic.evidence(accept))
    return count_at(index, "s1", arm, PLACE)


def test_printed_counts(synthetic):
    synthetic.study().outcome("o").counts("o", e=(4, 9))
    count = at(synthetic)
    assert (count.events, count.n, count.status, count.complete) == (4, 9, "reported", True)
    assert (count.events_min, count.candidates, count.printed) == (None, (), "4, n 9")
    assert count.citekeys == ("s1-report",)
    assert [step.label for step in count.steps] == ["Events", "n"]


def test_nothing_at_a_place(synthetic):
    synthetic.study().outcome("o")
    count = at(synthetic)
    assert (count.events, count.n, count.status) == (None, None, "not found")
    assert count.reason == "no count is printed"
    assert not count.complete


def test_assumptions_that_bear_on_it_are_named(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("events", "4", "e", "o")
    synthetic.assumption("size", "n", "9", outcome_id="o").assumption("other", "n", "9", arm_id="c")
    assert "assumptions that bear on it: size" in at(synthetic).reason
    assumed = at(synthetic, accept="size")
    assert (assumed.n, assumed.status, assumed.assumptions) == (9, "assumed", ("size",))


def test_sources_that_disagree_are_conflicting(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("events", "4", "e", "o")
    synthetic.value("events", "5", "e", "o", citekey="other")
    synthetic.value("n", "9", "e", "o")
    count = at(synthetic)
    assert (count.events, count.status) == (None, "conflicting")
    assert (count.events_min, count.events_max, count.candidates) == (4, 5, (4, 5))


def test_countable_places(synthetic):
    synthetic.study().outcome("o").outcome("score", "continuous")
    synthetic.counts("o", e=(4, 9))
    synthetic.value("percent_unclear", "40", "e", "score")
    index = CellIndex.of(synthetic.evidence())
    found = [
        slot.outcome_id
        for slot, cells in index.slots("s1", "e").items()
        if is_countable(index, slot.outcome_id, cells)
    ]
    assert found == ["o"]
