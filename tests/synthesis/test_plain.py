"""Plain files: layouts, missing cells, other people's column names."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from evsyn.errors import LedgerError, StatsError
from evsyn.synthesis.plain import plain_compare, plain_rates
from evsyn.synthesis.plain_pool import plain_pool


@pytest.fixture
def file(tmp_path):
    """Write a file of synthetic numbers."""

    def write(*lines: str):
        path = tmp_path / "trials.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def test_rates(file):
    result = plain_rates(file("study,events,n,note", "A,7,16,x", "B,,12,", "C,NA,–,"))
    first, second, third = result
    assert (first.study, first.events, first.n) == ("A", 7, 16)
    assert first.ci_lb == pytest.approx(0.2310, abs=5e-5)
    assert (second.rate, second.n, second.reason) == (None, 12, "events is empty")
    assert third.reason == "events and n are empty"
    assert result.notes == ("Columns ignored: note.",)
    assert ("line", "2") in first.trace.parameters
    assert first.trace.ends


def test_counts_under_metafors_names(file):
    # Trials 1 and 2 of the BCG vaccine data (Colditz et al. 1994)
    result = plain_compare(
        file("author,year,ai,bi,ci,di", "Aronson,1948,4,119,11,128", "Ferguson,1949,6,300,29,274"),
        interval="katz",
    )
    first, second = result
    assert (first.study, first.n_e, first.n_c) == ("Aronson 1948", 123, 139)
    assert (first.yi, first.vi) == pytest.approx((-0.8893, 0.3256), abs=5e-5)
    assert (second.yi, second.vi) == pytest.approx((-1.5854, 0.1946), abs=5e-5)
    assert second.p_method == "wald"


def test_terminal_example(file):
    result = plain_compare(
        file("study,events_e,n_e,events_c,n_c", "Ishfaq 2022,22,30,10,30", "jpad2525,26,30,19,30"),
        measure="RR",
        interval="katz",
        test="fisher",
    )
    assert [round(row.estimate, 2) for row in result] == [2.2, 1.37]
    assert [round(row.p_value, 3) for row in result] == [0.004, 0.072]
    pooled = plain_pool(file("study,events_e,n_e,events_c,n_c", "A,22,30,10,30", "B,26,30,19,30"))
    assert pooled.rows[0].reason == "Wald interval, because k = 2"
    assert pooled.rows[0].group == "all studies"


def test_pairs(file):
    (row,) = plain_compare(file("study,both,only_e,only_c,neither", "F,1,1,7,12"), measure="RD")
    assert (row.design, row.estimate) == ("within-person", pytest.approx(-6 / 21))
    assert (row.events_e, row.n_e, row.events_c, row.n_c) == (2, 21, 8, 21)


def test_means(file):
    lines = ("study,m1i,sd1i,n1i,m2i,sd2i,n2i", "A,5,1,10,4,1,10")
    (row,) = plain_compare(file(*lines))
    assert (row.measure, row.estimate, row.ci_method) == ("MD", 1, "welch")
    (smd,) = plain_compare(file(*lines), measure="SMD")
    assert smd.estimate == pytest.approx(0.9577, abs=1e-4)


def test_other_layouts(file):
    (row,) = plain_compare(file("study,mean_diff,se_diff", "A,-1,0.5"))
    assert (row.measure, row.estimate, row.vi) == ("MD", -1, 0.25)
    (row,) = plain_compare(file("study,r,n", "A,0.5,20"))
    assert (row.measure, row.estimate) == ("ZCOR", pytest.approx(0.5))
    assert row.vi == pytest.approx(1 / 17)
    (row,) = plain_compare(file("study,yi,sei", "A,0.7,0.1"), measure="OR")
    assert row.estimate == pytest.approx(math.exp(0.7))
    assert row.vi == pytest.approx(0.01)
    rows = plain_compare(
        file("study,x1i,t1i,x2i,t2i", "A,5,100,9,90", "B,0,10,2,10", "C,0,10,0,10")
    ).rows
    assert rows[0].estimate == pytest.approx(0.5)
    assert (rows[1].estimate, rows[1].yi is not None) == (0, True)
    assert rows[2].yi is None
    assert "no events in either arm" in rows[2].reason


def test_options_that_cannot_apply_are_refused(file):
    path = file("study,yi,vi", "A,0.7,0.1")
    with pytest.raises(StatsError, match="leave it out"):
        plain_compare(path, test="fisher")
    with pytest.raises(StatsError, match="phi"):
        plain_compare(path, phi=0.2)
    with pytest.raises(StatsError, match="level"):
        plain_compare(path, level=95)
    with pytest.raises(LedgerError, match="do not make MD"):
        plain_compare(file("study,events_e,n_e,events_c,n_c", "A,1,2,1,2"), measure="MD")


def test_pool_leaves_out_lines_without_number(file):
    result = plain_pool(
        file("study,yi,vi", "A,0.7,0.1", "B,0.5,0.2", "C,,0.2", "D,0.1,0.3"), method="EE"
    )
    (row,) = result
    assert (row.k, row.members, row.test) == (3, ("A", "B", "D"), "z")
    assert row.left_out == ("C: yi is empty",)
    weights = [1 / 0.1, 1 / 0.2, 1 / 0.3]
    expected = (7 + 2.5 + 0.1 / 0.3) / sum(weights)
    assert row.estimate == pytest.approx(expected)


def test_a_rate_ratio_without_end_says_so(tmp_path: Path):
    path = tmp_path / "synthetic.csv"
    path.write_text("study,events_e,time_e,events_c,time_c\na,4,10,0,12\nb,0,10,4,12\n", "utf-8")
    first, second = plain_compare(path)
    assert (first.estimate, first.infinite) == (None, ("estimate",))
    assert "the estimate is infinite" in first.reason
    assert (second.estimate, second.ci_lb) == (0, None)
    assert "no interval and no test" in second.reason


def test_cut_limits_of_a_file_are_said(tmp_path: Path):
    path = tmp_path / "synthetic.csv"
    path.write_text("study,events,n\na,0,15\n", "utf-8")
    (row,) = plain_rates(path, interval="agresti-coull")
    assert (row.ci_lb, row.status) == (0, "reported")
    assert "limits cut" in row.reason


@pytest.mark.parametrize(
    ("columns", "cells", "chosen"),
    [
        ("events_e,n_e,events_c,n_c", "3,10,4,10", {"interval": "tang"}),
        ("events_e,n_e,events_c,n_c", "3,10,4,10", {"test": "mcnemar"}),
        ("both,only_e,only_c,neither", "3,1,5,2", {"interval": "katz"}),
        ("both,only_e,only_c,neither", "3,1,5,2", {"test": "fisher"}),
    ],
)
def test_a_method_of_the_other_design_is_refused(tmp_path: Path, columns, cells, chosen):
    path = tmp_path / "synthetic.csv"
    path.write_text(f"study,{columns}\na,{cells}\n", "utf-8")
    with pytest.raises(StatsError, match="is no method for RR of"):
        plain_compare(path, **chosen)


def test_numbers_too_large_are_refused_or_said(tmp_path: Path):
    path = tmp_path / "synthetic.csv"
    path.write_text("study,events_e,n_e,events_c,n_c\na,1,1e400,2,10\nb,1,1e11,2,10\n", "utf-8")
    with pytest.raises(LedgerError) as caught:
        plain_compare(path)
    assert [fault.line for fault in caught.value.faults] == [2, 3]
    assert "expected at most 1e+10" in str(caught.value)
    path.write_text("study,yi,vi\na,800,0.1\nb,-800,1\n", "utf-8")
    first, second = plain_compare(path, measure="RR")
    assert (first.estimate, first.infinite) == (None, ("estimate", "ci_lb", "ci_ub"))
    assert "too large for a number" in first.reason
    assert (second.estimate, second.reason) == (0, "")
    (pooled,) = plain_pool(path, measure="RR")
    assert pooled.estimate is not None
    assert pooled.natural["ci_ub"] is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,200", "leave out the thousands separator: 1200"),
        ("12,345,678", "leave out the thousands separator: 12345678"),
        ("0,5", "write a decimal point"),
        ("1,20", "write a decimal point"),
    ],
)
def test_separators_are_named(tmp_path, text, hint):
    path = tmp_path / "data.csv"
    path.write_text(f'study,events,n\nSynthetic A,1,"{text}"\n', encoding="utf-8")
    with pytest.raises(LedgerError) as error:
        plain_rates(path)
    assert str(error.value) == f'{path}:2: n: "{text}" is not a number; {hint}'
