"""Effects from counts of events and the time at risk, of one arm or two.

Functions take rows: the events of each arm, then the times, ``(4, ...)`` or ``(2, ...)``. They
give ``yi`` and ``vi``.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.effects._columns import check_counts, check_values

__all__ = [
    "log_rate",
    "log_rate_ratio",
    "rate",
    "rate_difference",
    "rate_rows",
    "rates_without_contrast",
    "root_rate",
    "root_rate_difference",
]


def rate_rows(rows: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Events and times, checked.

    Parameters
    ----------
    rows : ndarray of float, shape (2 or 4, ...)
        The events of each arm, then the times.
    names : tuple of str
        Their names, for the message.

    Raises
    ------
    StatsError
        If events are no counts or a time is not above 0.
    """
    arms = len(names) // 2
    check_counts(rows[:arms], names[:arms])
    check_values(rows[arms:], names[arms:])
    return rows


def rates_without_contrast(events: FloatArray) -> BoolArray:
    """Studies without events in both arms."""
    return cast(BoolArray, (events == 0).all(axis=0))


def log_rate_ratio(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IRR: ``log((x1/t1)/(x2/t2))``, variance ``1/x1 + 1/x2``."""
    x1, x2, t1, t2 = rows
    return np.log((x1 / t1) / (x2 / t2)), 1 / x1 + 1 / x2


def rate_difference(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IRD: ``x1/t1 - x2/t2``, variance ``x1/t1² + x2/t2²``."""
    x1, x2, t1, t2 = rows
    return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2


def root_rate_difference(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IRSD: ``sqrt(x1/t1) - sqrt(x2/t2)``, variance ``1/(4 t1) + 1/(4 t2)``."""
    x1, x2, t1, t2 = rows
    return np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 0.25 / t1 + 0.25 / t2


def rate(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IR: ``x/t``, variance ``x/t²``."""
    x, t = rows
    return x / t, x / t**2


def log_rate(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IRLN: ``log(x/t)``, variance ``1/x``."""
    x, t = rows
    return np.log(x / t), 1 / x


def root_rate(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """IRS: ``sqrt(x/t)``, variance ``1/(4 t)``."""
    x, t = rows
    return np.sqrt(x / t), 0.25 / t
