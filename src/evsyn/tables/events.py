"""Counts: n cells from what remains possible, events from a percentage and its n."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from evsyn.tables.board import Board, Place, Sizes, printed_of, settled, share_of
from evsyn.tables.cells import weakest
from evsyn.tables.counts import fits, possible_counts
from evsyn.tables.evidence import Cell, sources_of
from evsyn.tables.sizes import COUNTED, MEASURED, TRUNCATED

__all__ = ["count_cells", "event_cells", "participants_as_events", "size_cell"]

MOST_LISTED = 6


def size_cell(board: Board, place: Place, outcome: str, sizes: Sizes) -> Cell:
    """Return the cell of an n that was derived, assumed or left ambiguous."""
    single = sizes.single
    citekeys = dict.fromkeys(board.ledger.extraction[name].citekey for name in sizes.extractions)
    return Cell(
        place.key(outcome, "n"),
        None if single is None else float(single),
        "" if single is None else str(single),
        () if single is not None else tuple(float(value) for value in sizes.values),
        sizes.status,
        sizes.rule,
        sizes.reason,
        sizes.extractions,
        sizes.assumptions,
        tuple(citekeys),
    )


def count_cells(board: Board) -> None:
    """Add the n of every outcome that was counted or measured, where none is printed.

    Parameters
    ----------
    board : Board
        The derivation.
    """
    names = (*COUNTED, *MEASURED, "percent_unclear", "n")
    for place, families in board.places(*names):
        for root, cells in families.items():
            sizes = board.sizes.get((place, root))
            for outcome in dict.fromkeys(cell.key.outcome_id for cell in cells):
                if sizes is None:
                    continue
                made, known = size_cell(board, place, outcome, sizes), board.at(place, outcome, "n")
                if known is not None and known.value is None and sizes.rule == "assumed":
                    board.replace(made)  # an assumption settles a conflict
                board.put([made])


def participants_as_events(board: Board) -> None:
    """Count participants with an adverse event as events.

    Parameters
    ----------
    board : Board
        The derivation. Events that are there already stay.
    """
    for key, cell in list(board.cells.items()):
        if key.field == "participants_with_event":
            board.put([replace(cell, key=key._replace(field="events"))])


def event_cells(board: Board) -> None:
    """Add events where a percentage and its n are there; hold printed counts against percentages.

    Parameters
    ----------
    board : Board
        The derivation. One integer fits: derived; several: ambiguous; none: a finding. A printed
        count beats a percentage that contradicts it, with a finding.
    """
    for place, families in board.places("percent"):
        for cells in families.values():
            for cell in cells:
                _events_of(board, place, cell)
    for place, families in board.places("events"):
        for cells in families.values():
            for cell in cells:
                n = board.at(place, cell.key.outcome_id, "n")
                if settled(cell) and settled(n) and (cell.value or 0) > (n.value or 0):
                    text = f"{cell.text} of {n.text}: more events than participants"
                    board.note("events-exceed-n", text, (cell, n), verdict="impossible")


def _events_of(board: Board, place: Place, cell: Cell) -> None:
    outcome = cell.key.outcome_id
    n, events = board.at(place, outcome, "n"), board.at(place, outcome, "events")
    printed = printed_of(cell)
    if printed is None or n is None:
        return
    if events is not None:
        _hold_against(board, cell, events, n)
        return
    totals = [int(x) for x in ([n.value or 0] if settled(n) else n.candidates)]
    if not totals:
        return
    counts: dict[int, tuple[int, ...]] = {}
    for truncated in (False, True):
        counts = {
            total: found
            for total in totals
            if (found := possible_counts(printed, total, truncated=truncated))
        }
        if counts:
            board.put([_derived(place, cell, n, counts, truncated=truncated)])
            _note_reading(board, cell, counts, truncated=truncated)
            return
    text = f"{share_of(cell)} of {n.text or 'the possible n'} fits no count"
    board.note("fits-no-count", text, (cell,), verdict="impossible", found=share_of(cell))


def _hold_against(board: Board, cell: Cell, events: Cell, n: Cell) -> None:
    """Hold a printed count against its percentage."""
    printed = printed_of(cell)
    if printed is None or not settled(events) or not settled(n) or not n.value:
        return
    count, total = int(events.value or 0), int(n.value)
    if count <= total and not fits(count, total, printed, truncated=True):
        share = f"{100 * count / total:.4g}%"
        text = f"{count} of {total} is {share}, printed is {share_of(cell)}; the count holds"
        board.note(
            "count-beats-percent",
            text,
            (cell, events),
            verdict="impossible",
            expected=share,
            found=share_of(cell),
        )


def _listed(counts: dict[int, tuple[int, ...]]) -> str:
    pairs = ((x, total) for total, found in counts.items() for x in found)
    shown = [f"{x} of {total}" for x, total in islice(pairs, MOST_LISTED + 1)]
    return " or ".join(shown[:MOST_LISTED]) + (" …" if len(shown) > MOST_LISTED else "")


def _note_reading(
    board: Board, cell: Cell, counts: dict[int, tuple[int, ...]], *, truncated: bool
) -> None:
    """Findings on a percentage with several counts, or one that must have been truncated."""
    several = {x for found in counts.values() for x in found}
    if len(several) > 1:
        text = f"{share_of(cell)} ({cell.key.outcome_id}) may be {_listed(counts)}"
        board.note("ambiguous", text, (cell,), severity="note", verdict="ambiguous")
    elif truncated:
        text = f"{share_of(cell)} is {_listed(counts)} truncated, not rounded"
        board.note("truncated", text, (cell,), verdict=TRUNCATED)


def _derived(
    place: Place, cell: Cell, n: Cell, counts: dict[int, tuple[int, ...]], *, truncated: bool
) -> Cell:
    """The events of a percentage: one count, or every one that is possible."""
    several = sorted({x for found in counts.values() for x in found})
    how = " (truncated, not rounded)" if truncated else ""
    if len(several) == 1:
        totals = " or ".join(map(str, list(counts)[:MOST_LISTED]))
        totals += " …" if len(counts) > MOST_LISTED else ""
        reason = f"{share_of(cell)} of {totals} is {several[0]}, the only count that fits{how}"
    else:
        reason = f"{share_of(cell)} may be {_listed(counts)}{how}"
    sure = len(several) == 1 and n.status != "conflicting"
    open_n = "derived" if n.status == "ambiguous" else n.status  # any of its values gives the count
    if sure:
        status = weakest(["derived", cell.status, open_n, *(["assumed"] if n.assumptions else [])])
    else:
        status = weakest(["ambiguous", cell.status, n.status])
    return Cell(
        place.key(cell.key.outcome_id, "events"),
        float(several[0]) if sure else None,
        str(several[0]) if sure else "",
        () if sure else tuple(float(x) for x in several),
        status,
        "percent-and-n, truncated" if truncated else "percent-and-n",
        reason,
        *sources_of((cell, n)),
    )
