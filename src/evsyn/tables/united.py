"""United outcomes: *marked or excellent* from its parts, and what the other categories leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from evsyn.tables.board import Board, Place, settled
from evsyn.tables.cells import weakest
from evsyn.tables.events import size_cell
from evsyn.tables.evidence import Cell, sources_of
from evsyn.tables.ledger import Outcome

__all__ = ["united_cells"]

MOST_SUMS = 10_000


@dataclass(frozen=True, slots=True)
class _Span:
    """Every count that a category may have, and the cell that says so."""

    counts: tuple[int, ...]
    cell: Cell

    @property
    def low(self) -> int:
        """Smallest count."""
        return min(self.counts)

    @property
    def high(self) -> int:
        """Largest count."""
        return max(self.counts)


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
    for place, families in board.places("events"):
        for root in families:
            _empty_categories(board, place, root)
    counted: dict[str, set[str]] = {}
    for key in board.cells:
        if key.field == "events":
            counted.setdefault(key.study_id, set()).add(key.outcome_id)
    for outcome in _inner_first(board):
        studies = [study for study, names in counted.items() if names & set(outcome.parts)]
        root = board.family[outcome.outcome_id]
        for place, families in board.places("events", studies=studies):
            if root in families:
                _unite(board, place, outcome)
        for study in studies:
            counted[study].add(outcome.outcome_id)


def _inner_first(board: Board) -> list[Outcome]:
    """United outcomes, each after the united ones among its parts, whatever their order."""
    found: dict[str, Outcome] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        outcome = board.ledger.outcome[name]
        for part in outcome.parts:
            if part not in above:
                visit(part, above | {part})
        if outcome.parts and outcome.kind != "ordinal":
            found.setdefault(name, outcome)

    for outcome in board.ledger.outcomes:
        visit(outcome.outcome_id, frozenset({outcome.outcome_id}))
    return list(found.values())


def _span(board: Board, place: Place, outcome: str) -> _Span | None:
    cell = board.at(place, outcome, "events")
    if cell is None:
        return None
    if settled(cell):
        return _Span((int(cell.value or 0),), cell)
    counts = tuple(int(value) for value in cell.candidates)
    return _Span(counts, cell) if counts else None


def _size(board: Board, place: Place, root: str, outcomes: Iterable[str]) -> Cell | None:
    """The n of a family at a place, as a cell of one of its outcomes."""
    for outcome in outcomes:
        cell = board.at(place, outcome, "n")
        if settled(cell):
            return cell
    sizes = board.sizes.get((place, root))
    return None if sizes is None or sizes.single is None else size_cell(board, place, root, sizes)


def _empty_categories(board: Board, place: Place, root: str) -> None:
    """Categories that the study prints elsewhere are 0 where the printed ones here make up n."""
    study = [key for arm in board.arms(place.study_id) for key in board.of(place.study_id, arm)]
    reported = {key.outcome_id for key in study}
    for scale in board.scales.get(root, ()):
        spans = {name: _span(board, place, name) for name in scale}
        counted = {name: span for name, span in spans.items() if span is not None}
        n = _size(board, place, root, counted)
        if n is None or any(span.low != span.high for span in counted.values()):
            continue
        if sum(span.low for span in counted.values()) != n.value:
            continue
        listed = " + ".join(str(span.low) for span in counted.values())
        reason = f"the printed categories add up to n ({listed} = {n.value:g}), so this is 0"
        used = [n, *(span.cell for span in counted.values())]
        for name in scale:
            if name not in counted and name in reported:
                board.put([_cell((place, name), (0,), reason, used), _n_cell(place, name, n)])


def _others(board: Board, place: Place, outcome: Outcome) -> list[_Span]:
    """The other printed categories of the scale that the study used: the one with most of them."""
    found: list[_Span] = []
    inside = _categories(board, outcome)
    for scale in board.scales.get(board.family[outcome.outcome_id], ()):
        if inside <= set(scale):
            names = [name for name in scale if name not in inside]
            spans = [span for name in names if (span := _span(board, place, name)) is not None]
            found = spans if len(spans) > len(found) else found
    return found


def _categories(board: Board, outcome: Outcome) -> set[str]:
    """What an outcome unites, down to the outcomes that unite nothing themselves."""
    found: set[str] = set()
    left = list(outcome.parts)
    seen = {outcome.outcome_id}
    while left:
        name = left.pop()
        parts = [part for part in board.ledger.outcome[name].parts if part not in seen]
        seen.add(name)
        left += parts
        if not parts:
            found.add(name)
    return found


def _unite(board: Board, place: Place, outcome: Outcome) -> None:
    root = board.family[outcome.outcome_id]
    spans = [_span(board, place, part) for part in outcome.parts]
    known = [span for span in spans if span is not None]
    others = _others(board, place, outcome)
    names = [span.cell.key.outcome_id for span in (*known, *others)]
    n = _size(board, place, root, names)
    complete = len(known) == len(spans)
    if not names or (n is None and not complete):
        return
    counts, used = _counts(known, others, n, complete=complete)
    low = sum(span.low for span in (*known, *others))
    if n is not None and low > (n.value or 0):
        listed = " + ".join(str(span.low) for span in (*known, *others))
        text = f"{outcome.name}: the categories exceed n = {n.value:g} ({listed} = {low})"
        cells = [span.cell for span in (*known, *others)]
        board.note("categories-exceed-n", text, cells, verdict="impossible")
    if not counts:
        return
    printed = board.at(place, outcome.outcome_id, "events")
    reason = _reason(known, others, spans, n, (counts[0], counts[-1]))
    cell = _cell((place, outcome.outcome_id), counts, reason, used)
    if printed is None:
        board.put([cell])
    elif settled(printed):
        if printed.value not in counts:
            span = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else str(counts[0])
            text = f"{outcome.name}: printed {printed.text}, its parts make {span}"
            board.note("united-differs", text, (printed, *used), verdict="conflicting")
    elif printed.status == "ambiguous" and cell.value in printed.candidates:
        board.replace(cell)
    sizes = board.sizes.get((place, root))
    if n is not None:
        board.put([_n_cell(place, outcome.outcome_id, n)])
    elif sizes is not None:
        board.put([size_cell(board, place, outcome.outcome_id, sizes)])


def _counts(
    known: list[_Span], others: list[_Span], n: Cell | None, *, complete: bool
) -> tuple[Sequence[int], list[Cell]]:
    """Every count a united outcome may have, and the cells that say so."""
    cells = [span.cell for span in known]
    rest = [span.cell for span in others]
    whole = 0 if n is None else int(n.value or 0)
    low, taken = sum(span.low for span in known), sum(span.low for span in others)
    if not complete:
        most = whole - taken
        return range(low, most + 1), [*cells, *rest, *([n] if n is not None else [])]
    sums = _sums(known)
    if n is None:
        return sums, cells
    if len(sums) == 1:
        return [x for x in sums if x <= whole], cells
    fitting = [x for x in sums if x <= whole - taken]
    return fitting, cells if len(fitting) == len(sums) else [*cells, *rest, n]


def _sums(spans: Sequence[_Span]) -> Sequence[int]:
    """Every sum of one count a category."""
    low, high = sum(span.low for span in spans), sum(span.high for span in spans)
    size = 1
    for span in spans:
        size *= len(span.counts)
    if size > MOST_SUMS:
        return range(low, high + 1)
    return sorted({sum(counts) for counts in product(*(span.counts for span in spans))})


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


def _cell(
    home: tuple[Place, str], counts: Sequence[int], reason: str, used: Sequence[Cell]
) -> Cell:
    place, outcome = home
    single = counts[0] if len(counts) == 1 else None
    statuses = [cell.status for cell in used if single is None or cell.status != "ambiguous"]
    assumed = ["assumed"] if any(cell.assumptions for cell in used) else []
    status = weakest(["derived", *statuses, *assumed])
    return Cell(
        place.key(outcome, "events"),
        None if single is None else float(single),
        "" if single is None else str(single),
        () if single is not None else tuple(float(x) for x in counts),
        status if single is not None else weakest(["ambiguous", status]),
        "united",
        reason,
        *sources_of(used),
    )


def _n_cell(place: Place, outcome: str, n: Cell) -> Cell:
    return replace(
        n,
        key=place.key(outcome, "n"),
        status=weakest(["derived", n.status]),
        rule=n.rule or "same-denominator",
        reason=n.reason or f"n = {n.text}, printed for a category of the same scale",
    )
