"""``evsyn init``."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_a_new_review(tmp_path: Path, run: Any, rows: Any) -> None:
    result = run("init", tmp_path / "my-review", "--title", "A synthetic review")
    assert result.exit_code == 0
    assert "20 files in" in result.stdout
    last = result.stdout.splitlines()[-1]
    assert last == "For CI, say in requirements.txt where evsyn is installed from."
    pooled = run("pool", root=tmp_path / "my-review").stdout
    assert "[[analyses]] in evsyn.toml says what may be pooled" in pooled
    assert rows("rates", root=tmp_path / "my-review") == []
    assert rows("claims", root=tmp_path / "my-review") == []


def test_a_folder_in_use_is_refused(tmp_path: Path, run: Any) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = run("init", tmp_path)
    assert result.exit_code == 2
    assert "nothing was written" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
