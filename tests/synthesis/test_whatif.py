"""What-ifs: claimed shares as counts."""

from __future__ import annotations

import pytest

from evsyn.errors import StatsError, TableError
from evsyn.synthesis.whatif import what_if


def test_twenty_women_as_ten_each(trials):
    result = what_if(trials, "C04", "C05", n_e=10, n_c=10)
    (row,) = result
    assert (row.events_e, row.n_e, row.events_c, row.n_c) == (9, 10, 5, 10)
    assert row.p_value == pytest.approx(0.141, abs=5e-4)
    assert row.estimate == pytest.approx(1.8)
    assert (row.status, row.design) == ("assumed", "what-if")
    assert [quote.extraction_id for quote in row.trace.quotes] == ["C04", "C05", "nassar2016-01"]
    assert dict(row.trace.values)["n_enrolled"] == 40
    assert ("n_e", "10") in row.trace.parameters
    assert "no source read here prints" in row.reason
    assert result.settings["test"] == "fisher"


def test_other_measures_and_methods(trials):
    (row,) = what_if(trials, "C04", "C05", n_e=10, n_c=10, measure="RD", test="score")
    assert (row.estimate, row.p_method) == (pytest.approx(0.4), "score")


def test_what_cannot_be(synthetic):
    synthetic.study().claim("a", printed="90").claim("b", printed="many").claim("c", printed="50")
    found = synthetic.evidence()
    with pytest.raises(TableError, match='no claim "x"'):
        what_if(found, "x", "a", n_e=10, n_c=10)
    with pytest.raises(TableError, match="no percentage"):
        what_if(found, "a", "b", n_e=10, n_c=10)
    with pytest.raises(TableError, match="no whole number"):
        what_if(found, "a", "c", n_e=7, n_c=10)
    with pytest.raises(TableError, match="expected 1 or more"):
        what_if(found, "a", "c", n_e=10, n_c=0)
    with pytest.raises(TableError, match="not one of counts"):
        what_if(found, "a", "c", n_e=10, n_c=10, measure="MD")
    with pytest.raises(StatsError):
        what_if(found, "a", "c", n_e=10, n_c=10, test="fischer")
