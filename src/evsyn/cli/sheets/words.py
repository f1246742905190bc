"""Words and columns that the tables for people share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from evsyn import formats
from evsyn.cli.screen import status_words
from evsyn.cli.sheet import Column
from evsyn.synthesis.results import ClaimRow, ComparisonRow, PoolRow, RateRow

__all__ = ["TAIL", "Reasons", "against", "closing", "level_words", "method", "named", "number"]
__all__ += ["out_of", "plural", "tail", "what"]

_PEOPLE = {"mcnemar": "McNemar"} | {
    name: name.capitalize()
    for name in [
        "agresti",
        "barnard",
        "blaker",
        "bonett",
        "boschloo",
        "clopper",
        "coull",
        "fisher",
        "jeffreys",
        "katz",
        "koopman",
        "mee",
        "miettinen",
        "newcombe",
        "nurminen",
        "pearson",
        "price",
        "tang",
        "tango",
        "wald",
        "welch",
        "wilson",
        "woolf",
        "yates",
    ]
}
"""Parts of method names that are names of people."""

TAIL = (Column("sources"), Column("trace", wrap=False))
"""Columns of `tail`."""


def number(heading: str) -> Column:
    """A column of numbers: right-aligned, never wrapped."""
    return Column(heading, justify="right", wrap=False)


def method(code: str) -> str:
    """Name of a method as written in a sentence: people get a capital, words do not."""
    parts = [_PEOPLE.get(part, part) for part in code.split("-")]
    if parts[-1] in {"cc", "exact"}:
        return " ".join(["-".join(parts[:-1]), parts[-1]])
    return "-".join(parts)


def level_words(settings: Mapping[str, object]) -> str:
    """Return the level of the intervals as a heading: ``95% CI``."""
    level = settings.get("level", 0.95)
    percent = float(level) * 100 if isinstance(level, (int, float)) else 95.0
    return f"{percent:.6g}% CI"


def _when(months: float | None, printed: str, anchor: str) -> str:
    if months is None:
        return printed
    if months == 0:
        return anchor
    time = f"{months:g} mo"
    return f"{time} after {anchor}" if anchor and anchor != "baseline" else time


def what(row: RateRow | ComparisonRow) -> str:
    """Outcome, subgroup and time of a row."""
    parts = (
        row.outcome or row.outcome_id,
        row.subgroup,
        _when(row.months, row.time_printed, row.anchor),
    )
    return ", ".join(part for part in parts if part) or formats.MISSING


def named(*parts: str) -> str:
    """Join what is there by a middle dot."""
    return " · ".join(part for part in parts if part)


def against(*labels: str) -> str:
    """Join two arms by ``v``."""
    return " v ".join(label for label in labels if label)


def out_of(events: int | None, n: int | None) -> str:
    """Events of n as ``7/16``; what is not known is a question mark."""
    if n is None:
        return "" if events is None else f"{events}/?"
    return f"{'?' if events is None else events}/{n}"


class Reasons:
    """Reasons below a table: each is told once and referred to by its number."""

    def __init__(self, *, symbols: bool) -> None:
        self._symbols = symbols
        self._numbers: dict[str, int] = {}

    def cell(self, status: str, reason: str) -> str:
        """Return the status, with the number of its reason where there is one."""
        words = status_words(status, symbols=self._symbols)
        if not reason:
            return words
        number = self._numbers.setdefault(reason, len(self._numbers) + 1)
        return f"{words} [{number}]"

    def told(self) -> tuple[str, ...]:
        """Return the reasons in the order of their numbers."""
        return tuple(self._numbers)


def closing(statuses: Counter[str], done: str, *, assumptions: bool) -> str:
    """Return the counts of a table as one line, and where to look if anything may be assumed."""
    parts = [done]
    parts += [
        f"{statuses[name]} {name}{' in what was read' if name == 'not found' else ''}"
        for name in ("ambiguous", "conflicting", "not found", "not reported")
        if statuses[name]
    ]
    if assumptions:
        parts.append("`evsyn assumptions` shows what would change")
    return " · ".join(parts)


def plural(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count} {formats.plural(count, noun)}"


def tail(verbose: bool, row: RateRow | ComparisonRow | PoolRow | ClaimRow) -> tuple[str, ...]:
    """Return sources and trace id where they are asked for."""
    if not verbose:
        return ()
    return (", ".join(row.citekeys), row.trace.trace_id)
