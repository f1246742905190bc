"""Compiled code for large batches, where numba is installed (``pip install evsyn[fast]``).

Whether it is used depends on the size of the batch alone, not on what ran before: the same call
gives the same last digits everywhere. numba is imported with the first such batch; its code is
compiled once, in some seconds, and kept on disk.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TypeAlias

from evsyn.stats._arrays import BoolArray, FloatArray

__all__ = ["Compiled", "compiled_search", "use_compiled"]

WORTH = 400_000  # effects in a batch from which on compiled code is used

Compiled: TypeAlias = Callable[
    [FloatArray, FloatArray, FloatArray, str], tuple[FloatArray, BoolArray, BoolArray]
]


class _Choice:
    """Whether compiled code may be used, and the code once it is loaded."""

    allowed = True
    found: Compiled | None = None


def use_compiled(allowed: bool) -> None:
    """Allow or forbid compiled code for large batches of meta-analyses.

    Parameters
    ----------
    allowed : bool
        Whether it may be used where numba is installed. It is, to begin with. Results agree
        to some 1e-12 either way; forbidding it saves the seconds of a first compilation.

    Examples
    --------
    >>> use_compiled(False)
    >>> compiled_search("REML", 10**9) is None
    True
    >>> use_compiled(True)
    """
    _Choice.allowed = allowed


def compiled_search(method: str, size: int) -> Compiled | None:
    """Compiled code for a batch, if it is worth it.

    Parameters
    ----------
    method : str
        Estimator of tau².
    size : int
        Effects in the batch, or in the whole that it is a part of.

    Returns
    -------
    callable or None
        As `evsyn.stats.pooling._compiled.searched`; ``None`` where the batch is small, numba is
        not installed, there is no compiled code for the method, or it is forbidden.

    Examples
    --------
    >>> compiled_search("REML", 100) is None
    True
    """
    if size < WORTH or not _Choice.allowed or method not in _METHODS:
        return None
    if _Choice.found is None and find_spec("numba") is not None:
        _Choice.found = import_module("evsyn.stats.pooling._compiled").searched
    return _Choice.found


_METHODS = ("EE", "DL", "PM", "EB", "ML", "REML")
