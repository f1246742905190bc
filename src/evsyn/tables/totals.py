"""Given the total: the one split of a parallel study's participants that fits every percentage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evsyn.tables.board import Board, Place, Sizes
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell
from evsyn.tables.sizes import Constraint, constraints, solve

__all__ = ["split_totals"]

MOST_SPLITS = 50


def _total(board: Board, study: str, subgroup: str) -> Cell | None:
    """Participants of the whole study: randomised, else enrolled; None where fewer completed."""
    found = {
        key.field: cell
        for key, cell in board.cells.items()
        if key[:3] == (study, "", "") and key.subgroup == subgroup and cell.value is not None
    }
    total = found.get("n_randomised") or found.get("n_enrolled")
    completed = found.get("n_completed")
    if total is None or total.value is None:
        return None
    if completed is not None and (completed.value or 0) < total.value:
        return None
    return total


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
        total = _total(board, moment.study_id, moment.subgroup)
        if total is None:
            continue
        parts = {arm: _parts(board, moment._replace(arm_id=arm), arms[arm]) for arm in names}
        splits, truncated = _splits(parts, int(total.value or 0))
        if splits:
            _fill(board, moment, arms, _Split(parts, splits, total, truncated))


def _parts(board: Board, place: Place, families: dict[str, list[Cell]]) -> list[Constraint]:
    """Every constraint of an arm at a moment, assumed n included."""
    parts = [part for cells in families.values() for part in constraints(board, place, cells)]
    for root in families:
        known = board.sizes.get((place, root))
        if known is not None and known.status == "assumed" and known.single is not None:
            value = frozenset(known.values)
            cell = Cell(
                place.key(root, "n"),
                float(known.values[0]),
                str(known.values[0]),
                (),
                "assumed",
                known.rule,
                known.reason,
                known.extractions,
                known.assumptions,
                (),
            )
            text = f"n = {known.values[0]} assumed"
            parts.append(Constraint((cell,), value, value, hard=True, text=text))
    return list(dict.fromkeys(parts))


def _splits(parts: dict[str, list[Constraint]], total: int) -> tuple[list[tuple[int, ...]], bool]:
    """Every split of the total that fits each arm: as rounded, else as rounded or truncated."""
    for truncated in (False, True):
        sets = []
        for part in parts.values():
            values = frozenset(range(1, total))
            for one in part:
                admitted = one.truncated if truncated else one.rounded
                values = values if admitted is None else values & admitted
            sets.append(sorted(values))
        found = list(_sums(sets, total))
        if found:
            return found, truncated
    return [], False


def _sums(sets: list[list[int]], total: int) -> Iterator[tuple[int, ...]]:
    if len(sets) == 1:
        if total in sets[0]:
            yield (total,)
        return
    for value in sets[0]:
        for rest in _sums(sets[1:], total - value) if value < total else ():
            yield (value, *rest)


@dataclass(frozen=True, slots=True)
class _Split:
    """What the printed values of a moment leave of a study's total."""

    parts: dict[str, list[Constraint]]
    splits: list[tuple[int, ...]]
    total: Cell
    truncated: bool


def _fill(
    board: Board, moment: Place, arms: dict[str, dict[str, list[Cell]]], found: _Split
) -> None:
    parts, splits, total, truncated = found.parts, found.splits, found.total, found.truncated
    cells = [total, *(cell for part in parts.values() for one in part for cell in one.cells)]
    status = weakest(["derived", *(cell.status for cell in cells)])
    listed = "; ".join(" + ".join(map(str, split)) for split in splits[:6])
    more = f" and {len(splits) - 6} more" if len(splits) > 6 else ""
    only = "only" if len(splits) == 1 else f"{len(splits)} splits fit:"
    reason = f"{total.text} in {len(parts)} arms: {only} {listed}{more}"
    reason += " fits all percentages" if len(splits) == 1 else ""
    reason += " (as rounded or truncated)" if truncated else ""
    for position, arm in enumerate(parts):
        place = moment._replace(arm_id=arm)
        values = tuple(sorted({split[position] for split in splits}))
        for root in arms[arm]:
            known = board.sizes.get((place, root))
            if known is not None and len(known.values) <= len(values):
                continue
            board.sizes[place, root] = Sizes(
                values,
                status if len(values) == 1 else "ambiguous",
                "given-the-total, truncated" if truncated else "given-the-total",
                reason,
                tuple(dict.fromkeys(name for cell in cells for name in cell.extractions)),
                tuple(dict.fromkeys(name for cell in cells for name in cell.assumptions)),
            )
    if truncated and len(splits) == 1:
        _note_truncated(board, parts, splits[0])


def _note_truncated(
    board: Board, parts: dict[str, list[Constraint]], split: tuple[int, ...]
) -> None:
    for n, part in zip(split, parts.values(), strict=True):
        for one in part:
            if one.rounded is not None and n not in one.rounded and not solve([one]).dropped:
                text = f"{one.text} fits n = {n} only as truncated, not rounded"
                board.note("truncated", text, one.cells, severity="note", verdict="truncated")
