"""A project for the tests of the command line: this repository's own evidence, copied."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evsyn.cli.main import evsyn

ROOT = Path(__file__).parents[2]

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the evidence of this repository and nothing declared; only read."""
    root = tmp_path_factory.mktemp("evidence")
    shutil.copytree(ROOT / "data", root / "data")
    shutil.copy(ROOT / "references.bib", root)
    (root / "evsyn.toml").write_text('title = "Evidence of the tests"\n', encoding="utf-8")
    return root


@pytest.fixture
def project(evidence: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(evidence, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def run() -> Run:
    """Run the program with some words; ``root`` names the project."""

    def run(*words: str | Path, root: Path | None = None) -> Result:
        place = [] if root is None else ["--project", str(root)]
        return CliRunner().invoke(evsyn, [*map(str, words), *place])

    return run


@pytest.fixture
def rows(run: Run) -> Callable[..., list[dict[str, Any]]]:
    """Run the program with ``--format json`` and return the rows."""

    def rows(*words: str | Path, root: Path | None = None) -> list[dict[str, Any]]:
        result = run(*words, "--format", "json", root=root)
        assert result.exit_code == 0, result.output
        found: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
        return found

    return rows
