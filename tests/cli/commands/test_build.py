"""``evsyn build`` and what follows from it: ``status``, ``trace`` of a built number."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
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


def test_a_built_number_can_be_traced(fresh: Path, run: Any, rows: Any) -> None:
    assert run("build", root=fresh).exit_code == 0
    built = json.loads((fresh / "reports" / "numbers.json").read_text(encoding="utf-8"))
    text, _, name = built["reports"]["overview"]["numbers"][0]
    (trace,) = rows("trace", name, root=fresh)
    assert text in trace["reports"]["overview"]
    told = run("trace", name, root=fresh).stdout
    assert f"in the report overview: {text}" in told


@pytest.mark.skipif(os.name == "nt", reason="interrupts by signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_leaves_with_130(tmp_path: Path, run: Any, name: str) -> None:
    root = tmp_path / "review"
    assert run("init", root).exit_code == 0
    path = root / "notebooks" / "overview.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    wait = "from pathlib import Path; import time; Path('running').touch(); time.sleep(600)"
    notebook["cells"][-1] |= {"cell_type": "code", "source": [wait], "outputs": []}
    notebook["cells"][-1]["execution_count"] = None
    path.write_text(json.dumps(notebook), encoding="utf-8")
    words = [sys.executable, "-m", "evsyn", "build", "--project", str(root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as done:
        while not list(root.rglob("running")) and done.poll() is None:
            time.sleep(0.05)
        done.send_signal(getattr(signal, name))
        try:
            out, err = done.communicate(timeout=60)
        finally:
            done.kill()
    assert done.returncode == 130, (out, err)
    assert "Traceback" not in err
    assert not (root / "reports" / "overview.html").exists()


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
