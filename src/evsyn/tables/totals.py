"""Given the total: the one split of a parallel study's participants that fits every percentage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from evsyn.tables.board import Board, Place, Sizes, settled
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell, sources_of
from evsyn.tables.sizes import SIZE_FIELDS, TRUNCATED, constraints
from evsyn.tables.solve import Constraint, meet

__all__ = ["split_totals"]

MOST_LISTED = 6

Counts = npt.NDArray[np.float64]


def _total(board: Board, moment: Place) -> Cell | None:
    """Participants of the whole study: randomised, else enrolled; None where fewer completed."""
    found: dict[str, list[Cell]] = {}
    for arm in ("", *board.arms(moment.study_id)):
        for key, cell in board.of(moment.study_id, arm).items():
            if not key.outcome_id and key.subgroup == moment.subgroup:
                found.setdefault(f"{key.field} {arm}".strip(), []).append(cell)
    for name in reversed(SIZE_FIELDS):
        cells = found.get(name, [])
        if cells:
            break
    else:
        return None
    if len(cells) > 1 or not settled(cells[0]):
        return None
    completed = found.get("n_completed", [])
    if not completed:
        by_arm = [found.get(f"n_completed {arm}", []) for arm in board.arms(moment.study_id)]
        if all(by_arm):
            least = sum(_least(arm) for arm in by_arm)
            return cells[0] if least >= (cells[0].value or 0) else None
        return None if moment.analysis_set == "completers" else cells[0]
    return cells[0] if _least(completed) >= (cells[0].value or 0) else None


def _least(cells: list[Cell]) -> float:
    """Smallest number that some cells leave possible."""
    return min(v for cell in cells for v in (cell.value, *cell.candidates, 1e9) if v is not None)


def _moments(board: Board) -> dict[Place, dict[str, dict[str, list[Cell]]]]:
    """Percentages by moment (a place without its arm), arm and family."""
    found: dict[Place, dict[str, dict[str, list[Cell]]]] = {}
    for place, families in board.places("percent"):
        arms = found.setdefault(place._replace(arm_id=""), {})
        arms.setdefault(place.arm_id, {}).update(families)
    return found


def split_totals(board: Board) -> None:
    """Fill ``board.sizes`` by rule 2 where a family's n is not settled yet.

    Parameters
    ----------
    board : Board
        The derivation. Only parallel studies of two arms or more with a percentage in each arm
        at the same moment are touched, and only where the whole study's total is printed.
    """
    for moment, arms in _moments(board).items():
        names = board.arms(moment.study_id)
        if board.design(moment.study_id) != "parallel" or len(names) < 2 or set(arms) != set(names):
            continue
        total = _total(board, moment)
        if total is None:
            continue
        parts = {arm: _parts(board, moment._replace(arm_id=arm), arms[arm]) for arm in names}
        free = {arm: [part for part in parts[arm] if not part.assumed] for arm in names}
        split = _split(parts, total)
        each = all(any(not part.hard for part in free[arm]) for arm in names)
        if free != parts and each and not total.assumptions:
            unassumed = _split(free, total)
            if unassumed is not None and unassumed.count == 1:
                split = unassumed  # what follows without an assumption stays derived
        if split is not None:
            _fill(board, moment, arms, split)


def _parts(board: Board, place: Place, families: dict[str, list[Cell]]) -> list[Constraint]:
    """Every constraint of an arm at a moment, assumed n included."""
    parts = [
        part for root, cells in families.items() for part in constraints(board, place, root, cells)
    ]
    return list(dict.fromkeys(parts))


@dataclass(frozen=True, slots=True)
class _Split:
    """What the printed values of a moment leave of a study's total.

    ``sizes`` holds every n that remains possible of each arm, ``listed`` the first splits and
    ``count`` how many there are.
    """

    total: Cell
    parts: dict[str, list[Constraint]]
    sizes: dict[str, tuple[int, ...]]
    listed: list[tuple[int, ...]]
    count: int
    truncated: bool


def _split(parts: dict[str, list[Constraint]], total: Cell) -> _Split | None:
    """Every split of the total that fits each arm: as rounded, else as rounded or truncated."""
    whole = int(total.value or 0)
    for truncated in (False, True):
        sets = []
        for part in parts.values():
            values = meet(part, truncated=truncated)
            sets.append(sorted(range(1, whole) if values is None else values))
        ways = _ways(sets, whole)
        if ways[0][whole]:
            sizes = {arm: _possible(sets, at, whole) for at, arm in enumerate(parts)}
            listed = list(islice(_sums(sets, ways, whole), MOST_LISTED))
            return _Split(total, parts, sizes, listed, int(ways[0][whole]), truncated)
    return None


def _ways(sets: list[list[int]], whole: int) -> list[Counts]:
    """In how many ways the arms from each position on make up each number of people."""
    ways: list[Counts] = [np.eye(1, whole + 1)[0]]
    for values in reversed(sets):
        admitted = np.zeros(whole + 1)
        admitted[[value for value in values if value <= whole]] = 1
        ways.insert(0, np.convolve(admitted, ways[0])[: whole + 1])
    return ways


def _possible(sets: list[list[int]], position: int, whole: int) -> tuple[int, ...]:
    """Every size of one arm that the others can make up to the whole."""
    others = _ways([values for at, values in enumerate(sets) if at != position], whole)[0]
    return tuple(value for value in sets[position] if value <= whole and others[whole - value])


def _sums(sets: list[list[int]], ways: list[Counts], left: int) -> Iterator[tuple[int, ...]]:
    """Every split, smallest first arm first."""
    if not sets:
        yield ()
        return
    for value in sets[0]:
        if value <= left and ways[1][left - value]:
            for rest in _sums(sets[1:], ways[1:], left - value):
                yield (value, *rest)


def _fill(
    board: Board, moment: Place, arms: dict[str, dict[str, list[Cell]]], split: _Split
) -> None:
    parts = [one for part in split.parts.values() for one in part if one.rounded is not None]
    cells = [split.total, *(cell for one in parts for cell in one.cells)]
    reason, sources = _reason(split), sources_of(cells)
    for arm, values in split.sizes.items():
        place = moment._replace(arm_id=arm)
        status = weakest(["derived", *(cell.status for cell in cells)])
        for root in arms[arm]:
            known = board.sizes.get((place, root))
            if known is not None and len(known.values) <= len(values):
                continue
            board.sizes[place, root] = Sizes(
                values,
                status if len(values) == 1 else weakest(["ambiguous", status]),
                "given-the-total, truncated" if split.truncated else "given-the-total",
                reason,
                sources.extractions,
                sources.assumptions,
            )
    if split.truncated and split.count == 1:
        _note_truncated(board, split)


def _reason(split: _Split) -> str:
    listed = "; ".join(" + ".join(map(str, one)) for one in split.listed)
    how = " (as rounded or truncated)" if split.truncated else ""
    if split.count == 1:
        whole = f"{split.total.text} in {len(split.parts)} arms"
        return f"{whole}: only {listed} fits all percentages{how}"
    more = f" and {split.count - MOST_LISTED} more" if split.count > MOST_LISTED else ""
    return (
        f"{split.total.text} in {len(split.parts)} arms: {split.count} splits fit:"
        f" {listed}{more}{how}"
    )


def _note_truncated(board: Board, split: _Split) -> None:
    for arm, parts in split.parts.items():
        (n,) = split.sizes[arm]
        for one in parts:
            if one.rounded is not None and n not in one.rounded:
                text = f"{one.text} fits n = {n} only as truncated, not rounded"
                board.note("truncated", text, one.cells, verdict=TRUNCATED)
