"""Defaults of a declared analysis."""

from __future__ import annotations

from evsyn.synthesis.declared import TESTS, Analysis


def test_defaults_admit_nothing_by_name():
    analysis = Analysis()
    assert analysis.outcomes == analysis.designs == analysis.comparisons == ()
    assert (analysis.measure, analysis.model, analysis.test) == ("RR", "REML", "auto")
    assert analysis.assumptions == "default"
    assert analysis.test in TESTS
