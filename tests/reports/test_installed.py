"""Which installed distributions count; those here are made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evsyn.reports.installed import distributions, required

HERE = {
    "evsyn-1": ["Tables[fast]>=2", "pages (>=1)", "tester; extra == 'dev'", "absent>=1"],
    "tables-2.1": ["quick_er ; (python_version < '4') and extra == \"fast\"", "slow;extra=='all'"],
    "quick_er-3": ["evsyn"],
    "pages-1": ["elsewhere; sys_platform == 'win32' or extra == 'never'", "odd; extra ~ !"],
    "tester-7": [],
    "slow-1": [],
    "elsewhere-1": [],
    "odd-1": [],
}


@pytest.fixture
def install(tmp_path: Path):
    def install(name: str, requirements: list[str]) -> None:
        folder = tmp_path / "site" / f"{name}.dist-info"
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"Requires-Dist: {one}\n" for one in requirements)
        text = f"Name: {name}\n{lines}\nRequires-Dist: in-the-description\n"
        (folder / "METADATA").write_text(text)

    for name, requirements in HERE.items():
        install(name, requirements)
    return install


def found(tmp_path: Path, *, keep: bool = False, start: str = "evsyn") -> list[str]:
    folders = (str(tmp_path / "absent"), str(tmp_path / "site"))
    names = distributions(tmp_path / ".evsyn", keep=keep, folders=folders, start=start)
    return [name.removesuffix(".dist-info") for name in names if not name.startswith("python-")]


def test_only_what_is_required_counts(install, tmp_path: Path) -> None:
    expected = ["elsewhere-1", "evsyn-1", "odd-1", "pages-1", "quick_er-3", "tables-2.1"]
    assert found(tmp_path) == expected
    install("linter-5", ["slow"])
    assert found(tmp_path) == expected


def test_all_count_where_evsyn_is_no_distribution(install, tmp_path: Path) -> None:
    assert found(tmp_path, start="other") == sorted(HERE)


def test_the_answer_is_kept_until_something_is_installed(install, tmp_path: Path) -> None:
    kept = tmp_path / ".evsyn" / "packages.json"
    first = found(tmp_path)
    assert not kept.exists()
    assert found(tmp_path, keep=True) == first and kept.is_file()
    document = json.loads(kept.read_text())
    kept.write_text(json.dumps(document | {"required": ["looked-up"]}))
    assert found(tmp_path) == ["looked-up"]
    install("evsyn-1", ["pages", "slow"])  # the same version with other requirements
    assert found(tmp_path) == ["elsewhere-1", "evsyn-1", "odd-1", "pages-1", "slow-1"]
    install("slow-2", [])
    (tmp_path / "site" / "slow-1.dist-info" / "METADATA").unlink()
    kept.write_text("damaged")
    assert found(tmp_path) == ["elsewhere-1", "evsyn-1", "odd-1", "pages-1", "slow-1"]


def test_markers() -> None:
    metadata = b"""Requires-Dist: a ; extra == 'x' or extra == 'y'
Requires-Dist: b ; extra == 'Y_y' and sys_platform not in 'linux'
Requires-Dist: c @ file:///c.whl
"""

    def names(*extras: str) -> list[str]:
        return [name for name, _ in required(metadata, extras)]

    assert names() == ["c"] and names("y") == ["a", "c"] and names("y-y") == ["b", "c"]


def test_this_environment(tmp_path: Path) -> None:
    names = {name.split("-")[0] for name in distributions(tmp_path)}
    assert {"numpy", "papermill", "traitlets"} <= names or "evsyn" not in names
    assert not names & {"pytest", "ruff", "mypy"} or "evsyn" not in names
