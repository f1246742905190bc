"""What a notebook may display, and for how long a cell may run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evsyn.errors import ReportError
from evsyn.reports.limits import Watch
from evsyn.reports.notebook import run_notebook
from evsyn.reports.outputs import LARGEST_PAGE, LONGEST_TEXT
from evsyn.review.blocks import BLOCK_MIME


def printed(size: int, name: str = "stdout") -> dict:
    return {"msg_type": "stream", "content": {"name": name, "text": "x" * size}}


def displayed(size: int, kind: str, **more: object) -> dict:
    return {"msg_type": "display_data", "content": {"data": {kind: "x" * size, **more}}}


def test_printed_text_is_counted_by_cell_and_stream() -> None:
    watch = Watch()
    assert watch.admits(printed(LONGEST_TEXT)) and watch.admits(printed(LONGEST_TEXT, "stderr"))
    watch.start(None, 1)
    assert watch.admits(printed(LONGEST_TEXT)) and watch.cell == 1
    assert not watch.admits(printed(1)) and not watch.admits(printed(0))
    assert watch.excess == "more than 1,000,000 characters on stdout"


def test_what_is_cleared_does_not_count() -> None:
    watch = Watch()
    for _ in range(3):
        assert watch.admits(printed(LONGEST_TEXT))
        assert watch.admits({"msg_type": "clear_output", "content": {"wait": False}})
    assert watch.admits({"msg_type": "status", "content": {"execution_state": "busy"}})


def test_one_output_and_all_together() -> None:
    assert not Watch().admits(displayed(LONGEST_TEXT + 1, "text/html"))
    watch = Watch()
    assert watch.admits(displayed(LONGEST_TEXT + 1, "text/html", **{BLOCK_MIME: {"slot": "wide"}}))
    assert watch.admits(displayed(LARGEST_PAGE - LONGEST_TEXT - 1, "image/png"))
    watch.start(None, 1)
    assert not watch.admits(displayed(1, "text/plain"))
    assert watch.excess == "with the cells before it more than 20,000,000 bytes"


@pytest.mark.parametrize(
    "code",
    ["print('x' * 100_000_000)", "while True: print('synthetic ' * 1000)"],
    ids=["at-once", "without-end"],
)
def test_a_flood_ends_the_run_and_names_the_cell(tmp_path: Path, notebook_text, code: str) -> None:
    source, output = tmp_path / "q.ipynb", tmp_path / "out" / "q.ipynb"
    source.write_text(notebook_text(("parameters", "n = 1"), code, "1"))
    said = r"q\.ipynb, cell 2: displays more than 1,000,000 characters on stdout; display less"
    with pytest.raises(ReportError, match=said):
        run_notebook(source, output, parameters={"n": 2}, root=tmp_path)
    assert not output.exists()


def test_a_cell_that_runs_too_long_is_named(
    tmp_path: Path, notebook_text, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evsyn.reports.notebook.LONGEST_CELL", 1)
    source, output = tmp_path / "q.ipynb", tmp_path / "out" / "q.ipynb"
    source.write_text(notebook_text("1", "import time; time.sleep(600)"))
    with pytest.raises(ReportError, match=r"q\.ipynb, cell 2: ran longer than 1 s, which is allow"):
        run_notebook(source, output, parameters={}, root=tmp_path)
    assert not output.exists()


def test_as_much_as_is_allowed_is_kept(tmp_path: Path, notebook_text) -> None:
    source, output = tmp_path / "q.ipynb", tmp_path / "out" / "q.ipynb"
    source.write_text(notebook_text("print('x' * 999_999)"))
    run_notebook(source, output, parameters={}, root=tmp_path)
    text = json.loads(output.read_text())["cells"][0]["outputs"][0]["text"]
    assert len("".join(text)) == LONGEST_TEXT
