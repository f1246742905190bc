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


BCG = Path(__file__).parents[2] / "synthesis" / "bcg.csv"
EVERYTHING = (
    "--mods",
    "ablat,alloc",
    "--subgroup",
    "alloc",
    "--leave-one-out",
    "--cumulative=year",
)


def test_everything_at_once_as_json(rows: Any) -> None:
    (row,) = rows("pool", BCG, *EVERYTHING)
    assert set(CONTRACT) <= set(row)
    lengths = [
        len(row[name]) for name in ("regression", "subgroups", "leave_one_out", "cumulative")
    ]
    assert lengths == [4, 3, 13, 13]
    assert row["regression_fit"]["r2"] == pytest.approx(53.84, abs=0.01)
    assert row["subgroup_test"]["column"] == "alloc"
    assert row["effects"][0]["data"] == {"events_e": 4, "n_e": 123, "events_c": 11, "n_c": 139}
    first, second, third = row["cumulative"][:3]
    assert (first["test"], second["test"], third["test"]) == ("z", "z", "knha")
    assert first["reason"] == "Wald interval, because k = 1"
    assert first["natural"]["ci_lb"] == pytest.approx(0.1343, abs=5e-5)


def test_everything_at_once_as_a_table(run: Any) -> None:
    told = run("pool", BCG, *EVERYTHING).stdout
    for heading in ("subgroups by alloc", "without", "adding", "regression (pooling scale)"):
        assert f"all studies: {heading}\n" in told
    assert "subgroups by alloc: Q = 1.86 on 2 df, p = 0.39" in told
    assert "regression: F(3, 9) = 3.45, p = 0.065" in told
    words = " ".join(told.split())
    assert "adding: Wald's interval for Aronson 1948 (k = 1), Ferguson & Simes 1949 (k" in words
    assert "all studies: without: Wald" not in words


def test_everything_at_once_as_csv(run: Any) -> None:
    import csv
    import io

    lines = list(
        csv.DictReader(io.StringIO(run("pool", BCG, *EVERYTHING, "--format", "csv").stdout))
    )
    parts = [line["part"] for line in lines]
    assert parts[0] == "pooled"
    assert {part: parts.count(part) for part in parts} == {
        "pooled": 1, "subgroups": 3, "leave_one_out": 13, "cumulative": 13, "regression": 4,
    }  # fmt: skip
    assert lines[-1]["item"] == "alloc: systematic"
    tests = [line["test"] for line in lines if line["part"] == "cumulative"]
    assert tests == ["z", "z", *["knha"] * 11]
    assert float(lines[0]["natural_estimate"]) == pytest.approx(0.4894, abs=5e-5)
    plain = run("pool", BCG, "--format", "csv").stdout.splitlines()
    assert len(plain) == 2
    assert not plain[0].startswith("part")


def test_methods_text(run: Any) -> None:
    told = run("pool", BCG, "--methods-text", "-q").stdout
    assert "\nMethods\nThe risk ratio of 13 studies" in told
    assert "[1] Deeks JJ" in told
    content = json.loads(run("pool", BCG, "--methods-text", "--format", "json").stdout)
    assert content["methods"].startswith("The risk ratio of 13 studies")
    assert content["citations"][0]["id"] == "deeks2024"
    refused = run("pool", BCG, "--methods-text", "--format", "csv")
    assert refused.exit_code == 2
    assert "CSV has no place" in refused.stderr


