"""``evsyn build`` and what follows from it: ``status``, ``trace`` of a built number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evsyn.cli.main import evsyn


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("build") / "review"
    assert CliRunner().invoke(evsyn, ["init", str(root)]).exit_code == 0
    return root


def test_a_new_project_builds_and_stays_fresh(fresh: Path, run: Any, rows: Any) -> None:
    assert rows("status", root=fresh) == [
        {"report": "overview", "state": "stale", "reason": "not built here yet"}
    ]
    result = run("build", "-j", "1", root=fresh)
    assert result.exit_code == 0, result.output
    assert (fresh / "reports" / "overview.html").is_file()
    assert result.stdout.splitlines()[-1].startswith("1 built")
    assert result.stderr == ""
    again = run("build", "--format", "json", root=fresh)
    assert [row["state"] for row in json.loads(again.stdout)["rows"]] == ["fresh"]
    assert rows("status", root=fresh)[0]["state"] == "fresh"
    with (fresh / "references.bib").open("a", encoding="utf-8") as stream:
        stream.write("\nmore text\n")
    stale = rows("status", root=fresh)[0]
    assert (stale["state"], stale["reason"]) == ("stale", "references.bib changed")


def test_an_unknown_report(fresh: Path, run: Any) -> None:
    result = run("build", "overveiw", root=fresh)
    assert result.exit_code == 2
    assert 'did you mean "overview"' in result.stderr


def test_a_notebook_that_fails_exits_with_1(tmp_path: Path, run: Any) -> None:
    root = tmp_path / "review"
    assert run("init", root).exit_code == 0
    path = root / "notebooks" / "overview.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][-1]["source"] = ["review.rates(outcome='improvment')"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    result = run("build", root=root)
    assert result.exit_code == 1
    assert "overview failed" in result.stdout
    assert "TableError" in result.stdout
    assert "Traceback" not in result.output


def test_options_become_parameters(tmp_path: Path, run: Any) -> None:
    root = tmp_path / "review"
    assert run("init", root).exit_code == 0
    result = run("build", "--accept", "nobody", root=root)
    assert result.exit_code == 1
    assert "nobody" in result.stdout
