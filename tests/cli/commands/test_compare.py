"""``evsyn compare`` on plain files; the project's numbers are in test_evidence_numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

# Ishfaq 2022 and jpad2525 as in data/extractions.csv.
TRIALS = "study,events_e,n_e,events_c,n_c\nIshfaq 2022,22,30,10,30\njpad2525,26,30,19,30\n"

CONTRACT = [
    *("study_id", "comparison_id", "arm_e", "arm_c", "outcome_id", "months", "design", "measure"),
    *("estimate", "ci_lb", "ci_ub", "ci_method", "p_value", "p_method", "yi", "vi", "status"),
    *("reason", "assumptions", "citekeys", "p_value_min", "p_value_max", "ci_lb_min", "ci_ub_max"),
]


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    file = tmp_path / "trials.csv"
    file.write_text(TRIALS, encoding="utf-8")
    return file


def test_katz_and_fisher(trials: Path, run: Any, rows: Any) -> None:
    words = ("compare", trials, "--measure", "RR", "--interval", "katz", "--test", "fisher")
    found = rows(*words)
    assert set(CONTRACT) <= set(found[0])
    assert [row["estimate"] for row in found] == pytest.approx([2.2, 26 / 19])
    # Katz's formula of docs/methods.md; 1.959964 is the normal quantile of 95%.
    half = 1.959964 * math.sqrt(1 / 22 - 1 / 30 + 1 / 10 - 1 / 30)
    limits = (2.2 * math.exp(-half), 2.2 * math.exp(half))
    assert (found[0]["ci_lb"], found[0]["ci_ub"]) == pytest.approx(limits, rel=1e-6)
    assert run(*words).stdout.splitlines() == [
        "Risk ratio, 95% CI (Katz), p (Fisher)",
        "study        experimental  comparator    RR        95% CI      p",
        "Ishfaq 2022         22/30       10/30  2.20  1.27 to 3.81  0.004",
        "jpad2525            26/30       19/30  1.37  1.01 to 1.86  0.072",
        "2 comparisons",
    ]


def test_case_of_the_measure_does_not_matter(trials: Path, rows: Any) -> None:
    assert rows("compare", trials, "--measure", "rd")[0]["measure"] == "RD"


def test_names_of_metafor(tmp_path: Path, trials: Path, rows: Any) -> None:
    file = tmp_path / "metafor.csv"
    file.write_text(TRIALS.replace("events_e,n_e,events_c,n_c", "ai,n1i,ci,n2i"), encoding="utf-8")
    mine, theirs = rows("compare", trials), rows("compare", file)
    assert [row["estimate"] for row in mine] == [row["estimate"] for row in theirs]


def test_a_file_takes_no_project_options(trials: Path, run: Any) -> None:
    result = run("compare", trials, "--accept", "all")
    assert result.exit_code == 2
    assert "--accept" in result.stderr


def test_a_method_that_does_not_fit_the_measure(trials: Path, run: Any) -> None:
    result = run("compare", trials, "--measure", "RR", "--interval", "woolf")
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert "woolf" in result.stderr
