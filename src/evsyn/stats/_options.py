"""Options that are one number or a yes or no: checked, and named where they are something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError

__all__ = ["axis_of", "flag", "label_array", "number", "share", "whole"]

_WHOLE = int | np.integer
_REAL = int | float | np.integer | np.floating


def number(name: str, value: object, low: float = -np.inf, high: float = np.inf) -> float:
    """One finite number between bounds, which are allowed.

    Raises
    ------
    StatsError
        If it is something else.

    Examples
    --------
    >>> number("add", 0.5, 0)
    0.5
    """
    if isinstance(value, _REAL) and not isinstance(value, bool):
        found = float(value)
        if np.isfinite(found) and low <= found <= high:
            return found
    if high < np.inf:
        allowed = f"a number from {low:g} to {high:g}"
    else:
        allowed = f"a finite number, {low:g} or more" if low > -np.inf else "a finite number"
    raise StatsError(f"{name}={_shown(value)} is not allowed; give {allowed}")


def share(name: str, value: object) -> float:
    """One number between 0 and 1, ends excluded.

    Raises
    ------
    StatsError
        If it is something else.

    Examples
    --------
    >>> share("alpha", 0.05)
    0.05
    """
    found = float(value) if isinstance(value, _REAL) else np.nan
    if not 0.0 < found < 1.0:
        shown = f"{found:g}" if np.isfinite(found) else _shown(value)
        raise StatsError(f"{name}={shown} lies outside 0..1, ends excluded")
    return found


def whole(name: str, value: object, least: int) -> int:
    """One whole number of at least ``least``.

    Raises
    ------
    StatsError
        If it is something else.

    Examples
    --------
    >>> whole("draws", 1000, 1)
    1000
    """
    if isinstance(value, bool) or not isinstance(value, _WHOLE) or value < least:
        raise StatsError(
            f"{name}={_shown(value)} is not allowed; give a whole number, {least} or more"
        )
    return int(value)


def flag(name: str, value: object) -> bool:
    """True or False, nothing that stands for them.

    Raises
    ------
    StatsError
        If it is something else.

    Examples
    --------
    >>> flag("force", True)
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise StatsError(f"{name}={_shown(value)} is not allowed; give True or False")
    return bool(value)


def axis_of(axis: object, shape: tuple[int, ...], over: str) -> int:
    """One axis of a shape.

    Raises
    ------
    StatsError
        If there is no such axis; ``over`` says what the axis goes over.

    Examples
    --------
    >>> axis_of(-1, (3, 2), "studies")
    -1
    """
    if not isinstance(axis, _WHOLE) or not -len(shape) <= axis < len(shape):
        raise StatsError(f"axis={_shown(axis)} is no axis of shape {shape}; give one over {over}")
    return int(axis)


def label_array(name: str, values: ArrayLike | Sequence[object]) -> np.ndarray[Any, np.dtype[Any]]:
    """Labels as an array.

    Raises
    ------
    StatsError
        If they are lists of different lengths.

    Examples
    --------
    >>> label_array("groups", ["a", "b"]).shape
    (2,)
    """
    try:
        return np.asarray(values)
    except ValueError as error:
        raise StatsError(f"{name}={_shown(values)} is no array of labels: {error}") from error


def _shown(value: object) -> str:
    """Value for a message, no longer than a line takes."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
