"""Effects of a plain file by any measure: single arms, changes, pairs, and the rarer ratios."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from evsyn.formats import decimals
from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.synthesis.effects import finite
from evsyn.synthesis.layouts import Plain, PlainRow
from evsyn.synthesis.members import Member
from evsyn.synthesis.scales import ONE_ARM, measure_name
from evsyn.tables.provenance import Step, Trace

__all__ = ["cells_as_columns", "file_members", "known_numbers"]

_RATIOS = ("RR", "OR", "IRR", "PETO", "MPRR", "MPOR")
_DESIGNS = {"pairs": "within-person", "change": "within-person", "counts": "parallel"}
_DESIGNS |= {"means": "parallel", "person-time": "parallel"}
_SINGLE = "single-arm"


def file_members(plain: Plain, measure: str) -> tuple[Member, ...]:
    """Each line of a file with its effect and variance on the pooling scale.

    Parameters
    ----------
    plain : Plain
        File as read.
    measure : str
        One that its columns make.

    Returns
    -------
    tuple of Member
        One a line; without an effect, the reason.

    Raises
    ------
    StatsError
        If the numbers of a line cannot be.
    """
    if plain.layout.name == "effects":
        return tuple(_as_given(plain, row, measure) for row in plain.rows)
    names = list(plain.rows[0].numbers)
    data = {name: [_or_nan(row.numbers[name]) for row in plain.rows] for name in names}
    found = effect_sizes(measure, **data)  # type: ignore[arg-type]
    return tuple(
        _member(plain, row, measure, (found.yi[at], found.vi[at], found.reason[at]))
        if not bool(found.corrected[at])
        else _member(plain, row, measure, (found.yi[at], found.vi[at], _ADDED))
        for at, row in enumerate(plain.rows)
    )


_ADDED = "0.5 added to each cell for the pooling scale alone (an empty cell)"


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _member(plain: Plain, row: PlainRow, measure: str, found: tuple[Any, Any, Any]) -> Member:
    yi, vi, reason = finite(found[0]), finite(found[1]), str(found[2])
    missing = row.missing
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        reason = f"{' and '.join(missing)} {verb} empty"
    elif silent := _silent(row.numbers, measure):
        yi, vi, reason = None, None, silent
    design = _SINGLE if measure in ONE_ARM else _DESIGNS.get(plain.layout.name, "")
    return Member(
        study_id=row.study,
        study=row.study,
        yi=yi,
        vi=vi,
        status="not found" if missing else "reported",
        reason=reason,
        data=known_numbers(row),
        columns=cells_as_columns(row),
        design=design,
        trace=_trace(plain, row, measure, (yi, vi, reason)),
    )


def _as_given(plain: Plain, row: PlainRow, measure: str) -> Member:
    return _member(plain, row, measure, (row.numbers["yi"], row.numbers["vi"], ""))


def _silent(numbers: Mapping[str, float | None], measure: str) -> str:
    """Why a table of two arms says nothing on a ratio; empty where it does."""
    if measure not in _RATIOS:
        return ""
    none = numbers.get("events_e") == numbers.get("events_c") == 0
    pairs = [numbers.get(name) for name in ("both", "only_e", "only_c")]
    if none or pairs == [0, 0, 0]:
        return "no events in either arm: a ratio says nothing"
    return ""


def known_numbers(row: PlainRow) -> dict[str, float]:
    """Numbers of a line, by the names of the layout."""
    return {name: value for name, value in row.numbers.items() if value is not None}


def cells_as_columns(row: PlainRow) -> dict[str, str | float]:
    """Every cell of a line, by its header: what may explain the effect."""
    return dict(row.cells)


def _trace(plain: Plain, row: PlainRow, measure: str, found: tuple[Any, Any, str]) -> Trace:
    yi, vi, reason = found
    title = f"no {measure}" if yi is None else f"{measure} {decimals(yi, 3)} on the pooling scale"
    values = {"yi": yi, "vi": vi, **row.numbers}
    status = "not found" if row.missing else "reported"
    step = Step(
        measure_name(measure).capitalize(), reason or "from the columns of the file", status
    )
    return Trace(
        title=title,
        path=(row.study,),
        values=tuple((name, value) for name, value in values.items() if value is not None),
        steps=(step,),
        parameters=(("file", plain.name), ("line", str(row.line))),
        status=status,
    )
