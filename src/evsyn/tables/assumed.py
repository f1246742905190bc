"""Values that accepted assumptions give: an n, a count, a number that is not printed."""

from __future__ import annotations

from evsyn.errors import AssumptionError
from evsyn.tables.board import Board, Place, Sizes
from evsyn.tables.cells import concerns
from evsyn.tables.evidence import Cell
from evsyn.tables.ledger import Assumption
from evsyn.tables.printed import read_printed
from evsyn.tables.sizes import COUNTED, MEASURED, size_of_arm

__all__ = ["assume_sizes", "assume_values"]


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
        for place, families in list(board.places(*COUNTED, *MEASURED, "percent_unclear")):
            for root, cells in families.items():
                reached = [cell for cell in cells if concerns(row, cell.key)]
                if reached:
                    _assume_size(board, row, n, (place, root), reached)


def _assume_size(
    board: Board, row: Assumption, n: int, home: tuple[Place, str], reached: list[Cell]
) -> None:
    place = home[0]
    for cell in reached:
        printed = board.at(place, cell.key.outcome_id, "n")
        if printed is not None and printed.value is not None and printed.value != n:
            raise AssumptionError(
                f"{row.assumption_id} contradicts a printed value: it assumes n = {n},"
                f" {', '.join(printed.citekeys)} prints {printed.text}"
            )
    bound = size_of_arm(board, place)
    if bound.most is not None and n > bound.most:
        shown = ", ".join(f"{c.key.field} {c.text} [{', '.join(c.citekeys)}]" for c in bound.cells)
        raise AssumptionError(
            f"{row.assumption_id} contradicts a printed value:"
            f" it assumes n = {n}, printed is {shown}"
        )
    known = board.sizes.get(home)
    if known is not None and known.single == n and not known.assumptions:
        return
    if known is not None and known.single is not None and known.status == "derived":
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
            for place in _places_for(board, row, arm):
                _assume_value(board, row, place)


def _places_for(board: Board, row: Assumption, arm: str) -> list[Place]:
    """Where an assumed value belongs: the moments at which its family was reported in the arm."""
    root = board.family.get(row.outcome_id, "")
    found = [
        Place.of(key)
        for key in board.cells
        if key[:2] == (row.study_id, arm)
        and board.family.get(key.outcome_id, "") == root
        and (row.months is None or key.months == row.months)
    ]
    blank = Place(row.study_id, arm, "", row.months, "", "", "")
    return list(dict.fromkeys(found)) or [blank]


def _assume_value(board: Board, row: Assumption, place: Place) -> None:
    key = place.key(row.outcome_id, row.field)
    read = read_printed(row.value, row.field)
    value = None if read is None else float(read.value)
    printed = board.cells.get(key)
    if printed is not None and printed.value is not None:
        if printed.value != value:
            raise AssumptionError(
                f"{row.assumption_id} contradicts a printed value: it assumes {row.field}"
                f" {row.value}, {', '.join(printed.citekeys)} prints {printed.text}"
            )
        return
    board.cells[key] = Cell(
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
