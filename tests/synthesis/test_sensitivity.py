"""Studies left out in turn or added one by one; BCG trials (Colditz et al. 1994)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evsyn.errors import StatsError
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.file_effects import file_members
from evsyn.synthesis.layouts import POOLS, read_plain
from evsyn.synthesis.pooling import fit_members
from evsyn.synthesis.sensitivity import in_order, leave_one_out, one_by_one

BCG = file_members(read_plain(Path(__file__).with_name("bcg.csv"), POOLS), "OR")
NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "p_value", "tau2", "i2", "q", "q_pvalue")


@pytest.mark.parametrize(
    ("method", "test"), [("REML", "knha"), ("DL", "z"), ("EE", "z"), ("MH", "z"), ("Peto", "z")]
)
def test_each_refit_is_a_fit_of_the_rest(method, test):
    analysis = Analysis(measure="OR", model=method, test=test)
    found = leave_one_out(BCG, analysis, 0.95)
    assert [row["left_out"] for row in found] == [member.study for member in BCG]
    for at in (0, 7, 12):
        rest = [*BCG[:at], *BCG[at + 1 :]]
        own = fit_members(rest, analysis, 0.95).numbers
        assert found[at]["k"] == 12
        for name in NUMBERS:
            assert found[at][name] == pytest.approx(own[name], rel=1e-9), name


@pytest.mark.parametrize(("method", "test"), [("REML", "z"), ("MH", "z")])
def test_studies_added_by_year(method, test):
    analysis = Analysis(measure="OR", model=method, test=test, cumulative="year")
    found = one_by_one(BCG, analysis, 0.95)
    assert [row["at"] for row in found][:4] == ["1948", "1949", "1953", "1960"]
    ordered = sorted(BCG, key=lambda member: float(member.columns["year"]))
    own = fit_members(ordered[:5], analysis, 0.95).numbers
    assert found[4]["estimate"] == pytest.approx(own["estimate"], rel=1e-9)
    assert found[-1]["estimate"] == pytest.approx(
        fit_members(BCG, analysis, 0.95).numbers["estimate"], rel=1e-9
    )


def test_one_study_has_no_knapp_hartung_interval_where_it_was_chosen_and_says_so():
    (first, *_) = one_by_one(BCG, Analysis(measure="OR", test="knha", cumulative=""), 0.95)
    assert (first["k"], first["se"], first["at"], first["test"]) == (1, None, "", "knha")
    assert first["reason"] == "one study: Hartung-Knapp needs two"
    assert first["natural"]["ci_lb"] is None


@pytest.mark.parametrize("part", ["without", "adding"])
def test_the_rule_decides_for_each_row_by_itself(part):
    some = [BCG[at] for at in (0, 1, 2, 3, 8)] if part == "without" else list(BCG)
    analysis = Analysis(measure="OR", cumulative="")
    refit = leave_one_out if part == "without" else one_by_one
    found = refit(some, analysis, 0.95)
    kinds = set()
    for at, row in enumerate(found):
        rest = [*some[:at], *some[at + 1 :]] if part == "without" else some[: at + 1]
        own = fit_members(rest, analysis, 0.95)
        assert (row["test"], row["reason"]) == (own.test, own.reason)
        for name in ("se", "ci_lb", "ci_ub", "p_value"):
            assert row[name] == pytest.approx(own.numbers[name], rel=1e-9)
        kinds.add(row["test"])
    assert kinds == {"z", "knha"}


def test_the_first_study_added_has_its_wald_interval():
    (first, *_) = one_by_one(BCG, Analysis(measure="OR", cumulative=""), 0.95)
    assert (first["test"], first["reason"]) == ("z", "Wald interval, because k = 1")
    assert first["se"] == pytest.approx(BCG[0].vi ** 0.5, rel=1e-12)
    assert first["ci_ub"] == pytest.approx(BCG[0].yi + 1.959963984540054 * first["se"], rel=1e-12)


def test_the_order():
    assert in_order(BCG, "")[0] == list(BCG)
    words, at = in_order(BCG, "alloc")
    assert at[:3] == ["alternate", "alternate", "random"]
    assert [member.study for member in words[:2]] == ["Frimodt-Moller 1973", "Stein & Aronson 1953"]
    gap = [replace(BCG[0], columns={"year": ""}), *BCG[1:]]
    with pytest.raises(StatsError, match=r"cumulative=year: Aronson 1948 has no value"):
        in_order(gap, "year")
