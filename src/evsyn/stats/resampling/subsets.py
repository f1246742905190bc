"""Every subset of the studies, pooled: what a result rests on, and whether it hides two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, chosen
from evsyn.stats.pooling.between_studies import COMMON_EFFECT, METHODS
from evsyn.stats.pooling.studies import study_columns
from evsyn.stats.resampling._lattice import Lattice, doubled
from evsyn.stats.resampling._subset_fits import Members, lattice_fits, sampled_fits
from evsyn.stats.resampling.chunks import (
    Executor,
    Progress,
    blocks,
    checked_count,
    mapped,
    seeded,
)

__all__ = ["SubsetEffects", "gosh"]

ALL = 1 << 20  # subsets up to which all of them are taken unless a number is asked for
MOST = 1 << 27  # subsets that may be asked for: their results take 40 bytes each
CHOSEN = 26  # studies up to which random subsets are chosen by their numbers
PART = 1 << 16  # subsets in one task


@dataclass(frozen=True, slots=True)
class SubsetEffects:
    """Pooled effects of subsets of k studies, one row each.

    Attributes
    ----------
    estimate, tau2, i2, q : ndarray, shape (subsets,)
        Weighted mean, between-study variance, I² in percent and Cochran's Q. A single study is its
        own mean, with tau², I² and Q 0.
    k : ndarray of int, shape (subsets,)
        Studies in each.
    studies : int
        Studies given.
    complete : bool
        Whether these are all subsets. Row r then holds the studies whose bits are set in r + 1,
        the first study being bit 0; `members` says so in booleans.
    method : str
        Estimator of tau².
    """

    estimate: FloatArray
    tau2: FloatArray
    i2: FloatArray
    q: FloatArray
    k: NDArray[np.int64]
    studies: int
    complete: bool
    method: str
    _drawn: NDArray[np.uint8] | None
    _present: NDArray[np.intp]

    def members(self, rows: ArrayLike | None = None) -> BoolArray:
        """Which studies the subsets hold.

        Parameters
        ----------
        rows : array_like of int, optional
            Rows asked for; all by default, which for many subsets takes ``studies`` bytes each.

        Returns
        -------
        ndarray of bool, shape (rows, studies)
            Whether each study is in the subset; an absent study is in none.
        """
        at = np.arange(self.k.size) if rows is None else np.asarray(rows, dtype=np.intp)
        result = np.zeros((at.size, self.studies), dtype=np.bool_)
        count = self._present.size
        if self._drawn is None:
            result[:, self._present] = ((at.ravel()[:, None] + 1) >> np.arange(count)) & 1
        else:
            held = np.unpackbits(self._drawn[at], axis=1, count=count, bitorder="little")
            result[:, self._present] = held
        return result


def gosh(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    subsets: int | None = None,
    seed: int | np.random.SeedSequence | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> SubsetEffects:
    """Pool every subset of the studies, or many random ones.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; an absent study (``nan``) is in no subset.
    method : str, default "REML"
        Estimator of tau², as in `pool`.
    subsets : int, optional
        Number of random subsets, each different; all subsets where there are no more. Without it
        all of up to 20 studies, or 2^20 random ones of more.
    seed : int or SeedSequence, optional
        Seed of the random subsets.
    progress : callable, optional
        Called with the share done, in 0..1.
    executor : Executor, optional
        Where to compute, see `mapped`; the result does not depend on it.

    Returns
    -------
    SubsetEffects
        All ``2^k - 1`` subsets, the single studies among them, in the order of the binary numbers
        (``np.argsort(result.k, kind="stable")`` sorts them by size); or the random ones in the
        order of their drawing.

    Raises
    ------
    StatsError
        If the arrays are not (k,) alike, no study is present, the number of subsets or the seed
        is none, there are more than 2^27 subsets to fit, or as `pool` raises.

    Notes
    -----
    The sums behind a weighted mean follow from those of a smaller subset by one addition, so that
    a common effect costs a few additions a subset; for the estimators that are searched for,
    the same sums at tau² on a grid say where to look. Subsets share studies: the picture shows
    outliers and mixtures, its spread is no sampling distribution and gives no test.

    References
    ----------
    I. Olkin, I. J. Dahabreh, T. A. Trikalinos, "GOSH - a graphical display of study
    heterogeneity", Res Synth Methods 3 (2012) 214-223.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = gosh(yi, vi, method="EE")
    >>> found.estimate.size, found.estimate[-1].round(3), found.members([4])
    (15, np.float64(-1.422), array([[ True, False,  True, False]]))
    """
    chosen("method", method, (*METHODS, "FE", "CE"))
    name = "EE" if method in COMMON_EFFECT else method
    studies = study_columns(yi, vi)
    if not studies.single:
        raise StatsError(f"yi has the shape {studies.yi.shape}; give one analysis, (k,)")
    present = np.flatnonzero(studies.present[:, 0])
    if not present.size:
        raise StatsError("no study has an effect size and a variance; give one or more")
    wanted = ALL if subsets is None else checked_count("subsets", subsets)
    k = present.size
    if min(wanted, 2.0**k - 1) > MOST:
        raise StatsError(f"subsets={wanted} are more than {MOST}; give fewer")
    y, v = studies.yi[present, 0], studies.vi[present, 0]
    if 2.0**k - 1 <= wanted:
        drawn, sizes = None, doubled(np.ones(k, dtype=np.int64))[1:]
        found = _all(y, v, name, (executor, progress))
    else:
        drawn = _drawn(k, wanted, seed)
        sizes = np.unpackbits(drawn, axis=1).sum(axis=1, dtype=np.int64)
        found = _some((y, v), name, drawn, (executor, progress))
    rest = (sizes, studies.yi.shape[0], drawn is None, name, drawn, present)
    estimate, tau2, i2, q = found
    return SubsetEffects(estimate, tau2, i2, q, *rest)


def _all(
    y: FloatArray, v: FloatArray, method: str, how: tuple[Executor | None, Progress | None]
) -> list[FloatArray]:
    """All subsets: part by part of those with the same most precise study."""
    lattice = Lattice.sorted(y, v)
    parts = list(lattice.parts(PART))
    out = [np.zeros((1 << y.size) - 1) for _ in range(4)]
    task = partial(lattice_fits, lattice, method)
    for part, values in zip(
        parts, mapped(task, parts, executor=how[0], progress=how[1]), strict=True
    ):
        rows = lattice.codes(part) - 1
        for column, value in zip(out, values, strict=True):
            if value is not None:
                column[rows] = value
    return out


def _some(
    studies: tuple[FloatArray, FloatArray],
    method: str,
    drawn: NDArray[np.uint8],
    how: tuple[Executor | None, Progress | None],
) -> list[FloatArray]:
    """Random subsets, in blocks."""
    parts = [Members(drawn[start:end]) for start, end in blocks(len(drawn), PART // 4)]
    task = partial(sampled_fits, studies, method, whole=drawn.shape[0] * studies[0].size)
    found = mapped(task, parts, executor=how[0], progress=how[1])
    return [np.concatenate(column) for column in zip(*found, strict=True)]


def _drawn(k: int, wanted: int, seed: Any) -> NDArray[np.uint8]:
    """Draw different subsets that are not empty, each as likely as any; bits packed in bytes."""
    ((source, _),) = seeded(seed, 1)
    generator, width = np.random.default_rng(source), (k + 7) // 8
    if k <= CHOSEN:
        codes = generator.choice((1 << k) - 1, wanted, replace=False) + 1
        return codes.astype("<u4")[:, None].view(np.uint8)[:, :width].copy()
    found, spare = np.empty((0, width), dtype=np.uint8), 8 * width - k
    while len(found) < wanted:
        fresh = generator.integers(0, 256, size=(wanted, width), dtype=np.uint8)
        fresh[:, -1] &= 0xFF >> spare
        found = np.concatenate([found, fresh[fresh.any(axis=1)]])
        whole = np.ascontiguousarray(found).view(np.dtype((np.void, width))).ravel()
        found = found[np.sort(np.unique(whole, return_index=True)[1])]
    return found[:wanted]
