"""Checks of printed numbers: the first fault is named with its study and its value."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import FloatArray, broadcast, refuse

__all__ = ["finite", "refuse_negative", "refuse_not_positive", "refuse_outside"]


def finite(**arrays: ArrayLike) -> tuple[FloatArray, ...]:
    """Broadcast arguments to their common shape and refuse infinite values.

    Parameters
    ----------
    **arrays : array_like
        Numbers by the name of their argument; ``nan`` is a missing value.

    Returns
    -------
    tuple of ndarray
        One array each, in the order given.

    Raises
    ------
    StatsError
        If something is no number or infinite, or shapes do not fit each other.

    Examples
    --------
    >>> finite(mean=[1, 2], sd=3)
    (array([1., 2.]), array([3., 3.]))
    """
    common = broadcast(**arrays)
    for name, array in common.items():
        refuse(np.isinf(array), f"{name}={{:g}} is not finite; write nan for a missing one", array)
    return tuple(np.array(array) for array in common.values())


def refuse_negative(**arrays: FloatArray) -> None:
    """Refuse values below 0.

    Raises
    ------
    StatsError
        If there is one.
    """
    for name, array in arrays.items():
        refuse(array < 0, f"{name}={{:g}} is negative; give 0 or more", array)


def refuse_not_positive(**arrays: FloatArray) -> None:
    """Refuse values of 0 and below.

    Raises
    ------
    StatsError
        If there is one.
    """
    for name, array in arrays.items():
        refuse(array <= 0, f"{name}={{:g}} is not above 0; give a positive number", array)


def refuse_outside(low: float, high: float, **arrays: FloatArray) -> None:
    """Refuse values outside a range, whose ends are allowed.

    Raises
    ------
    StatsError
        If there is one.
    """
    for name, array in arrays.items():
        refuse(
            (array < low) | (array > high), f"{name}={{:g}} lies outside {low:g}..{high:g}", array
        )
