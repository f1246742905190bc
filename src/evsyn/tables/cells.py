"""Printed cells: one per place and field, with agreements, conflicts, choices and retyping."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from evsyn.tables.evidence import Cell, CellKey
from evsyn.tables.fields import TEXT_FIELDS
from evsyn.tables.ledger import Assumption, Extraction, Ledger
from evsyn.tables.printed import Printed, read_printed
from evsyn.tables.provenance import Finding

__all__ = ["assumed_finding", "concerns", "finding", "printed_cells", "retyped_cells", "weakest"]

ORDER = (
    "reported", "derived", "assumed", "ambiguous", "conflicting", "not found", "not reported"
)  # fmt: skip
PLAIN_FIELDS = {"n", "events", "participants_with_event", "percent", "percent_unclear"}
HOLDS = {"<": operator.lt, "≤": operator.le, ">": operator.gt, "≥": operator.ge}
BELOW = ("<", "≤")
SINGLE_WORDS = {"allocation", "cleared_on"}


def weakest(statuses: Iterable[str]) -> str:
    """Return the weakest of some statuses: a result is no surer than what it rests on.

    Examples
    --------
    >>> weakest(["reported", "assumed", "derived"])
    'assumed'
    """
    return max(statuses, key=ORDER.index, default="reported")


def finding(ledger: Ledger, rule: str, message: str, rows: Iterable[str], **more: str) -> Finding:
    """Return a finding on some extractions, located at the first named."""
    ids = tuple(rows)
    first = ledger.extraction[ids[0]]
    return Finding(
        file=ledger.file("extractions"),
        line=first.line,
        rule=rule,
        severity=more.pop("severity", "warning"),
        column="printed",
        message=f"{ledger.label(first.study_id)}: {message}",
        study_id=first.study_id,
        extractions=ids,
        **more,
    )


def assumed_finding(
    ledger: Ledger, rule: str, message: str, assumption: str, **more: str
) -> Finding:
    """Return a finding on what rests on an assumption alone, located at the assumption."""
    row = ledger.assumption[assumption]
    return Finding(
        file=ledger.file("assumptions"),
        line=row.line,
        rule=rule,
        severity="warning",
        column="value",
        message=f"{ledger.label(row.study_id)}: {message}",
        study_id=row.study_id,
        **more,
    )


def _keys(ledger: Ledger) -> dict[str, CellKey]:
    """Cell of each extraction; one wording of a time stands for all that mean the same."""
    wording: dict[tuple[str, float, str], str] = {}
    for row in ledger.extractions:
        if row.months is not None:
            place = (row.study_id, row.months, row.anchor)
            wording[place] = wording.get(place) or row.time_printed
    keys = {}
    for row in ledger.extractions:
        time = row.time_printed
        if row.months is not None:
            time = wording[row.study_id, row.months, row.anchor]
        keys[row.extraction_id] = CellKey(
            row.study_id,
            row.arm_id,
            row.outcome_id,
            row.subgroup,
            row.months,
            time,
            row.anchor,
            row.analysis_set,
            row.field,
            row.measure,
            "" if row.field in PLAIN_FIELDS and row.value_type == "final" else row.value_type,
        )
    return _typed_spreads(keys)


def _typed_spreads(keys: dict[str, CellKey]) -> dict[str, CellKey]:
    """A spread or limit without value type or measure joins the mean of its cell."""
    means: dict[tuple[object, ...], set[tuple[str, str]]] = {}
    for key in keys.values():
        if key.field in ("mean", "estimate", "median", "mean_diff"):
            means.setdefault(key[:8], set()).add((key.measure, key.value_type))
    joined = {}
    for name, key in keys.items():
        homes = means.get(key[:8], set())
        if key.field in ("sd", "se", "spread_unstated", "ci_lb", "ci_ub") and len(homes) == 1:
            ((measure, value_type),) = homes
            key = key._replace(
                measure=key.measure or measure, value_type=key.value_type or value_type
            )
        joined[name] = key
    return joined


def printed_cells(
    ledger: Ledger, accepted: Iterable[Assumption]
) -> tuple[list[Cell], list[Finding]]:
    """One cell for all extractions of the same place, field, measure and value type.

    Parameters
    ----------
    ledger : Ledger
        The printed values.
    accepted : iterable of Assumption
        Those in force; a preferred extraction chooses between printed readings.

    Returns
    -------
    cells : list of Cell
        ``reported`` where the extractions agree within their rounding, ``assumed`` where an
        assumption chose, ``conflicting`` where nothing does.
    findings : list of Finding
        One per conflict.
    """
    groups: dict[CellKey, list[Extraction]] = {}
    keys = _keys(ledger)
    for row in ledger.extractions:
        groups.setdefault(keys[row.extraction_id], []).append(row)
    chooser = {row.preferred_extraction: row for row in accepted if row.preferred_extraction}
    cells, findings = [], []
    for key, rows in groups.items():
        chosen = next((row for row in rows if row.extraction_id in chooser), None)
        cell = _cell(key, rows)
        if chosen is not None and cell.status == "conflicting":
            cell = _cell(key, [chosen])
            name = chooser[chosen.extraction_id].assumption_id
            text = f"{chosen.printed} chosen among {', '.join(row.printed for row in rows)}"
            cells.append(replace(cell, status="assumed", assumptions=(name,), reason=text))
            continue
        cells.append(cell)
        if cell.status == "conflicting":
            where = ", ".join(
                part for part in (key.arm_id, key.outcome_id, key.time_printed) if part
            )
            text = (
                f"{key.field} ({where or 'whole study'}): the sources disagree: "
                f"{_readings(rows)}; accept an assumption to choose"
            )
            findings.append(
                finding(ledger, "conflict", text, cell.extractions, verdict="conflicting")
            )
    return cells, findings


def _readings(rows: list[Extraction]) -> str:
    return ", ".join(dict.fromkeys(f"{row.printed} [{row.citekey}, {row.locator}]" for row in rows))


def _cell(key: CellKey, rows: list[Extraction]) -> Cell:
    ids = tuple(row.extraction_id for row in rows)
    citekeys = tuple(dict.fromkeys(row.citekey for row in rows))
    blank = Cell(key, None, rows[0].printed, (), "reported", "", "", ids, (), citekeys)
    if key.field in TEXT_FIELDS:
        texts = list(dict.fromkeys(row.printed for row in rows))
        same = len({text.lower() for text in texts}) == 1
        status = "reported" if same or key.field not in SINGLE_WORDS else "conflicting"
        return replace(blank, text=" | ".join(texts), status=status)
    reads = [(row, _with_relation(row)) for row in rows]
    known = [(row, read) for row, read in reads if read is not None]
    if not known:
        return replace(blank, reason="printed as words that are no number")
    best = _best(known)
    if best is not None:
        row, read = best
        text = row.printed
        if read.relation and not text.startswith(tuple(HOLDS)):
            text = f"{read.relation} {text}"
        return replace(blank, value=float(read.value), text=text)
    values = tuple(sorted({float(read.value) for _, read in known}))
    return replace(
        blank,
        status="conflicting",
        candidates=values,
        text=" | ".join(dict.fromkeys(row.printed for row in rows)),
        reason=f"the sources disagree: {_readings(rows)}",
    )


def _with_relation(row: Extraction) -> Printed | None:
    read = read_printed(row.printed, row.field)
    if read is None or not row.relation:
        return read
    return replace(read, relation=row.relation)


Reading = tuple[Extraction, Printed]


def _best(known: list[Reading]) -> Reading | None:
    """The reading that says most, where all agree within their rounding; None where they do not.

    A number says more than a bound that holds of it, the tighter of two bounds more than the other.
    """
    exact = [pair for pair in known if not pair[1].relation]
    if exact:
        finest = min(exact, key=lambda pair: pair[1].half)
    else:
        finest = max(known, key=lambda pair: _tightness(pair[1]))
    return finest if all(_agree(finest[1], read) for _, read in known) else None


def _tightness(read: Printed) -> Decimal:
    return -read.value if read.relation in BELOW else read.value


def _agree(finest: Printed, other: Printed) -> bool:
    """Whether the reading that says most is among what another admits."""
    if other.relation in HOLDS:
        low, high = finest.value - finest.half, finest.value + finest.half
        if not finest.relation:
            return bool(
                HOLDS[other.relation](low if other.relation in BELOW else high, other.value)
            )
        return finest.relation in HOLDS and (finest.relation in BELOW) == (other.relation in BELOW)
    close = abs(finest.value - other.value) <= max(finest.half, other.half)
    return close and finest.relation not in HOLDS


def retyped_cells(cells: Iterable[Cell], accepted: Iterable[Assumption]) -> list[Cell]:
    """Percentages of unknown unit under the unit that an accepted assumption gives them.

    Parameters
    ----------
    cells : iterable of Cell
        The printed cells.
    accepted : iterable of Assumption
        Those in force; ``field`` is ``percent_unclear`` and ``value`` the field assumed.

    Returns
    -------
    list of Cell
        One ``assumed`` cell more per cell retyped; the printed one stays as it is.
    """
    rules = [row for row in accepted if row.field == "percent_unclear" and row.value]
    made = []
    for cell in cells:
        key = cell.key
        for row in rules:
            if key.field == "percent_unclear" and concerns(row, key) and cell.value is not None:
                made.append(
                    replace(
                        cell,
                        key=key._replace(field=row.value),
                        status=weakest([cell.status, "assumed"]),
                        assumptions=(*cell.assumptions, row.assumption_id),
                        rule="retyped",
                        reason=f"read as {row.value}: {row.statement}",
                    )
                )
    return made


def concerns(row: Assumption, key: CellKey) -> bool:
    """Whether an assumption reaches a cell: empty arm, outcome or months reach every one."""
    return (
        row.study_id == key.study_id
        and row.arm_id in ("", key.arm_id)
        and row.outcome_id in ("", key.outcome_id)
        and (row.months is None or row.months == key.months)
    )
