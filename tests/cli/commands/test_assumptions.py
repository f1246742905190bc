"""``evsyn assumptions``."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_each_says_what_it_would_change(evidence: Path, rows: Any) -> None:
    found = rows("assumptions", "--study", "nassar2016,mohamedali2017", root=evidence)
    by_id = {row["assumption_id"]: row for row in found}
    excellent = by_id["mohamedali2017-excellent-0"]
    assert excellent["default"] == "reject"
    assert excellent["accepted"] is False
    assert "3/15" in excellent["effect"]
    assert any(row["effect"] for row in by_id.values())


def test_for_people(evidence: Path, run: Any) -> None:
    told = run("assumptions", "--study", "nassar2016", root=evidence).stdout
    assert "nassar2016-20-20 · not accepted · one of 3 that exclude each other" in told
    assert "`--accept ID`" in told
