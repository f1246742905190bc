"""Files of a build: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.reports.files import digest, write_atomic


def test_a_digest_is_sha256() -> None:
    assert digest(b"").startswith("e3b0c44298fc1c14") and len(digest(b"")) == 64


def test_a_file_is_the_old_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, state = tmp_path / "out" / "q.html", tmp_path / ".evsyn"
    write_atomic(path, "old ü\n", state)
    assert path.read_bytes() == "old ü\n".encode()

    def full(*arguments: object) -> None:
        raise OSError("synthetic: disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_atomic(path, "new", state)
    assert path.read_bytes() == "old ü\n".encode()
    assert [*(state / "tmp").iterdir()] == [] and [*path.parent.iterdir()] == [path]
