"""Rows of pools: every study with its effect, what is said, and the trace of each number."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.file_effects import file_members
from evsyn.synthesis.layouts import POOLS, read_plain
from evsyn.synthesis.pool_rows import Group, pool_row

BCG = file_members(read_plain(Path(__file__).with_name("bcg.csv"), POOLS), "OR")
EVERYTHING = Analysis(
    measure="OR", mods=("ablat",), subgroup="alloc", leave_one_out=True, cumulative="year"
)


def test_each_study_is_a_line_also_those_left_out():
    group = Group("g", EVERYTHING, BCG[1:], ((BCG[0], "for a test"),), ())
    row, said = pool_row(group, 0.95)
    assert len(row.effects) == 13
    assert [line["pooled"] for line in row.effects] == [True] * 12 + [False]
    assert row.effects[-1]["reason"] == "for a test"
    assert sum(line["weight"] for line in row.effects[:-1]) == pytest.approx(1)
    assert row.effects[0]["moderators"] == {"ablat": 55.0}
    assert row.effects[0]["rank"] == 1
    assert row.left_out == ("Aronson 1948: for a test",)
    assert "g: not pooled: Aronson 1948: for a test." in said


def test_numbers_beside_the_effect_are_traced():
    row, _ = pool_row(Group("g", EVERYTHING, BCG, (), ()), 0.95)
    values = dict(row.trace.values)
    assert values["regression_2_coef"] == row.regression[1]["coef"]
    assert values["leave_one_out_3_estimate"] == row.leave_one_out[2]["estimate"]
    assert values["cumulative_13_natural_estimate"] == pytest.approx(row.natural["estimate"])
    assert values["subgroup_test_q"] == row.subgroup_test["q"]
    assert values["subgroups_1_tau2"] == row.subgroups[0]["tau2"]
    parameters = dict(row.trace.parameters)
    assert (parameters["mods"], parameters["leave_one_out"]) == ("ablat", "yes")


def test_what_was_not_asked_for_is_empty_and_leaves_the_trace_alone():
    row, _ = pool_row(Group("g", Analysis(measure="OR"), BCG, (), ()), 0.95)
    assert row.regression == row.subgroups == row.leave_one_out == row.cumulative == ()
    assert not any("_1_" in name for name in dict(row.trace.values))
    assert set(dict(row.trace.parameters)) == {"measure", "method", "test"}
    assert row.interval == "QP"


def test_one_study_is_not_pooled():
    row, _ = pool_row(Group("g", EVERYTHING, BCG[:1], (), ()), 0.95)
    assert row.estimate is None
    assert row.effects[0]["pooled"] is False
    assert row.reason.startswith("one study")
