"""``evsyn rates`` on a project and on a plain file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CONTRACT = [
    *("study_id", "arm_id", "outcome_id", "subgroup", "months", "anchor", "events", "n"),
    *("events_min", "events_max", "rate", "ci_lb", "ci_ub", "ci_method", "status", "reason"),
    *("assumptions", "citekeys"),
]


def test_the_columns_of_the_contract(rows: Any, evidence: Path) -> None:
    found = rows("rates", "--study", "park2012", root=evidence)
    assert set(CONTRACT) <= set(found[0])


def test_a_plain_file(tmp_path: Path, run: Any, rows: Any) -> None:
    # Park 2012: seven of sixteen.
    file = tmp_path / "rates.csv"
    file.write_text("study,events,n\nPark 2012,7,16\n", encoding="utf-8")
    (row,) = rows("rates", file)
    assert (row["rate"], row["ci_lb"], row["ci_ub"]) == pytest.approx(
        (0.4375, 0.2310, 0.6682), abs=5e-5
    )
    assert "Park 2012   44%  23 to 67      7/16" in run("rates", file).stdout
    (exact,) = rows("rates", file, "--interval", "clopper-pearson", "--level", "0.9")
    assert exact["ci_method"] == "clopper-pearson"


def test_a_plain_file_with_faults(tmp_path: Path, run: Any) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("study,events,n\nsynthetic,17,16\nsynthetic 2,x,3\n", encoding="utf-8")
    result = run("rates", file)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(": ")[0].split(":")[-1] for line in result.stderr.splitlines()] == ["2", "3"]


def test_filters_and_unknown_names(rows: Any, run: Any, evidence: Path) -> None:
    found = rows("rates", "--condition", "striae", root=evidence)
    assert {"park2012", "nassar2016"} <= {row["study_id"] for row in found}
    result = run("rates", "--study", "park2021", root=evidence)
    assert result.exit_code == 2
    assert 'did you mean "park2012"' in result.stderr


def test_unknown_and_excluding_assumptions_are_refused(run: Any, evidence: Path) -> None:
    unknown = run("rates", "--accept", "nassar2016-20-21", root=evidence)
    assert unknown.exit_code == 2
    assert 'did you mean "nassar2016-20-20"' in unknown.stderr
    both = run("rates", "--accept", "nassar2016-20-20,nassar2016-10-30", root=evidence)
    assert both.exit_code == 2
    assert "Traceback" not in both.stderr


def test_the_accepted_assumptions_are_listed(run: Any, evidence: Path) -> None:
    for words, expected in (("none", 0), ("default", 9)):
        result = run("rates", "--accept", words, "--format", "json", root=evidence)
        assert len(json.loads(result.stdout)["assumptions"]) == expected


def test_nan_is_never_printed(run: Any, evidence: Path) -> None:
    for form in ("json", "csv", "table"):
        text = run("rates", "--format", form, root=evidence).stdout
        assert "NaN" not in text
        assert "nan" not in text.replace("\n", " ").replace(",", " ").split()


def test_the_hint_at_assumptions_needs_some(tmp_path: Path, run: Any, evidence: Path) -> None:
    run("init", tmp_path / "x")
    hint = "`evsyn assumptions` shows what would change"
    for verb in ("rates", "compare"):
        assert hint in run(verb, root=evidence).stdout
        assert hint not in run(verb, root=tmp_path / "x").stdout


def test_columns_of_comparisons_lead_to_compare(tmp_path: Path, run: Any) -> None:
    file = tmp_path / "trials.csv"
    file.write_text("study,events_e,n_e,events_c,n_c\nsynthetic,1,2,1,2\n", encoding="utf-8")
    result = run("rates", file)
    assert result.exit_code == 2
    assert "these are columns for `evsyn compare`; needed here: study and events, n" in (
        result.stderr
    )
    file.write_text("study,events,n\nsynthetic,1,2\n", encoding="utf-8")
    assert "these are columns for `evsyn rates`" in run("compare", file).stderr
