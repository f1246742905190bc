"""Statistics of rearranged data: effects with other signs, designs with their rows permuted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, float_array
from evsyn.stats.pooling._coefficients import coefficients, omnibus
from evsyn.stats.pooling._design import (
    Orthonormal,
    collinear,
    contrasts_of,
    design_columns,
    orthonormal,
)
from evsyn.stats.pooling._fitted import fitted, weighted
from evsyn.stats.pooling._residual_tau2 import residual_tau2
from evsyn.stats.pooling.pool import pooled_near
from evsyn.stats.pooling.studies import study_columns
from evsyn.stats.resampling.chunks import blocks

__all__ = [
    "Compared",
    "Problem",
    "arrangements",
    "arrangements_count",
    "drawn_rows",
    "observed_row",
    "prepared",
    "signs_of",
    "statistics",
]

IntArray = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is rearranged.

    Attributes
    ----------
    yi, vi : ndarray, shape (k,)
        Effects and variances of the studies that count.
    design : Orthonormal or None
        Design with orthonormal columns, its last axis of length 1; ``None`` without moderators.
    group : ndarray of int, shape (k,)
        Number of each row of the design among those that differ.
    method, test : str
        Estimator of tau² and test.
    intercept : bool
        Whether the first column of the design is constant.
    """

    yi: FloatArray
    vi: FloatArray
    design: Orthonormal | None
    group: IntArray
    method: str
    test: str
    intercept: bool


class Compared(NamedTuple):
    """Estimates and statistics of n arrangements.

    Attributes
    ----------
    estimate, statistic : ndarray, shape (p, n)
        Coefficients, or the pooled effect, and their statistics.
    qm : ndarray, shape (n,)
        Omnibus statistic.
    """

    estimate: FloatArray
    statistic: FloatArray
    qm: FloatArray

    @property
    def compared(self) -> FloatArray:
        """What is compared: statistics by absolute value, the omnibus one last."""
        return np.concatenate([np.abs(self.statistic), self.qm[None]])

    def taken(self, some: slice) -> Compared:
        """Some of the arrangements."""
        return Compared(*(values[..., some] for values in self))


def prepared(
    yi: ArrayLike,
    vi: ArrayLike,
    mods: ArrayLike | None,
    options: tuple[str, str],
    *,
    intercept: bool,
) -> Problem:
    """Check the data and leave out incomplete studies.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and variances.
    mods : array_like, shape (k,) or (k, p), or None
        Moderators.
    options : tuple of str
        Estimator of tau² and test.
    intercept : bool
        Whether a regression has one.

    Returns
    -------
    Problem
        With complete studies only.

    Raises
    ------
    StatsError
        If shapes do not fit, there are too few studies, or the moderators are collinear.

    Examples
    --------
    >>> two = prepared([0.1, 0.2, float("nan")], [1.0, 1.0, 1.0], None, ("EE", "z"), intercept=True)
    >>> two.yi
    array([0.1, 0.2])
    """
    studies = study_columns(yi, vi)
    if not studies.single:
        raise StatsError(f"yi has the shape {studies.yi.shape}; give one analysis, (k,)")
    keep = studies.present[:, 0]
    if mods is None:
        if not keep.any():
            raise StatsError("no study has an effect size and a variance; give one or more")
        y, v = studies.yi[keep, 0], studies.vi[keep, 0]
        return Problem(y, v, None, np.zeros(y.size, dtype=np.intp), *options, intercept)
    if float_array("mods", mods, may_be_empty=True).ndim > 2:
        raise StatsError(f"mods has the shape {np.shape(mods)}; give one design, (k,) or (k, p)")
    design, names = design_columns(mods, studies.yi.shape, intercept=intercept)
    keep = keep & np.isfinite(design[..., 0]).all(axis=1)
    y, v, design = studies.yi[keep, 0], studies.vi[keep, 0], design[keep]
    if y.size <= len(names):
        raise StatsError(
            f"{y.size} complete studies are no more than the {len(names)} coefficients; give more"
        )
    columns = orthonormal(design, np.ones((y.size, 1), dtype=np.bool_))
    if not columns.full_rank[0]:
        words = collinear(columns, names, design, 0)
        raise StatsError(f"the design is collinear: {words}; leave one of them out")
    group = np.unique(design[..., 0], axis=0, return_inverse=True)[1].ravel()
    return Problem(y, v, columns, group, *options, intercept)


