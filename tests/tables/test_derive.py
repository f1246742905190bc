from __future__ import annotations

import random
from typing import Any

import pytest

from evsyn.errors import AssumptionError
from evsyn.tables.evidence import Evidence


def cells(evidence: Evidence) -> dict[Any, Any]:
    """What each cell holds, whatever the order of rows; the wording of a time may differ."""
    return {
        cell.key._replace(time_printed=""): (
            cell.value,
            cell.candidates,
            cell.status,
            cell.rule,
            frozenset(cell.extractions),
            frozenset(cell.assumptions),
        )
        for cell in evidence.cells
    }


@pytest.fixture
def full(book: Any) -> Any:
    """A synthetic ledger in which every rule has something to do."""
    book.outcome("scale", kind="ordinal", parts=("poor", "good", "fine"))
    book.outcome("better", parts=("good", "fine"))
    book.total("30")
    book.size("15", "b")
    for arm, poor, good in (("a", "20", "53.3"), ("b", "26.6", "46.7")):
        book.say("percent", poor, arm, "poor")
        book.say("percent", good, arm, "good")
        book.say("mean", "4.0", arm, "pain")
        book.say("se", "0.5", arm, "pain")
    book.say("events", "4", "b", "fine")
    book.say("percent", "71", "a", "poor", months=6.0)
    book.say("n", "43", "a", "poor", months=6.0)
    book.say("participants_with_event", "3", "a", "harm")
    book.say("percent_unclear", "60", "b", "fine", months=6.0)
    book.say("n_enrolled", "31", "", "")
    book.say("n_enrolled", "32", "", "")
    book.assume("fifteen", "n", "15", arm_id="", outcome_id="pain")
    book.assume("patients", "percent_unclear", "percent", arm_id="b", outcome_id="fine")
    book.assume("ten", "n", "10", arm_id="b", outcome_id="fine", requires=("patients",))
    book.assume("first", "n_enrolled", "", preferred_extraction="e17", arm_id="", outcome_id="")
    return book


def test_printed_cells_come_first_in_the_order_of_the_ledger(full: Any) -> None:
    made = full.evidence().cells
    printed = [cell.extractions[0] for cell in made if not cell.rule and cell.key.field != "events"]
    assert printed[:4] == ["e1", "e2", "e3", "e4"]
    assert made[0].key.field == "n_randomised"
    assert max(i for i, c in enumerate(made) if not c.rule) < max(
        i for i, c in enumerate(made) if c.rule
    )


def test_one_cell_a_key(full: Any) -> None:
    made = full.evidence("all").cells
    assert len({cell.key for cell in made}) == len(made)


def test_findings_are_sorted(full: Any) -> None:
    found = full.evidence().findings
    assert list(found) == sorted(found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("accept", ["default", "all", "patients,ten"])
def test_the_order_of_rows_does_not_matter(full: Any, accept: str) -> None:
    before = cells(full.evidence(accept))
    rules = full.rules(accept)
    for seed in range(5):
        chance = random.Random(seed)
        for rows in (full.extractions, full.assumptions):
            chance.shuffle(rows)
        for table in ("outcomes", "arms"):
            items = list(getattr(full, table).items())
            chance.shuffle(items)
            setattr(full, table, dict(items))
        assert cells(full.evidence(accept)) == before
        assert full.rules(accept) == rules


@pytest.mark.parametrize("name", ["fifteen", "patients", "patients,ten", "first"])
def test_what_lists_no_assumption_is_there_without_it(full: Any, name: str) -> None:
    without = cells(full.evidence())
    assumed = set(name.split(","))
    for key, cell in cells(full.evidence(name)).items():
        assert cell[5] <= assumed
        if not cell[5]:
            assert without[key] == cell


def test_every_derived_cell_says_how_and_from_what(full: Any) -> None:
    for cell in full.evidence("all").cells:
        if cell.rule:
            assert cell.reason
            assert cell.extractions or cell.assumptions
        if cell.status in ("ambiguous", "conflicting"):
            assert cell.value is None
            assert cell.candidates
            assert list(cell.candidates) == sorted(set(cell.candidates))
        else:
            assert not cell.candidates
        assert (cell.status == "assumed") <= bool(cell.assumptions)


def test_the_selection_is_kept(full: Any) -> None:
    found = full.evidence("patients")
    assert found.selection.accepted == ("patients",)
    assert found.ledger.extractions == tuple(full.extractions)


def test_a_choice_that_cannot_be_made_is_refused(full: Any) -> None:
    with pytest.raises(AssumptionError, match="ten requires patients"):
        full.evidence("ten")


def test_a_ledger_without_rows(book: Any) -> None:
    assert book.evidence().cells == ()
    assert book.evidence().findings == ()


def test_hundreds_of_studies_are_derived(book: Any) -> None:
    """Nothing in a derivation is tried out in every combination; no time is asserted."""
    for number in range(200):
        name = f"s{number}"
        book.study(name, design="within-person" if number % 2 else "parallel")
        book.say("n_randomised", "40", "", "", study=name)
        for arm in "ab":
            for outcome in "uvwxyz":
                book.say("percent", "33.3", arm, outcome, study=name)
    assert len(book.evidence().cells) == 200 * (1 + 12 * 3)
