from __future__ import annotations

from typing import Any

from evsyn.tables.ledger import Report


def test_rows_are_found_by_their_keys(book: Any) -> None:
    book.arm("b", "a")
    book.comparison("a_b", "a", "b")
    book.say("events", "7")
    book.assume("seven", "n", "7")
    ledger = book.ledger()
    assert ledger.study["s"].study_id == "s"
    assert ledger.outcome["x"].name == "Outcome x"
    assert ledger.arm["s", "a"].arm_id == "a"
    assert ledger.comparison["s", "a_b"].arm_c == "b"
    assert ledger.extraction["e1"].printed == "7"
    assert ledger.assumption["seven"].value == "7"
    assert ledger.report["synthetic1", "s"].read_scope == "abstract"


def test_the_label_of_a_study(book: Any) -> None:
    book.study("labelled", label="The synthetic trial")
    book.study("cited")
    book.study("secondary")
    ledger = book.ledger()
    reports = (
        Report("synthetic1", "labelled", "abstract", "2026-01-01", "", 2),
        Report("synthetic2", "cited", "secondary", "2026-01-01", "", 3),
        Report("synthetic1", "cited", "abstract", "2026-01-01", "", 4),
        Report("synthetic2", "secondary", "secondary", "2026-01-01", "", 5),
    )
    ledger = book.ledger(reports=reports)
    assert ledger.label("labelled") == "The synthetic trial"
    assert ledger.label("cited") == ledger.bibliography.label("synthetic1")
    assert ledger.label("secondary") == "secondary"
    assert ledger.label("unknown") == "unknown"


def test_files_are_named_as_the_user_knows_them(book: Any) -> None:
    assert book.ledger().file("arms") == "data/arms.csv"
