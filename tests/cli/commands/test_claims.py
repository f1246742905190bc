"""``evsyn claims``."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any


def test_every_claim_has_its_verdict(evidence: Path, rows: Any) -> None:
    with (evidence / "data" / "claims.csv").open(encoding="utf-8", newline="") as stream:
        ledger = {row["claim_id"]: row["verdict"] for row in csv.DictReader(stream)}
    found = rows("claims", root=evidence)
    assert {row["claim_id"]: row["verdict"] for row in found} == ledger


def test_csv_and_table_agree(evidence: Path, run: Any) -> None:
    table = run("claims", root=evidence).stdout
    text = run("claims", "--format", "csv", root=evidence).stdout
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(records) > 40
    for record in records:
        assert f"{record['claim_id']} · {record['verdict']}" in table
