from __future__ import annotations

from typing import Any

import pytest

from evsyn.errors import Fault
from evsyn.tables.load import ledger_faults
from evsyn.tables.validate import MOST_HINTS, Checked


def faults(folder: Any) -> list[Fault]:
    """Write a folder and return its faults."""
    folder.write()
    return list(ledger_faults(folder.path, folder.bibliography))


def only(folder: Any) -> Fault:
    """The one fault of a folder."""
    found = faults(folder)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


@pytest.mark.parametrize(
    ("table", "cells", "column", "rule", "message"),
    [
        (
            "reports",
            {"citekey": "synthetic9"},
            "citekey",
            "unknown-citekey",
            '"synthetic9" is not in references.bib (did you mean "synthetic2"?)',
        ),
        (
            "reports",
            {"study_id": "t"},
            "study_id",
            "unknown-study",
            '"t" is not in data/studies.csv',
        ),
        ("arms", {"study_id": "t"}, "study_id", "unknown-study", '"t" is not in data/studies.csv'),
        (
            "comparisons",
            {"arm_e": "d"},
            "arm_e",
            "unknown-arm",
            '"d" is no arm or comparison of s; allowed: a, b',
        ),
        ("comparisons", {"arm_c": "a_b"}, "arm_c", "unknown-arm", '"a_b" is no arm'),
        (
            "comparisons",
            {"comparison_id": "a"},
            "comparison_id",
            "duplicate-id",
            '"a" is an arm of s too; give it another name',
        ),
        (
            "outcomes",
            {"parts": "y;zz"},
            "parts",
            "unknown-outcome",
            '"zz" is not in data/outcomes.csv',
        ),
        (
            "outcomes",
            {"parts": "x"},
            "parts",
            "part-of-itself",
            "x is a part of itself; allowed: parts smaller than it",
        ),
        (
            "extractions",
            {"arm_id": "d"},
            "arm_id",
            "unknown-arm",
            '"d" is no arm or comparison of s; allowed: a, a_b, b',
        ),
        (
            "extractions",
            {"outcome_id": "z"},
            "outcome_id",
            "unknown-outcome",
            '"z" is not in data/outcomes.csv',
        ),
        (
            "extractions",
            {"citekey": "synthetic2"},
            "citekey",
            "unknown-report",
            '"synthetic2" is no report about s; add the row to data/reports.csv',
        ),
        (
            "extractions",
            {"quote": ""},
            "quote",
            "quote-missing",
            'quote_kind is "verbatim" but no quote is given',
        ),
        (
            "extractions",
            {"quote_kind": "none"},
            "quote",
            "quote-kind",
            'a quote is given: quote_kind must be "verbatim"',
        ),
        (
            "extractions",
            {"quote": "43.8 " + "word " * 25},
            "quote",
            "quote-long",
            "26 words; allowed: at most 25",
        ),
        (
            "extractions",
            {"printed": "43.9"},
            "printed",
            "quote-lacks-value",
            '"43.9" does not occur in the quote',
        ),
        (
            "assumptions",
            {"value": ""},
            "value",
            "value-or-preferred",
            "neither is filled; allowed: exactly one",
        ),
        (
            "assumptions",
            {"preferred_extraction": "e1", "field": "percent"},
            "value",
            "value-or-preferred",
            "both are filled",
        ),
        (
            "assumptions",
            {"preferred_extraction": "e9", "value": ""},
            "preferred_extraction",
            "unknown-extraction",
            '"e9" is not in data/extractions.csv',
        ),
        (
            "assumptions",
            {"preferred_extraction": "e1", "value": ""},
            "preferred_extraction",
            "preferred-field",
            '"e1" prints percent, the assumption is about n',
        ),
        (
            "assumptions",
            {"requires": "s-17"},
            "requires",
            "unknown-assumption",
            '"s-17" is not in data/assumptions.csv (did you mean "s-16"?)',
        ),
        ("assumptions", {"value": "many"}, "value", "not-a-number", '"many" as n is no number'),
        (
            "assumptions",
            {"value": ">16"},
            "value",
            "not-a-number",
            '">16" is a bound; allowed: one',
        ),
        ("assumptions", {"value": "0"}, "value", "out-of-range", '"0" as n: allowed 1 or more'),
        ("assumptions", {"value": "2.5"}, "value", "not-a-count", '"2.5" as n is no count'),
        ("assumptions", {"value": "-2"}, "value", "not-a-count", '"-2" as n is no count'),
        (
            "assumptions",
            {"field": "percent", "value": "101"},
            "value",
            "out-of-range",
            '"101" as percent: allowed 0 to 100',
        ),
        (
            "assumptions",
            {"field": "percent_unclear", "value": "events"},
            "value",
            "not-allowed",
            '"events" cannot retype a percentage; allowed: percent, percent_change, percent_units',
        ),
        (
            "assumptions",
            {"field": "percent_unclear", "value": "percent_unclear"},
            "value",
            "not-allowed",
            '"percent_unclear" cannot retype a percentage',
        ),
        ("assumptions", {"arm_id": "d"}, "arm_id", "unknown-arm", '"d" is no arm'),
        (
            "claims",
            {"printed": "8"},
            "printed",
            "quote-lacks-value",
            '"8" does not occur in the quote of the claim',
        ),
        ("claims", {"study_id": "t"}, "study_id", "unknown-study", '"t" is not in'),
        ("claims", {"outcome_id": "z"}, "outcome_id", "unknown-outcome", '"z" is not in'),
    ],
)
def test_faults_between_tables(
    folder: Any, table: str, cells: dict[str, str], column: str, rule: str, message: str
) -> None:
    folder.change(table, **cells)
    if table in ("reports", "arms"):  # keep what others refer to
        folder.tables[table].append(
            dict(folder.tables[table][0], **{"citekey": "synthetic1", "study_id": "s"})
        )
    if cells.get("comparison_id") == "a":
        folder.change("comparisons", arm_e="b")
    fault = only(folder)
    assert (fault.file, fault.line, fault.column) == (f"data/{table}.csv", 2, column)
    assert (fault.rule, fault.severity) == (rule, "error")
    assert fault.message.startswith(message)


