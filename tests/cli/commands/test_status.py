"""``evsyn status`` without reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_no_report_declared(evidence: Path, run: Any) -> None:
    result = run("status", root=evidence)
    assert result.exit_code == 0
    assert result.stdout == "no report declared\n"


def test_stale_reports_say_what_to_do(tmp_path: Path, run: Any) -> None:
    run("init", tmp_path / "x")
    told = run("status", root=tmp_path / "x").stdout.splitlines()
    assert told[1].split() == ["overview", "stale", "not", "built", "here", "yet"]
    assert told[-1] == "0 fresh, 1 stale: `evsyn build` rebuilds what is stale"
