"""Contests: the same task, done by several programs in turn, checked before it is timed."""

from __future__ import annotations

import math
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

LONG_ENOUGH = 0.02  # seconds a measurement should last
FEW = 100  # columns R is given of many analyses; it is asked for no more
OURS = "evsyn"


def plainly(call: Callable[[], Any]) -> tuple[Any, float]:
    """Answer and time of one call."""
    start = time.perf_counter()
    answer = call()
    return answer, time.perf_counter() - start


@dataclass
class Contestant:
    """One program at one task.

    ``run`` does the task, or ``share`` of it where the whole would take minutes; ``answer`` gives
    what has to agree with the others, by default from what ``run`` returns.
    """

    run: Callable[[], Any]
    answer: Callable[[], Any]
    share: float = 1.0
    rtol: float = 1e-6
    atol: float = 1e-12
    apart: float = 0.0  # share of answers that may differ: a peer on the lower of two maxima
    most: int = 1000  # rounds

    def seconds(self, calls: int) -> float:
        """Time of one task, over so many calls."""
        start = time.perf_counter()
        for _ in range(calls):
            self.run()
        return (time.perf_counter() - start) / calls / self.share


class Metafor:
    """R with metafor, kept running: it times its own calls, so that the way to it costs nothing."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        for name, values in arrays.items():
            table = np.atleast_2d(values.T).T[:, :FEW]
            np.savetxt(Path(self._folder.name) / f"{name}.csv", table, fmt="%.17g", delimiter=",")
        script = Path(__file__).with_name("metafor.R")
        self._process = subprocess.Popen(
            ["Rscript", "--vanilla", str(script), self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = self._line()

    def ask(self, task: str, calls: int = 1) -> tuple[float, np.ndarray]:
        """Seconds of one call and its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{task} {calls}\n")
        self._process.stdin.flush()
        seconds, *answer = map(
            float, self._line().replace("NaN", "nan").replace("NA", "nan").split()
        )
        return seconds, np.array(answer)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("R has ended")
        return line.strip()

    def close(self) -> None:
        """End R."""
        self._process.communicate()
        self._folder.cleanup()


class MetaforContestant(Contestant):
    """metafor at one task."""

    def __init__(self, metafor: Metafor, task: str, **options: Any) -> None:
        super().__init__(lambda: metafor.ask(task), lambda: metafor.ask(task)[1], **options)
        self._ask = lambda calls: metafor.ask(task, calls)[0]

    def seconds(self, calls: int) -> float:
        return self._ask(calls) / self.share


@dataclass
class Task:
    """A task and who does it; ``evsyn`` first, ``all read`` is evsyn with every attribute read."""

    name: str
    contestants: dict[str, Contestant] = field(default_factory=dict)
    bar: float = math.nan  # how many times the fastest peer


@dataclass(frozen=True)
class Outcome:
    """Medians of a task, in seconds by contestant, and largest relative difference to evsyn."""

    task: str
    bar: float
    seconds: dict[str, float]
    shares: dict[str, float]
    differences: dict[str, float]

    @property
    def fastest_peer(self) -> str | None:
        """The fastest that is neither evsyn nor R."""
        peers = {name: t for name, t in self.seconds.items() if name not in (OURS, READ, R)}
        return min(peers, key=lambda name: peers[name]) if peers else None

    def ratio(self, to: str | None, ours: str = OURS) -> float:
        """Time of another over ours."""
        return math.nan if to not in self.seconds else self.seconds[to] / self.seconds[ours]


READ = "evsyn, all read"
R = "metafor"


def difference(found: Any, expected: Any, contestant: Contestant, where: str) -> float:
    """Largest relative difference; a fault above the contestant's tolerance."""
    one = np.ravel(np.asarray(found, dtype=float))
    other = np.ravel(np.asarray(expected, dtype=float))
    size = min(one.size, other.size)  # of an extrapolated contestant the first ones
    assert size and (contestant.share < 1 or one.size == other.size), (where, one.size, other.size)
    one, other = one[:size], other[:size]
    both = np.isfinite(one)  # where the other gave up there is nothing to compare
    gap = np.abs(one - other)[both]
    scale = np.abs(other)[both]
    parted = np.sort(gap / np.maximum(scale, contestant.atol / contestant.rtol))
    worst = float(np.max(parted[: parted.size - int(contestant.apart * size)], initial=0.0))
    if worst > contestant.rtol:
        raise AssertionError(f"{where}: answers differ by {worst:.1e}: {one[:4]} {other[:4]}")
    return worst


def compete(tasks: Iterable[Task], rounds: int, said: Callable[[str], None]) -> list[Outcome]:
    """Run every task: first all answers are compared, then the contestants are timed in turn."""
    outcomes = []
    for task in tasks:
        said(task.name)
        expected = task.contestants[OURS].answer()
        differences = {
            name: difference(one.answer(), expected, one, f"{task.name}, {name}")
            for name, one in task.contestants.items()
            if name != OURS
        }
        once = {
            name: one.seconds(1) * one.share if one.most > 1 else math.inf
            for name, one in task.contestants.items()
        }
        found: dict[str, list[float]] = {name: [] for name in task.contestants}
        names = list(task.contestants)
        for turn in range(rounds):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                one = task.contestants[name]
                if turn < one.most:
                    calls = max(1, min(1000, round(LONG_ENOUGH / max(once[name], 1e-7))))
                    found[name].append(one.seconds(calls))
        outcomes.append(
            Outcome(
                task.name,
                task.bar,
                {name: statistics.median(times) for name, times in found.items()},
                {name: one.share for name, one in task.contestants.items()},
                differences,
            )
        )
    return outcomes