@pytest.mark.parametrize(
    ("field", "printed", "rule", "message"),
    [
        ("percent", "forty per cent", "not-a-number", '"forty per cent" as percent is no number'),
        ("events", "All", "not-a-number", '"All" as events is no number; allowed: digits or'),
        ("percent", "101", "out-of-range", '"101" as percent: allowed 0 to 100'),
        ("percent", "-1", "out-of-range", '"-1" as percent: allowed 0 to 100'),
        ("p", "1.1", "out-of-range", '"1.1" as p: allowed 0 to 1'),
        ("sd", "-1", "out-of-range", '"-1" as sd: allowed 0 or more'),
        ("r", "-1.1", "out-of-range", '"-1.1" as r: allowed -1 to 1'),
        ("events", "2.5", "not-a-count", '"2.5" as events is no count; allowed: whole numbers'),
        ("n_enrolled", "-3", "not-a-count", '"-3" as n_enrolled is no count'),
    ],
)
def test_what_a_field_may_not_print(
    folder: Any, field: str, printed: str, rule: str, message: str
) -> None:
    folder.change("extractions", 1, field=field, printed=printed, outcome_id="y")
    fault = only(folder)
    assert (fault.line, fault.column, fault.rule) == (3, "printed", rule)
    assert fault.message.startswith(message)


@pytest.mark.parametrize(
    ("field", "printed"),
    [
        ("percent", "0"),
        ("percent", "100"),
        ("percent_change", "-140"),
        ("p", "<0.001"),
        ("sd", "0"),
        ("events", "0"),
        ("events", "7.0"),
        ("mean", "-3"),
        ("statement", "many"),
        ("allocation", "7 of 16"),
    ],
)
def test_what_a_field_may_print(folder: Any, field: str, printed: str) -> None:
    folder.change("extractions", 1, field=field, printed=printed, outcome_id="y")
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("field", "cells", "rules"),
    [
        ("ci_lb", {"measure": "mean", "ci_level": "95"}, []),
        ("ci_lb", {"measure": "mean"}, ["limit-of-what"]),
        ("ci_ub", {"ci_level": "95"}, ["limit-of-what"]),
        ("ci_ub", {}, ["limit-of-what"]),
        ("estimate", {"measure": "RR"}, []),
        ("estimate", {}, ["limit-of-what"]),
        ("mean", {}, []),
        ("p", {}, []),
    ],
)
def test_limits_and_estimates_say_of_what(
    folder: Any, field: str, cells: dict[str, str], rules: list[str]
) -> None:
    folder.change("extractions", 1, field=field, printed="0.5", **cells)
    found = faults(folder)
    assert [fault.rule for fault in found] == rules
    assert all((fault.line, fault.column) == (3, "measure") for fault in found)


