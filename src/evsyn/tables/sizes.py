"""Possible n: every printed value that bounds a denominator, and what they leave together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from evsyn.tables.board import Board, Place, Sizes, printed_of, settled
from evsyn.tables.cells import weakest
from evsyn.tables.counts import possible_sizes
from evsyn.tables.evidence import Cell

__all__ = ["Bound", "Constraint", "constraints", "possible_n", "size_of_arm", "solve"]

COUNTED = ("percent", "events")
MEASURED = ("mean", "sd", "se", "median", "mean_diff", "estimate", "spread_unstated")
MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class Bound:
    """Largest size an arm can have, from its printed size or its study's."""

    most: int | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One printed value and the n it admits, rounded or (also) truncated.

    ``None`` stands for every n. A hard one is a printed or assumed n; the others may be dropped.
    """

    cells: tuple[Cell, ...]
    rounded: frozenset[int] | None
    truncated: frozenset[int] | None
    hard: bool
    text: str


@dataclass(frozen=True, slots=True)
class Solution:
    """What constraints leave together."""

    values: frozenset[int] | None
    mode: str
    used: tuple[Constraint, ...]
    dropped: tuple[Constraint, ...]


def size_of_arm(board: Board, place: Place) -> Bound:
    """Largest n possible at a place: the arm's printed size, else the study's."""
    for arm in (place.arm_id, ""):
        for subgroup in dict.fromkeys((place.subgroup, "")):
            found = [
                cell
                for key, cell in board.cells.items()
                if key[:2] == (place.study_id, arm)
                and key.subgroup == subgroup
                and not key.outcome_id
                and key.field in ("n_enrolled", "n_randomised")
            ]
            values = [v for cell in found for v in (cell.value, *cell.candidates) if v is not None]
            if values:
                return Bound(int(max(values)), tuple(found))
    return Bound(None, ())


def _hard(cell: Cell, text: str) -> Constraint:
    value = frozenset({int(cell.value or 0)})
    return Constraint((cell,), value, value, hard=True, text=text)


def _printed_sizes(board: Board, place: Place, outcomes: Iterable[str]) -> Iterator[Constraint]:
    """Printed n of the outcomes, of the arm, and in paired designs of the whole study."""
    timeless = place._replace(months=None, time_printed="", anchor="")
    spots = [place, place._replace(analysis_set=""), timeless, timeless._replace(analysis_set="")]
    if board.design(place.study_id) == "within-person":
        spots += [spot._replace(arm_id="") for spot in spots]
    seen: set[Cell] = set()
    for outcome in (*outcomes, ""):
        for spot in dict.fromkeys(spots[: 2 if outcome else len(spots)]):
            cell = board.at(spot, outcome, "n")
            if cell is not None and settled(cell) and cell not in seen:
                if outcome and not spot.arm_id:
                    continue
                seen.add(cell)
                yield _hard(cell, f"n = {cell.text} printed")


def constraints(board: Board, place: Place, cells: list[Cell]) -> list[Constraint]:
    """Everything that bounds the n of a family of outcomes at a place.

    Parameters
    ----------
    board : Board
        The derivation.
    place : Place
        The arm, subgroup, time, anchor and analysis set.
    cells : list of Cell
        Percentages, counts and means of the family there.

    Returns
    -------
    list of Constraint
        Printed n first, then one per percentage.
    """
    outcomes = dict.fromkeys(cell.key.outcome_id for cell in cells)
    found = list(_printed_sizes(board, place, outcomes))
    bound = size_of_arm(board, place)
    for cell in cells:
        printed = printed_of(cell) if cell.key.field == "percent" else None
        if printed is None:
            continue
        events = board.at(place, cell.key.outcome_id, "events")
        count = int(events.value) if events is not None and events.value is not None else None
        used = (cell, events) if events is not None and count is not None else (cell,)
        if count is None:
            used = (*used, *bound.cells)
        share = cell.text if printed.exact else f"{cell.text}%"
        most = "" if bound.most is None else f" of at most {bound.most}"
        text = f"{share}{most}" if count is None else f"{count} ({share})"
        found.append(
            Constraint(
                tuple(c for c in used if c is not None),
                _informative(possible_sizes(printed, count, bound.most), bound),
                _informative(possible_sizes(printed, count, bound.most, truncated=True), bound),
                hard=False,
                text=text,
            )
        )
    return found


def _informative(values: frozenset[int] | None, bound: Bound) -> frozenset[int] | None:
    """None for a percentage that every total admits (0, 100, all): it bounds nothing."""
    if values is not None and bound.most is not None and len(values) == bound.most:
        return None
    return values


def _meet(parts: Iterable[Constraint], *, truncated: bool) -> frozenset[int] | None:
    values: frozenset[int] | None = None
    for part in parts:
        one = part.truncated if truncated else part.rounded
        if one is not None:
            values = one if values is None else values & one
    return values


def solve(parts: list[Constraint]) -> Solution:
    """Intersect constraints: all rounded, then all rounded or truncated, then without the misfits.

    Parameters
    ----------
    parts : list of Constraint
        Printed n and percentages.

    Returns
    -------
    Solution
        The n left (None: nothing bounds it), how the percentages were read, and which were dropped.
        The fewest possible are dropped; printed n never.
    """
    for truncated in (False, True):
        values = _meet(parts, truncated=truncated)
        if values is None or values:
            return Solution(values, "truncated" if truncated else "rounded", tuple(parts), ())
    soft = [part for part in parts if not part.hard]
    for number in range(1, len(soft) + 1):
        for truncated in (False, True):
            for dropped in combinations(soft, number):
                kept = [part for part in parts if part not in dropped]
                values = _meet(kept, truncated=truncated)
                if values is None or values:
                    mode = "truncated" if truncated else "rounded"
                    return Solution(values, mode, tuple(kept), dropped)
    return Solution(frozenset(), "rounded", tuple(parts), ())


def _groups(board: Board) -> dict[tuple[Place, str], list[tuple[Place, list[Cell]]]]:
    """Places by family; the arms of a paired study are the same people, so they stand together."""
    found: dict[tuple[Place, str], list[tuple[Place, list[Cell]]]] = {}
    for place, families in board.places(*COUNTED, *MEASURED, "percent_unclear"):
        paired = board.design(place.study_id) == "within-person"
        for root, cells in families.items():
            home = (place._replace(arm_id="") if paired else place, root)
            found.setdefault(home, []).append((place, cells))
    return found


def possible_n(board: Board, *, silent: bool = False) -> None:
    """Fill ``board.sizes`` by rule 1 where it is not settled yet.

    Parameters
    ----------
    board : Board
        The derivation; sizes and findings are added to it.
    silent : bool, default False
        Add no findings (for a second round under assumptions).
    """
    for (_, root), members in _groups(board).items():
        parts: list[Constraint] = []
        for place, cells in members:
            parts += constraints(board, place, cells)
            known = board.sizes.get((place, root))
            if known is not None and known.status == "assumed" and known.single is not None:
                parts.append(_assumed(board, place, root, known))
        parts = list(dict.fromkeys(parts))
        if not parts:
            continue
        solution = solve(parts)
        if not silent:
            _report(board, solution)
        if not solution.values:
            continue
        sizes = _sizes(solution)
        for place, _ in members:
            known = board.sizes.get((place, root))
            if known is None or (known.single is None and sizes.single is not None):
                board.sizes[place, root] = sizes


def _assumed(board: Board, place: Place, root: str, known: Sizes) -> Constraint:
    cell = Cell(
        place.key(root, "n"),
        known.values[0],
        str(known.values[0]),
        (),
        known.status,
        known.rule,
        known.reason,
        known.extractions,
        known.assumptions,
        (),
    )
    return _hard(cell, f"n = {known.values[0]} assumed")


def _sizes(solution: Solution) -> Sizes:
    """What a solution says, with the sources of every constraint that took part."""
    values = tuple(sorted(solution.values or ()))
    parts = [part for part in solution.used if part.rounded is not None]
    cells = [cell for part in parts for cell in part.cells]
    status = weakest(["derived", *(cell.status for cell in cells)])
    texts = ", ".join(dict.fromkeys(part.text for part in parts))
    truncated = solution.mode == "truncated"
    if len(values) == 1:
        how = "as rounded or truncated" if truncated else "as rounded"
        reason = f"{texts}: only n = {values[0]} fits"
        reason += f" ({how})" if truncated else ""
    else:
        listed = ", ".join(map(str, values[:MOST_LISTED]))
        more = f" and {len(values) - MOST_LISTED} more" if len(values) > MOST_LISTED else ""
        reason = f"{texts}: {len(values)} totals fit ({listed}{more})"
        status = "ambiguous"
    return Sizes(
        values,
        status,
        "possible-n, truncated" if truncated else "possible-n",
        reason,
        tuple(dict.fromkeys(name for cell in cells for name in cell.extractions)),
        tuple(dict.fromkeys(name for cell in cells for name in cell.assumptions)),
    )


def _report(board: Board, solution: Solution) -> None:
    """Findings on percentages that had to be read as truncated or left out."""
    kept = ", ".join(part.text for part in solution.used)
    for part in solution.dropped:
        beside = f" that fits {kept}" if kept else ""
        text = f"{part.text} fits no total{beside}; left out of the derivation of n"
        board.note("fits-no-total", text, part.cells, verdict="impossible", found=part.text)
    if solution.mode == "truncated" and solution.values:
        for part in solution.used:
            if part.rounded is not None and not solution.values & part.rounded:
                text = f"{part.text} fits n = {min(solution.values)} only as truncated, not rounded"
                board.note("truncated", text, part.cells, severity="note", verdict="truncated")
    if solution.values == frozenset() and not solution.dropped:
        text = f"{kept}: the printed totals contradict each other"
        cells = [cell for part in solution.used for cell in part.cells]
        board.note("conflict", text, cells, verdict="conflicting")
