"""Designs of a meta-regression: checked, made orthonormal, and turned into contrasts.

Everything a meta-regression needs rests on how far each study lies from the line, or plane,
through p of them, the *pivots*: p studies of high precision whose moderators differ. With ``L``
the weights by which the pivots predict a study, ``e = y - L y_B`` are k - p contrasts free of the
coefficients. Uncentred years lose no digits in them, nor do effects far from zero, nor a study
that outweighs all others; and the pivots' own variances may be 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, float_array

__all__ = [
    "Contrasts",
    "Orthonormal",
    "collinear",
    "contrasts_of",
    "design_columns",
    "inverse",
    "orthonormal",
]

COLLINEAR = 1e-10  # share of a column that the columns before it leave over
FLOOR = 1e-40  # what a variance of 0 counts as, as a share of the scale of the data


@dataclass(frozen=True, slots=True)
class Orthonormal:
    """Designs with orthonormal columns.

    Attributes
    ----------
    z : ndarray, shape (k, p, n)
        Orthonormal columns; rows of absent studies are 0.
    r : ndarray, shape (p, p, n)
        Upper triangular; the design is ``z r``.
    left : ndarray, shape (p, n)
        Share of each column that those before it leave over; near 0 where it is collinear.
    """

    z: FloatArray
    r: FloatArray
    left: FloatArray

    @property
    def full_rank(self) -> BoolArray:
        """Whether no column is a combination of those before it, shape (n,)."""
        return np.asarray((self.left > COLLINEAR).all(axis=0))

    def taken(self, columns: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Orthonormal:
        """The same for some of the designs."""
        return Orthonormal(self.z[..., columns], self.r[..., columns], self.left[:, columns])


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Effects measured from the plane through the pivots, scaled to the size of 1.

    Attributes
    ----------
    e : ndarray, shape (k, n)
        Contrasts; 0 for pivots and absent studies.
    v : ndarray, shape (k, n)
        Sampling variances; ``inf`` for pivots and absent studies.
    lever : ndarray, shape (k, p, n)
        Weights by which the pivots predict each study; 0 for pivots and absent studies.
    pivot : ndarray, shape (p, n)
        Sampling variances of the pivots.
    base : ndarray, shape (p, n)
        Effects of the pivots.
    basis : ndarray, shape (p, p, n)
        Rows of the orthonormal design that belong to the pivots.
    at : ndarray of int, shape (p, n)
        Positions of the pivots.
    k : ndarray, shape (n,)
        Studies present.
    scale : ndarray, shape (n,)
        Power of two by which effects were divided; variances by its square.
    """

    e: FloatArray
    v: FloatArray
    lever: FloatArray
    pivot: FloatArray
    base: FloatArray
    basis: FloatArray
    at: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
    k: FloatArray
    scale: FloatArray

    def taken(self, columns: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Contrasts:
        """The same for some of the columns."""
        return Contrasts(*(getattr(self, name)[..., columns] for name in self.__slots__))


def design_columns(
    mods: ArrayLike, shape: tuple[int, int], *, intercept: bool
) -> tuple[FloatArray, tuple[str, ...]]:
    """Check moderators and lay them out as designs, an intercept before them.

    Parameters
    ----------
    mods : array_like, shape (k,), (k, p) or (k, p, n)
        Moderators; ``nan`` is missing.
    shape : tuple of int
        Studies and analyses: k and n.
    intercept : bool
        Whether a column of ones comes first.

    Returns
    -------
    design : ndarray, shape (k, p, 1) or (k, p, n)
        Designs, one for all analyses or one each.
    names : tuple of str
        Names of the columns, for messages.

    Raises
    ------
    StatsError
        If the shape does not fit, a moderator is infinite, or there is no column at all.

    Examples
    --------
    >>> design, names = design_columns([1.0, 2.0], (2, 1), intercept=True)
    >>> design[..., 0].tolist(), names
    ([[1.0, 1.0], [1.0, 2.0]], ('the intercept', 'moderator 0'))
    """
    values = float_array("mods", mods, may_be_empty=True)  # none but the intercept
    design = values[:, None] if values.ndim == 1 else values
    design = design[..., None] if design.ndim == 2 else design
    k, n = shape
    if design.ndim != 3 or design.shape[0] != k or design.shape[2] not in (1, n):
        raise StatsError(
            f"mods has the shape {values.shape}; give ({k},) or ({k}, p) as there are {k} studies"
            f"{f', or ({k}, p, {n}) as there are {n} analyses' if n > 1 else ''}"
        )
    if np.isinf(design).any():
        at = np.argwhere(np.isinf(design))[0]
        raise StatsError(f"study {at[0]}: moderator {at[1]} is infinite; give finite numbers")
    names = [f"moderator {at}" for at in range(design.shape[1])]
    if intercept:
        design = np.concatenate([np.ones((k, 1, design.shape[2])), design], axis=1)
        names.insert(0, "the intercept")
    if not names:
        raise StatsError(f"mods has the shape {values.shape}: no moderator and no intercept")
    return design, tuple(names)


def orthonormal(design: FloatArray, present: BoolArray) -> Orthonormal:
    """Make the columns of designs orthonormal by Gram-Schmidt, each projected twice.

    Parameters
    ----------
    design : ndarray, shape (k, p, n)
        Designs.
    present : ndarray of bool, shape (k, n)
        Studies that count.

    Returns
    -------
    Orthonormal
        Columns and triangular factors.

    References
    ----------
    L. Giraud, J. Langou, M. Rozloznik, "The loss of orthogonality in the Gram-Schmidt
    orthogonalization process", Comput Math Appl 50 (2005) 1069-1075: twice is enough.

    Examples
    --------
    >>> found = orthonormal(np.array([[[1.0], [2001.0]], [[1.0], [2003.0]]]), np.ones((2, 1), bool))
    >>> np.abs(found.z[:, 1, 0]).round(6)
    array([0.707107, 0.707107])
    """
    z = np.where(present[:, None], design, 0.0)
    p, n = z.shape[1:]
    r, left = np.zeros((p, p, n)), np.zeros((p, n))
    for at in range(p):
        column = z[:, at]
        largest = np.abs(column).max(axis=0, initial=0.0)
        scale = np.where(largest > 0, largest, 1.0)
        column = column / scale
        before = np.sqrt((column * column).sum(axis=0))
        for _ in range(2):
            for other in range(at):
                share = (z[:, other] * column).sum(axis=0)
                column = column - share * z[:, other]
                r[other, at] += share * scale
        norm = np.sqrt((column * column).sum(axis=0))
        left[at] = norm / np.where(before > 0, before, 1.0)
        r[at, at] = norm * scale
        z[:, at] = column / np.where(norm > 0, norm, 1.0)
    return Orthonormal(z, r, left)


def contrasts_of(yi: FloatArray, vi: FloatArray, z: FloatArray) -> Contrasts:
    """Choose pivots and measure every effect from the plane through them.

    Parameters
    ----------
    yi, vi : ndarray, shape (k, n)
        Effect sizes and variances; an absent study has effect 0 and variance infinity.
    z : ndarray, shape (k, p, n)
        Orthonormal designs of full rank; rows of absent studies are 0.

    Returns
    -------
    Contrasts
        Pivots are chosen one by one: the study whose row of the design, divided by its standard
        error, is farthest from the rows chosen before it.
    """
    present = np.isfinite(vi)
    scale = _scale(yi, vi, present)
    y, v = yi / scale, np.maximum(vi / scale**2, FLOOR)
    p, n = z.shape[1:]
    columns, rows, weights = np.arange(n), z, 1.0 / v
    at = np.zeros((p, n), dtype=np.intp)
    for turn in range(p):
        lengths = (rows * rows).sum(axis=1)
        at[turn] = (lengths * weights).argmax(axis=0)
        pivot = rows[at[turn], :, columns].T
        pivot = pivot / np.sqrt((pivot * pivot).sum(axis=0))
        rows = rows - (rows * pivot).sum(axis=1, keepdims=True) * pivot
        rows[at[: turn + 1], :, columns] = 0.0
    basis = np.moveaxis(z[at, :, columns], 1, 2)
    base = np.take_along_axis(y, at, axis=0)
    lever = np.einsum("kan,abn->kbn", z, inverse(basis))
    e = y - (lever * base).sum(axis=1)
    pivots = np.take_along_axis(v, at, axis=0)
    v = v.copy()
    v[at, columns] = np.inf
    lever[at, :, columns] = 0.0
    out = np.isinf(v)
    e[out] = 0.0
    return Contrasts(e, v, lever, pivots, base, basis, at, present.sum(axis=0).astype(float), scale)


def _scale(yi: FloatArray, vi: FloatArray, present: BoolArray) -> FloatArray:
    """Power of two near the larger of the range of effects and the largest standard error."""
    highest = np.where(present, yi, -np.inf).max(axis=0, initial=-np.inf)
    lowest = np.where(present, yi, np.inf).min(axis=0, initial=np.inf)
    error = np.sqrt(np.where(present, vi, 0.0).max(axis=0, initial=0.0))
    with np.errstate(invalid="ignore"):
        size = np.maximum(highest - lowest, error)
    size = np.where(np.isfinite(size) & (size > 0), size, 1.0)
    return np.asarray(np.exp2(np.floor(np.log2(size))))


def inverse(matrices: FloatArray) -> FloatArray:
    """Invert small matrices that stand side by side.

    Parameters
    ----------
    matrices : ndarray, shape (p, p, n)
        The matrices.

    Returns
    -------
    ndarray, shape (p, p, n)
        Their inverses; ``nan`` for a singular one among others of three or more rows.

    Examples
    --------
    >>> inverse(np.array([[[2.0], [0.0]], [[0.0], [4.0]]]))[..., 0].diagonal()
    array([0.5 , 0.25])
    """
    p = matrices.shape[0]
    if p == 1:
        return np.asarray(1.0 / matrices)
    if p == 2:
        (a, b), (c, d) = matrices
        return np.asarray(np.array([[d, -b], [-c, a]]) / (a * d - b * c))
    stack = np.moveaxis(matrices, -1, 0)
    try:
        found = np.linalg.inv(stack)
    except np.linalg.LinAlgError:  # one of them is singular: nan for it, the others as they are
        fine = np.linalg.matrix_rank(stack) == p
        found = np.linalg.inv(np.where(fine[:, None, None], stack, np.eye(p)))
        found[~fine] = np.nan
    return np.moveaxis(np.asarray(found, dtype=np.float64), 0, -1)


def collinear(found: Orthonormal, names: Sequence[str], design: FloatArray, column: int) -> str:
    """Say in words which column of a design is a combination of which others.

    Parameters
    ----------
    found : Orthonormal
        What `orthonormal` made of the designs.
    names : sequence of str
        Names of the columns.
    design : ndarray, shape (k, p, n)
        The designs.
    column : int
        The design meant.

    Returns
    -------
    str
        ``"moderator 1 repeats the intercept"`` or the like.
    """
    at = int(np.argmax(found.left[:, column] <= COLLINEAR))
    if not found.r[: at + 1, at, column].any():
        return f"{names[at]} is 0 throughout"
    kept = [j for j in range(at) if found.left[j, column] > COLLINEAR]
    triangle = found.r[np.ix_(kept, kept, [column])][..., 0]
    parts = np.linalg.solve(triangle, found.r[kept, at, column])
    sizes = np.abs(parts) * np.abs(np.nan_to_num(design[:, kept, column])).max(axis=0)
    others = [names[j] for j, size in zip(kept, sizes, strict=True) if size > 1e-8 * sizes.max()]
    return f"{names[at]} is a combination of {' and '.join(others)}"