def arrangements_count(problem: Problem) -> int:
    """Arrangements that differ: of k signs, or of the rows of the design.

    Examples
    --------
    >>> data = [0.1, 0.2, 0.3, 0.4], [1.0] * 4, [0, 0, 1, 1]
    >>> arrangements_count(prepared(*data, ("EE", "z"), intercept=True))
    6
    """
    if problem.design is None:
        return 1 << problem.yi.size
    ways = math.factorial(problem.yi.size)
    for many in np.bincount(problem.group).tolist():
        ways //= math.factorial(many)
    return ways


def arrangements(problem: Problem) -> list[Any]:
    """All arrangements in parts: of signs their numbers, the last sign fixed; of rows the rows."""
    if problem.design is None:
        return blocks(1 << (problem.yi.size - 1))
    counts = np.bincount(problem.group).astype(np.intp)[None]
    rows = np.empty((1, 0), dtype=np.intp)
    for _ in range(problem.yi.size):
        taken = [_continued(rows, counts, group) for group in range(counts.shape[1])]
        rows = np.concatenate([part[0] for part in taken])
        counts = np.concatenate([part[1] for part in taken])
    return [rows[start:end] for start, end in blocks(len(rows))]


def _continued(rows: IntArray, counts: IntArray, group: int) -> tuple[IntArray, IntArray]:
    """Arrangements begun, each with a row of the group put next, where one is left."""
    left = counts[:, group] > 0
    rest = counts[left]
    rest[:, group] -= 1
    column = np.full((len(rest), 1), group, dtype=np.intp)
    return np.concatenate([rows[left], column], axis=1), rest


def signs_of(k: int, part: tuple[int, int]) -> IntArray:
    """Arrangements of signs with these numbers, one a row.

    Examples
    --------
    >>> signs_of(2, (0, 2)).tolist()
    [[1, 1], [-1, 1]]
    """
    return 1 - 2 * ((np.arange(*part)[:, None] >> np.arange(k)) & 1)


def observed_row(problem: Problem) -> IntArray:
    """The arrangement of the data as they are, shape (1, k)."""
    return np.ones_like(problem.group)[None] if problem.design is None else problem.group[None]


def drawn_rows(problem: Problem, seed: np.random.SeedSequence | None, count: int) -> IntArray:
    """Random arrangements, one a row."""
    source, k = np.random.default_rng(seed), problem.yi.size
    if problem.design is None:
        return 1 - 2 * source.integers(0, 2, size=(count, k))
    return source.permuted(np.tile(problem.group, (count, 1)), axis=1)


def statistics(problem: Problem, rows: IntArray) -> Compared:
    """Estimates and statistics of arrangements.

    Parameters
    ----------
    problem : Problem
        The data.
    rows : ndarray, shape (n, k)
        Signs, or numbers of rows of the design.

    Returns
    -------
    Compared
        Of each arrangement.

    Examples
    --------
    >>> two = prepared([1.0, 2.0], [0.5, 0.5], None, ("EE", "z"), intercept=True)
    >>> statistics(two, signs_of(2, (0, 2))).estimate
    array([[1.5, 0.5]])
    """
    with np.errstate(all="ignore"):
        if problem.design is not None:
            return _regressions(problem, rows)
        y = rows.T * problem.yi[:, None]
        v = np.broadcast_to(problem.vi[:, None], y.shape)
        options = (problem.method, problem.test, "test")
        fit = pooled_near(study_columns(y, v), options, 0.95)
        return Compared(fit.estimate[None], fit.statistic[None], fit.statistic**2)


def _regressions(problem: Problem, rows: IntArray) -> Compared:
    """Meta-regressions with permuted designs: the engine's, without intervals and p-values."""
    design = problem.design
    assert design is not None
    first = np.unique(problem.group, return_index=True)[1]
    z = design.z[first[rows.T], :, 0].transpose(0, 2, 1)
    n = len(rows)
    y, v = (np.repeat(values[:, None], n, axis=1) for values in (problem.yi, problem.vi))
    studies = contrasts_of(y, v, np.ascontiguousarray(z))
    spread = problem.yi.var() / studies.scale**2
    at = weighted(studies, residual_tau2(studies, problem.method, spread).tau2)
    fit = fitted(studies, at)
    df = studies.k - z.shape[1]
    factor = np.ones(n) if problem.test == "z" else fit.rss / df
    factor = np.maximum(factor, 1.0) if problem.test == "adhoc" else factor
    columns = design.taken(np.zeros(n, dtype=np.intp))
    solved = coefficients(studies, columns, at, fit, intercept=problem.intercept)
    se = np.sqrt(np.einsum("aan->an", solved.covariance) * factor)
    tested = omnibus(studies, at, fit, df, intercept=problem.intercept)
    qm = tested["qm"] / factor
    if problem.test != "z":
        qm = qm / tested["qm_df"]
    return Compared(solved.own, solved.own / se, qm)
