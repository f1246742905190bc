"""United outcomes: *marked or excellent* from its parts, and what the other categories leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evsyn.tables.board import Board, Place
from evsyn.tables.cells import weakest
from evsyn.tables.events import size_cell
from evsyn.tables.evidence import Cell
from evsyn.tables.ledger import Outcome

__all__ = ["united_cells"]


@dataclass(frozen=True, slots=True)
class _Span:
    """Smallest and largest count of a category, and the cell that says so."""

    low: int
    high: int
    cell: Cell


def united_cells(board: Board) -> None:
    """Add the events of united outcomes, and the empty categories of a scale that adds up.

    Parameters
    ----------
    board : Board
        The derivation. The sum of the parts where every part is there; where the categories of
        the whole scale add up to n the rest are 0; else the span from the sum of the printed
        parts to n less the other printed categories. A united outcome that is printed itself
        beats its sum, with a finding.
    """
    for place, families in list(board.places("events")):
        for root in families:
            _empty_categories(board, place, root)
    for outcome in board.ledger.outcomes:
        if outcome.parts and outcome.kind != "ordinal":
            for place in _places_of(board, outcome):
                _unite(board, place, outcome)


def _places_of(board: Board, outcome: Outcome) -> list[Place]:
    """Places of studies that print a part, where a category of the same scale was counted."""
    studies = {
        key.study_id
        for key in board.cells
        if key.field == "events" and key.outcome_id in outcome.parts
    }
    root = board.family[outcome.outcome_id]
    return [
        place
        for place, families in board.places("events")
        if place.study_id in studies and root in families
    ]


def _span(board: Board, place: Place, outcome: str) -> _Span | None:
    cell = board.at(place, outcome, "events")
    if cell is None:
        return None
    values = [cell.value] if cell.value is not None else list(cell.candidates)
    if not values:
        return None
    return _Span(int(min(values)), int(max(values)), cell)


def _size(board: Board, place: Place, root: str, outcomes: Iterable[str]) -> Cell | None:
    """The n of a family at a place, as a cell of one of its outcomes."""
    for outcome in outcomes:
        cell = board.at(place, outcome, "n")
        if cell is not None and cell.value is not None:
            return cell
    sizes = board.sizes.get((place, root))
    return None if sizes is None or sizes.single is None else size_cell(board, place, root, sizes)


def _empty_categories(board: Board, place: Place, root: str) -> None:
    """Categories that another arm prints are 0 where the printed ones of this arm make up n."""
    for scale in dict.fromkeys(board.scale.values()):
        if board.family[scale[0]] != root:
            continue
        spans = {name: _span(board, place, name) for name in scale}
        counted = {name: span for name, span in spans.items() if span is not None}
        n = _size(board, place, root, counted)
        if n is None or any(span.low != span.high for span in counted.values()):
            continue
        if sum(span.low for span in counted.values()) != n.value:
            continue
        for name in scale:
            elsewhere = any(
                key.study_id == place.study_id and key.outcome_id == name for key in board.cells
            )
            if name not in counted and elsewhere:
                listed = " + ".join(str(span.low) for span in counted.values())
                reason = (
                    f"the printed categories add up to n ({listed} = {n.value:g}), so this is 0"
                )
                used = [n, *(span.cell for span in counted.values())]
                board.put([_cell(place, name, (0, 0), reason, used), _n_cell(place, name, n)])


def _unite(board: Board, place: Place, outcome: Outcome) -> None:
    root = board.family[outcome.outcome_id]
    spans = [_span(board, place, part) for part in outcome.parts]
    known = [span for span in spans if span is not None]
    scale = next((board.scale[part] for part in outcome.parts if part in board.scale), ())
    others = [
        span
        for name in scale
        if name not in outcome.parts and (span := _span(board, place, name)) is not None
    ]
    names = [span.cell.key.outcome_id for span in (*known, *others)]
    n = _size(board, place, root, names)
    low = sum(span.low for span in known)
    if len(known) == len(spans):
        high = sum(span.high for span in known)
    elif n is None or not (known or others):
        return
    else:
        high = int(n.value or 0) - sum(span.low for span in others)
    if high < low:
        cells = [span.cell for span in (*known, *others)]
        text = f"{outcome.name}: the categories exceed n = {n.value if n else 0:g}"
        board.note("categories-exceed-n", text, cells, verdict="impossible")
        return
    used = [span.cell for span in (*known, *(others if len(known) < len(spans) else ()))]
    used += [n] if n is not None and len(known) < len(spans) else []
    printed = board.at(place, outcome.outcome_id, "events")
    if printed is not None:
        if printed.value is not None and not low <= printed.value <= high:
            text = f"{outcome.name}: printed {printed.text}, its parts make {low}" + (
                f" to {high}" if high > low else ""
            )
            board.note("united-differs", text, (printed, *used), verdict="conflicting")
        return
    reason = _reason(known, others, spans, n, (low, high))
    board.put([_cell(place, outcome.outcome_id, (low, high), reason, used)])
    if n is not None:
        board.put([_n_cell(place, outcome.outcome_id, n)])


def _reason(
    known: list[_Span],
    others: list[_Span],
    spans: list[_Span | None],
    n: Cell | None,
    ends: tuple[int, int],
) -> str:
    low, high = ends
    shown = " + ".join(str(s.low) if s.low == s.high else f"{s.low}–{s.high}" for s in known) or "0"
    if len(known) == len(spans):
        total = str(low) if low == high else f"{low} to {high}"
        return f"the sum of its parts: {shown} = {total}"
    total = f"{n.value:g}" if n is not None and n.value is not None else "n"
    rest = " + ".join(str(span.low) for span in others) or "0"
    if low == high:
        return f"the other categories ({rest}) of {total} leave {high}"
    return (
        f"{len(spans) - len(known)} of its {len(spans)} parts is not printed: at least {shown}, "
        f"at most {total} less the other printed categories ({rest}) = {high}"
    )


def _cell(place: Place, outcome: str, ends: tuple[int, int], reason: str, used: list[Cell]) -> Cell:
    low, high = ends
    status = weakest(["derived", *(cell.status for cell in used)])
    return Cell(
        place.key(outcome, "events"),
        float(low) if low == high else None,
        str(low) if low == high else "",
        () if low == high else tuple(float(x) for x in range(low, high + 1)),
        status if low == high else "ambiguous",
        "united",
        reason,
        tuple(dict.fromkeys(name for cell in used for name in cell.extractions)),
        tuple(dict.fromkeys(name for cell in used for name in cell.assumptions)),
        tuple(dict.fromkeys(name for cell in used for name in cell.citekeys)),
    )


def _n_cell(place: Place, outcome: str, n: Cell) -> Cell:
    return Cell(
        place.key(outcome, "n"),
        n.value,
        n.text,
        n.candidates,
        weakest(["derived", n.status]),
        n.rule or "same-denominator",
        n.reason or f"n = {n.text}, printed for a category of the same scale",
        n.extractions,
        n.assumptions,
        n.citekeys,
    )
