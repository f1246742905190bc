"""Rows that depend on each other, arranged in blocks that do not.

The covariance matrix of dependent effects is block diagonal: rows share a block if they share a
group or a sampling covariance. Blocks of like size are stacked and padded to the largest of their
stack, so that one call of linear algebra works on all; a padded row has variance 1, no effect, no
moderators and no company, and so adds nothing to any sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.models.structures import Structure

__all__ = ["IntArray", "MixedModel", "Stack", "arranged", "connected", "stacked"]

IntArray = NDArray[np.int64]

_SMALL = 30_000  # padded entries up to which a single stack is cheapest


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks of like size.

    Attributes
    ----------
    rows : ndarray, shape (n, m)
        Row of the data; k where padded.
    present : ndarray of bool, shape (n, m)
        False where padded.
    sampling : ndarray, shape (n, m, m)
        Sampling covariances.
    x, y : ndarray, shape (n, m, p) and (n, m)
        Design and effects.
    intercepts : ndarray, shape (c, n, m, m)
        For each random intercept, 1 where two rows share it.
    inner : ndarray of int, shape (n, m)
        Level of the inner factor.
    outer : ndarray, shape (n, m, m)
        1 where two rows share the outer group; without entries where there is no inner factor.
    """

    rows: IntArray
    present: BoolArray
    sampling: FloatArray
    x: FloatArray
    y: FloatArray
    intercepts: FloatArray
    inner: IntArray
    outer: FloatArray


@dataclass(frozen=True, slots=True)
class MixedModel:
    """Data and structure of a model with random effects, in units of `scale`.

    Attributes
    ----------
    yi : ndarray, shape (k,)
        Effects divided by `scale`.
    sampling : ndarray, shape (k,) or (k, k)
        Sampling (co)variances divided by its square.
    design : ndarray, shape (k, p)
        Orthonormal columns that span the design.
    triangle : ndarray, shape (p, p)
        What they are multiplied by to give the design.
    intercepts : tuple of ndarray of int, each (k,)
        Group of each row, one array for each random intercept.
    inner, outer : ndarray of int, shape (k,), or None
        Level and group of each row for the structure.
    structure : Structure or None
        Covariance structure of the levels.
    stacks : tuple of Stack
        The same data as blocks.
    restricted : bool
        Whether the likelihood is the restricted one.
    scale : float
        Unit of the effects.
    held : ndarray of bool, one for each random intercept
        Variances that the data cannot tell, held at 0.
    """

    yi: FloatArray
    sampling: FloatArray
    design: FloatArray
    triangle: FloatArray
    intercepts: tuple[IntArray, ...]
    inner: IntArray | None
    outer: IntArray | None
    structure: Structure | None
    stacks: tuple[Stack, ...]
    restricted: bool
    scale: float
    held: BoolArray

    @property
    def lower(self) -> FloatArray:
        """Lower bounds of the parameters."""
        inner = self.structure.lower if self.structure else np.zeros(0)
        return np.concatenate([np.zeros(len(self.intercepts)), inner])

    @property
    def upper(self) -> FloatArray:
        """Upper bounds of the parameters."""
        inner = self.structure.upper if self.structure else np.zeros(0)
        return np.concatenate([np.where(self.held, 0.0, np.inf), inner])


def connected(k: int, groupings: list[IntArray], sampling: FloatArray) -> IntArray:
    """Block of each row: rows are connected by a common group or a sampling covariance.

    Parameters
    ----------
    k : int
        Number of rows.
    groupings : list of ndarray of int
        Groups of the rows, numbered from 0.
    sampling : ndarray, shape (k,) or (k, k)
        Sampling (co)variances.
    """
    label = np.arange(k)
    pairs = np.nonzero(np.triu(sampling, 1)) if sampling.ndim == 2 else None
    while True:
        before = label.copy()
        for codes in groupings:
            lowest = np.full(int(codes.max(initial=0)) + 1, k)
            np.minimum.at(lowest, codes, label)
            label = lowest[codes]
        if pairs is not None and len(pairs[0]):
            low = np.minimum(label[pairs[0]], label[pairs[1]])
            np.minimum.at(label, pairs[0], low)
            np.minimum.at(label, pairs[1], low)
        label = label[label]  # a label is itself a row: follow it
        if np.array_equal(before, label):
            return np.asarray(np.unique(label, return_inverse=True)[1].ravel(), dtype=np.int64)


def stacked(block: IntArray) -> list[IntArray]:
    """Rows of the blocks in stacks of like size, each (n, m), with -1 where padded."""
    order = np.argsort(block, kind="stable")
    sizes = np.bincount(block)
    ends = np.cumsum(sizes)
    if not len(sizes):
        return []
    one = len(sizes) * int(sizes.max()) ** 2 <= _SMALL
    classes = np.zeros(len(sizes)) if one else np.ceil(2 * np.log2(sizes))
    stacks = []
    for size_class in np.unique(classes):
        chosen = np.flatnonzero(classes == size_class)
        places = np.arange(int(sizes[chosen].max()))
        at = (ends - sizes)[chosen][:, None] + places
        inside = places < sizes[chosen][:, None]
        stacks.append(np.where(inside, order[np.where(inside, at, 0)], -1))
    return stacks


def arranged(model: MixedModel) -> tuple[Stack, ...]:
    """Stacks of a model's data."""
    groupings = [*model.intercepts, *([] if model.outer is None else [model.outer])]
    block = connected(len(model.yi), groupings, model.sampling)
    return tuple(_stack(model, rows) for rows in stacked(block))


def _stack(model: MixedModel, rows: IntArray) -> Stack:
    """One stack of blocks."""
    n, m = rows.shape
    present = rows >= 0
    both = present[:, :, None] & present[:, None, :]
    eye = np.eye(m)
    if model.sampling.ndim == 2:
        sampling = np.where(both, model.sampling[rows[:, :, None], rows[:, None, :]], 0.0)
    else:
        sampling = np.where(present, model.sampling[rows], 0.0)[:, :, None] * eye
    sampling = sampling + np.where(present, 0.0, 1.0)[:, :, None] * eye

    def shared(codes: IntArray) -> FloatArray:
        of_row = codes[rows]
        return np.asarray((of_row[:, :, None] == of_row[:, None, :]) & both, dtype=np.float64)

    intercepts = np.zeros((len(model.intercepts), n, m, m))
    for number, codes in enumerate(model.intercepts):
        intercepts[number] = shared(codes)
    return Stack(
        rows=np.where(present, rows, len(model.yi)),
        present=present,
        sampling=sampling,
        x=np.where(present[:, :, None], model.design[rows], 0.0),
        y=np.where(present, model.yi[rows], 0.0),
        intercepts=intercepts,
        inner=np.zeros((0, 0), dtype=np.int64) if model.inner is None else model.inner[rows],
        outer=np.zeros((0, 0, 0)) if model.outer is None else shared(model.outer),
    )
