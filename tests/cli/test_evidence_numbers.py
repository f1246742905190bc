"""Numbers of the real evidence as the command line gives them, each held against its source.

The counts are those printed in the studies' abstracts; limits and p values follow from them by the
closed forms of docs/methods.md (Wilson, Katz, Fisher, McNemar).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evsyn.cli.main import evsyn

Rows = Callable[..., list[dict[str, Any]]]

UNITED = "improvement_marked_or_excellent"


def one(rows: list[dict[str, Any]], **values: object) -> dict[str, Any]:
    found = [row for row in rows if all(row[name] == value for name, value in values.items())]
    assert len(found) == 1, found
    return found[0]


@pytest.fixture(scope="module")
def rates(evidence: Path) -> list[dict[str, Any]]:
    words = ["rates", "--format", "json", "--project", str(evidence)]
    found: list[dict[str, Any]] = json.loads(CliRunner().invoke(evsyn, words).stdout)["rows"]
    return found


def test_park_2012(rates: list[dict[str, Any]]) -> None:
    row = one(rates, study_id="park2012", outcome_id=UNITED)
    assert (row["events"], row["n"]) == (7, 16)
    assert row["rate"] == 7 / 16
    assert (row["ci_lb"], row["ci_ub"]) == pytest.approx((0.2310, 0.6682), abs=5e-5)
    assert row["ci_method"] == "wilson"
    assert row["citekeys"] == ["park2012"]


def test_skinstylus(rates: list[dict[str, Any]]) -> None:
    rows = [row for row in rates if row["study_id"].startswith("skinstylus")]
    assert (22, 30) in {(row["events"], row["n"]) for row in rows}


def test_kaur_2024_is_derived_and_says_truncated(rates: list[dict[str, Any]]) -> None:
    rows = [row for row in rates if row["study_id"] == "kaur2024" and row["events"] == 13]
    assert {row["n"] for row in rows} == {15}
    assert {row["status"] for row in rows} == {"derived"}
    assert any("truncated" in row["reason"] for row in rows)


def test_mohamed_ali_2017(rates: list[dict[str, Any]], rows: Rows, evidence: Path) -> None:
    needling = one(rates, arm_id="microneedling", study_id="mohamedali2017", outcome_id=UNITED)
    assert (needling["events"], needling["n"]) == (10, 15)
    other = {"arm_id": "microdermabrasion", "study_id": "mohamedali2017"}
    marked = one(rates, outcome_id="improvement_marked", **other)
    assert (marked["events"], marked["n"]) == (3, 15)
    united = one(rates, outcome_id=UNITED, **other)
    assert united["status"] == "ambiguous"
    assert (united["events_min"], united["events_max"], united["n"]) == (3, 5, 15)
    assert united["rate"] is None
    assert united["reason"]
    accepted = rows("rates", "--accept", "mohamedali2017-excellent-0", root=evidence)
    assumed = one(accepted, outcome_id=UNITED, **other)
    assert (assumed["events"], assumed["n"], assumed["status"]) == (3, 15, "assumed")
    assert assumed["assumptions"] == ["mohamedali2017-excellent-0"]


@pytest.mark.parametrize("study", ["osman2017", "aust2010", "nassar2016"])
def test_studies_without_a_rate_stay_and_say_why(rates: list[dict[str, Any]], study: str) -> None:
    found = [row for row in rates if row["study_id"] == study]
    assert found
    for row in found:
        assert row["rate"] is None
        assert row["status"] in {"not found", "not reported"}
        assert row["reason"]


def test_every_row_has_a_rate_or_a_reason(rates: list[dict[str, Any]]) -> None:
    for row in rates:
        assert (row["rate"] is None) == (row["ci_lb"] is None)
        assert row["rate"] is not None or row["reason"]
        assert row["trace"].startswith("t")


NASSAR = "nassar2016-20-20,nassar2016-patients"


def test_nassar_2016_under_its_assumptions(rows: Rows, evidence: Path) -> None:
    found = rows("rates", "--study", "nassar2016", "--accept", NASSAR, root=evidence)
    counts = {row["arm_id"]: (row["events"], row["n"], row["status"]) for row in found}
    assert counts == {
        "needling": (18, 20, "assumed"),
        "microdermabrasion_sonophoresis": (10, 20, "assumed"),
    }
    (row,) = rows(
        *("compare", "--study", "nassar2016", "--accept", NASSAR),
        *("--measure", "RR", "--interval", "katz", "--test", "fisher"),
        root=evidence,
    )
    assert row["estimate"] == pytest.approx(1.8, abs=1e-12)
    assert (row["ci_lb"], row["ci_ub"]) == pytest.approx((1.134, 2.857), abs=5e-4)
    assert row["p_value"] == pytest.approx(0.0138, abs=5e-5)
    assert (row["ci_method"], row["p_method"]) == ("katz", "fisher")
    assert set(NASSAR.split(",")) <= set(row["assumptions"])


def test_nassar_2016_has_no_effect_by_default(rows: Rows, evidence: Path) -> None:
    (row,) = rows("compare", "--study", "nassar2016", root=evidence)
    assert row["estimate"] is None
    assert row["p_value"] is None
    assert row["reason"]


WITHIN = ("asif2016", "chawla2014", "krithika2025", "idoj2024_co2_mn")


@pytest.fixture(scope="module")
def pairs(evidence: Path) -> list[dict[str, Any]]:
    words = ["compare", "--study", ",".join(WITHIN), "--measure", "RD", "--format", "json"]
    result = CliRunner().invoke(evsyn, [*words, "--project", str(evidence)])
    found: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    return found


def test_pairs_are_never_tested_as_independent(pairs: list[dict[str, Any]]) -> None:
    assert {row["study_id"] for row in pairs} == set(WITHIN)
    for row in pairs:
        assert row["design"] == "within-person"
        if row["p_value_min"] is not None:
            assert row["p_method"].startswith("mcnemar")
            assert row["ci_method"] in {"tango", ""}
            assert row["p_value_min"] <= row["p_value_max"]


def test_several_pairings_give_a_range_and_one_a_point(pairs: list[dict[str, Any]]) -> None:
    counted = [row for row in pairs if row["pairings"]]
    assert {row["study_id"] for row in counted} == set(WITHIN)
    for row in counted:
        if row["pairings"] > 1:
            assert row["p_value"] is None
            assert row["ci_lb"] is None
            assert row["ci_ub"] is None
        else:
            assert row["p_value"] == row["p_value_min"] == row["p_value_max"]


def test_idoj_2024(pairs: list[dict[str, Any]]) -> None:
    # 2 of 30 sides against 9 of 30: McNemar exact over the three possible tables.
    row = one(pairs, study_id="idoj2024_co2_mn", pairings=3)
    assert (row["p_value_min"], row["p_value_max"]) == pytest.approx((0.016, 0.065), abs=5e-4)


def test_krithika_is_a_point(pairs: list[dict[str, Any]]) -> None:
    found = [row for row in pairs if row["study_id"] == "krithika2025" and row["pairings"]]
    assert found
    assert all(row["pairings"] == 1 and row["p_value"] is not None for row in found)
