"""What several printed values leave of the possible totals, and which of them cannot be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from evsyn.tables.evidence import Cell

__all__ = ["Constraint", "Solution", "meet", "solve"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One printed value and the n it admits, rounded or (also) truncated.

    ``None`` stands for every n. A hard one is a printed or assumed n; the others may be dropped.
    ``lean`` is the same without the size of the arm, where a count bounds the n by itself.
    """

    cells: tuple[Cell, ...]
    rounded: frozenset[int] | None
    truncated: frozenset[int] | None
    hard: bool
    text: str
    lean: Constraint | None = None

    def admitted(self, *, truncated: bool) -> frozenset[int] | None:
        """Every n admitted under a reading; None where every n is."""
        return self.truncated if truncated else self.rounded

    @property
    def assumed(self) -> bool:
        """Whether it rests on an assumption."""
        return any(cell.assumptions for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Solution:
    """What constraints leave together.

    Attributes
    ----------
    values : frozenset of int or None
        The n left; None where nothing bounds it, empty where the printed n contradict each other.
    mode : str
        ``rounded`` or ``truncated``: how percentages had to be read.
    used, dropped : tuple of Constraint
        Those that took part, and those that fit none of the values.
    disputed : tuple of Constraint
        Of those used, the ones that fit some of the values only: nothing says which is wrong.
    """

    values: frozenset[int] | None
    mode: str
    used: tuple[Constraint, ...]
    dropped: tuple[Constraint, ...] = ()
    disputed: tuple[Constraint, ...] = ()


def meet(parts: Iterable[Constraint], *, truncated: bool) -> frozenset[int] | None:
    """Intersect what constraints admit; None where every n is left."""
    values: frozenset[int] | None = None
    for part in parts:
        one = part.admitted(truncated=truncated)
        if one is not None:
            values = one if values is None else values & one
    return values


def solve(parts: Iterable[Constraint]) -> Solution:
    """Intersect constraints: all rounded, then all rounded or truncated, then without the misfits.

    Parameters
    ----------
    parts : iterable of Constraint
        Printed n and percentages.

    Returns
    -------
    Solution
        The fewest possible are dropped; printed n never. Where several choices drop as few, what
        any of them leaves is left, and the constraints between which they choose are disputed.
    """
    parts = tuple(parts)
    base = meet((part for part in parts if part.hard), truncated=False)
    if base is not None and not base:
        return Solution(base, _mode(False), parts)
    choices = [_fewest(parts, base, truncated=truncated) for truncated in (False, True)]
    return min(choices, key=lambda choice: choice[0])[1]


def _mode(truncated: bool) -> str:
    return "truncated" if truncated else "rounded"


def _fewest(
    parts: tuple[Constraint, ...], base: frozenset[int] | None, *, truncated: bool
) -> tuple[int, Solution]:
    """How many constraints must be dropped at least, and what is left then."""
    sets = {part: part.admitted(truncated=truncated) for part in parts if not part.hard}
    finite = {part: values for part, values in sets.items() if values is not None}
    votes = Counter(
        n for values in finite.values() for n in (values if base is None else values & base)
    )
    most = max(votes.values(), default=0)
    left = base if not most else frozenset(n for n, count in votes.items() if count == most)
    dropped = tuple(part for part, values in finite.items() if left is None or not left & values)
    disputed = tuple(
        part
        for part, values in finite.items()
        if left is not None and left & values and not left <= values
    )
    used = tuple(part for part in parts if part not in dropped)
    return len(finite) - most, Solution(left, _mode(truncated), used, dropped, disputed)
