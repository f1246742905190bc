"""The R script of an analysis gives the same numbers in metafor; names in it are only text."""

from __future__ import annotations

import csv
import math
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from evsyn.errors import StatsError
from evsyn.synthesis.declared import COUNT_METHODS, Asked
from evsyn.synthesis.plain_pool import plain_pool
from evsyn.text.metafor import metafor_script

# BCG vaccine trials (Colditz et al. 1994, JAMA 271:698-702), as in metadat's dat.bcg
BCG = (Path(__file__).parents[1] / "synthesis" / "bcg.csv").read_text(encoding="utf-8")
# What follows is synthetic: no study of these names exists.
SPARSE = """study,events_e,n_e,events_c,n_c
Synthetic A,0,40,3,41
Synthetic B,2,55,5,50
Synthetic C,0,30,0,30
Synthetic D,6,80,14,79
Synthetic E,1,25,0,27
Synthetic F,3,60,9,66
"""
RATES = """study,x1i,t1i,x2i,t2i
Synthetic A,12,410.5,25,402.25
Synthetic B,3,120,9,131
Synthetic C,22,900.75,31,880
Synthetic D,7,333,5,300
Synthetic E,2,95,11,99.5
"""
MEANS = """study,m1i,sd1i,n1i,m2i,sd2i,n2i
Synthetic A,12.1,3.2,30,14.5,3.9,31
Synthetic B,9.8,2.7,45,10.1,2.5,44
Synthetic C,15.2,4.4,22,19.9,5.1,25
Synthetic D,11.0,3.0,60,12.4,3.3,58
"""
CHANGES = """study,mean_pre,mean_post,sd_pre,sd_post,n,r
Synthetic A,20.1,15.2,4.1,4.4,30,0.6
Synthetic B,18.4,16.9,3.8,3.6,24,0.45
Synthetic C,22.7,14.1,5.2,5.9,41,0.7
Synthetic D,19.9,17.5,4.4,4.0,19,0.5
"""
PAIRS = """study,both,only_e,only_c,neither
Synthetic A,10,12,4,20
Synthetic B,7,9,6,14
Synthetic C,15,18,5,31
Synthetic D,4,11,3,9
"""
ONE = """study,xi,ni
Synthetic A,4,50
Synthetic B,11,62
Synthetic C,2,40
Synthetic D,19,75
Synthetic E,8,33
"""
TIMES = (
    "study,xi,ti\nSynthetic A,4,500\nSynthetic B,11,620.5\nSynthetic C,2,409\nSynthetic D,19,755\n"
)
GROUPS = "study,mi,sdi,ni\nSynthetic A,14,2,25\nSynthetic B,17,3,40\nSynthetic C,11,2.5,18\n"
CORRELATIONS = (
    "study,ri,ni\nSynthetic A,0.2,50\nSynthetic B,0.45,62\nSynthetic C,0.1,40\nSynthetic D,0.6,75\n"
)
GIVEN = (
    "study,yi,vi\nSynthetic A,1.5,0.2\nSynthetic B,-0.4,0.31\nSynthetic C,0.9,0.12\n"
    "Synthetic D,2.5,0.4\n"
)
TINY = "study,yi,vi\nSynthetic A,1.5e-9,2e-19\nSynthetic B,-4e-10,3e-19\nSynthetic C,9e-10,1e-19\n"


@dataclass(frozen=True)
class Case:
    """One analysis of a file."""

    file: str
    measure: str | None = None
    asked: Asked = field(default_factory=Asked)
    level: float = 0.95
    rtol: float = 1e-8


EVERYTHING = Asked(mods=("ablat", "alloc"), subgroup="alloc", leave_one_out=True, cumulative="year")
REFITS = Asked(leave_one_out=True, cumulative="", subgroup="alloc")


def using(asked: Asked = REFITS, **changed: object) -> Asked:
    """The same with other options."""
    return replace(asked, **changed)


