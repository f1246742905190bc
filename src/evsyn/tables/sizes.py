"""Possible n: every printed value that bounds a denominator, and what they leave together."""

from __future__ import annotations

from dataclasses import dataclass

from evsyn.tables.board import Board, Place, Sizes, printed_of, settled, share_of
from evsyn.tables.cells import weakest
from evsyn.tables.counts import possible_sizes
from evsyn.tables.evidence import Cell, sources_of
from evsyn.tables.solve import Constraint, Solution, solve

__all__ = ["Bound", "assumed_size", "constraints", "possible_n", "printed_sizes", "size_of_arm"]

COUNTED = ("percent", "events")
MEASURED = ("mean", "sd", "se", "median", "mean_diff", "estimate", "spread_unstated")
SIZE_FIELDS = ("n_enrolled", "n_randomised")
NO_N: frozenset[int] = frozenset()
TRUNCATED = "consistent with truncation"
ABOVE = (">", "≥", "about")
MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class Bound:
    """Largest size an arm can have, from its printed size or its study's."""

    most: int | None
    cells: tuple[Cell, ...]


def size_of_arm(board: Board, place: Place) -> Bound:
    """Largest n possible at a place: the smallest printed size of its arm, subgroup or study."""
    bounds = [Bound(None, ())]
    for arm in (place.arm_id, ""):
        for subgroup in dict.fromkeys((place.subgroup, "")):
            found = [
                cell
                for key, cell in board.of(place.study_id, arm).items()
                if key.subgroup == subgroup and not key.outcome_id and key.field in SIZE_FIELDS
                if not cell.text.startswith(ABOVE)
            ]
            values = [v for cell in found for v in (cell.value, *cell.candidates) if v is not None]
            if values:
                bounds.append(Bound(int(max(values)), tuple(found)))
    return min(bounds, key=lambda bound: float("inf") if bound.most is None else bound.most)


def _hard(cell: Cell, text: str) -> Constraint:
    value = frozenset({int(cell.value or 0)})
    return Constraint((cell,), value, value, hard=True, text=text)


def printed_sizes(board: Board, place: Place, root: str) -> list[Cell]:
    """Every n printed for the outcomes of a family, for its arm, and in paired designs the study.

    Parameters
    ----------
    board : Board
        The derivation.
    place : Place
        Where the family was counted.
    root : str
        The family.

    Returns
    -------
    list of Cell
        The nearest printed n of each kind: of the same analysis set before one without, of the
        same time before one without; an arm's n without time only where no other is printed.
    """
    spots = [place, place._replace(analysis_set="")]
    timeless = [spot._replace(months=None, time_printed="", anchor="") for spot in spots]
    outcomes = dict.fromkeys(
        key.outcome_id
        for key in board.of(place.study_id, place.arm_id)
        if key.field == "n" and key.outcome_id and board.family[key.outcome_id] == root
    )
    found = [_nearest(board, [*spots, *timeless], outcome) for outcome in outcomes]
    paired = board.design(place.study_id) == "within-person"
    for near in (spots, timeless):
        if near is spots or not any(found):
            whole = [spot._replace(arm_id="") for spot in near] if paired else []
            found.append(_nearest(board, [*near, *whole], ""))
    return list(dict.fromkeys(cell for cell in found if cell is not None))


def _nearest(board: Board, spots: list[Place], outcome: str) -> Cell | None:
    cells = (board.at(spot, outcome, "n") for spot in spots)
    return next((cell for cell in cells if settled(cell)), None)


def constraints(board: Board, place: Place, root: str, cells: list[Cell]) -> list[Constraint]:
    """Everything that bounds the n of a family of outcomes at a place.

    Parameters
    ----------
    board : Board
        The derivation.
    place : Place
        The arm, subgroup, time, anchor and analysis set.
    root : str
        The family.
    cells : list of Cell
        Percentages, counts and means of the family there.

    Returns
    -------
    list of Constraint
        Printed and assumed n first, then one per percentage.
    """
    found = [_hard(cell, f"n = {cell.text} printed") for cell in printed_sizes(board, place, root)]
    assumed = assumed_size(board, place, root)
    if assumed is not None:
        found.append(_hard(assumed, f"n = {assumed.text} assumed"))
    bound = size_of_arm(board, place)
    shares = (_share(board, place, cell, bound) for cell in cells if cell.key.field == "percent")
    return [*found, *(part for part in shares if part is not None)]


