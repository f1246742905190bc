"""Combining p-values: whether there is an effect in at least one study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import PMethod, choices
from evsyn.stats._arrays import (
    FloatArray,
    TextArray,
    broadcast,
    chosen,
    float_array,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._faults import refuse_negative, refuse_outside
from evsyn.stats._special import betainc, chdtr, chdtrc, chdtri, ndtr, ndtri, stdtr

__all__ = ["CombinedP", "combine_p"]

# Statistic, degrees of freedom (nan for none) and p of each column.
_Combined: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class CombinedP:
    """p-values of studies as one.

    Attributes
    ----------
    p_value : ndarray of float
        One-sided p of the hypothesis that no study has an effect in the direction tested; shape
        (n,), a number for a single column; ``nan`` where undefined.
    statistic : ndarray of float
        The method's statistic: chi-square, z, t, the sum of p or the p of the rank.
    df : ndarray of float
        Its degrees of freedom; ``nan`` where it has none.
    k : ndarray of float
        p-values combined.
    method : str
        Name of the method.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no p-value; empty where there is one.
    """

    p_value: FloatArray
    statistic: FloatArray
    df: FloatArray
    k: FloatArray
    method: str
    assumes: str
    reason: TextArray


def combine_p(
    p: ArrayLike,
    *,
    method: PMethod = "fisher",
    weights: ArrayLike | None = None,
    df: ArrayLike | None = None,
    rank: int | None = None,
    directions: ArrayLike | None = None,
) -> CombinedP:
    """Combine independent one-sided p-values.

    Parameters
    ----------
    p : array_like
        One-sided p-values, all of the same direction, shape (k,) or (k, n) for n sets at once;
        ``nan`` for an absent study. Two-sided where ``directions`` are given.
    method : {"fisher", "pearson", "stouffer", "edgington", "mean-p", "logit", \
"inverse-chi-square", "tippett", "maximum", "wilkinson"}, default "fisher"
        The method, see Notes.
    weights : array_like, optional
        Weights for ``stouffer``, broadcast with p, such as the square roots of the sample sizes;
        equal by default.
    df : array_like, optional
        Degrees of freedom of each study for ``inverse-chi-square``, broadcast with p.
    rank : int, optional
        For ``wilkinson``: combine by the rank-th smallest p, from 1.
    directions : array_like, optional
        1 where the effect of a study is in the direction tested, -1 where opposite, broadcast
        with p: a two-sided p becomes ``p/2`` or ``1 - p/2``.

    Returns
    -------
    CombinedP
        One-sided p, statistic and number of p-values.

    Raises
    ------
    StatsError
        If a p lies outside 0..1, a weight is negative, degrees of freedom are not above 0, the
        rank is not within 1..k, a direction is neither 1 nor -1, shapes do not fit, an option is
        missing or belongs to another method, or the method is unknown.

    Notes
    -----
    * ``fisher``: ``-2 sum ln p``, chi-square on 2k [1]_; ``pearson``: ``-2 sum ln(1 - p)``, whose
      lower tail on 2k is p: sensitive to large p.
    * ``stouffer``: ``sum w z / sqrt(sum w²)`` with ``z = ndtri(1 - p)`` [2]_.
    * ``edgington``: the sum of the p, whose distribution is that of a sum of uniform variables
      [3]_, by the recurrence of B-splines, which has no cancellation; ``mean-p``: its normal
      approximation ``(1/2 - mean p) sqrt(12 k)`` [4]_.
    * ``logit``: ``-sum ln(p/(1 - p)) / sqrt(k pi² (5k + 2)/(3 (5k + 4)))``, t on 5k + 4 [5]_.
    * ``inverse-chi-square``: the sum of chi-square quantiles, on the sum of their df [6]_.
    * ``tippett``: the smallest p, ``1 - (1 - p)^k`` [7]_; ``maximum``: the largest, ``p^k``;
      ``wilkinson``: the rank-th smallest by its beta distribution [8]_.

    A small combined p says that not every study is without effect; it says nothing of how large
    the effect is, nor that studies agree. A p of 0 counts as certain; a p of 1 as certain of the
    opposite, which methods built on quantiles cannot set off against a p of 0: then ``nan``.

    References
    ----------
    .. [1] R. A. Fisher, Statistical Methods for Research Workers (Oliver and Boyd 1925).
    .. [2] S. A. Stouffer, E. A. Suchman, L. C. DeVinney et al., The American Soldier, volume 1
       (Princeton University Press 1949).
    .. [3] E. S. Edgington, "An additive method for combining probability values from independent
       experiments", Journal of Psychology 80 (1972) 351-363.
    .. [4] E. S. Edgington, "A normal curve method for combining probability values from
       independent experiments", Journal of Psychology 82 (1972) 85-89.
    .. [5] G. S. Mudholkar and E. O. George, "The logit method for combining probabilities", in
       Symposium on Optimizing Methods in Statistics (Academic Press 1979) 345-366.
    .. [6] H. O. Lancaster, "The combination of probabilities arising from data in discrete
       distributions", Biometrika 36 (1949) 370-382.
    .. [7] L. H. C. Tippett, The Methods of Statistics (Williams and Norgate 1931).
    .. [8] B. Wilkinson, "A statistical consideration in psychological research", Psychological
       Bulletin 48 (1951) 156-158.
    .. [9] B. J. Becker, "Combining significance levels", in H. Cooper and L. V. Hedges (editors),
       The Handbook of Research Synthesis (Russell Sage 1994), 215-230; Cochrane Handbook, version
       6.4 (2023), section 12.2.1.2.

    Examples
    --------
    The hypothetical p-values of Becker [9]_:

    >>> p = [0.016, 0.067, 0.250, 0.405, 0.871]
    >>> fisher, stouffer = combine_p(p), combine_p(p, method="stouffer")
    >>> print(f"{fisher.statistic:.3f} on {fisher.df:.0f}; {stouffer.statistic:.2f}")
    18.533 on 10; 1.53
    """
    name = chosen("method", method, choices(PMethod))
    table, extra = _columns(p, _option(name, weights, df), directions)
    if name == "wilkinson":
        _refuse_rank(rank, table)
    elif rank is not None:
        raise StatsError(f"rank={rank!r} belongs to wilkinson, not to {name}; leave it out")
    with np.errstate(all="ignore"):
        statistic, freedom, value = _combined(name, table, extra, rank or 1)
    k = _present(table)
    statistic, freedom, value = (np.where(k == 0, np.nan, x) for x in (statistic, freedom, value))
    clash = np.isnan(value) & (k > 0)
    weightless = clash & (np.where(np.isnan(table), 0.0, extra).sum(axis=0) == 0)
    shape = float_array("p", p).shape[1:] if np.ndim(p) > 1 else ()
    why = reasons(
        k.shape,
        (k == 0, "no p-values"),
        (weightless, "all weights are 0"),
        (clash, "a p of 0 and a p of 1 cannot be set off against each other"),
    )
    return CombinedP(
        p_value=unwrapped(value.reshape(shape)),
        statistic=unwrapped(statistic.reshape(shape)),
        df=unwrapped(freedom.reshape(shape)),
        k=unwrapped(k.reshape(shape)),
        method=name,
        assumes="p-values are independent, exact, one-sided and of the same direction",
        reason=unwrapped(why.reshape(shape)),
    )


def _option(name: str, weights: ArrayLike | None, df: ArrayLike | None) -> tuple[str, ArrayLike]:
    """The argument that goes with the method, by name; ones where it takes none."""
    for given, label, owner in ((weights, "weights", "stouffer"), (df, "df", "inverse-chi-square")):
        if given is not None and name != owner:
            raise StatsError(f"{label} belong to {owner}, not to {name}; leave them out")
    if name == "inverse-chi-square":
        if df is None:
            raise StatsError("df is missing: inverse-chi-square needs degrees of freedom; give 2")
        return "df", df
    return "weights", 1.0 if weights is None else weights


def _columns(
    p: ArrayLike, option: tuple[str, ArrayLike], directions: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """p-values and option as (k, n), the p one-sided; a missing option makes the p missing."""
    label, values = option
    alone = float_array("p", p)
    if alone.ndim not in (1, 2):
        raise StatsError(f"p has shape {alone.shape}; give (k,) or (k, n)")
    second = float_array(label, values)
    sides = np.asarray(1.0) if directions is None else float_array("directions", directions)
    if alone.ndim == 2:
        second, sides = (x[:, None] if x.ndim == 1 else x for x in (second, sides))
    common = broadcast(p=alone, **{label: second}, directions=sides)
    table, extra, sides = (np.array(x) for x in common.values())
    if table.shape != alone.shape:
        raise StatsError(f"p has shape {alone.shape}, {label} and directions more; give one each")
    refuse_outside(0.0, 1.0, p=table)
    refuse(np.isinf(extra), f"{label}={{:g}} is not finite", extra)
    refuse_negative(**{label: extra})
    if label == "df":
        refuse(extra == 0, "df={:g} is not above 0; give a positive number", extra)
    refuse(~np.isnan(sides) & (np.abs(sides) != 1), "directions={:g}; give 1 or -1", sides)
    if directions is not None:
        table = np.where(sides > 0, table / 2, np.where(sides < 0, 1 - table / 2, np.nan))
    table = np.where(np.isnan(extra), np.nan, table)
    return (table[:, None], extra[:, None]) if table.ndim == 1 else (table, extra)


def _refuse_rank(rank: int | None, table: FloatArray) -> None:
    if rank is None:
        raise StatsError("rank is missing: wilkinson needs the rank of a p; give 1 or more")
    k = (~np.isnan(table)).sum(axis=0)
    least = int(k.min()) if k.size else 0
    if not 1 <= rank <= least or rank != int(rank):
        raise StatsError(f"rank={rank!r} lies outside 1..{least}, the number of p-values")


def _present(p: FloatArray) -> FloatArray:
    """How many p-values each column has."""
    return np.asarray((~np.isnan(p)).sum(axis=0), dtype=np.float64)


def _combined(name: str, p: FloatArray, extra: FloatArray, rank: int) -> _Combined:
    """Statistic, degrees of freedom and p of each column."""
    if name == "wilkinson":
        return _ranked(p, rank)
    if name == "stouffer":
        return _stouffer(p, extra)
    if name == "inverse-chi-square":
        there = ~np.isnan(p)
        total = np.where(there, extra, 0.0).sum(axis=0)
        statistic = np.where(there, chdtri(extra, p), 0.0).sum(axis=0)
        return statistic, total, np.asarray(chdtrc(total, statistic))
    return _PLAIN[name](p)


def _none(p: FloatArray) -> FloatArray:
    """Degrees of freedom of statistics that have none."""
    return np.full(p.shape[1], np.nan)


def _fisher(p: FloatArray) -> _Combined:
    df, statistic = 2 * _present(p), -2 * np.nansum(np.log(p), axis=0)
    return statistic, df, np.asarray(chdtrc(df, statistic))


def _pearson(p: FloatArray) -> _Combined:
    df, statistic = 2 * _present(p), -2 * np.nansum(np.log1p(-p), axis=0)
    return statistic, df, np.asarray(chdtr(df, statistic))


def _stouffer(p: FloatArray, weights: FloatArray) -> _Combined:
    used = np.where(np.isnan(p), 0.0, weights)
    used = used / used.max(axis=0, initial=0.0)
    z = np.where(used > 0, -ndtri(p), 0.0)
    statistic = (used * z).sum(axis=0) / np.sqrt((used**2).sum(axis=0))
    return statistic, _none(p), np.asarray(ndtr(-statistic))


def _logit(p: FloatArray) -> _Combined:
    k = _present(p)
    scale = np.sqrt(k * np.pi**2 * (5 * k + 2) / (3 * (5 * k + 4)))
    terms = np.where(np.isnan(p), 0.0, np.log1p(-p) - np.log(p))
    statistic, df = terms.sum(axis=0) / scale, 5 * k + 4
    return statistic, df, np.asarray(stdtr(df, -statistic))


def _mean_p(p: FloatArray) -> _Combined:
    k = _present(p)
    statistic = (0.5 - np.nansum(p, axis=0) / k) * np.sqrt(12 * k)
    return statistic, _none(p), np.asarray(ndtr(-statistic))


def _edgington(p: FloatArray) -> _Combined:
    k, total = _present(p), np.nansum(p, axis=0)
    lower = total <= k / 2
    shorter = np.where(lower, total, np.nansum(1 - p, axis=0))
    tail = np.full(k.shape, np.nan)
    for size in np.unique(k[k > 0]):
        at = k == size
        tail[at] = _uniform_sum(shorter[at], int(size))
    return total, _none(p), np.where(lower, tail, 1 - tail)


def _uniform_sum(total: FloatArray, k: int) -> FloatArray:
    """P(sum of k uniform variables <= total), as a sum of B-splines of order k + 1.

    Every term of the recurrence is positive, so that small tails keep their digits.
    """
    x = total - np.arange(k + 2.0)[:, None]
    spline = ((x >= 0) & (x < 1)).astype(np.float64)
    for order in range(2, k + 2):
        shifted = np.concatenate([spline[1:], np.zeros((1, total.size))])
        spline = (np.maximum(x, 0.0) * spline + np.maximum(order - x, 0.0) * shifted) / (order - 1)
    return np.asarray(np.minimum(spline.sum(axis=0), 1.0))


def _tippett(p: FloatArray) -> _Combined:
    least = np.where(np.isnan(p), np.inf, p).min(axis=0, initial=np.inf)
    return least, _none(p), -np.expm1(_present(p) * np.log1p(-least))


def _maximum(p: FloatArray) -> _Combined:
    largest = np.where(np.isnan(p), -np.inf, p).max(axis=0, initial=-np.inf)
    return largest, _none(p), largest ** _present(p)


def _ranked(p: FloatArray, rank: int) -> _Combined:
    value = np.sort(p, axis=0)[rank - 1]
    return value, _none(p), np.asarray(betainc(rank, _present(p) - rank + 1, value))


_PLAIN: dict[str, Callable[[FloatArray], _Combined]] = {
    "fisher": _fisher,
    "pearson": _pearson,
    "logit": _logit,
    "mean-p": _mean_p,
    "edgington": _edgington,
    "tippett": _tippett,
    "maximum": _maximum,
}
