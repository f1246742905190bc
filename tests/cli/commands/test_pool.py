"""``evsyn pool`` on a plain file and on declared analyses."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from evsyn import stats

TRIALS = "study,events_e,n_e,events_c,n_c\nIshfaq 2022,22,30,10,30\njpad2525,26,30,19,30\n"

CONTRACT = [
    *("k", "measure", "method", "test", "estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub"),
    *("p_value", "tau2", "tau2_ci_lb", "tau2_ci_ub", "i2", "h2", "q", "q_df", "q_pvalue"),
    *("weights", "transform", "natural"),
]


def test_two_trials(tmp_path: Path, run: Any, rows: Any) -> None:
    file = tmp_path / "trials.csv"
    file.write_text(TRIALS, encoding="utf-8")
    (row,) = rows("pool", file, "--measure", "RR")
    assert set(CONTRACT) <= set(row)
    effects = stats.effect_sizes(
        "RR", events_e=[22, 26], n_e=[30, 30], events_c=[10, 19], n_c=[30, 30]
    )
    fit = stats.pool(effects.yi, effects.vi, method="REML", test="z")
    assert row["estimate"] == pytest.approx(float(fit.estimate), rel=1e-12)
    assert row["natural"]["estimate"] == pytest.approx(math.exp(float(fit.estimate)), rel=1e-12)
    assert (row["k"], row["method"], row["test"], row["pi_lb"]) == (2, "REML", "z", None)
    told = run("pool", file, "--measure", "RR").stdout
    assert "Meta-analysis: random effects (REML), Wald" in told
    assert "because k = 2" in told


def test_nothing_is_pooled_undeclared(evidence: Path, run: Any) -> None:
    result = run("pool", "--format", "json", root=evidence)
    assert result.exit_code == 0
    content = json.loads(result.stdout)
    assert content["rows"] == []
    assert "says what may be pooled" in content["notes"][0]


def test_a_declared_analysis(project: Path, rows: Any, run: Any) -> None:
    with (project / "evsyn.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            '[[analyses]]\nname = "marked"\nquestion = "Of the test"\nwhy = "Of the test"\n'
            'outcomes = ["improvement_marked"]\ndesigns = ["parallel"]\nmeasure = "RR"\n'
        )
    (row,) = rows("pool", "--analysis", "marked", root=project)
    assert row["group"].startswith("marked")
    unknown = run("pool", "--analysis", "market", root=project)
    assert unknown.exit_code == 2
    assert 'did you mean "marked"' in unknown.stderr
