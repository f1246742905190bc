"""What the columns of a plain CSV file hold, and its rows as numbers, every fault at once."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from evsyn.errors import Fault, LedgerError, did_you_mean
from evsyn.literals import PoolMeasure, choices
from evsyn.sources.ledger import RawRow, RawTable, read_table
from evsyn.synthesis.members import number_hint

__all__ = ["COMPARISONS", "POOLS", "RATES", "Layout", "Plain", "PlainRow", "read_plain"]

_MISSING = ("", "na", "n/a", "nan", "null", "none", ".", "-", "–")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LABELS = ("study", "slab", "trial", "author")


@dataclass(frozen=True, slots=True)
class Layout:
    """A set of columns that belong together.

    Attributes
    ----------
    name : str
        What they hold: ``counts``, ``means`` …
    columns : tuple of str
        The columns, by the project's names.
    measure : str
        Effect measure where none is asked for.
    measures : tuple of str
        Measures that can be made of it.
    optional : tuple of str
        Columns that may be there as well.
    """

    name: str
    columns: tuple[str, ...]
    measure: str = ""
    measures: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


RATES = (Layout("rates", ("events", "n")),)

COMPARISONS = (
    Layout("counts", ("events_e", "n_e", "events_c", "n_c"), "RR", ("RR", "OR", "RD")),
    Layout(
        "means",
        ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c"),
        "MD",
        ("MD", "SMD", "ROM"),
    ),
    Layout("pairs", ("both", "only_e", "only_c", "neither"), "RR", ("RR", "OR", "RD")),
    Layout("differences", ("mean_diff", "se_diff"), "MD", ("MD",)),
    Layout("person-time", ("events_e", "time_e", "events_c", "time_c"), "IRR", ("IRR",)),
    Layout("correlations", ("r", "n"), "ZCOR", ("ZCOR",)),
    Layout(
        "effects",
        ("yi", "vi"),
        "GEN",
        ("GEN", "RR", "OR", "RD", "MD", "SMD", "ROM", "IRR", "ZCOR"),
    ),
)

_CHANGE = Layout(
    "change",
    ("mean_pre", "mean_post", "sd_pre", "n", "r"),
    "MC",
    ("MC", "SMCC", "SMCR", "ROMC"),
    ("sd_post",),
)
_ALSO = {
    "counts": ("AS", "PETO"),
    "means": ("SMDH", "SMD1", "VR", "CVR"),
    "pairs": ("MPRR", "MPOR", "MPRD", "MPORC"),
    "person-time": ("IRD", "IRSD"),
    "correlations": ("COR", "UCOR"),
    "effects": tuple(
        name
        for name in choices(PoolMeasure)
        if name not in ("GEN", "RR", "OR", "RD", "MD", "SMD", "ROM", "IRR", "ZCOR")
    ),
}

POOLS = (
    _CHANGE,
    *(
        replace(layout, measures=(*layout.measures, *_ALSO.get(layout.name, ())))
        for layout in COMPARISONS
    ),
    Layout("proportions", ("events", "n"), "PLO", ("PLO", "PR", "PLN", "PAS", "PFT")),
    Layout("one-arm rates", ("events", "time"), "IRLN", ("IRLN", "IR", "IRS")),
    Layout("one-arm means", ("mean", "sd", "n"), "MN", ("MN", "MNLN")),
)
"""What a meta-analysis can be made of: comparisons, changes, and single arms."""

_ALIASES = {
    "ai": "events_e", "n1i": "n_e", "ci": "events_c", "n2i": "n_c",
    "bi": "nonevents_e", "di": "nonevents_c",
    "m1i": "mean_e", "sd1i": "sd_e", "m2i": "mean_c", "sd2i": "sd_c",
    "x1i": "events_e", "t1i": "time_e", "x2i": "events_c", "t2i": "time_c",
    "xi": "events", "ni": "n", "ri": "r", "sei": "se", "ti": "time", "mi": "mean", "sdi": "sd",
}  # fmt: skip
"""metafor's names."""

