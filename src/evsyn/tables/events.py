"""Counts: n cells from what remains possible, events from a percentage and its n."""

from __future__ import annotations

from evsyn.tables.board import Board, Place, Sizes, printed_of
from evsyn.tables.cells import weakest
from evsyn.tables.counts import fits, possible_counts
from evsyn.tables.evidence import Cell
from evsyn.tables.sizes import COUNTED, MEASURED

__all__ = ["count_cells", "event_cells", "size_cell"]


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
        The derivation; ``participants_with_event`` counts as events.
    """
    names = (*COUNTED, *MEASURED, "percent_unclear", "participants_with_event")
    for place, families in list(board.places(*names)):
        for root, cells in families.items():
            sizes = board.sizes.get((place, root))
            for outcome in dict.fromkeys(cell.key.outcome_id for cell in cells):
                if sizes is not None:
                    board.put([size_cell(board, place, outcome, sizes)])
    for key, cell in list(board.cells.items()):
        if key.field == "participants_with_event":
            board.put([_as_events(cell)])


def _as_events(cell: Cell) -> Cell:
    return Cell(
        cell.key._replace(field="events"),
        cell.value,
        cell.text,
        cell.candidates,
        cell.status,
        cell.rule,
        cell.reason,
        cell.extractions,
        cell.assumptions,
        cell.citekeys,
    )


def event_cells(board: Board) -> None:
    """Add events where a percentage and its n are there; hold printed counts against percentages.

    Parameters
    ----------
    board : Board
        The derivation. One integer fits: derived; several: ambiguous; none: a finding. A printed
        count beats a percentage that contradicts it, with a finding.
    """
    for place, families in list(board.places("percent")):
        for cells in families.values():
            for cell in cells:
                _events_of(board, place, cell)


def _events_of(board: Board, place: Place, cell: Cell) -> None:
    outcome = cell.key.outcome_id
    n, events = board.at(place, outcome, "n"), board.at(place, outcome, "events")
    printed = printed_of(cell)
    if printed is None or n is None:
        return
    totals = [int(n.value)] if n.value is not None else [int(value) for value in n.candidates]
    if events is not None:
        if events.value is not None and n.value is not None and totals[0] > 0:
            count = int(events.value)
            if count <= totals[0] and not fits(count, totals[0], printed, truncated=True):
                share = f"{100 * count / totals[0]:.4g}"
                text = (
                    f"{count} of {totals[0]} is {share}%, printed is {cell.text}%; the count holds"
                )
                board.note(
                    "count-beats-percent",
                    text,
                    (cell, events),
                    verdict="impossible",
                    expected=f"{share}%",
                    found=f"{cell.text}%",
                )
        return
    truncated = False
    pairs = [(x, total) for total in totals for x in possible_counts(printed, total)]
    if not pairs:
        truncated = True
        pairs = [
            (x, total) for total in totals for x in possible_counts(printed, total, truncated=True)
        ]
    if not pairs:
        text = f"{cell.text}% of {n.text or 'the possible n'} fits no count"
        board.note("fits-no-count", text, (cell,), verdict="impossible", found=f"{cell.text}%")
        return
    board.put([_derived(place, cell, n, pairs, truncated=truncated)])
    counts = sorted({x for x, _ in pairs})
    if len(counts) > 1:
        listed = " or ".join(f"{x} of {total}" for x, total in pairs[:6])
        board.note(
            "ambiguous",
            f"{cell.text}% ({outcome}) may be {listed}",
            (cell,),
            severity="note",
            verdict="ambiguous",
        )
    elif truncated:
        x, total = pairs[0]
        text = f"{cell.text}% is {x} of {total} truncated, not rounded"
        board.note("truncated", text, (cell,), severity="note", verdict="truncated")


def _derived(
    place: Place, cell: Cell, n: Cell, pairs: list[tuple[int, int]], *, truncated: bool
) -> Cell:
    counts = sorted({x for x, _ in pairs})
    single = counts[0] if len(counts) == 1 else None
    how = " (truncated, not rounded)" if truncated else ""
    if single is not None:
        reason = f"{cell.text}% of {pairs[0][1]} is {single}, the only count that fits{how}"
    else:
        listed = " or ".join(f"{x} of {total}" for x, total in pairs[:6])
        reason = f"{cell.text}% may be {listed}{how}"
    status = weakest(["derived", cell.status, n.status])
    return Cell(
        place.key(cell.key.outcome_id, "events"),
        None if single is None else float(single),
        "" if single is None else str(single),
        () if single is not None else tuple(float(x) for x in counts),
        status if single is not None else "ambiguous",
        "percent-and-n, truncated" if truncated else "percent-and-n",
        reason,
        tuple(dict.fromkeys((*cell.extractions, *n.extractions))),
        tuple(dict.fromkeys((*cell.assumptions, *n.assumptions))),
        tuple(dict.fromkeys((*cell.citekeys, *n.citekeys))),
    )
