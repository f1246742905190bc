"""Defaults of a declared analysis."""

from __future__ import annotations

import pytest

from evsyn.errors import StatsError
from evsyn.synthesis.declared import TESTS, Analysis, Asked, as_asked


def test_defaults_admit_nothing_by_name():
    analysis = Analysis()
    assert analysis.outcomes == analysis.designs == analysis.comparisons == ()
    assert (analysis.measure, analysis.model, analysis.test) == ("RR", "REML", "auto")
    assert analysis.assumptions == "default"
    assert analysis.test in TESTS


@pytest.mark.parametrize(
    ("analysis", "asked", "words"),
    [
        (Analysis(measure="MD"), Asked(method="Peto"), 'method="Peto" pools counts as OR, PETO'),
        (Analysis(model="MH", test="adhoc"), Asked(), 'test="adhoc": MH has the Wald'),
        (Analysis(model="EE", interval="QP"), Asked(), "EE gives no interval"),
        (Analysis(model="MH"), Asked(mods=("year",)), "mods=year: MH takes no moderators"),
        (Analysis(), Asked(test="t"), 'test="t"'),
    ],
)
def test_what_a_method_cannot_do_is_refused(analysis, asked, words):
    with pytest.raises(StatsError, match=words):
        as_asked(analysis, asked)


def test_what_is_asked_replaces_what_is_declared():
    declared = Analysis(model="DL", subgroup="design", cumulative="year")
    assert as_asked(declared, Asked()) == declared
    found = as_asked(declared, Asked(method="PM", cumulative="", leave_one_out=True))
    assert (found.model, found.subgroup, found.cumulative) == ("PM", "design", "")
    assert found.settings == {"subgroup": "design", "leave_one_out": True, "cumulative": ""}
    assert Analysis().settings == {}
