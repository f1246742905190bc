"""Fits of the subsets of one set of studies, a part of them at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling.between_studies import solve_many
from evsyn.stats.pooling.pool import pooled_near
from evsyn.stats.pooling.studies import HUGE, TINY, study_columns
from evsyn.stats.resampling._lattice import Lattice, Pivot

__all__ = ["Fits", "Members", "lattice_fits", "sampled_fits"]

CHUNK = 1 << 14  # subsets fitted in one call: studies in none of them are left out of it


class Fits(NamedTuple):
    """Results of a part, each of shape (m,); ``None`` for what is 0 throughout."""

    estimate: FloatArray
    tau2: FloatArray | None
    i2: FloatArray
    q: FloatArray


class Members(NamedTuple):
    """Subsets as packed bits, shape (m, bytes), the first study being the lowest bit."""

    bits: NDArray[np.uint8]

    def masks(self, k: int) -> BoolArray:
        """Which of k studies each holds, shape (k, m)."""
        unpacked = np.unpackbits(self.bits, axis=1, count=k, bitorder="little")
        return np.ascontiguousarray(unpacked.T).astype(np.bool_)


def lattice_fits(lattice: Lattice, method: str, part: Pivot) -> Fits:
    """Fit a part of all subsets.

    Parameters
    ----------
    lattice : Lattice
        All of them.
    method : str
        Estimator of tau², ``EE`` for a common effect.
    part : Pivot
        Those to fit.

    Returns
    -------
    Fits
        In the order of `Lattice.codes`.

    Examples
    --------
    >>> every = Lattice.sorted(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    >>> [lattice_fits(every, "REML", part).tau2.tolist() for part in every.parts(100)]
    [[0.0], [0.0, 1.0]]
    """
    if method == "EE" and regular(lattice.yi, lattice.vi):
        return _common_effects(lattice, part)
    codes, own, found = lattice.codes(part), lattice.bits[:, None], []
    whole = own.size << own.size
    for at in range(0, codes.size, CHUNK):
        held = (codes[at : at + CHUNK] & own) != 0
        some = held.any(axis=1)
        studies = (lattice.yi[some], lattice.vi[some])
        found.append(masked_fits(studies, method, held[some], whole=whole))
    return Fits(*(np.concatenate(values) for values in zip(*found, strict=True)))


def sampled_fits(
    studies: tuple[FloatArray, FloatArray], method: str, members: Members, *, whole: int = 0
) -> Fits:
    """Fit subsets given by their bits; arguments and result as `lattice_fits`."""
    return masked_fits(studies, method, members.masks(studies[0].size), whole=whole)


def regular(y: FloatArray, v: FloatArray) -> bool:
    """Whether no variance is 0 and no power of a weight overflows."""
    return bool(v.min() > TINY and v.max() < HUGE and np.abs(y).max() < HUGE**0.5)


def masked_fits(
    studies: tuple[FloatArray, FloatArray], method: str, masks: BoolArray, *, whole: int = 0
) -> Fits:
    """Fit subsets given by booleans, shape (k, m), of so many effects on the whole."""
    y, v = studies[0][:, None], studies[1][:, None]
    if not regular(y, v):
        part = study_columns(np.where(masks, y, np.nan), np.where(masks, v, np.nan))
        fit = pooled_near(part, (method, "z", "test"), 0.95)
        return Fits(fit.estimate, np.nan_to_num(fit.tau2), fit.i2, fit.q)
    k = masks.sum(axis=0).astype(np.float64)
    several = k > 1
    if not several.all():
        estimate = np.where(masks, y, 0.0).sum(axis=0)
        values: tuple[Any, ...] = (estimate, *np.zeros((3, k.size)))
        if several.any():
            found = masked_fits(studies, method, masks[:, several], whole=whole)
            for value, some in zip(values, found, strict=True):
                value[several] = some
        return Fits(*values)
    solved = solve_many(np.where(masks, y, 0.0), np.where(masks, v, np.inf), k, method, whole=whole)
    if method == "EE":
        return Fits(solved.mean, solved.tau2, _i2_from_q(solved.q, k - 1), solved.q)
    return Fits(solved.mean, solved.tau2, _i2(solved.tau2, (k - 1) / solved.trace), solved.q)


def _i2(tau2: FloatArray, typical: FloatArray) -> FloatArray:
    return np.asarray(100 * tau2 / (typical + tau2))


def _i2_from_q(q: FloatArray, df: FloatArray) -> FloatArray:
    return np.asarray(100 * np.maximum(0.0, 1 - df / np.maximum(q, df + (df == 0))))


def _common_effects(lattice: Lattice, part: Pivot) -> Fits:
    """Weighted means from three sums a subset."""
    base, pivot = lattice.yi[part.at], lattice.vi[part.at]
    d, w = lattice.yi - base, 1.0 / lattice.vi
    sums = np.array([w, w * d, w * d * d, np.ones(w.size)])
    estimate, q, i2 = np.empty((3, part.size))
    for at, (t, a, d0, df) in lattice.chunks(part, sums):
        t *= pivot
        t += 1.0
        np.divide(pivot, t, out=t)  # variance of the mean
        t *= a
        np.add(t, base, out=estimate[at])
        t *= a
        rest = np.subtract(d0, t, out=q[at])
        np.maximum(rest, df, out=t)
        np.divide(df, t, out=t, where=t > 0)
        np.subtract(1.0, t, out=t)
        np.multiply(t, 100.0, out=i2[at])
    np.maximum(q, 0.0, out=q)
    if part.start == 0:
        estimate[0], q[0], i2[0] = base, 0.0, 0.0  # the pivot alone
    return Fits(estimate, None, i2, q)
