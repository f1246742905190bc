"""What `pool` and `export` share: files and projects, and options that do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BCG = Path(__file__).parents[1] / "synthesis" / "bcg.csv"


@pytest.mark.parametrize("verb", [("pool",), ("export", "--as", "metafor")])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--mods", "dose"), 'no column "dose"'),
        (("--mods", "ablat", "--method", "MH"), "MH takes no moderators"),
        (("--test", "knha", "--method", "Peto"), "Peto has the Wald interval only"),
        (("--measure", "MD"), "do not make MD"),
        (("--study", "x"), "--study: a plain FILE has no such thing"),
        (("--analysis", "x"), "--analysis: a plain FILE has no such thing"),
    ],
)
def test_what_a_file_cannot_answer_is_refused(run: Any, verb: Any, words: Any, said: str) -> None:
    result = run(*verb, BCG, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_file_after_cumulative_is_told_where_it_belongs(run: Any, evidence: Path) -> None:
    result = run("pool", "--cumulative", BCG, root=evidence)
    assert result.exit_code == 2
    assert "give FILE first" in result.stderr


def test_columns_are_trimmed(rows: Any) -> None:
    (row,) = rows("pool", BCG, "--mods", " ablat , ,alloc")
    assert len(row["regression"]) == 4
