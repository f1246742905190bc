"""The files of a new review."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest

from evsyn.cli import start
from evsyn.cli.start import new_project
from evsyn.errors import ConfigurationError
from evsyn.review.configuration import read_configuration
from evsyn.tables.schema import TABLES


def test_everything_a_review_needs(tmp_path: Path) -> None:
    written = new_project(tmp_path / "my-review")
    root = tmp_path / "my-review"
    assert set(written) == {
        ".github/workflows/evidence.yml",
        ".gitignore",
        "README.md",
        "evsyn.toml",
        "notebooks/overview.ipynb",
        "references.bib",
        "requirements.txt",
        *(f"data/{name}.csv" for name in TABLES),
    }
    assert all((root / name).is_file() for name in written)
    for name, table in TABLES.items():
        with (root / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            assert list(csv.reader(stream)) == [[column.name for column in table.columns]]
    configuration = read_configuration(root)
    assert configuration.title == "My review"
    assert [report.name for report in configuration.reports] == ["overview"]


def test_the_notebook_has_no_output_and_a_parameters_cell(tmp_path: Path) -> None:
    new_project(tmp_path / "x")
    notebook = json.loads((tmp_path / "x/notebooks/overview.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1


@pytest.mark.parametrize("title", ['A "quoted" \\ title', "Two\nlines $version", "縫合 – é"])
def test_any_title_is_written_as_it_is(tmp_path: Path, title: str) -> None:
    new_project(tmp_path / "x", title=title)
    text = (tmp_path / "x" / "evsyn.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["title"] == " ".join(title.split())


def test_nothing_is_required_that_an_index_may_not_offer(tmp_path: Path) -> None:
    new_project(tmp_path / "x")
    lines = (tmp_path / "x" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") for line in lines)
    assert "where yours is installed from" in " ".join(lines)
    workflow = (tmp_path / "x/.github/workflows/evidence.yml").read_text(encoding="utf-8")
    assert "grep -q '^[^#]' requirements.txt ||" in workflow
    assert "write a line that says where evsyn is installed from" in workflow


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    new_project(tmp_path / "here")
    assert (tmp_path / "here" / "evsyn.toml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is not empty"):
        new_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_parent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="make it first"):
        new_project(tmp_path / "no" / "review")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exists", [False, True])
def test_nothing_half_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    def full() -> str:
        raise OSError(28, "No space left on device")

    if exists:
        (tmp_path / "x").mkdir()
    monkeypatch.setattr(start, "_notebook", full)
    with pytest.raises(OSError, match="No space"):
        new_project(tmp_path / "x")
    assert [path.name for path in tmp_path.rglob("*")] == (["x"] if exists else [])


def test_a_move_that_fails_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").mkdir()
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "notebooks":
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="Permission"):
        new_project(tmp_path / "x")
    assert [path.name for path in tmp_path.rglob("*")] == ["x"]