@pytest.mark.parametrize(
    ("n", "outcome", "more", "faulty"),
    [
        ("6", "x", {}, True),
        ("7", "x", {}, False),
        ("6", "", {}, True),
        ("6", "y", {}, False),
        ("6", "x", {"arm_id": "b"}, False),
        ("6", "x", {"subgroup": "young"}, False),
    ],
)
def test_more_events_than_participants(
    folder: Any, n: str, outcome: str, more: dict[str, str], faulty: bool
) -> None:
    folder.add("extractions", extraction_id="e3", field="n", printed=n, outcome_id=outcome, **more)
    found = faults(folder)
    assert [fault.rule for fault in found] == (["events-exceed-n"] if faulty else [])
    if faulty:
        assert (found[0].line, found[0].column) == (3, "printed")
        assert found[0].message == "events seven of n 6; allowed: at most 6"


def test_of_several_n_the_largest_limits_the_events(folder: Any) -> None:
    for number, n in enumerate(("6", "16"), 3):
        folder.add(
            "extractions", extraction_id=f"e{number}", field="n", printed=n, months=str(number)
        )
    assert faults(folder) == []


def test_a_quote_of_25_words_will_do(folder: Any) -> None:
    folder.change("extractions", quote="43.8 " + "word " * 24)
    assert faults(folder) == []


def test_a_quote_may_hold_words_for_digits(folder: Any) -> None:
    folder.change("extractions", 1, quote="in seven patients", quote_kind="verbatim", printed="7")
    assert faults(folder) == []


def test_a_value_may_belong_to_a_comparison_or_the_study(folder: Any) -> None:
    folder.change("extractions", 0, arm_id="a_b")
    folder.change("extractions", 1, arm_id="")
    assert faults(folder) == []


def test_an_arm_of_another_study_is_not_taken(folder: Any) -> None:
    folder.add("studies", study_id="t")
    folder.add("reports", study_id="t")
    folder.change("extractions", 1, study_id="t")
    fault = only(folder)
    assert (fault.rule, fault.line) == ("unknown-arm", 3)
    assert fault.message.startswith('"a" is no arm or comparison of t')


def test_a_preferred_extraction_of_another_study(folder: Any) -> None:
    folder.add("studies", study_id="t")
    folder.change("assumptions", study_id="t", preferred_extraction="e1", value="", field="percent")
    fault = only(folder)
    assert (fault.rule, fault.column) == ("unknown-extraction", "preferred_extraction")
    assert fault.message == '"e1" is an extraction of s, not of t'


def test_a_preferred_extraction_of_the_field(folder: Any) -> None:
    folder.change("assumptions", preferred_extraction="e1", value="", field="percent")
    assert faults(folder) == []


def test_several_requirements(folder: Any) -> None:
    folder.add("assumptions", assumption_id="s-17", requires="s-16; s-15 ;s-14")
    found = faults(folder)
    assert [fault.message[:6] for fault in found] == ['"s-14"', '"s-15"']
    assert {fault.line for fault in found} == {3}


def test_parts_in_a_circle(folder: Any) -> None:
    folder.change("outcomes", 0, parts="y")
    folder.change("outcomes", 1, parts="x")
    found = faults(folder)
    assert [(fault.line, fault.rule) for fault in found] == [
        (2, "part-of-itself"),
        (3, "part-of-itself"),
    ]


def test_a_percentage_may_be_retyped(folder: Any) -> None:
    folder.change("assumptions", field="percent_unclear", value="percent")
    assert faults(folder) == []


def test_excluded_studies_are_in_the_bibliography(folder: Any) -> None:
    folder.tables["excluded"] = [
        {
            "excluded_id": "x1",
            "candidate_for": "a synthetic study",
            "citekey": "synthetic9",
            "reason": "another question",
        }
    ]
    fault = only(folder)
    assert (fault.file, fault.rule) == ("data/excluded.csv", "unknown-citekey")


def test_what_refers_to_a_broken_row_is_no_fault(folder: Any) -> None:
    folder.write()
    path = folder.path / "arms.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Arm a,one", "Arm a, the first,one"), encoding="utf-8")
    (fault,) = ledger_faults(folder.path, folder.bibliography)
    assert (fault.file, fault.line) == ("data/arms.csv", 2)


def test_hints_are_looked_for_the_first_faults_only() -> None:
    checked = Checked({}, {}, frozenset())
    hints = [checked.hint("park2021", ["park2012"]) for _ in range(MOST_HINTS + 1)]
    assert set(hints[:-1]) == {' (did you mean "park2012"?)'}
    assert hints[-1] == ""