CASES = {
    "everything": Case(BCG, "RR", EVERYTHING),
    "everything at 90%": Case(BCG, "OR", EVERYTHING, 0.9),
    "adhoc": Case(BCG, "RR", using(EVERYTHING, test="adhoc")),
    "z": Case(BCG, "RR", using(EVERYTHING, test="z")),
    **{
        name: Case(BCG, "RR", using(EVERYTHING, method=name))
        for name in ("EE", "DL", "HE", "HS", "SJ", "PM", "ML", "EB")
    },
    "profile likelihood": Case(BCG, "RR", Asked(interval="PL"), rtol=1e-7),
    "profile of ML": Case(BCG, "RR", Asked(method="ML", interval="PL"), rtol=1e-7),
    **{
        f"Mantel-Haenszel {name}": Case(BCG, name, using(method="MH"))
        for name in ("RR", "OR", "RD")
    },
    "Peto": Case(BCG, "OR", using(method="Peto")),
    "sparse": Case(SPARSE, "OR"),
    "sparse differences": Case(SPARSE, "RD"),
    "sparse Mantel-Haenszel": Case(SPARSE, "OR", Asked(method="MH")),
    "sparse Peto": Case(SPARSE, "OR", Asked(method="Peto")),
    # lme4 stops its search early and integrates with 50 nodes: four to five digits agree
    "mixed model": Case(BCG, "OR", Asked(method="GLMM"), rtol=2e-4),
    "one arm": Case(ONE, None, Asked(leave_one_out=True), rtol=2e-4),
    **{f"counts {name}": Case(BCG, name) for name in ("AS", "PETO", "RD")},
    **{f"rates {name}": Case(RATES, name) for name in ("IRR", "IRD", "IRSD")},
    **{f"rates MH {name}": Case(RATES, name, Asked(method="MH")) for name in ("IRR", "IRD")},
    **{
        f"means {name}": Case(MEANS, name)
        for name in ("MD", "SMD", "SMDH", "SMD1", "ROM", "VR", "CVR")
    },
    **{f"change {name}": Case(CHANGES, name) for name in ("MC", "SMCC", "SMCR", "ROMC")},
    **{
        f"pairs {name}": Case(PAIRS, name)
        for name in ("RR", "OR", "RD", "MPRR", "MPOR", "MPRD", "MPORC")
    },
    **{f"one arm {name}": Case(ONE, name) for name in ("PR", "PLN", "PAS", "PFT")},
    "one arm logit": Case(ONE, "PLO", Asked(method="REML")),
    **{f"one rate {name}": Case(TIMES, name, Asked(method="DL")) for name in ("IR", "IRLN", "IRS")},
    **{f"one mean {name}": Case(GROUPS, name) for name in ("MN", "MNLN")},
    **{f"correlation {name}": Case(CORRELATIONS, name) for name in ("COR", "UCOR", "ZCOR")},
    "as given": Case(GIVEN),
    "tiny": Case(TINY),
}


