"""Columns of data, read into one array and refused where they cannot be.

The rows of the array are the columns, the counts first; the other axes are the studies. What a
column may hold follows from its name: ``n…``, ``events…`` and the cells of paired tables are whole
numbers, ``sd…`` is not negative, ``time…`` is above 0, ``r`` lies in -1..1, everything is finite.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import (
    FloatArray,
    arm_counts,
    broadcast,
    broadcast_counts,
    float_array,
    refuse,
)

__all__ = ["check_arms", "check_counts", "check_values", "stacked"]


def stacked(data: Mapping[str, ArrayLike], names: tuple[str, ...]) -> FloatArray:
    """Columns as the rows of one new array, broadcast against each other.

    Parameters
    ----------
    data : mapping of str to array_like
        Columns by name.
    names : tuple of str
        Those wanted, in the order of the rows.

    Returns
    -------
    ndarray of float
        Of shape ``(len(names), *shape)``.

    Raises
    ------
    StatsError
        If one is empty, something is no number, or shapes do not fit each other.

    Examples
    --------
    >>> stacked({"n": 10, "events": [1, 2]}, ("events", "n"))
    array([[ 1.,  2.],
           [10., 10.]])
    """
    arrays = [float_array(name, data[name]) for name in names]
    shape = arrays[0].shape
    if any(array.shape != shape for array in arrays):
        arrays = list(broadcast(**dict(zip(names, arrays, strict=True))).values())
        shape = arrays[0].shape
    rows = np.empty((len(names), *shape))
    for at, array in enumerate(arrays):
        rows[at] = array
    return rows


def check_counts(rows: FloatArray, names: tuple[str, ...], *, least: int = 0) -> None:
    """Refuse counts that are negative, infinite, not whole or below the least allowed.

    Parameters
    ----------
    rows : ndarray of float, shape (len(names), ...)
        Counts; ``nan`` is a missing one.
    names : tuple of str
        Their names, for the message.
    least : int, default 0
        Smallest count allowed.

    Raises
    ------
    StatsError
        For the first such count, with its position.
    """
    if _whole(rows) and rows.min() >= least:
        return
    broadcast_counts(**dict(zip(names, rows, strict=True)))
    for name, row in zip(names, rows, strict=True):
        refuse(row < least, f"{name}={{:g}} is no size; give {least} or more", row)


def check_arms(rows: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse events that are no counts or exceed the total of their arm.

    Parameters
    ----------
    rows : ndarray of float, shape (len(names), ...)
        In pairs, events and total.
    names : tuple of str
        Their names, for the message.

    Raises
    ------
    StatsError
        For the first fault, with its position.
    """
    if _whole(rows) and bool((rows[::2] <= rows[1::2]).all()):
        return
    arm_counts(**dict(zip(names, rows, strict=True)))


def check_values(rows: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse means, spreads, times and correlations that cannot be.

    Parameters
    ----------
    rows : ndarray of float, shape (len(names), ...)
        Values; ``nan`` is a missing one.
    names : tuple of str
        Their names, which say what is allowed.

    Raises
    ------
    StatsError
        For the first infinite value, negative ``sd…``, ``time…`` of 0 or less, or ``r`` beyond
        -1..1.
    """
    infinite = np.isinf(rows)
    if infinite.any():
        for name, row, wrong in zip(names, rows, infinite, strict=True):
            refuse(wrong, f"{name}={{:g}} is not finite; write nan for a missing one", row)
    for name, row in zip(names, rows, strict=True):
        if name.startswith("sd"):
            refuse(row < 0, f"{name}={{:g}} is negative; give 0 or more", row)
        elif name.startswith("time"):
            refuse(row <= 0, f"{name}={{:g}} is no time at risk; give more than 0", row)
        elif name == "r":
            refuse(np.abs(row) > 1, "r={:g} lies outside -1..1, where correlations are", row)


def _whole(rows: FloatArray) -> bool:
    """Whether all are whole, finite and not negative; a missing one is not."""
    return bool(rows.min() >= 0 and rows.max() < np.inf and (np.floor(rows) == rows).all())
