"""Effects from counts of events in one arm or two.

Functions take cells, ``(4, ...)``: events and non-events of the experimental arm, then of the
comparator; or ``(2, ...)``: events and non-events. They give ``yi`` and ``vi``.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.effects._columns import check_arms

__all__ = [
    "arcsine_difference",
    "arm_cells",
    "arms_without_contrast",
    "arms_without_participants",
    "double_arcsine",
    "log_odds_ratio",
    "log_proportion",
    "log_risk_ratio",
    "logit_proportion",
    "one_arm_arcsine",
    "peto_log_odds_ratio",
    "proportion",
    "risk_difference",
]


def arm_cells(rows: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Events and non-events, in the place of events and totals.

    Parameters
    ----------
    rows : ndarray of float, shape (2 or 4, ...)
        In pairs, events and total of each arm; overwritten.
    names : tuple of str
        Their names, for the message.

    Raises
    ------
    StatsError
        If events are no counts or exceed their total.

    Examples
    --------
    >>> arm_cells(np.array([[4.0], [123.0]]), ("events", "n"))
    array([[  4.],
           [119.]])
    """
    check_arms(rows, names)
    rows[1::2] -= rows[::2]
    return rows


def arms_without_contrast(cells: FloatArray) -> BoolArray:
    """Tables with no events in both arms, or nothing but events."""
    a, b, c, d = cells == 0
    return cast(BoolArray, (a & c) | (b & d))


def arms_without_participants(cells: FloatArray) -> BoolArray:
    """Tables with an arm of 0."""
    empty = cells == 0
    return cast(BoolArray, (empty[::2] & empty[1::2]).any(axis=0))


def log_risk_ratio(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """RR: ``log((a/n1)/(c/n2))``, variance ``1/a - 1/n1 + 1/c - 1/n2``."""
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    return np.log((a * n2) / (c * n1)), b / (a * n1) + d / (c * n2)


def log_odds_ratio(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """OR: ``log(ad/(bc))``, variance ``1/a + 1/b + 1/c + 1/d``."""
    a, b, c, d = cells
    return np.log((a * d) / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def risk_difference(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """RD: ``a/n1 - c/n2``, variance ``ab/n1³ + cd/n2³``."""
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def arcsine_difference(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """AS: difference of ``arcsin sqrt(p)``, variance ``1/(4 n1) + 1/(4 n2)``."""
    root = np.sqrt(cells)
    angle = np.arctan2(root[::2], root[1::2])
    a, b, c, d = cells
    return angle[0] - angle[1], 0.25 / (a + b) + 0.25 / (c + d)


def peto_log_odds_ratio(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PETO: ``(O - E)/V``, variance ``1/V``, with the hypergeometric E and V."""
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    n = n1 + n2
    v = (n1 / n) * (n2 / n) * (a + c) * (b + d) / (n - 1)
    return (a * d - b * c) / n / v, 1 / v


def proportion(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PR: ``x/n``, variance ``p (1 - p)/n``."""
    x, rest = cells
    n = x + rest
    return x / n, x * rest / n**3


def log_proportion(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PLN: ``log(x/n)``, variance ``1/x - 1/n``."""
    x, rest = cells
    n = x + rest
    return np.log(x / n), rest / (x * n)


def logit_proportion(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PLO: ``log(x/(n - x))``, variance ``1/x + 1/(n - x)``."""
    x, rest = cells
    return np.log(x / rest), 1 / x + 1 / rest


def one_arm_arcsine(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PAS: ``arcsin sqrt(x/n)``, variance ``1/(4 n)``."""
    x, rest = cells
    return np.arctan2(np.sqrt(x), np.sqrt(rest)), 0.25 / (x + rest)


def double_arcsine(cells: FloatArray) -> tuple[FloatArray, FloatArray]:
    """PFT: mean of ``arcsin sqrt(x/(n+1))``, ``arcsin sqrt((x+1)/(n+1))``; ``1/(4 n + 2)``."""
    x, rest = cells
    lower = np.arctan2(np.sqrt(x), np.sqrt(rest + 1))
    upper = np.arctan2(np.sqrt(x + 1), np.sqrt(rest))
    return (lower + upper) / 2, 1 / (4 * (x + rest) + 2)