def has_metafor() -> bool:
    """Whether R and metafor are installed."""
    if shutil.which("Rscript") is None:
        return False
    command = ["Rscript", "-e", "quit(status = !requireNamespace('metafor', quietly = TRUE))"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


RUNNER = """
for (file in commandArgs(TRUE)) {
  sink(sub("[.]R$", ".out", file))
  source(file, local = new.env())
  sink()
}
"""


def pooled(case: Case, folder: Path):
    """What evsyn gives."""
    path = folder / "data.csv"
    path.write_text(case.file, encoding="utf-8")
    return plain_pool(path, measure=case.measure, level=case.level, asked=case.asked)


@pytest.fixture(scope="module")
def from_r(tmp_path_factory):
    """What metafor gives, by case: every script is run in one session of R."""
    if not has_metafor():
        pytest.skip("Rscript with the package metafor is not installed")
    folder = tmp_path_factory.mktemp("metafor")
    (folder / "runner").write_text(RUNNER)
    scripts = {}
    for number, (name, case) in enumerate(CASES.items()):
        path = folder / f"{number}.R"
        path.write_text(metafor_script(pooled(case, folder)), encoding="ascii")
        scripts[name] = path
    command = ["Rscript", str(folder / "runner"), *map(str, scripts.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return {name: numbers(path.with_suffix(".out")) for name, path in scripts.items()}


def numbers(path: Path) -> dict[tuple[str, int, str], float]:
    """Numbers that a script printed, by part, item and name."""
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            (line["part"], int(line["item"]), line["name"]): float(
                "nan" if line["value"] == "NA" else line["value"]
            )
            for line in csv.DictReader(stream)
        }


def expected(row) -> dict[tuple[str, int, str], float | None]:
    """The same of evsyn, in the same places."""
    names = ("k", "estimate", "se", "ci_lb", "ci_ub", "p_value", "tau2", "i2", "h2", "q")
    names += ("q_pvalue", "pi_lb", "pi_ub", "tau2_ci_lb", "tau2_ci_ub")
    found = {("pooled", 0, name): getattr(row, name) for name in names}
    for part in ("subgroups", "leave_one_out", "cumulative", "regression"):
        for at, line in enumerate(getattr(row, part), 1):
            found |= {
                (part, at, name): line[name] for name in line if isinstance(line[name], float)
            }
    for part in ("regression_fit", "subgroup_test"):
        about = getattr(row, part)
        found |= {(part, 0, name): about[name] for name in about if isinstance(about[name], float)}
    return found


@pytest.mark.parametrize("name", CASES)
def test_metafor_gives_the_same_numbers(name, from_r, tmp_path):
    case = CASES[name]
    (row,) = pooled(case, tmp_path)
    own, theirs = expected(row), from_r[name]
    compared = 0
    scale = abs(row.se)
    for place, value in own.items():
        other = theirs.get(place, math.nan)
        if value is not None and place[0] == "pooled" and row.method not in COUNT_METHODS:
            assert not math.isnan(other), place
        if value is None or math.isnan(other):
            continue
        absolute = case.rtol * (scale**2 if "tau2" in place[2] else 1e-2 * min(scale, 1))
        absolute = 1e-9 if place[2] == "i2" else absolute  # percent: 0 up to rounding of tau²
        assert value == pytest.approx(other, rel=case.rtol, abs=absolute), place
        compared += 1
    assert compared >= (6 if row.method == "GLMM" else 9), sorted(theirs)
    for part in ("regression", "leave_one_out", "cumulative", "subgroups"):
        if getattr(row, part):
            assert any(place[0] == part for place in theirs), f"{part} is not in the script"


def test_nothing_pooled_is_no_script(tmp_path):
    alone = "study,events_e,n_e,events_c,n_c\nSynthetic A,1,9,2,9\n"
    with pytest.raises(StatsError, match=r"nothing was pooled.*one study"):
        metafor_script(pooled(Case(alone), tmp_path))


HOSTILE = [
    '"); system("touch PWNED"); ("',
    "'); q(status = 3); ('",
    "\\",
    '\\"); file.create("PWNED"); ("',
    "line\u2028break\u202eq()",
    "µ-Müller \U0001f600",
    "# %s `q()`",
]


def test_names_are_only_text(tmp_path):
    cells = [name.replace('"', '""') for name in HOSTILE]
    lines = [f'"{name}",{at},{at}.5,0.5,"{name}{at % 2}"' for at, name in enumerate(cells)]
    file = "\n".join(["study,year,yi,vi,group", *lines]) + "\n"
    result = pooled(
        Case(file, None, Asked(subgroup="group", leave_one_out=True, mods=("year",))), tmp_path
    )
    script = metafor_script(result)
    assert script.isascii()
    code = [line for line in script.splitlines() if not line.startswith("#")]
    outside = "".join(part for line in code for part in unquoted(line))
    for word in ("system", "file.create", "q(", "PWNED"):
        assert word not in outside.replace("seq(", "")
    if not has_metafor():
        pytest.skip("Rscript with the package metafor is not installed")
    (tmp_path / "script.R").write_text(script, encoding="ascii")
    done = subprocess.run(
        ["Rscript", "script.R"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "PWNED").exists()
    assert done.stdout.startswith('"analysis","part"')


def unquoted(line: str) -> list[str]:
    """What stands outside of strings in a line of R."""
    parts, inside, kind, at = [""], False, "", 0
    while at < len(line):
        character = line[at]
        if inside:
            at += 1 if character == "\\" else 0
            inside = character != kind or (line[at] == "\\" and character == "\\")
        elif character in "\"'":
            inside, kind = True, character
        else:
            parts[-1] += character
        at += 1
    return parts
