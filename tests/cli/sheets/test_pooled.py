"""Pooled estimates as tables for people and as CSV lines; the rows are synthetic."""

from __future__ import annotations

from typing import Any

from evsyn.cli.sheets.pooled import pool_sheet
from evsyn.synthesis.results import PoolRow, Result


def test_pooled(make: Any) -> None:
    row = make(
        PoolRow,
        group="all studies",
        k=3,
        measure="RR",
        method="REML",
        test="knha",
        estimate=0.5,
        natural={"estimate": 1.64, "ci_lb": 1.04, "ci_ub": 2.57, "pi_lb": None, "pi_ub": None},
        p_value=0.032,
        tau2=0.0611,
        i2=53.6,
        status="derived",
        reason="Hartung-Knapp, because k > 2",
    )
    lone = make(PoolRow, group="one", k=1, method="REML", test="z", reason="nothing to pool")
    sheet = pool_sheet(
        Result("pool", (row, lone), {"level": 0.95}), symbols=False, verbose=False, project=True
    )
    assert sheet.title == "Meta-analysis: random effects (REML), Hartung-Knapp"
    assert sheet.rows[0] == (
        *("all studies", "3", "RR", "1.64", "1.04 to 2.57", "", "0.032", "0.0611", "54%"),
        "derived",
    )
    assert sheet.reasons == ("one study: nothing to pool; see `evsyn compare`",)
    assert "all studies: Hartung-Knapp, because k > 2" in sheet.notes
