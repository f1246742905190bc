"""Sums over every subset of studies, by doubling: a subset's sum is that of a smaller one plus one.

Studies are sorted from the least to the most precise. The subsets whose most precise study is the
p-th are that study with each subset of the p before it: measured from its effect, as everywhere in
this engine, their sums follow by doubling, ``s[m:2m] = s[:m] + x``, one addition a subset. A
part of them that fits the cache is a table of the first `LOW` studies plus a constant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evsyn.stats._arrays import FloatArray

__all__ = ["LOW", "Lattice", "Pivot", "doubled"]

LOW = 12  # studies whose 2^12 subsets are worked on at once
IntArray = NDArray[np.int64]


def doubled(values: NDArray[Any]) -> NDArray[Any]:
    """Sums over all subsets.

    Parameters
    ----------
    values : ndarray, shape (..., m)
        Numbers of each of m studies.

    Returns
    -------
    ndarray, shape (..., 2^m)
        Their sums over the subset whose bits are the position, the first study being bit 0.

    Examples
    --------
    >>> doubled(np.array([1.0, 10.0]))
    array([ 0.,  1., 10., 11.])
    """
    m = values.shape[-1]
    sums = np.zeros((*values.shape[:-1], 1 << m), dtype=values.dtype)
    for i in range(m):
        size = 1 << i
        np.add(sums[..., :size], values[..., i : i + 1], out=sums[..., size : 2 * size])
    return sums


@dataclass(frozen=True, slots=True)
class Pivot:
    """All subsets with one most precise study, or a part of them, ``start`` to ``stop``.

    Attributes
    ----------
    at : int
        The most precise study, in the order of precision.
    start, stop : int
        Which subsets of the studies above the first `LOW` and below it.
    """

    at: int
    start: int
    stop: int

    @property
    def size(self) -> int:
        """Subsets."""
        return (self.stop - self.start) << min(self.at, LOW)


@dataclass(frozen=True, slots=True)
class Lattice:
    """All subsets of some studies.

    Attributes
    ----------
    yi, vi : ndarray, shape (k,)
        Effects and variances, from the least to the most precise.
    bits : ndarray of int, shape (k,)
        Bit that stands for each study in the number of a subset.

    Examples
    --------
    >>> every = Lattice.sorted(np.array([0.0, 1.0]), np.array([0.2, 0.3]))
    >>> every.bits, [(part.at, part.size) for part in every.parts(100)]
    (array([2, 1]), [(0, 1), (1, 2)])
    """

    yi: FloatArray
    vi: FloatArray
    bits: IntArray

    @classmethod
    def sorted(cls, yi: FloatArray, vi: FloatArray) -> Lattice:
        """From studies in any order."""
        order = np.argsort(-vi, kind="stable")
        return cls(yi[order], vi[order], np.int64(1) << order.astype(np.int64))

    def parts(self, most: int) -> Iterator[Pivot]:
        """All subsets in parts of about ``most``."""
        for at in range(self.yi.size):
            highs = 1 << max(at - LOW, 0)
            step = max(1, most >> LOW)
            for start in range(0, highs, step):
                yield Pivot(at, start, min(start + step, highs))

    def codes(self, part: Pivot) -> IntArray:
        """Numbers of the subsets of a part, in the order of its chunks; shape (size,)."""
        low, high = self._split(part.at)
        first = doubled(self.bits[low]) + self.bits[part.at]
        rest = _some(self.bits[high], part)
        return np.asarray(rest[:, None] + first).ravel()

    def chunks(self, part: Pivot, values: FloatArray) -> Iterator[tuple[slice, FloatArray]]:
        """Sums over the subsets of a part without its pivot.

        Parameters
        ----------
        part : Pivot
            The part.
        values : ndarray, shape (s, k)
            Numbers of each study.

        Yields
        ------
        slice
            Where these subsets stand in the part.
        ndarray, shape (s, m)
            The sums; the array is used again for the next.
        """
        low, high = self._split(part.at)
        table, rest = doubled(values[:, low]), _some(values[:, high], part)
        width = table.shape[1]
        sums = np.empty_like(table)
        for number in range(rest.shape[1]):
            np.add(table, rest[:, number : number + 1], out=sums)
            yield slice(number * width, (number + 1) * width), sums

    @staticmethod
    def _split(at: int) -> tuple[slice, slice]:
        return slice(0, min(at, LOW)), slice(min(at, LOW), at)


def _some(values: NDArray[Any], part: Pivot) -> NDArray[Any]:
    """Sums over the subsets ``start`` to ``stop`` of the studies above the first."""
    return doubled(values)[..., part.start : part.stop]
