"""Finding the project, and saying which evidence is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.cli.options import Settings
from evsyn.cli.project import accepted_words, evidence_words, open_review
from evsyn.errors import ConfigurationError


def test_the_named_project_or_the_nearest_one(
    evidence: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(evidence / "data")
    assert open_review(Settings()).root == evidence.resolve()
    monkeypatch.chdir("/")
    assert open_review(Settings(project=evidence)).root == evidence.resolve()


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no project"):
        open_review(Settings(project=tmp_path))


def test_the_evidence_has_a_date(evidence: Path) -> None:
    review = open_review(Settings(project=evidence))
    day, accepted = evidence_words(review, ("a", "b")).split(" · ")
    assert day.startswith("evidence of 20")
    assert accepted == accepted_words(("a", "b")) == "2 assumptions accepted"