def _share(board: Board, place: Place, cell: Cell, bound: Bound) -> Constraint | None:
    """What a percentage admits, with its count where one is printed."""
    printed = printed_of(cell)
    if printed is None:
        return None
    events = board.at(place, cell.key.outcome_id, "events")
    count = int(events.value or 0) if settled(events) else None
    used = (cell, events) if settled(events) else (cell,)
    free = [possible_sizes(printed, count, None, truncated=mode) for mode in (False, True)]
    sets = [possible_sizes(printed, count, bound.most, truncated=mode) for mode in (False, True)]
    share = share_of(cell)
    text = share if count is None else f"{count} ({share})"
    lean = Constraint(used, free[0], free[1], hard=False, text=text)
    if sets == free:
        return lean
    rounded, truncated = (_informative(one, bound) for one in sets)
    return Constraint(
        (*used, *bound.cells),
        rounded,
        truncated,
        hard=False,
        text=f"{text} of at most {bound.most}",
        lean=None if count is None else lean,
    )


def _informative(values: frozenset[int] | None, bound: Bound) -> frozenset[int] | None:
    """None for a percentage that every total admits (0, 100, all): it bounds nothing."""
    if values is not None and bound.most is not None and len(values) == bound.most:
        return None
    return values


def _groups(board: Board) -> dict[tuple[Place, str], list[tuple[Place, list[Cell]]]]:
    """Places by family; the arms of a paired study are the same people, so they stand together."""
    found: dict[tuple[Place, str], list[tuple[Place, list[Cell]]]] = {}
    for place, families in board.places(*COUNTED, *MEASURED, "percent_unclear", "n"):
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
        parts = {place: constraints(board, place, root, cells) for place, cells in members}
        for places in _together(parts):
            known = dict.fromkeys(part for place in places for part in parts[place])
            if known:
                _settle(board, [(place, root) for place in places], list(known), silent=silent)


def _together(parts: dict[Place, list[Constraint]]) -> list[list[Place]]:
    """Arms that share one n: all of them, unless different n are printed for them."""
    hard = [part for found in parts.values() for part in found if part.hard]
    shared = not hard or bool(frozenset.intersection(*(part.rounded or NO_N for part in hard)))
    return [list(parts)] if shared else [[place] for place in parts]


def _settle(
    board: Board, homes: list[tuple[Place, str]], parts: list[Constraint], *, silent: bool
) -> None:
    solution = solve(parts)
    if not silent:
        _report(board, solution)
    solution = _plainest(parts, solution)
    if not solution.values:
        return
    sizes = _sizes(solution)
    for home in homes:
        known = board.sizes.get(home)
        if known is None or (known.single is None and sizes.single is not None):
            board.sizes[home] = sizes


def _plainest(parts: list[Constraint], solution: Solution) -> Solution:
    """One n by the fewest means: without assumptions or the arm's size if they change nothing."""
    unassumed = [part for part in parts if not part.assumed]
    bare = solve(unassumed)
    for some, values in ((unassumed, bare.values), (parts, solution.values)):
        if values is not None and len(values) == 1:
            lean = solve([part.lean or part for part in some])
            return lean if lean.values == values else bare if some is unassumed else solution
    return solution


def assumed_size(board: Board, place: Place, root: str) -> Cell | None:
    """The n that an accepted assumption gives a family at a place, as a cell."""
    known = board.sizes.get((place, root))
    if known is None or known.rule != "assumed":
        return None
    n = known.values[0]
    return Cell(
        place.key(root, "n"),
        float(n),
        str(n),
        (),
        known.status,
        known.rule,
        known.reason,
        known.extractions,
        known.assumptions,
        (),
    )


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
    sources = sources_of(cells)
    return Sizes(
        values,
        status,
        "possible-n, truncated" if truncated else "possible-n",
        reason,
        sources.extractions,
        sources.assumptions,
    )


def _report(board: Board, solution: Solution) -> None:
    """Findings on percentages that had to be read as truncated or left out."""
    kept = ", ".join(part.text for part in solution.used)
    for part in solution.dropped:
        beside = f" that fits {kept}" if kept else ""
        text = f"{part.text} fits no total{beside}; left out of the derivation of n"
        board.note("fits-no-total", text, part.cells, verdict="impossible", found=part.text)
    if solution.disputed:
        shown = ", ".join(part.text for part in solution.disputed)
        cells = [cell for part in solution.disputed for cell in part.cells]
        text = f"{shown}: no total fits all of these, and nothing says which is wrong"
        board.note("fits-no-total", text, cells, verdict="conflicting", found=shown)
    if solution.mode == "truncated" and solution.values:
        for part in solution.used:
            if part.rounded is not None and not solution.values & part.rounded:
                text = f"{part.text} fits n = {min(solution.values)} only as truncated, not rounded"
                board.note("truncated", text, part.cells, verdict=TRUNCATED)
    if solution.values is not None and not solution.values:
        text = f"{kept}: the printed totals contradict each other"
        cells = [cell for part in solution.used for cell in part.cells]
        board.note("conflict", text, cells, verdict="conflicting")
