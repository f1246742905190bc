"""What a report was built from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from evsyn.reports.files import digest
from evsyn.reports.manifest import (
    Inputs,
    Manifest,
    Record,
    changes_of_evidence,
    evidence_digest,
    project_inputs,
    read_manifest,
    why_stale,
)


@dataclass(frozen=True)
class Declared:
    title: str
    root: Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("data/more", "notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data" / "a.csv").write_text("a\n")
    (tmp_path / "data" / "more" / "b.csv").write_text("b\n")
    (tmp_path / "data" / ".hidden").write_text("")
    (tmp_path / "notebooks" / "own.py").write_text("x = 1\n")
    (tmp_path / "references.bib").write_text("")
    return tmp_path


def inputs(root: Path, title: str = "t") -> dict[str, str]:
    return project_inputs(
        root,
        data=root / "data",
        bibliography=root / "references.bib",
        configuration=Declared(title, root),
    )


def test_inputs_are_named_in_the_order_told(root: Path) -> None:
    assert list(inputs(root)) == [
        "data/a.csv",
        "data/more/b.csv",
        "references.bib",
        "notebooks/own.py",
        "the configuration",
        "evsyn",
        "the installed packages",
    ]


def test_a_project_without_data(tmp_path: Path) -> None:
    assert list(inputs(tmp_path)) == ["the configuration", "evsyn", "the installed packages"]


def test_the_configuration_counts_and_its_folder_does_not(root: Path) -> None:
    assert inputs(root)["the configuration"] != inputs(root, "u")["the configuration"]
    elsewhere = root / "elsewhere" / root.name
    elsewhere.mkdir(parents=True)
    assert inputs(elsewhere)["the configuration"] == inputs(root)["the configuration"]


def test_evidence_digest_is_of_data_and_bibliography_only(root: Path) -> None:
    def now() -> str:
        return evidence_digest(inputs(root), root, root / "data", root / "references.bib")

    before = now()
    (root / "notebooks" / "own.py").write_text("x = 2\n")
    assert now() == before
    (root / "data" / "a.csv").write_text("c\n")
    assert now() != before


def test_changes_of_the_evidence_alone(root: Path) -> None:
    before = inputs(root)

    def changes() -> list[str]:
        bibliography = root / "references.bib"
        return changes_of_evidence(before, root, data=root / "data", bibliography=bibliography)

    (root / "notebooks" / "own.py").write_text("x = 2\n")
    assert changes() == []
    (root / "data" / "a.csv").write_text("c\n")
    (root / "data" / "new.csv").write_text("n\n")
    (root / "references.bib").unlink()
    assert changes() == ["data/a.csv changed", "data/new.csv added", "references.bib removed"]


def test_data_in_a_hidden_folder_count(tmp_path: Path) -> None:
    root = tmp_path / ".reviews"
    (root / "data" / ".cache" / "a" / "b").mkdir(parents=True)
    (root / "data" / "a.csv").write_text("a\n")
    (root / "data" / ".cache" / "a" / "b" / "c.csv").write_text("c\n")
    assert [name for name in inputs(root) if "/" in name] == ["data/a.csv"]


def test_changes_are_named() -> None:
    now = Inputs({"a": "1", "b": "2", "c": "3"})
    assert now.changes({"a": "1", "b": "0", "d": "4"}) == ["b changed", "c added", "d removed"]


def test_why_stale(tmp_path: Path) -> None:
    now = Inputs({"data/a.csv": "1"})
    page = tmp_path / "reports" / "q.html"

    def why(record: Record | None) -> str:
        return why_stale("q", now, Manifest({"q": record} if record else {}), page.parent)

    good = Record(now.digests, digest(b"page"))
    assert why(None) == "not built here yet"
    assert why(Record({}, "")) == "the last build failed"
    assert why(good) == "reports/q.html is missing"
    page.parent.mkdir()
    page.write_text("page")
    assert why(good) == ""
    page.write_text("other")
    assert why(good) == "reports/q.html was changed by hand"
    assert why(Record({"data/a.csv": "0"}, good.page)) == "data/a.csv changed"
    many = Record(dict.fromkeys("wxyz", ""), good.page)
    assert why(many) == "data/a.csv added, w removed and 3 more"


def test_records_read_back(tmp_path: Path) -> None:
    written = Manifest({"q": Record({"a": "1"}, "p")}, {"index.html": "i"})
    written.write(tmp_path)
    assert read_manifest(tmp_path) == written


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"form": 0}', '{"form": 1, "reports": []}'])
def test_damaged_records_are_no_records(tmp_path: Path, text: str) -> None:
    assert read_manifest(tmp_path) == Manifest()
    (tmp_path / "build.json").write_text(text)
    assert read_manifest(tmp_path) == Manifest()
