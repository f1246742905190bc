"""Files with every kind of fault: all of them at once, with their lines."""

from __future__ import annotations

import pytest

from evsyn.errors import LedgerError
from evsyn.synthesis.layouts import COMPARISONS, POOLS, RATES, read_plain


def read(tmp_path, text: str, layouts=COMPARISONS, **more):
    """Read a file with this text."""
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode())
    return read_plain(path, layouts, **more)


def test_every_fault_at_once(tmp_path):
    text = 'study,events_e,n_e,events_c,n_c\nA,31,30,x,20\nB,-1,3,2.5,4\nC,"1,5",10,1,0\nD,1,2\n'
    with pytest.raises(LedgerError) as caught:
        read(tmp_path, text)
    found = {(fault.line, fault.column): fault.message for fault in caught.value.faults}
    assert "31 events of 30" in found[2, "events_e"]
    assert "not a number" in found[2, "events_c"]
    assert "0 or more" in found[3, "events_e"]
    assert "whole number" in found[3, "events_c"]
    assert "decimal point" in found[4, "events_e"]
    assert "0 participants" in found[4, "n_c"]
    assert any(line == 5 for line, _ in found)


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        ("study,yi,vi", "A,1,0", "more than 0"),
        ("study,r,n", "A,1,10", "between -1 and 1"),
        ("study,mean_e,sd_e,n_e,mean_c,sd_c,n_c", "A,1,-1,5,1,1,5", "0 or more"),
        ("study,events_e,time_e,events_c,time_c", "A,1,0,1,5", "more than 0"),
    ],
)
def test_impossible_values(tmp_path, header, line, message):
    with pytest.raises(LedgerError, match=message):
        read(tmp_path, f"{header}\n{line}\n")


@pytest.mark.parametrize(
    ("header", "layouts", "verb"),
    [("study,ai,n1i,ci,n2i", RATES, "compare"), ("study,events,n", COMPARISONS, "rates")],
)
def test_columns_of_the_other_verb(tmp_path, header, layouts, verb):
    with pytest.raises(LedgerError, match=f"these are columns for `evsyn {verb}`"):
        read(tmp_path, f"{header}\nA,1,2\n", layouts)


def test_columns_that_fit_no_layout(tmp_path):
    with pytest.raises(LedgerError, match=r'did you mean "events"') as caught:
        read(tmp_path, "study,event,n\nA,1,2\n", RATES)
    assert caught.value.faults[0].line == 1
    with pytest.raises(LedgerError, match="needed: study and events_e"):
        read(tmp_path, "study,a\nA,1\n")


def test_two_names_for_one_thing(tmp_path):
    with pytest.raises(LedgerError, match="means the same"):
        read(tmp_path, "study,events_e,ai,n_e,events_c,n_c\nA,1,1,2,1,2\n")


def test_no_lines(tmp_path):
    with pytest.raises(LedgerError, match="no line below the header"):
        read(tmp_path, "study,yi,vi\n")
    with pytest.raises(LedgerError, match="file not found"):
        read_plain(tmp_path / "missing.csv", RATES)


def test_harmless_forms(tmp_path):
    plain = read(tmp_path, "\ufeffStudy,AI,BI,CI,DI\r\nA,1,2,3,4\r\nA,0,1,NA,2\r\n\r\n")
    assert plain.layout.name == "counts"
    first, second = plain.rows
    assert dict(first.numbers) == {"events_e": 1, "n_e": 3, "events_c": 3, "n_c": 7}
    assert second.missing == ("events_c", "n_c")
    assert second.whole("n_e") == 1
    assert any("several lines: A" in note for note in plain.notes)


def test_measure_narrows_the_layout(tmp_path):
    text = "study,events_e,n_e,events_c,n_c,yi,vi\nA,1,9,3,9,0.1,0.2\n"
    assert read(tmp_path, text).layout.name == "counts"
    assert read(tmp_path, text, measure="SMD").layout.name == "effects"


def test_lines_without_a_name(tmp_path):
    plain = read(tmp_path, "yi,vi\n0.1,0.2\n")
    assert plain.rows[0].study == "line 2"
    assert plain.notes == ("No column study: lines are named by their number.",)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("study,events_e,n_e,events_c", "missing: n_c (for counts: events_e, n_e, events_c, n_c)"),
        ("study,ai,n1i,ci", "missing: n_c (for counts: events_e, n_e, events_c, n_c)"),
        (
            "study,mean_e,sd_e,n_e,mean_c,n_c",
            "missing: sd_c (for means: mean_e, sd_e, n_e, mean_c, sd_c, n_c)",
        ),
        ("study,yi", "missing: vi (for effects: yi, vi)"),
        (
            "study,events",
            "missing: n (for proportions: events, n) or time (for one-arm rates: events, time)",
        ),
    ],
)
def test_the_column_that_the_nearest_set_lacks_is_named(tmp_path, header, said):
    path = tmp_path / "synthetic.csv"
    path.write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(LedgerError) as error:
        read_plain(path, POOLS)
    found = header.replace(",", ", ")
    assert str(error.value) == f"{path}:1: columns found: {found}; {said}"
