"""Values that accepted assumptions give: an n, a count, a number that is not printed."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn.errors import AssumptionError
from evsyn.tables.board import Board, Place, Sizes, printed_of, settled
from evsyn.tables.cells import concerns
from evsyn.tables.counts import fits
from evsyn.tables.evidence import Cell, CellKey
from evsyn.tables.ledger import Assumption
from evsyn.tables.printed import read_printed
from evsyn.tables.sizes import COUNTED, MEASURED, printed_sizes, size_of_arm

__all__ = ["assume_sizes", "assume_values"]

WHOLE_FIELDS = {"n_enrolled", "n_randomised", "n_completed", "n_clusters", "centres", "age_mean"}
WHOLE_FIELDS |= {"sessions", "sessions_min", "sessions_max", "interval_weeks", "session_minutes"}
WHOLE_FIELDS |= {"needle_mm", "needle_mm_min", "needle_mm_max", "followup_months"}
"""Numbers of an arm or a study as a whole, not of an outcome."""


def assume_sizes(board: Board) -> None:
    """Put the n of accepted assumptions into ``board.sizes``.

    An n that follows without the assumption stays derived. One that contradicts a derived n
    beats it, with a finding.

    Parameters
    ----------
    board : Board
        The derivation.

    Raises
    ------
    AssumptionError
        If a printed n says otherwise, or the arm is smaller.
    """
    for row in board.accepted:
        if row.field != "n" or not row.value:
            continue
        read = read_printed(row.value, "n")
        n = int(read.value) if read is not None else 0
        names = (*COUNTED, *MEASURED, "percent_unclear", "n")
        for place, families in board.places(*names, studies=(row.study_id,)):
            for root, cells in families.items():
                reached = [cell for cell in cells if _reaches(row, cell.key)]
                if reached:
                    _assume_size(board, row, n, (place, root), reached)


def _reaches(row: Assumption, key: CellKey) -> bool:
    """Whether a number assumed of an arm is a number of the cell: a subgroup has its own."""
    return not key.subgroup and concerns(row, key)


def _refuse(row: Assumption, cells: Iterable[Cell]) -> None:
    """Refuse an assumption that contradicts printed values, with both shown."""
    shown = " and ".join(
        f"{cell.key.field} {cell.text} [{', '.join(cell.citekeys)}]" for cell in cells
    )
    raise AssumptionError(
        f"{row.assumption_id} contradicts a printed value: it assumes {row.field} {row.value},"
        f" printed is {shown}"
    )


def _refuse_both(row: Assumption, other: str, value: str) -> None:
    raise AssumptionError(
        f"{row.assumption_id} contradicts {other}: it assumes {row.field} {row.value},"
        f" {other} assumes {value}; accept one of them"
    )


def _assume_size(
    board: Board, row: Assumption, n: int, home: tuple[Place, str], reached: list[Cell]
) -> None:
    place, root = home
    for printed in printed_sizes(board, place, root):
        own = printed.key.outcome_id in {"", *(cell.key.outcome_id for cell in reached)}
        if own and printed.value != n:
            _refuse(row, [printed])
    for cell in reached:
        if cell.key.field == "n" and cell.candidates and n not in cell.candidates:
            _refuse(row, [cell])
        if cell.key.field == "events" and settled(cell) and (cell.value or 0) > n:
            _refuse(row, [cell])
    bound = size_of_arm(board, place)
    if bound.most is not None and n > bound.most:
        _refuse(row, bound.cells)
    known = board.sizes.get(home)
    if known is not None and known.rule == "assumed" and known.single != n:
        _refuse_both(row, known.assumptions[0], str(known.single))
    if known is not None and known.single == n and not known.assumptions:
        return
    if known is not None and known.single not in (None, n) and known.status == "derived":
        text = (
            f"{row.assumption_id} sets n = {n} where {known.reason}; "
            "the assumption beats the derivation"
        )
        board.note("assumption-overrides", text, reached)
    board.sizes[home] = Sizes((n,), "assumed", "assumed", row.statement, (), (row.assumption_id,))


def assume_values(board: Board) -> None:
    """Add cells for the other values that accepted assumptions give.

    Parameters
    ----------
    board : Board
        The derivation.

    Raises
    ------
    AssumptionError
        If the printed cell says otherwise.
    """
    for row in board.accepted:
        if row.field in ("n", "percent_unclear") or not row.value:
            continue
        arms = (row.arm_id,) if row.arm_id else board.arms(row.study_id) or ("",)
        for arm in arms:
            for place, outcome in _homes(board, row, arm):
                _assume_value(board, row, place, outcome)


def _homes(board: Board, row: Assumption, arm: str) -> list[tuple[Place, str]]:
    """Where an assumed value belongs: the moments at which its family was reported in the arm.

    Without an outcome it is a number of every outcome reported there, or of the arm as a whole if
    it is one that an arm has once.
    """
    keys = [
        key
        for key in board.of(row.study_id, arm)
        if not key.subgroup and row.months in (None, key.months)
    ]
    if row.outcome_id:
        root = board.family[row.outcome_id]
        found = [(Place.of(key), row.outcome_id) for key in keys if _family(board, key) == root]
    elif row.field in WHOLE_FIELDS:
        found = [(Place.of(key), "") for key in keys if not key.outcome_id]
    else:
        found = [(Place.of(key), key.outcome_id) for key in keys if key.outcome_id]
    blank = Place(row.study_id, arm, "", row.months, "", "", "")
    return list(dict.fromkeys(found)) or [(blank, row.outcome_id)]


def _family(board: Board, key: CellKey) -> str:
    return board.family[key.outcome_id]


def _assume_value(board: Board, row: Assumption, place: Place, outcome: str) -> None:
    key = place.key(outcome, row.field)
    read = read_printed(row.value, row.field)
    value = None if read is None else float(read.value)
    printed = board.cells.get(key)
    if printed is not None and printed.value is not None:
        if printed.value != value and printed.rule == "assumed":
            _refuse_both(row, printed.assumptions[0], printed.text)
        elif printed.value != value:
            _refuse(row, [printed])
        return
    if printed is not None and printed.candidates and value not in printed.candidates:
        _refuse(row, [printed])
    if row.field == "events" and value is not None:
        _hold_against(board, row, int(value), (place, outcome))
    board.replace(
        Cell(
            key,
            value,
            row.value,
            (),
            "assumed",
            "assumed",
            row.statement,
            (),
            (row.assumption_id,),
            (),
        )
    )


def _hold_against(board: Board, row: Assumption, events: int, home: tuple[Place, str]) -> None:
    """Refuse assumed events that are more than a printed n or do not fit a printed percentage."""
    n, percent = board.at(*home, "n"), board.at(*home, "percent")
    if not settled(n) or not n.value:
        return
    if events > n.value:
        _refuse(row, [n])
    share = printed_of(percent) if percent is not None and not percent.assumptions else None
    if share is not None and not fits(events, int(n.value), share, truncated=True):
        _refuse(row, [cell for cell in (percent, n) if cell is not None])
