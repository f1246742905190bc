"""Empty cells: which tables are corrected, which are left out, and by whose rule.

A table is one study's counts: the four cells of two arms or of pairs, events and non-events of one
arm, the events of one or two arms where there is person-time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from evsyn.errors import StatsError
from evsyn.literals import ZeroCells, choices
from evsyn.stats._arrays import BoolArray, FloatArray, chosen, float_array

__all__ = ["Correction", "Mask", "ZeroRule", "correction", "zero_rule"]

Mask: TypeAlias = Callable[[FloatArray], BoolArray]
_ALLOWED = choices(ZeroCells)


@dataclass(frozen=True, slots=True)
class ZeroRule:
    """How tables with empty cells are treated.

    Attributes
    ----------
    add : float
        Amount added to each cell of a corrected table.
    to : str
        ``only0``, ``all``, ``if0all`` or ``none``.
    drop00 : bool
        Whether tables that say nothing on a contrast of two arms are left out.
    """

    add: float
    to: str
    drop00: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """What is done to tables.

    Attributes
    ----------
    amount : ndarray of float or None
        Added to each cell, by table; None where no table is corrected.
    corrected : ndarray of bool
        Tables that are added to.
    dropped : ndarray of bool or None
        Tables left out; None where none is.
    empty : bool
        Whether any table has an empty cell.
    """

    amount: FloatArray | None
    corrected: BoolArray
    dropped: BoolArray | None
    empty: bool


def zero_rule(add: float, to: str, drop00: bool) -> ZeroRule:
    """Options as a rule.

    Parameters
    ----------
    add : float
        Amount to add, 0 or more.
    to : str
        One of the values of `evsyn.literals.ZeroCells`.
    drop00 : bool
        Whether to leave out tables that say nothing on a contrast.

    Raises
    ------
    StatsError
        If ``to`` is unknown, or ``add`` is no finite number of 0 or more.

    Examples
    --------
    >>> zero_rule(0.5, "only0", False)
    ZeroRule(add=0.5, to='only0', drop00=False)
    """
    if to not in _ALLOWED:
        chosen("to", to, _ALLOWED)
    amount = float_array("add", add, may_be_empty=True)
    if amount.ndim or not 0 <= amount < np.inf:
        raise StatsError(f"add={add!r} is not allowed; give 0 or a positive amount such as 0.5")
    return ZeroRule(float(amount), to, bool(drop00))


def correction(cells: FloatArray, rule: ZeroRule, nothing: Mask | None) -> Correction:
    """What the rule does to tables.

    Parameters
    ----------
    cells : ndarray of float, shape (cells, ...)
        Counts; ``nan`` is a missing one, which is no empty cell.
    rule : ZeroRule
        Which tables, and how much.
    nothing : callable, optional
        Mask of the tables, from their cells, that ``drop00`` leaves out.

    Returns
    -------
    Correction
        What to add to which.

    Notes
    -----
    ``if0all`` asks each column of a batch (k, n) for itself: tables on the first axis are one
    meta-analysis. Tables that ``drop00`` leaves out are not asked.

    Examples
    --------
    >>> correction(np.array([[3.0, 0.0], [7.0, 9.0]]), ZeroRule(0.5, "only0", False), None).amount
    array([0. , 0.5])
    """
    empty = (cells == 0).any(axis=0)
    found = bool(empty.any())
    dropped = nothing(cells) if found and rule.drop00 and nothing is not None else None
    if rule.add == 0 or rule.to == "none" or not (found or rule.to == "all"):
        return Correction(None, np.zeros(empty.shape, dtype=np.bool_), dropped, found)
    which = _which(empty if dropped is None else empty & ~dropped, rule.to)
    return Correction(np.where(which, rule.add, 0.0), which, dropped, found)


def _which(empty: BoolArray, to: str) -> BoolArray:
    """Tables to correct."""
    if to == "all":
        return np.ones(empty.shape, dtype=np.bool_)
    if to == "if0all" and empty.ndim:
        return np.broadcast_to(empty.any(axis=0), empty.shape)
    return empty