def test_a_declaration_may_ask_for_all_of_it(project: Path, rows: Any, run: Any) -> None:
    declared = (
        '[[analyses]]\nname = "added"\nquestion = "Of the test"\nwhy = "Of the test"\n'
        'outcomes = ["response_excellent"]\ndesigns = ["within-person"]\nmeasure = "RR"\n'
        'leave_one_out = true\ncumulative = "year"\nsubgroup = "design"\ninterval = "PL"\n'
    )
    with (project / "evsyn.toml").open("a", encoding="utf-8") as stream:
        stream.write(declared)
    (row,) = rows("pool", root=project)
    assert (len(row["leave_one_out"]), len(row["subgroups"]), row["interval"]) == (2, 1, "PL")
    assert row["cumulative"][0]["at"] < row["cumulative"][1]["at"]
    few = run("pool", "--mods", "year", root=project)
    assert few.exit_code == 2
    assert "needs more studies than coefficients" in few.stderr
    (project / "evsyn.toml").write_text(
        'title = "t"\n' + declared + 'model = "MH"\nmods = "year"\n'
    )
    wrong = run("pool", root=project)
    assert wrong.exit_code == 2
    assert "MH gives no interval of tau²" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ("--interval", "PL"),
            "all studies: Q = 152.2 on 12 df, p <0.001; tau² 0.313 (95% CI 0.115 to 0.965, profile "
            "likelihood)",
        ),
        (
            ("--level", "0.9"),
            "all studies: Q = 152.2 on 12 df, p <0.001; tau² 0.313 (90% CI 0.141 to 0.910, "
            "Q-profile)",
        ),
        (("--method", "EE"), "all studies: Q = 152.2 on 12 df, p <0.001"),
        (("--method", "MH"), "all studies: Q = 152.6 on 12 df, p <0.001"),
    ],
)
def test_heterogeneity_is_told_below_the_table(run: Any, words: tuple[str, ...], line: str) -> None:
    assert line in run("pool", BCG, *words).stdout.splitlines()
    assert "Q =" not in run("pool", BCG, *words, "--quiet").stdout


@pytest.mark.parametrize("method", ["EE", "MH", "Peto"])
def test_a_common_effect_has_no_tau2(run: Any, method: str) -> None:
    told = run("pool", BCG, "--method", method, "--leave-one-out").stdout
    lines = [line for line in told.splitlines() if line.startswith("  ") and "%" in line][1:]
    assert len(lines) == 14
    assert all(line.split()[-2] == "–" for line in lines)


def test_studies_with_a_half_added_are_named(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "synthetic.csv"
    file.write_text(
        "study,events_e,n_e,events_c,n_c\nA,0,40,5,41\nB,3,30,6,30\nC,1,50,0,52\n",
        encoding="utf-8",
    )
    assert "all studies: 0.5 added because of an empty cell: A, C\n" in run("pool", file).stdout
    assert "0.5 added" not in run("pool", file, "--method", "MH").stdout


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("study,yi,vi\nA,0.1,0.2\n", "one study: nothing to pool; see `evsyn compare`"),
        ("study,events,n\nA,1,9\n", "one study: nothing to pool; see `evsyn rates`"),
        ("study,events,time\nA,1,9\n", "one study: nothing to pool"),
        (
            "study,yi,vi\nA,0.1,0.2\nB,,\n",
            "one study with a usable effect: nothing to pool; see `evsyn compare`",
        ),
    ],
)
def test_one_study_is_told_where_it_is_shown(
    run: Any, tmp_path: Path, lines: str, said: str
) -> None:
    file = tmp_path / "synthetic.csv"
    file.write_text(lines, encoding="utf-8")
    assert f"[1] {said}\n" in run("pool", file).stdout


@pytest.mark.parametrize(
    ("words", "method", "test"),
    [
        (("--method", "fe"), "EE", "z"),
        (("--method", "CE"), "EE", "z"),
        (("--method", "peto", "--measure", "or"), "Peto", "z"),
        (("--method", "dl", "--test", "KNHA", "--measure", "rr"), "DL", "knha"),
        (("--method", "Reml", "--test", "Z", "--interval", "pl"), "REML", "z"),
    ],
)
def test_letters_may_be_large_or_small(
    rows: Any, words: tuple[str, ...], method: str, test: str
) -> None:
    (row,) = rows("pool", BCG, *words)
    assert (row["method"], row["test"]) == (method, test)


@pytest.mark.parametrize("option", ["--method", "--test"])
def test_hksj_is_told_the_interval(run: Any, option: str) -> None:
    result = run("pool", BCG, option, "HKSJ")
    assert result.exit_code == 2
    said = {"--method": "--test knha", "--test": 'did you mean "knha"?'}[option]
    assert said in " ".join(result.stderr.split())
