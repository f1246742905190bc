"""``evsyn check`` on sound evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

COLUMNS = [
    *("rule", "severity", "verdict", "file", "line", "column", "message"),
    *("expected", "found", "trace"),
]


def test_the_evidence_of_this_repository_has_no_fault(evidence: Path, run: Any) -> None:
    result = run("check", "--format", "json", root=evidence)
    assert result.exit_code == 0, result.stdout
    content = json.loads(result.stdout)
    assert content["command"] == "check"
    assert all(list(row) == COLUMNS for row in content["rows"])
    assert content["summary"]["errors"] == 0
    assert content["summary"]["warnings"] == sum(
        row["severity"] == "warning" for row in content["rows"]
    )
    assert content["summary"]["values"] > 500
    assert content["summary"]["sources"] > 80


def test_warnings_fail_only_where_asked(evidence: Path, run: Any) -> None:
    assert run("check", "--fail-on", "warning", root=evidence).exit_code == 3
    assert run("check", "--fail-on", "error", root=evidence).exit_code == 0


def test_the_last_line_says_what_was_checked(evidence: Path, run: Any) -> None:
    last = run("check", root=evidence).stdout.splitlines()[-1]
    assert last.startswith("0 errors, ")
    assert " values, " in last
    assert last.endswith("Nothing was changed.")


def test_one_of_a_kind_is_singular(tmp_path: Path, run: Any) -> None:
    run("init", tmp_path / "x")
    entry = "@misc{synthetic1, title={Synthetic}, year={2001}}\n"
    (tmp_path / "x" / "references.bib").write_text(entry, encoding="utf-8")
    last = run("check", root=tmp_path / "x").stdout.splitlines()[-1]
    assert last.endswith("(0 values, 0 claims, 1 source). Nothing was changed.")


def test_quiet_leaves_the_findings(evidence: Path, run: Any) -> None:
    told = run("check", "-q", root=evidence).stdout.splitlines()
    assert told
    assert all(line.startswith("data/") for line in told)


def test_an_empty_ledger_is_not_a_pass(tmp_path: Path, run: Any) -> None:
    assert run("init", tmp_path / "x").exit_code == 0
    result = run("check", "--format", "json", root=tmp_path / "x")
    assert result.exit_code == 0
    assert [row["rule"] for row in json.loads(result.stdout)["rows"]] == ["nothing-checked"]
    assert run("check", "--fail-on", "warning", root=tmp_path / "x").exit_code == 3


def test_a_missing_bibliography_is_found(project: Path, run: Any) -> None:
    (project / "references.bib").unlink()
    result = run("check", root=project)
    assert result.exit_code == 3
    assert "references.bib" in result.stdout
