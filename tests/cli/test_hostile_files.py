"""Files of strangers: nothing in them steers the terminal, a spreadsheet or the program.

The planted words are synthetic.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

ESCAPES = "\x1b[2J\x1b]0;title\x07\u202e"


@pytest.fixture
def hostile(project: Path) -> Path:
    """A project whose labels, quotes and claims hold escapes, markup and formulas."""
    for table, column in (("arms", "label"), ("claims", "reason"), ("assumptions", "statement")):
        path = project / "data" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            row[column] = f'=HYPERLINK("x") [red]{ESCAPES}'
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return project


@pytest.mark.parametrize("verb", ["rates", "compare", "claims", "assumptions", "check"])
def test_tables_show_control_characters(hostile: Path, run: Any, verb: str) -> None:
    words = ("--study", "nassar2016") if verb in {"rates", "compare", "assumptions"} else ()
    result = run(verb, "-v", *words, root=hostile)
    assert result.exit_code == 0, result.output
    for character in ("\x1b", "\x07", "\u202e"):
        assert character not in result.output
    if verb != "check":
        assert "[red]\\x1b[2J" in result.stdout.replace("\n", "")


def test_csv_starts_no_formula(hostile: Path, run: Any) -> None:
    text = run("rates", "--format", "csv", root=hostile).stdout
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert any(record["arm"].startswith("'=") for record in records)
    assert not any(cell.startswith(("=", "@")) for record in records for cell in record.values())


def test_json_keeps_what_was_read(hostile: Path, run: Any) -> None:
    result = run("rates", "--study", "park2012", "--format", "json", root=hostile)
    assert json.loads(result.stdout)["rows"][0]["arm"].endswith(ESCAPES)


def test_messages_show_control_characters(project: Path, run: Any) -> None:
    with (project / "data" / "studies.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"synthetic,{ESCAPES},2020,striae,parallel,,,,,,\n")
    for verb in ("check", "rates"):
        result = run(verb, root=project)
        assert result.exit_code in {2, 3}
        assert "\x1b" not in result.output


def test_a_study_named_like_a_path_writes_nowhere_else(tmp_path: Path, run: Any) -> None:
    file = tmp_path / "trials.csv"
    file.write_text("study,events,n\n../../etc/synthetic,1,2\n", encoding="utf-8")
    assert run("rates", file, "-o", tmp_path / "out.txt").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.txt", "trials.csv"]
