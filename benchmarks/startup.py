"""Start-up over a bare interpreter: python benchmarks/startup.py [RUNS].

Other packages for meta-analysis are imported too where they are installed. The commands are run in
turn, so that a slow moment of the machine falls on all of them alike.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("evsyn"))
POOL = "import evsyn.stats; evsyn.stats.pool([-0.9, -1.6, -0.2], [0.3, 0.2, 0.02])"
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import evsyn": [sys.executable, "-c", "import evsyn"],
    "import evsyn.stats": [sys.executable, "-c", "import evsyn.stats"],
    "import and pool 3 studies": [sys.executable, "-c", POOL],
    "evsyn --help": [PROGRAM, "--help"],
    "evsyn build (all fresh)": [PROGRAM, "build"],
}
PEERS = ("meta_analyze", "pimeta", "pymare", "statsmodels.stats.meta_analysis")


def seconds(command: list[str]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main(runs: int = 15) -> None:
    """Print the median of each command and what it exceeds the bare interpreter by."""
    commands = {name: command for name, command in COMMANDS.items() if Path(command[0]).exists()}
    for peer in PEERS:
        if importlib.util.find_spec(peer.partition(".")[0]):
            commands[f"import {peer}"] = [sys.executable, "-c", f"import {peer}"]
    for command in commands.values():
        seconds(command)
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(seconds(command))
    bare = statistics.median(found["python -c pass"])
    print(f"median of {runs} runs each, in turn")
    for name, times in found.items():
        median = statistics.median(times)
        print(f"{name:40} {median:.3f} s   {median - bare:+.3f} s over bare Python")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
