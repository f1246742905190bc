"""Fail-safe N: how many unseen null results would undo a finding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import FailsafeMethod, choices
from evsyn.stats._arrays import FloatArray, TextArray, checked_level, chosen, reasons
from evsyn.stats._options import flag
from evsyn.stats._special import ndtr, ndtri
from evsyn.stats.pooling.studies import Studies, study_columns

__all__ = ["FailsafeN", "failsafe_n"]

ROUNDING = 1e-14  # share by which a whole number may come out too large


@dataclass(frozen=True, slots=True)
class FailsafeN:
    """Number of null results that would undo a finding.

    For effect sizes of shape (k,) each value is a number, for (k, n) an array of shape (n,).

    Attributes
    ----------
    n : ndarray, shape () or (n,)
        The number in whole studies, rounded up; 0 where the finding does not reach the mark
        without them.
    n_exact : ndarray, shape () or (n,)
        The same before it is rounded.
    estimate : ndarray, shape () or (n,)
        Mean effect that is diluted (Orwin, Rosenberg); ``nan`` for Rosenthal.
    p_value : ndarray, shape () or (n,)
        Of the observed studies: one-sided for Rosenthal (in the direction observed), two-sided
        for Rosenberg; ``nan`` for Orwin.
    target : ndarray, shape () or (n,)
        Effect to which Orwin's mean is to fall; ``nan`` for the others.
    k : ndarray of int, shape () or (n,)
        Studies.
    reason : ndarray of str, shape () or (n,)
        Why values are missing; empty where none is.
    method : str
        ``"rosenthal"``, ``"orwin"`` or ``"rosenberg"``.
    level : float
        Level whose complement is the alpha not to be reached.
    """

    n: FloatArray
    n_exact: FloatArray
    estimate: FloatArray
    p_value: FloatArray
    target: FloatArray
    k: FloatArray
    reason: TextArray
    method: str
    level: float


def failsafe_n(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: FailsafeMethod = "rosenthal",
    target: float | None = None,
    weighted: bool = False,
    level: float = 0.95,
) -> FailsafeN:
    """Fail-safe N: null results that, added, would undo a finding.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    method : {"rosenthal", "orwin", "rosenberg"}, default "rosenthal"
        What is undone, see Notes.
    target : float, optional
        For Orwin: the mean effect too small to matter, on the scale of ``yi``; its sign is taken
        from the mean. By default half the mean, for which N is the number of studies; name one.
    weighted : bool, default False
        For Orwin: weight the mean by inverse variance.
    level : float, default 0.95
        Confidence level; alpha is ``1 - level``, one-sided for Rosenthal, two-sided for Rosenberg.

    Returns
    -------
    FailsafeN
        The number and the finding it would undo.

    Raises
    ------
    StatsError
        If shapes differ, a value or option is outside what is allowed, or ``target`` or
        ``weighted`` is given to a method without one.

    Notes
    -----
    ``rosenthal``: ``(sum z / z_alpha)² - k`` with ``z = yi / sqrt(vi)``, the studies of effect 0
    that raise Stouffer's combined p to alpha [1]_. ``orwin``: ``k (mean / target - 1)``, the
    studies of effect 0 that dilute the mean to ``target`` [2]_. ``rosenberg``:
    ``k ((sum w yi / z_(alpha/2))² / sum w - 1)``, the studies of effect 0 and average weight
    that raise the p of the common-effect mean to alpha, with the normal distribution [3]_.

    All suppose that what is unseen averages no effect at all, ignore heterogeneity, and reward
    many small studies. Rosenthal's N asks about a p-value, not about an effect.

    References
    ----------
    .. [1] R. Rosenthal, "The file drawer problem and tolerance for null results",
       Psychol Bull 86 (1979) 638-641.
    .. [2] R. G. Orwin, "A fail-safe N for effect size in meta-analysis", J Educ Stat 8 (1983)
       157-159.
    .. [3] M. S. Rosenberg, "The file-drawer problem revisited: a general weighted method for
       calculating fail-safe numbers in meta-analysis", Evolution 59 (2005) 464-468.

    Examples
    --------
    Four trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios; how
    many without effect would bring their mean to a risk ratio of 0.8?

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = failsafe_n(yi, vi, method="orwin", target=np.log(0.8))
    >>> found.n, found.n_exact.round(2)
    (np.float64(20.0), np.float64(19.59))
    """
    chosen("method", method, choices(FailsafeMethod))
    level = checked_level(level)
    studies = study_columns(yi, vi)
    weighted = flag("weighted", weighted)
    if method != "orwin" and (target is not None or weighted):
        raise StatsError(f"method={method!r} takes neither target nor weighted; 'orwin' does")
    nan = np.full(studies.k.shape, np.nan)
    no_variance = (studies.present & (studies.vi == 0)).any(axis=0)
    unusable = (studies.k == 0) | (no_variance & (method != "orwin" or weighted))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if method == "orwin":
            mean, goal, n = _orwin(studies, target, weighted)
            p_value = nan
        else:
            mean, p_value, n = _significance(studies, method, 1 - level)
            goal = nan
    n = np.where(unusable, np.nan, np.maximum(0.0, n))
    shaped = studies.shaped
    zero_mean = np.isnan(n) & ~unusable
    why = reasons(
        n.shape,
        (studies.k == 0, "no study with an effect size and a variance"),
        (unusable, "a sampling variance is 0"),
        (zero_mean, "the target is 0, which no number of null results reaches"),
    )
    return FailsafeN(
        n=shaped(np.ceil(n * (1 - ROUNDING))),
        n_exact=shaped(n),
        estimate=shaped(np.where(unusable, np.nan, mean)),
        p_value=shaped(np.where(unusable, np.nan, p_value)),
        target=shaped(goal),
        k=shaped(studies.k.astype(int)),
        reason=shaped(why),
        method=method,
        level=level,
    )


def _significance(
    studies: Studies, method: str, alpha: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, p-value and N of Rosenthal's or Rosenberg's method."""
    w, k = 1.0 / studies.vi, studies.k
    if method == "rosenthal":
        z = (studies.yi * np.sqrt(w)).sum(axis=0) / np.sqrt(k)
        n = k * ((z / ndtri(alpha)) ** 2 - 1)
        return np.full(k.shape, np.nan), np.asarray(ndtr(-np.abs(z))), n
    total = w.sum(axis=0)
    mean = (w * studies.yi).sum(axis=0) / total
    z = mean * np.sqrt(total)
    return mean, np.asarray(2 * ndtr(-np.abs(z))), k * ((z / ndtri(alpha / 2)) ** 2 - 1)


def _orwin(
    studies: Studies, target: float | None, weighted: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, target and N of Orwin's method."""
    w = 1.0 / studies.vi if weighted else studies.present.astype(float)
    mean = (w * studies.yi).sum(axis=0) / w.sum(axis=0)
    goal = mean / 2 if target is None else np.copysign(_finite(target), mean)
    return mean, goal, np.where(goal == 0, np.nan, studies.k * (mean / goal - 1))


def _finite(target: float) -> float:
    """Target as a float; an effect of infinite size is none."""
    try:
        value = float(target)
    except (TypeError, ValueError) as error:
        raise StatsError(f"target={target!r} is no number") from error
    if not np.isfinite(value):
        raise StatsError(f"target={value:g} is not finite")
    return value
