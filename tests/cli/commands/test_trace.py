"""``evsyn trace``: from a row to its quotes and citations."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_a_row_of_rates(evidence: Path, rows: Any, run: Any) -> None:
    found = rows("rates", "--study", "park2012", root=evidence)
    row = next(row for row in found if row["outcome_id"] == "improvement_marked_or_excellent")
    (trace,) = rows("trace", row["trace"], root=evidence)
    assert trace["id"] == row["trace"]
    assert any("seven (43.8%) patients" in quote["text"] for quote in trace["quotes"])
    assert "park2012" in trace["citations"]
    told = run("trace", row["trace"], root=evidence).stdout
    assert "from [park2012], abstract: “" in told
    assert "7/16" in told.splitlines()[0]


def test_a_row_under_an_assumption(evidence: Path, rows: Any, run: Any) -> None:
    accept = ("--accept", "nassar2016-20-20,nassar2016-patients")
    found = rows("compare", "--study", "nassar2016", *accept, root=evidence)
    (trace,) = rows("trace", found[0]["trace"], *accept, root=evidence)
    assert {name for name, _ in trace["assumptions"]} >= {"nassar2016-20-20", "nassar2016-patients"}
    assert (
        "assumes nassar2016-20-20: "
        in run("trace", found[0]["trace"], *accept, root=evidence).stdout
    )


def test_an_unknown_id(evidence: Path, run: Any) -> None:
    result = run("trace", "t0000000000", root=evidence)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert 'no number has the trace "t0000000000"' in result.stderr


def test_an_id_in_capitals(evidence: Path, rows: Any) -> None:
    name = rows("rates", "--study", "park2012", root=evidence)[0]["trace"]
    (trace,) = rows("trace", f" {name.upper()} ", root=evidence)
    assert trace["id"] == name


def test_what_is_no_id(evidence: Path, run: Any) -> None:
    for word in ("park2012-01", "t01234", "x0123456789"):
        result = run("trace", word, root=evidence)
        assert result.exit_code == 2
        assert f'"{word}" is no id of a trace: ids look like t0123456789' in result.stderr
