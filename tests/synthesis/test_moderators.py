"""Meta-regression and subgroups of a file; BCG trials (Colditz et al. 1994), else synthetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.regression import meta_regression
from evsyn.stats.pooling.subgroups import subgroup
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.file_effects import file_members
from evsyn.synthesis.layouts import POOLS, read_plain
from evsyn.synthesis.members import Member
from evsyn.synthesis.moderators import regression, shown, subgroups

BCG = file_members(read_plain(Path(__file__).with_name("bcg.csv"), POOLS), "AS")
YI, VI = np.array([member.yi for member in BCG]), np.array([member.vi for member in BCG])


def made(*lines):
    return [
        Member(f"s{at}", f"s{at}", yi, vi, "reported", columns={"m": cell})
        for at, (yi, vi, cell) in enumerate(lines)
    ]


def test_words_become_terms_against_the_first():
    found = regression(BCG, Analysis(mods=("ablat", "alloc")), 0.95)
    terms = ["intercept", "ablat", "alloc: random", "alloc: systematic"]
    assert [row["term"] for row in found.rows] == terms
    ablat = [float(member.columns["ablat"]) for member in BCG]
    words = [
        [member.columns["alloc"] == name for member in BCG] for name in ("random", "systematic")
    ]
    own = meta_regression(YI, VI, np.column_stack([ablat, *words]).astype(float), test="knha")
    assert [row["coef"] for row in found.rows] == pytest.approx(own.coef, rel=1e-12)
    assert found.fit["qm_pvalue"] == pytest.approx(float(own.qm_pvalue), rel=1e-12)
    assert found.fit["references"] == {"alloc": "alternate"}
    assert '"alternate" is what the others differ from' in found.notes[0]
    assert "fewer than ten studies" in found.notes[1]
    assert found.columns[0] == {"ablat": 44.0, "alloc: random": 1.0, "alloc: systematic": 0.0}


def test_studies_without_a_moderator_stay_out_of_the_regression():
    some = made((0, 1, "1"), (1, 1, "2"), (3, 1, "3"), (9, 1, ""), (4, 1, "4"))
    found = regression(some, Analysis(mods=("m",)), 0.95)
    assert (found.fit["k"], found.fit["left_out"], found.columns[3]) == (4, ["s3"], {})
    assert any("without s3" in note for note in found.notes)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (((0, 1, "1"), (1, 1, "2")), "2 studies have .* 2 coefficients"),
        (((0, 1, "1"), (1, 1, ""), (1, 1, "2")), "2 studies have"),
        (((0, 1, "7"), (1, 1, "7"), (2, 1, "7")), 'every study has "7.0" there'),
        (((0, 1, ""), (1, 1, "NA"), (2, 1, "")), "every study has nothing there"),
        (((0, 1, "a"), (1, 1, "b"), (2, 1, "c")), "3 studies have .* 3 coefficients"),
    ],
)
def test_what_cannot_be_regressed_is_refused(lines, words):
    with pytest.raises(StatsError, match=words):
        regression(made(*lines), Analysis(mods=("m",)), 0.95)


@pytest.mark.parametrize(
    ("analysis", "test", "why"),
    [
        (Analysis(mods=("ablat",)), "knha", "residual tau² > 0"),
        (Analysis(mods=("ablat",), test="z"), "z", "as chosen"),
        (Analysis(mods=("ablat",), model="EE"), "z", "common effects"),
    ],
)
def test_the_interval_of_coefficients(analysis, test, why):
    found = regression(BCG, analysis, 0.95)
    assert found.fit["test"] == test
    assert why in found.fit["reason"]


def test_one_degree_of_freedom_or_no_tau2_is_wald():
    few = made((0, 1, "1"), (5, 1, "2"), (-4, 1, "3"))
    assert "1 degree of freedom" in regression(few, Analysis(mods=("m",)), 0.95).fit["reason"]
    flat = made((1, 1, "1"), (2, 1, "2"), (3, 1, "3"), (4, 1, "4"))
    assert "tau² = 0" in regression(flat, Analysis(mods=("m",)), 0.95).fit["reason"]


def test_subgroups_and_the_test_between_them():
    found = subgroups(BCG, Analysis(measure="AS", subgroup="Alloc"), 0.95)
    assert [(row["subgroup"], row["k"], row["test"]) for row in found.rows] == [
        ("alternate", 2, "z"), ("random", 7, "knha"), ("systematic", 4, "knha"),
    ]  # fmt: skip
    own = subgroup(YI, VI, [member.columns["alloc"] for member in BCG], test="z")
    assert [row["estimate"] for row in found.rows] == pytest.approx(own.estimate, rel=1e-12)
    assert found.fit["q"] == pytest.approx(own.q_between, rel=1e-10)
    assert found.fit["q_pvalue"] == pytest.approx(own.q_between_pvalue, rel=1e-10)
    assert (found.fit["column"], found.fit["q_df"]) == ("alloc", 2)


def test_single_studies_and_missing_groups_are_told():
    some = made((0, 1, "10"), (1, 1, "10"), (3, 1, "9"), (5, 1, ""))
    found = subgroups(some, Analysis(measure="MD", subgroup="m"), 0.95)
    assert [row["subgroup"] for row in found.rows] == ["9", "10"]
    assert found.rows[0]["i2"] is None
    assert found.rows[0]["estimate"] == pytest.approx(3)
    assert found.notes == ("subgroups without s3: no m.", "subgroups of one study: 9.")
    alone = subgroups(some[:2], Analysis(measure="MD", subgroup="m"), 0.95)
    assert alone.fit["reason"] == "fewer than two groups"


def test_values_as_words():
    assert [shown(value) for value in (1948.0, 0.1, "x")] == ["1948", "0.1", "x"]
