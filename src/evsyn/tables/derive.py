"""From the ledger to the tidy table: the rules in their order."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn.tables.assumed import assume_sizes, assume_values
from evsyn.tables.assumptions import select
from evsyn.tables.board import Board
from evsyn.tables.cells import printed_cells, retyped_cells
from evsyn.tables.events import count_cells, event_cells, participants_as_events
from evsyn.tables.evidence import Evidence
from evsyn.tables.ledger import Ledger
from evsyn.tables.sizes import possible_n
from evsyn.tables.spread import spread_cells
from evsyn.tables.totals import split_totals
from evsyn.tables.united import united_cells

__all__ = ["evidence"]


def evidence(ledger: Ledger, accept: str | Iterable[str] = "default") -> Evidence:
    """Turn printed values into the tidy table.

    Parameters
    ----------
    ledger : Ledger
        The checked tables.
    accept : str or iterable of str, default "default"
        Assumptions, as for :func:`evsyn.tables.assumptions.select`.

    Returns
    -------
    Evidence
        Every cell with value, status, rule and sources. Printed beats assumption beats derived;
        what follows without an assumption stays derived.

    Raises
    ------
    AssumptionError
        If the assumptions cannot be chosen, or one contradicts a printed value.
    """
    selection = select(ledger, accept)
    accepted = tuple(ledger.assumption[name] for name in selection.accepted)
    board = Board(ledger, accepted)
    cells, findings = printed_cells(ledger, accepted)
    board.findings += findings
    board.put(cells)
    board.put(retyped_cells(cells, accepted))
    participants_as_events(board)
    assume_values(board)
    participants_as_events(board)
    possible_n(board)
    split_totals(board)
    if accepted:
        assume_sizes(board)
        possible_n(board, silent=True)
        split_totals(board)
    count_cells(board)
    event_cells(board)
    united_cells(board)
    spread_cells(board)
    return Evidence(ledger, selection, tuple(board.cells.values()), tuple(sorted(board.findings)))