_CHANGE_ALIASES = {
    "mean_post": "mean_e", "mean_pre": "mean_c", "sd_post": "sd_e", "sd_pre": "sd_c",
}  # fmt: skip
"""metafor's names of the two measurements of the same people: m1i is after, m2i before."""

_OF = (("events", "n"), ("events_e", "n_e"), ("events_c", "n_c"))
_MOST_PEOPLE = 1e10
_MOST = 1e100
_COUNTS = frozenset(
    {
        *("events", "n", "events_e", "n_e", "events_c", "n_c", "nonevents_e", "nonevents_c"),
        *("both", "only_e", "only_c", "neither"),
    }
)
_POSITIVE = frozenset(["time_e", "time_c", "time", "vi", "se", "se_diff"])
_NOT_NEGATIVE = _COUNTS | {"sd_e", "sd_c", "sd", "sd_pre", "sd_post"}


@dataclass(frozen=True, slots=True)
class PlainRow:
    """One line of a file: a study and its numbers, ``None`` where a cell is empty.

    ``cells`` holds every column of the line as written, by its header.
    """

    line: int
    study: str
    numbers: Mapping[str, float | None]
    cells: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Columns whose cell is empty."""
        return tuple(name for name, value in self.numbers.items() if value is None)

    def whole(self, name: str) -> int | None:
        """A count, or None where its cell is empty."""
        value = self.numbers.get(name)
        return None if value is None else round(value)


@dataclass(frozen=True, slots=True)
class Plain:
    """A file as read.

    Attributes
    ----------
    name : str
        The file as the user knows it.
    layout : Layout
        What its columns hold.
    rows : tuple of PlainRow
        Its lines.
    notes : tuple of str
        Columns that were ignored, lines without a name.
    """

    name: str
    layout: Layout
    rows: tuple[PlainRow, ...]
    notes: tuple[str, ...]


def read_plain(
    path: Path, layouts: tuple[Layout, ...], *, measure: str = "", also: Collection[str] = ()
) -> Plain:
    """Read a file whose columns follow one of some layouts.

    Parameters
    ----------
    path : Path
        A CSV file with a header line.
    layouts : tuple of Layout
        What is admitted, the preferred ones first.
    measure : str
        Effect measure asked for; narrows the layouts.
    also : collection of str
        Columns used beside those of the layout: moderators, subgroups.

    Returns
    -------
    Plain
        The rows; an empty cell, ``NA`` or ``–`` is a missing number.

    Raises
    ------
    LedgerError
        With every fault: no such file, columns that fit no layout, cells that are no number or
        impossible.
    """
    table = read_table(path, name=str(path))
    reader = _Reader(table, str(path), measure)
    faults = [fault for fault in table.faults if fault.severity == "error"]
    layout = reader.layout(layouts) if table.header else None
    if layout is None:
        raise LedgerError([*faults, *reader.faults])
    rows = tuple(reader.row(layout, row, number) for number, row in enumerate(table.rows, 1))
    if not rows and not faults:
        reader.fault(0, "", "no line below the header; add one line a study")
    if faults or reader.faults:
        raise LedgerError([*faults, *reader.faults])
    return Plain(str(path), layout, rows, reader.notes(layout, rows, also))


class _Reader:
    """Names the columns of one table and reads its cells."""

    def __init__(self, table: RawTable, name: str, measure: str) -> None:
        self.table = table
        self.name = name
        self.measure = measure
        self.faults: list[Fault] = []
        self.columns: dict[str, str] = {}
        for header in table.header:
            known = _ALIASES.get(header.strip().lower(), header.strip().lower())
            if self.columns.get(known) == header:
                continue  # a name that stands twice is a fault of the table already
            if known in self.columns:
                text = f'means the same as "{self.columns[known]}"; keep one of them'
                self.fault(1, header, text)
            else:
                self.columns[known] = header
        self.label = next((name for name in _LABELS if name in self.columns), "")

    def fault(self, line: int, column: str, message: str) -> None:
        self.faults.append(Fault(self.name, line, column, message, "plain-file"))

    def layout(self, layouts: tuple[Layout, ...]) -> Layout | None:
        """First layout whose columns are there and from which the measure can be made."""
        measure = self.measure
        there = [layout for layout in layouts if self.sources(layout) is not None]
        fitting = [layout for layout in there if not measure or measure in layout.measures]
        if fitting:
            return fitting[0]
        if there:
            made = ", ".join(dict.fromkeys(name for found in there for name in found.measures))
            text = f"its columns ({there[0].name}) do not make {measure}; they make {made}"
            self.fault(1, "", text)
            return None
        if other := self.other(layouts):
            self.fault(1, "", other)
            return None
        named = [name for layout in layouts for name in layout.columns]
        near = [
            f'"{header}"{hint}'
            for known, header in self.columns.items()
            if known not in (*named, *_LABELS) and (hint := did_you_mean(known, named))
        ]
        listed = " | ".join(", ".join(layout.columns) for layout in layouts)
        found = ", ".join(self.table.header)
        hints = f"; {', '.join(near)}" if near else ""
        needed = self.missing(layouts) or f"needed: study and {listed}"
        self.fault(1, "", f"columns found: {found}{hints}; {needed}")
        return None

    def missing(self, layouts: tuple[Layout, ...]) -> str:
        """What the nearest sets of columns lack; empty where no column is of any."""
        asked = [layout for layout in layouts if self.measure in layout.measures] or layouts
        lacking: dict[tuple[int, int], list[str]] = {}
        for layout in asked:
            absent = [name for name in layout.columns if not self.source(name, layout)]
            if there := len(layout.columns) - len(absent):
                text = f"{', '.join(absent)} (for {layout.name}: {', '.join(layout.columns)})"
                lacking.setdefault((len(absent), -there), []).append(text)
        return f"missing: {' or '.join(lacking[min(lacking)])}" if lacking else ""

    def other(self, layouts: tuple[Layout, ...]) -> str:
        """Where the columns belong to the other kind of file: say so, and what is needed here."""
        verb, rest = ("compare", COMPARISONS) if layouts is RATES else ("rates", RATES)
        if all(self.sources(layout) is None for layout in rest):
            return ""
        found = ", ".join(self.table.header)
        needed = " | ".join(", ".join(layout.columns) for layout in layouts)
        return (
            f"columns found: {found}; these are columns for `evsyn {verb}`;"
            f" needed here: study and {needed}"
        )

    def sources(self, layout: Layout) -> tuple[str, ...] | None:
        """Columns that a layout is read from; None where one is missing."""
        names = [self.source(name, layout) for name in layout.columns]
        if not all(names):
            return None
        return (*names, *(name for name in map(self.spare, layout.optional) if name))

    def source(self, name: str, layout: Layout) -> str:
        """Column that holds what a layout calls so, or from which it is made; empty for none."""
        arm = name[-2:]
        if name in self.columns:
            return name
        if name in ("n_e", "n_c") and f"nonevents{arm}" in self.columns:
            return f"nonevents{arm}"
        if name == "vi" and "se" in self.columns:
            return "se"
        if layout is _CHANGE:
            if name == "sd_pre" and (self.measure == "SMCR" or "sd_c" not in self.columns):
                return "sd_e" if "sd_e" in self.columns else ""  # metafor's SD of the raw scores
            alias = _CHANGE_ALIASES.get(name, "")
            return alias if alias in self.columns else ""
        return ""

    def spare(self, name: str) -> str:
        """Column that a layout may have as well; empty for none."""
        if name in self.columns:
            return name
        if name == "sd_post" and "mean_e" in self.columns and self.measure != "SMCR":
            return "sd_e" if {"sd_e", "sd_c"} <= self.columns.keys() else ""
        return ""

    def row(self, layout: Layout, row: RawRow, number: int) -> PlainRow:
        """Numbers of one line, by the names of the layout."""
        read = {name: self.number(row, name) for name in self.sources(layout) or ()}
        numbers: dict[str, float | None] = {}
        for name in layout.columns:
            source = self.source(name, layout)
            given = source == name or source in _CHANGE_ALIASES.values()
            numbers[name] = read[source] if given else _made(name, read)
        for name in layout.optional:
            if spare := self.spare(name):
                numbers[name] = read[spare]
        self.check(row.line, numbers)
        study = row.cells.get(self.columns.get(self.label, ""), "").strip()
        year = row.cells.get(self.columns.get("year", ""), "").strip()
        if self.label == "author" and year:
            study = f"{study} {year}".strip()
        cells = {header: text.strip() for header, text in row.cells.items() if header}
        return PlainRow(row.line, study or f"line {row.line}", numbers, cells)

    def number(self, row: RawRow, name: str) -> float | None:
        header = self.columns[name]
        text = row.cells.get(header, "").strip().replace("\N{MINUS SIGN}", "-")
        if text.lower() in _MISSING:
            return None
        if not _NUMBER.fullmatch(text):
            hint = number_hint(text, whole=name in _COUNTS)
            self.fault(row.line, header, f'"{text}" is not a number{hint}')
            return None
        value = float(text)
        most = _MOST_PEOPLE if name in _COUNTS else _MOST
        if abs(value) > most:
            self.fault(row.line, header, f"{text}: expected at most {most:.0e}")
            return None
        if name in _COUNTS and value != math.floor(value):
            self.fault(row.line, header, f"{text}: expected a whole number of participants")
        elif name in _NOT_NEGATIVE and value < 0:
            self.fault(row.line, header, f"{text}: expected 0 or more")
        elif name in _POSITIVE and value <= 0:
            self.fault(row.line, header, f"{text}: expected more than 0")
        elif name == "r" and not -1 < value < 1:
            self.fault(row.line, header, f"{text}: expected a correlation between -1 and 1")
        else:
            return value
        return None

    def check(self, line: int, numbers: Mapping[str, float | None]) -> None:
        """No more events than participants."""
        for events, total in _OF:
            first, second = numbers.get(events), numbers.get(total)
            if first is not None and second is not None and first > second:
                header = self.columns.get(events, events)
                self.fault(line, header, f"{first:g} events of {second:g} participants")
            if second == 0:
                header = self.columns.get(total, total)
                self.fault(line, header, "0 participants; leave the cell empty where unknown")

    def notes(
        self, layout: Layout, rows: tuple[PlainRow, ...], also: Collection[str]
    ) -> tuple[str, ...]:
        used = {*(self.sources(layout) or ()), self.label}
        used |= {known for known, header in self.columns.items() if _among(header, also)}
        used |= {"year"} if self.label == "author" else set()
        ignored = [header for known, header in self.columns.items() if known not in used]
        notes = [f"Columns ignored: {', '.join(ignored)}."] if ignored else []
        if not self.label:
            notes.append("No column study: lines are named by their number.")
        lines = Counter(row.study for row in rows)
        repeated = [name for name, times in lines.items() if times > 1]
        if repeated:
            notes.append(
                f"On several lines: {', '.join(repeated)}; the lines are taken as independent."
            )
        return tuple(notes)


def _among(header: str, names: Collection[str]) -> bool:
    return header.strip().casefold() in {name.strip().casefold() for name in names}


def _made(name: str, read: Mapping[str, float | None]) -> float | None:
    """A number that is made of others: n of events and the rest, vi of its root."""
    if name == "vi":
        se = read["se"]
        return None if se is None else se**2
    arm = name[-2:]
    events, rest = read.get(f"events{arm}"), read[f"nonevents{arm}"]
    return None if events is None or rest is None else events + rest
