"""Effects from paired tables: each person, or each matched pair, with and without the event twice.

Functions take cells, ``(4, ...)``: both, only the experimental, only the comparator, neither. They
give ``yi`` and ``vi``.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.effects._columns import check_counts

__all__ = [
    "conditional_log_odds_ratio",
    "marginal_difference",
    "marginal_log_odds_ratio",
    "marginal_log_ratio",
    "pair_cells",
    "pairs_without_contrast",
    "pairs_without_participants",
]


def pair_cells(rows: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """The four cells, checked.

    Parameters
    ----------
    rows : ndarray of float, shape (4, ...)
        Counts of pairs.
    names : tuple of str
        Their names, for the message.

    Raises
    ------
    StatsError
        If one is no count.
    """
    check_counts(rows, names)
    return rows


def pairs_without_contrast(cells: FloatArray) -> BoolArray:
    """Tables with no events on both sides, or nothing but events."""
    a, b, c, d = cells == 0
    return cast(BoolArray, b & c & (a | d))


def pairs_without_participants(cells: FloatArray) -> BoolArray:
    """Tables of 0 pairs."""
    return cast(BoolArray, (cells == 0).all(axis=0))


def marginal_log_ratio(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MPRR: ``log((a + b)/(a + c))``, variance ``(b + c)/((a + b)(a + c))``."""
    a, b, c, _ = cells
    return np.log((a + b) / (a + c)), (b + c) / ((a + b) * (a + c))


def marginal_log_odds_ratio(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MPOR: log odds ratio of the margins.

    Variance ``N/(m1 o1) + N/(m2 o2) - 2 N (ad - bc)/(m1 o1 m2 o2)``, m events and o non-events.
    """
    a, b, c, d = cells
    m1, o1, m2, o2 = a + b, c + d, a + c, b + d
    first, second = m1 * o1, m2 * o2
    top = first + second - 2 * (a * d - b * c)  # of whole numbers, and so exact
    return np.log((m1 * o2) / (o1 * m2)), (m1 + o1) / first * (top / second)


def marginal_difference(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MPRD: ``(b - c)/N``, variance ``(b + c - (b - c)²/N)/N²``."""
    a, b, c, d = cells
    n = a + b + c + d
    # b + c - (b - c)²/N without the cancellation
    return (b - c) / n, ((b + c) * (a + d) + 4 * b * c) / n**3


def conditional_log_odds_ratio(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MPORC: ``log(b/c)``, variance ``1/b + 1/c``."""
    _, b, c, _ = cells
    return np.log(b / c), 1 / b + 1 / c
