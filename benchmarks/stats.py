"""Speed beside the peers: python benchmarks/stats.py [--rounds N] [--only WORDS] [--json FILE].

Needs pymare, pimeta, pymetaanalysis and statsmodels beside evsyn; metafor takes part where
``Rscript`` is found and has it. The answers are compared before anything is timed; the programs
take turns, so that a slow moment of the machine falls on all of them alike.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from contest import OURS, READ, Metafor, Outcome, R, compete
from tasks import PIMETA, PYMARE, PYMETA, STATSMODELS, Tasks, data, effects

from evsyn import stats

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
COLUMNS = (OURS, READ, PIMETA, PYMETA, PYMARE, STATSMODELS, R)
SIZES = (10, 100, 1_000, 10_000, 100_000)
PASSES = {"DL": 2, "REML": 5}  # looks at every study: fewest divisions each method can do with


def median_time(call: Callable[[], Any], rounds: int) -> float:
    """Median of some rounds, each long enough to be measured."""
    start = time.perf_counter()
    call()
    calls = max(1, min(1000, round(0.02 / max(time.perf_counter() - start, 1e-7))))
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        found.append((time.perf_counter() - start) / calls)
    return statistics.median(found)


def growth(rounds: int) -> list[dict[str, float]]:
    """Time of one REML analysis of k studies, and of n analyses of 10."""
    found = []
    for size in SIZES:
        y, v = effects(size)
        many_y, many_v = effects(10, size)
        found.append(
            {
                "size": size,
                "one_of_k": median_time(lambda y=y, v=v: stats.pool(y, v, test="z"), rounds),
                "n_of_10": median_time(
                    lambda y=many_y, v=many_v: stats.pool(y, v, test="z"), rounds
                ),
            }
        )
    return found


def limits(rounds: int) -> dict[str, float]:
    """Throughput of numpy on one core, per second: divisions, additions in cache; bytes copied."""
    small = np.random.default_rng(1).uniform(1, 2, 8192)
    out = np.empty_like(small)
    large = np.ones(8_000_000)
    copy = np.empty_like(large)
    return {
        "divisions": small.size / median_time(lambda: np.divide(1.0, small, out=out), rounds),
        "multiplications": small.size
        / median_time(lambda: np.multiply(small, small, out=out), rounds),
        "bytes": 2 * large.nbytes / median_time(lambda: np.copyto(copy, large), rounds),
    }


def distance(outcomes: Sequence[Outcome], found: dict[str, float]) -> list[dict[str, Any]]:
    """Time of 100,000 fits over the least that this arithmetic and this memory allow."""
    rows = []
    for method, passes in PASSES.items():
        one = next((o for o in outcomes if o.task.startswith(f"100,000 {method}")), None)
        if one is None:
            continue
        elements = 1_000_000
        divide = passes * elements / found["divisions"]
        rest = passes * 4 * elements / found["multiplications"]
        read = 2 * 8 * elements / found["bytes"]
        rows.append(
            {
                "task": one.task,
                "seconds": one.seconds[OURS],
                "divide": divide,
                "multiply": rest,
                "read": read,
                "times": one.seconds[OURS] / (divide + rest + read),
            }
        )
    return rows


def duration(seconds: float) -> str:
    """Three digits with a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            value = seconds / size
            digits = max(0, 2 - math.floor(math.log10(max(value, 1e-9))))
            return f"{value:,.{digits}f} {unit}"
    raise AssertionError


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown table of all tasks."""
    columns = [name for name in COLUMNS if any(name in one.seconds for one in outcomes)]
    lines = [
        f"| task | {' | '.join(columns)} | "
        "fastest peer ÷ evsyn | all read | bar | metafor ÷ evsyn |",
        "|---|" + "--:|" * (len(columns) + 4),
    ]
    for one in outcomes:
        cells = [
            (duration(one.seconds[name]) + ("*" if one.shares[name] < 1 else ""))
            if name in one.seconds
            else "–"
            for name in columns
        ]
        peer = one.fastest_peer
        bar = "" if math.isnan(one.bar) else f"≥ {one.bar:g}"
        r = one.ratio(R)
        lines.append(
            f"| {one.task} | {' | '.join(cells)} | {one.ratio(peer):,.1f} ({peer}) | "
            f"{one.ratio(peer, READ):,.1f} | {bar} | {'–' if math.isnan(r) else f'{r:,.0f}'} |"
        )
    return "\n".join(lines)


def report(
    outcomes: Sequence[Outcome],
    grown: list[dict[str, float]],
    limit: dict[str, float],
    far: list[dict[str, Any]],
    versions: dict[str, str],
    rounds: int,
) -> str:
    """The whole page."""
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        f"Medians of {rounds} rounds, the programs in turn, one thread; {told}; "
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.",
        "",
        table(outcomes),
        "",
        "\\* a part of the task was timed and the time extrapolated.",
        "",
        "| k or n | one REML fit of k studies | per study | n REML fits of 10 studies | per fit |",
        "|--:|--:|--:|--:|--:|",
        *(
            f"| {row['size']:,} | {duration(row['one_of_k'])} | "
            f"{duration(row['one_of_k'] / row['size'])} | {duration(row['n_of_10'])} | "
            f"{duration(row['n_of_10'] / row['size'])} |"
            for row in grown
        ),
        "",
        f"numpy on this core: {limit['divisions'] / 1e9:.2f} G divisions/s, "
        f"{limit['multiplications'] / 1e9:.2f} G multiplications/s in cache, "
        f"{limit['bytes'] / 1e9:.1f} GB/s copied.",
        "",
        *(
            f"- {row['task']}: {duration(row['seconds'])}; {PASSES[row['task'].split()[1]]} passes "
            f"of one division and four multiplications or additions over 1,000,000 studies take "
            f"{duration(row['divide'])} + {duration(row['multiply'])}, reading them once "
            f"{duration(row['read'])}: {row['times']:.1f} times the least."
            for row in far
        ),
    ]
    return "\n".join(lines)


def metafor_there() -> bool:
    """Whether R with metafor is installed."""
    if shutil.which("Rscript") is None:
        return False
    command = ["Rscript", "--vanilla", "-e", "library(metafor)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="only tasks whose name holds this")
    parser.add_argument("--without-r", action="store_true", help="leave metafor out")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/speed.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # of the peers
    arrays = data()
    metafor = Metafor(arrays) if not options.without_r and metafor_there() else None
    tasks = [one for one in Tasks(arrays, metafor).all() if options.only in one.name]
    outcomes = compete(tasks, options.rounds, lambda name: print(name, file=sys.stderr))
    names = ("numpy", "scipy", PIMETA, PYMETA, PYMARE, STATSMODELS)
    versions = {"Python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in names}
    if metafor is not None:
        versions |= dict([metafor.version.split(" ", 1)])
        metafor.close()
    grown, limit = growth(options.rounds), limits(options.rounds)
    far = distance(outcomes, limit)
    told = report(outcomes, grown, limit, far, versions, options.rounds)
    print(told)
    if options.write:
        head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        _, tail = rest.split(END)
        PAGE.write_text(f"{head}{BEGIN}\n{told}\n{END}{tail}", encoding="utf-8")
    if options.json:
        document = {
            "versions": versions,
            "tasks": [
                {
                    "task": one.task,
                    "bar": None if math.isnan(one.bar) else one.bar,
                    "seconds": one.seconds,
                    "shares": one.shares,
                    "differences": one.differences,
                }
                for one in outcomes
            ],
            "growth": grown,
            "limits": limit,
            "distance": far,
        }
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
