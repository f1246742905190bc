"""Which reports are stale, and following a number of the built ones."""

from __future__ import annotations

import subprocess
import sys

from evsyn.reports.build import build
from evsyn.reports.status import ReportState, find_trace, status


def test_nothing_is_built_in_a_fresh_clone(project) -> None:
    made = project()
    assert status(made) == (ReportState("rates", False, "not built here yet"),)
    assert find_trace(made, "t") == []
    assert not (made.root / ".evsyn").exists()


def test_fresh_after_a_build_until_something_changes(project) -> None:
    made = project()
    assert build(made).ok
    assert status(made) == (ReportState("rates", True, ""),)
    (found,) = find_trace(made, "t")
    assert found["title"] == "7/16 = 44%" and found["reports"] == {"rates": ["7", "16", "44%"]}
    (made.root / "data" / "extractions.csv").write_text("extraction_id,printed\nE1,8\n")
    assert status(made) == (ReportState("rates", False, "data/extractions.csv changed"),)


def test_status_loads_nothing_heavy() -> None:
    heavy = "{'papermill', 'nbconvert', 'nbformat', 'jinja2', 'jupyter_client', 'zmq'}"
    code = "import sys, evsyn.reports.status, evsyn.reports.build\n"
    code += f"print(sorted({heavy} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
