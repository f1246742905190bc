"""A ledger with one fault of every kind: all found in one run, with their lines, nothing written.

The evidence is this repository's own, copied; the planted rows are synthetic.
"""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

Lines = dict[str, tuple[str, int]]

# One row a fault: what is changed in the row that states Park 2012's seven responders.
PLANTED: dict[str, dict[str, str]] = {
    "unknown study": {"study_id": "park2021"},
    "unknown citekey": {"citekey": "park2021"},
    "unknown field": {"field": "percentage"},
    "percent 130": {"field": "percent", "printed": "130"},
    "a word that is no number": {"printed": "plenty"},
    "negative months": {"months": "-3"},
    "quote that lacks its number": {
        "printed": "11",
        "quote": "Marked to excellent improvement was noted in seven (43.8%) patients",
        "quote_kind": "verbatim",
    },
    "duplicate id": {"extraction_id": "park2012-04"},
    "n of the outcome": {"field": "n", "printed": "16"},
    "events > n": {"field": "events", "printed": "9999"},
}


def plant(root: Path) -> Lines:
    """Plant the faults and return where each stands."""
    table = root / "data" / "extractions.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        header = list(reader.fieldnames or ())
        good = next(row for row in reader if row["extraction_id"] == "park2012-04")
    last = len(table.read_text(encoding="utf-8").splitlines())
    where: Lines = {}
    with table.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        for number, (name, change) in enumerate(PLANTED.items(), start=1):
            row = good | {"extraction_id": f"synthetic-{number}", "quote": "", "quote_kind": "none"}
            row |= {"outcome_id": "improvement_excellent", "subgroup": f"synthetic {number}"}
            if name in {"n of the outcome", "events > n"}:
                row["subgroup"] = "synthetic"
            writer.writerow(row | change)
            where[name] = ("data/extractions.csv", last + number)
    where["missing column"] = ("data/arms.csv", _without_column(root / "data" / "arms.csv"))
    where["undecodable bytes"] = ("data/claims.csv", _broken_byte(root / "data" / "claims.csv"))
    where.pop("n of the outcome")
    return where


def _without_column(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    at = rows[0].index("label")
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(row[:at] + row[at + 1 :] for row in rows)
    return 1


def _broken_byte(path: Path) -> int:
    lines = path.read_bytes().split(b"\n")
    lines[4] = lines[4][:-1] + b"\xff" + lines[4][-1:]
    path.write_bytes(b"\n".join(lines))
    return 5


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_check_finds_every_fault_in_one_run(project: Path, run: Any) -> None:
    where = plant(project)
    before = digests(project)
    result = run("check", "--format", "json", root=project)
    assert result.exit_code == 3
    content = json.loads(result.stdout)
    errors = {(row["file"], row["line"]) for row in content["rows"] if row["severity"] == "error"}
    missing = {name: place for name, place in where.items() if place not in errors}
    assert not missing, result.stdout
    assert content["summary"]["errors"] >= len(where)
    assert digests(project) == before


def test_check_prints_file_and_line(project: Path, run: Any) -> None:
    where = plant(project)
    result = run("check", root=project)
    assert result.exit_code == 3
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    for file, line in where.values():
        assert any(found.startswith(f"{file}:{line}: ") for found in lines), (file, line)
    assert lines[-1].endswith("Nothing was changed.")


@pytest.mark.parametrize("verb", ["rates", "compare", "claims", "assumptions"])
def test_the_other_verbs_refuse_such_a_ledger(project: Path, run: Any, verb: str) -> None:
    where = plant(project)
    before = digests(project)
    result = run(verb, "-o", project / "out.json", "--format", "json", root=project)
    assert result.exit_code == 2
    assert result.stdout == ""
    for file, line in where.values():
        assert f"{file}:{line}: " in result.stderr
    assert "Traceback" not in result.stderr
    assert digests(project) == before


@pytest.mark.parametrize("fail_on", ["error", "warning", "never"])
def test_the_threshold_decides_the_exit_code(project: Path, run: Any, fail_on: str) -> None:
    plant(project)
    result = run("check", "--fail-on", fail_on, root=project)
    assert result.exit_code == (0 if fail_on == "never" else 3)


@pytest.mark.parametrize("change", ["bom", "crlf", "blank lines"])
def test_how_a_file_was_saved_is_no_fault(
    evidence: Path, project: Path, run: Any, change: str
) -> None:
    for path in (project / "data").glob("*.csv"):
        data = path.read_bytes()
        if change == "bom":
            path.write_bytes(b"\xef\xbb\xbf" + data)
        elif change == "crlf":
            path.write_bytes(data.replace(b"\n", b"\r\n"))
        else:
            path.write_bytes(data + b"\n\n  \n" + b"," * data.split(b"\n")[0].count(b",") + b"\n")
    changed = run("check", "--format", "json", root=project)
    assert changed.exit_code == 0, changed.stdout
    assert changed.stdout == run("check", "--format", "json", root=evidence).stdout
