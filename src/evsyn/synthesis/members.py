"""The studies of a meta-analysis: effect, variance, counts and columns of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evsyn.errors import StatsError, did_you_mean
from evsyn.synthesis.results import ComparisonRow, StudyRow
from evsyn.tables.provenance import Trace

__all__ = [
    "Member",
    "column",
    "number_hint",
    "numbers_or_words",
    "numeric",
    "of_comparison",
    "study_columns",
]

PAIRED = ("within-person", "crossover")
"""Designs whose arms are the same people: no table of two independent arms."""

_MISSING = ("", "na", "n/a", "nan", "null", "none", ".", "-", "–")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Member:
    """A study that may enter a pool.

    Attributes
    ----------
    study_id, study : str
        Id, and name for readers.
    yi, vi : float or None
        Effect and variance on the pooling scale.
    vi_max : float or None
        Largest variance over every pairing of the same people, where ``vi`` is not known.
    status, reason : str
        Status of the effect, and why there is none or what was done to it.
    data : mapping of str to float
        What the effect is computed from, by the names of ``evsyn.stats.effect_sizes``; empty
        where the arms are the same people.
    columns : mapping of str to str or float
        What may explain the effect: columns of a file, or fields of a study.
    comparison_id, outcome_id, outcome, value_type, design, allocation, time_printed : str
        Where it stands in the evidence.
    months : float or None
        When it was measured.
    assumptions, citekeys : tuple of str
        What it rests on.
    trace : Trace
        The way back to its sources.
    """

    study_id: str
    study: str
    yi: float | None
    vi: float | None
    status: str
    reason: str = ""
    vi_max: float | None = None
    data: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, str | float] = field(default_factory=dict)
    comparison_id: str = ""
    outcome_id: str = ""
    outcome: str = ""
    value_type: str = ""
    design: str = ""
    allocation: str = ""
    time_printed: str = ""
    months: float | None = None
    assumptions: tuple[str, ...] = ()
    citekeys: tuple[str, ...] = ()
    trace: Trace = field(default_factory=lambda: Trace(""))

    @property
    def variance(self) -> float | None:
        """Variance to pool with: the largest where it is a range."""
        return self.vi or self.vi_max

    @property
    def corrected(self) -> bool:
        """Whether 0.5 was added to the cells for the effect on the pooling scale."""
        return "0.5 added" in self.reason


def of_comparison(
    row: ComparisonRow,
    columns: Mapping[str, str | float] | None = None,
    data: Mapping[str, float] | None = None,
) -> Member:
    """Return a comparison as a study of a pool.

    Parameters
    ----------
    row : ComparisonRow
        Effect with its sources.
    columns : mapping, optional
        Columns of its file, or fields of its study.
    data : mapping, optional
        What the effect is computed from; by default the counts or means of the row.

    Returns
    -------
    Member
        The same effect.
    """
    own: dict[str, str | float] = {"outcome": row.outcome, "value_type": row.value_type}
    own |= {"design": row.design, "allocation": row.allocation, "condition": row.condition}
    own = {name: value for name, value in own.items() if value}
    if row.months is not None:
        own["months"] = row.months
    return Member(
        study_id=row.study_id,
        study=row.study,
        yi=row.yi,
        vi=row.vi,
        vi_max=row.vi_max,
        status=row.status,
        reason=row.reason,
        data=_data(row) if data is None else data,
        columns={**own, **(columns or {})},
        comparison_id=row.comparison_id,
        outcome_id=row.outcome_id,
        outcome=row.outcome,
        value_type=row.value_type,
        design=row.design,
        allocation=row.allocation,
        time_printed=row.time_printed,
        months=row.months,
        assumptions=row.assumptions,
        citekeys=row.citekeys,
        trace=row.trace,
    )


def _data(row: ComparisonRow) -> dict[str, float]:
    """Counts, or means with spread and size, of two independent arms."""
    if row.design in PAIRED:
        return {}
    counts = ("events_e", "n_e", "events_c", "n_c")
    means = ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c")
    for names in (counts, means):
        found = {name: getattr(row, name) for name in names}
        if all(value is not None for value in found.values()):
            return {name: float(value) for name, value in found.items()}
    return {}


def study_columns(studies: Iterable[StudyRow]) -> dict[str, dict[str, str | float]]:
    """Fields and printed facts of studies, as columns for moderators and subgroups.

    Parameters
    ----------
    studies : iterable of StudyRow
        Characteristics of studies.

    Returns
    -------
    dict
        By study id: year, kind, condition, design, allocation, read_scope, and every fact that
        has one number for the study (needle_mm, sessions …).
    """
    found: dict[str, dict[str, str | float]] = {}
    for row in studies:
        values: dict[str, str | float] = {"kind": row.kind, "read_scope": row.read_scope}
        values |= {"condition": row.condition, "design": row.design, "allocation": row.allocation}
        if row.year is not None:
            values["year"] = float(row.year)
        for name in dict.fromkeys(fact.field for fact in row.facts):
            numbers = {fact.value for fact in row.fact(name)}
            if len(numbers) == 1 and (number := numbers.pop()) is not None:
                values[name] = number
        found[row.study_id] = values
    return found


def column(members: Sequence[Member], name: str) -> tuple[str, list[str | float | None]]:
    """Values of a column, None where a study has none.

    Parameters
    ----------
    members : sequence of Member
        Studies.
    name : str
        Column; letters may be large or small.

    Returns
    -------
    tuple
        The column's own name, and one value a study: numbers where every value is one.

    Raises
    ------
    StatsError
        If no study has such a column.
    """
    known = dict.fromkeys(key for member in members for key in member.columns)
    own = next((key for key in known if key.casefold() == name.strip().casefold()), None)
    if own is None:
        near = did_you_mean(name, tuple(known))
        listed = ", ".join(known) or "none"
        raise StatsError(f'no column "{name}"{near}; columns that studies have: {listed}')
    raw = [member.columns.get(own) for member in members]
    values = [None if _absent(value) else value for value in raw]
    numbers = [None if value is None else numeric(value) for value in values]
    if all(
        (number is None) == (value is None) for number, value in zip(numbers, values, strict=True)
    ):
        return own, list(numbers)
    return own, [None if value is None else str(value).strip() for value in values]


def numbers_or_words(members: Sequence[Member], name: str) -> tuple[str, list[str | float | None]]:
    """Values of a column that holds numbers alone, or words alone.

    Parameters
    ----------
    members : sequence of Member
        Studies.
    name : str
        Column; letters may be large or small.

    Returns
    -------
    tuple
        As of `column`.

    Raises
    ------
    StatsError
        If no study has such a column, or some of its cells are numbers and others are not: with a
        line for each of the others, ``file:line: column: what stands there``.
    """
    own, cells = column(members, name)
    texts = [(member, cell) for member, cell in zip(members, cells, strict=True) if cell]
    wrong = [(at, cell) for at, cell in texts if isinstance(cell, str) and numeric(cell) is None]
    numbers = sum(isinstance(cell, str) and numeric(cell) is not None for _, cell in texts)
    if not wrong or not numbers:
        return own, cells
    others = "the other is one" if numbers == 1 else f"{numbers} others are"
    raise StatsError(
        "\n".join(
            f'{_place(member)}: {own}: "{cell}" is not a number, and {others}'
            f"{number_hint(str(cell)) or '; leave the cell empty where it is not known'}"
            for member, cell in wrong
        )
    )


def _place(member: Member) -> str:
    """Where a study stands: file and line, or its name."""
    where = dict(member.trace.parameters)
    if "file" in where and "line" in where:
        return f"{where['file']}:{where['line']}"
    return member.study


def number_hint(text: str, *, whole: bool = False) -> str:
    """What to do where a text is nearly a number; empty where it is not.

    Examples
    --------
    >>> number_hint("1,200", whole=True), number_hint("0,5"), number_hint("many")
    ('; leave out the thousands separator: 1200', '; write a decimal point', '')
    """
    if _THOUSANDS.fullmatch(text):
        either = "" if whole or text.count(",") > 1 or "." in text else ", or write a decimal point"
        return f"; leave out the thousands separator: {text.replace(',', '')}{either}"
    return "; write a decimal point" if _DECIMAL_COMMA.fullmatch(text) else ""


def _absent(value: str | float | None) -> bool:
    return value is None or str(value).strip().lower() in _MISSING


def numeric(value: str | float) -> float | None:
    """Return the number that a cell holds, or None.

    Examples
    --------
    >>> numeric("44"), numeric("random"), numeric("−0.5")
    (44.0, None, -0.5)
    """
    if not isinstance(value, str):
        return float(value)
    text = value.strip().replace("\N{MINUS SIGN}", "-")
    return float(text) if _NUMBER.fullmatch(text) else None
