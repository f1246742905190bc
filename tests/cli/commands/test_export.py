"""``evsyn export``: the R script of a file and of declared analyses."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

BCG = Path(__file__).parents[2] / "synthesis" / "bcg.csv"


def test_a_script_to_a_file_and_to_standard_output(run: Any, tmp_path: Path) -> None:
    result = run("export", "--as", "metafor", BCG)
    assert result.exit_code == 0
    assert result.stdout.startswith("# Meta-analysis in metafor, written by evsyn ")
    assert 'escalc(measure = "RR", ai = events_e' in result.stdout
    written = tmp_path / "bcg.R"
    assert run("export", "--as", "metafor", BCG, "-o", written).stdout == ""
    assert written.read_text(encoding="utf-8") == result.stdout


def test_json_holds_the_script(run: Any) -> None:
    content = json.loads(run("export", "--as", "metafor", BCG, "--format", "json").stdout)
    assert content["command"] == "export"
    (row,) = content["rows"]
    assert row["format"] == "metafor"
    assert row["analyses"] == ["all studies"]
    assert row["text"].startswith("# Meta-analysis in metafor")


def test_formats_are_a_choice(run: Any) -> None:
    assert "Missing option '--as'" in run("export", BCG).stderr
    result = run("export", "--as", "stata", BCG)
    assert result.exit_code == 2
    assert "metafor" in result.stderr


def test_nothing_to_export(run: Any, tmp_path: Path, evidence: Path) -> None:
    alone = tmp_path / "one.csv"
    alone.write_text("study,yi,vi\nSynthetic,1,1\n", encoding="utf-8")
    for result in (run("export", "--as", "metafor", alone),
                   run("export", "--as", "metafor", root=evidence)):  # fmt: skip
        assert result.exit_code == 2
        assert "nothing was pooled" in result.stderr


def test_a_declared_analysis_runs_in_r(project: Path, run: Any, rows: Any) -> None:
    """Excellent responses with and without platelet-rich plasma, the one pooled by default."""
    with (project / "evsyn.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            '[[analyses]]\nname = "added"\nquestion = "Of the test"\nwhy = "Of the test"\n'
            'outcomes = ["response_excellent"]\ndesigns = ["within-person"]\nmeasure = "RR"\n'
        )
    result = run("export", "--as", "metafor", "--analysis", "added", "-o", project / "a.R",
                 root=project)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    script = (project / "a.R").read_text(encoding="utf-8")
    assert "# yi and vi as evsyn has them" in script
    (row,) = rows("pool", "--analysis", "added", root=project)
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    done = subprocess.run(
        ["Rscript", str(project / "a.R")], capture_output=True, text=True, check=False
    )
    if "there is no package called" in done.stderr:
        pytest.skip("the package metafor is not installed")
    assert done.returncode == 0, done.stderr
    found = dict(line.replace('"', "").split(",")[3:5] for line in done.stdout.splitlines()[1:])
    assert float(found["estimate"]) == pytest.approx(row["estimate"], rel=1e-10)
    assert float(found["ci_ub"]) == pytest.approx(row["ci_ub"], rel=1e-10)
