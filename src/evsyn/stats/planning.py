"""Planning a meta-analysis: the power of its tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import PlannedMeasure, WaldTest, choices
from evsyn.stats._arrays import (
    FloatArray,
    TextArray,
    broadcast,
    broadcast_counts,
    checked_level,
    chosen,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._chi_square_sum import chi_square_sum_tail
from evsyn.stats._faults import finite, refuse_negative, refuse_not_positive, refuse_outside
from evsyn.stats._options import whole
from evsyn.stats._special import chdtri, expit, gammaincc, nctdtr, ndtr, ndtri, stdtrit

__all__ = [
    "Power",
    "diversity",
    "heterogeneity_power",
    "moderator_power",
    "planned_variance",
    "power",
]

_EXACT_STUDIES = 200


@dataclass(frozen=True, slots=True)
class Power:
    """Power of a test.

    Attributes
    ----------
    power : ndarray of float
        Probability of a significant result, a share; shape (n,), a number for a single column;
        ``nan`` where undefined.
    se : ndarray of float
        Standard error that the tested estimate will have; ``nan`` for tests without one.
    k : ndarray of float
        Studies counted on.
    level : float
        Confidence level, a share: 1 - the significance level.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no power; empty where there is one.
    """

    power: FloatArray
    se: FloatArray
    k: FloatArray
    level: float
    assumes: str
    reason: TextArray


@dataclass(frozen=True, slots=True)
class _Studies:
    """Studies counted on: one row each, or one row for ``repeats`` alike.

    Variances are (k,) + shape, the rest of the shape; nan for an absent study.
    """

    own: FloatArray
    variance: FloatArray
    moderator: FloatArray
    effect: FloatArray
    tau2: FloatArray
    repeats: FloatArray
    k: FloatArray

    def total(self, terms: FloatArray) -> FloatArray:
        """Sum over the studies that are there."""
        return np.asarray(np.nansum(terms, axis=0) * self.repeats, dtype=np.float64)


def power(
    effect: ArrayLike,
    vi: ArrayLike,
    *,
    k: ArrayLike | None = None,
    tau2: ArrayLike = 0.0,
    test: WaldTest = "z",
    sides: Literal[1, 2] = 2,
    level: float = 0.95,
) -> Power:
    """Power of the test of the mean effect.

    Parameters
    ----------
    effect : array_like
        True mean effect on the scale of the variances (logarithms of ratios), a number or (n,).
    vi : array_like
        Sampling variances of the studies, (k,) or (k, n), ``nan`` for an absent study; or with
        ``k`` the variance of a typical study, broadcast with the effect.
    k : array_like of int, optional
        Number of studies, each with variance ``vi``.
    tau2 : array_like, default 0
        Between-study variance, broadcast with the effect; 0 for the common-effect model.
    test : {"z", "t"}, default "z"
        Normal test, or t test on k - 1 degrees of freedom.
    sides : {1, 2}, default 2
        Two-sided test, or one-sided in the direction of the effect.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    Power
        Power and the standard error it rests on.

    Raises
    ------
    StatsError
        If a variance or tau² is negative, a value infinite, k negative or not whole, shapes do
        not fit, an option is unknown or the level lies outside 0..1.

    Notes
    -----
    With ``se = 1/sqrt(sum 1/(vi + tau2))`` and ``lambda = effect/se``, power is
    ``1 - Phi(c - lambda) + Phi(-c - lambda)`` [1]_. It takes tau² as known: with few studies the
    true power is lower. ``t`` uses the noncentral t distribution.

    References
    ----------
    .. [1] L. V. Hedges and T. D. Pigott, "The power of statistical tests in meta-analysis",
       Psychological Methods 6 (2001) 203-217, equations 5 and 10.

    Examples
    --------
    Ten trials of 25 and 25 participants, for a standardised mean difference of 0.2:

    >>> vi = planned_variance("SMD", 25, 25, effect=0.2)
    >>> print(f"{power(0.2, vi, k=10).power:.3f} {power(0.2, vi, k=10, tau2=0.04).power:.3f}")
    0.607 0.445
    """
    level = checked_level(level)
    chosen("test", test, choices(WaldTest))
    _checked_sides(sides)
    studies = _studies(vi, k, effect=effect, tau2=tau2)
    with np.errstate(all="ignore"):
        se = 1 / np.sqrt(studies.total(1 / studies.variance))
        df = studies.k - 1 if test == "t" else np.full(studies.k.shape, np.inf)
        found = _tail_power(np.abs(studies.effect) / se, df, sides, level)
    return _power((found, se), studies.k, level, "tau² is known, and effects are normal")


def moderator_power(
    effect: ArrayLike,
    vi: ArrayLike,
    moderator: ArrayLike,
    *,
    tau2: ArrayLike = 0.0,
    sides: Literal[1, 2] = 2,
    level: float = 0.95,
) -> Power:
    """Power of the test of one moderator, such as the difference of two subgroups.

    Parameters
    ----------
    effect : array_like
        True change of the effect by one unit of the moderator, a number or (n,).
    vi : array_like
        Sampling variances of the studies, (k,) or (k, n); ``nan`` for an absent study.
    moderator : array_like
        Moderator of the studies, (k,) or (k, n): 0 and 1 for two subgroups.
    tau2 : array_like, default 0
        Residual between-study variance, a number or (n,).
    sides : {1, 2}, default 2
        Two-sided test, or one-sided in the direction of the effect.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    Power
        Power and the standard error of the slope.

    Raises
    ------
    StatsError
        If a variance or tau² is negative, a value infinite, shapes do not fit, sides is neither 1
        nor 2, or the level lies outside 0..1.

    Notes
    -----
    With ``w = 1/(vi + tau2)`` the variance of the slope is ``1 / sum w (x - mean_w x)²`` [1]_; of
    two subgroups it is the sum of the variances of their means.

    References
    ----------
    .. [1] L. V. Hedges and T. D. Pigott, "The power of statistical tests for moderators in
       meta-analysis", Psychological Methods 9 (2004) 426-445.

    Examples
    --------
    Eight trials with variance 0.04, half of them in each subgroup:

    >>> print(f"{moderator_power(0.3, [0.04] * 8, [0, 0, 0, 0, 1, 1, 1, 1]).power:.3f}")
    0.564
    """
    level = checked_level(level)
    _checked_sides(sides)
    studies = _studies(vi, None, effect=effect, tau2=tau2, moderator=moderator)
    with np.errstate(all="ignore"):
        w = 1 / studies.variance
        centre = studies.total(w * studies.moderator) / studies.total(w)
        apart = studies.moderator - centre
        alike = np.nan_to_num(np.abs(apart)).max(axis=0, initial=0.0) <= 1e-12 * np.abs(centre)
        se = np.where(alike, np.nan, 1 / np.sqrt(studies.total(w * apart**2)))
        found = _tail_power(np.abs(studies.effect) / se, np.full(se.shape, np.inf), sides, level)
    assumes = "residual tau² is known, and effects are normal"
    return _power((found, se), studies.k, level, assumes)


def heterogeneity_power(
    vi: ArrayLike, *, tau2: ArrayLike, k: ArrayLike | None = None, level: float = 0.95
) -> Power:
    """Power of Cochran's Q test of heterogeneity.

    Parameters
    ----------
    vi : array_like
        Sampling variances of the studies, (k,) or (k, n), ``nan`` for an absent study; or with
        ``k`` the variance of a typical study.
    tau2 : array_like
        True between-study variance, a number or (n,).
    k : array_like of int, optional
        Number of studies, each with variance ``vi``.
    level : float, default 0.95
        Confidence level, a share: Q is significant beyond this quantile.

    Returns
    -------
    Power
        Power; ``se`` is ``nan``.

    Raises
    ------
    StatsError
        If a variance is not above 0, tau² is negative, a value infinite, k negative or not whole,
        shapes do not fit, or the level lies outside 0..1.

    Notes
    -----
    Q is a weighted sum of chi-square variables, whose weights are the eigenvalues of its
    quadratic form; its tail is found by Ruben's series for up to 200 studies. Beyond, and where
    the series would be too long, its distribution is taken as a gamma with its mean
    ``k - 1 + c tau2`` and variance ``2 (k - 1) + 4 c tau2 + 2 (S2 - 2 S3/S1 + S2²/S1²) tau2²``,
    where ``Sr = sum vi^-r`` and ``c = S1 - S2/S1`` [1]_ [2]_; of the 13 BCG trials it is off by
    0.02. For equal variances both are exact: ``(1 + tau2/vi)`` times chi-square on k - 1.

    References
    ----------
    .. [1] L. V. Hedges and T. D. Pigott, "The power of statistical tests in meta-analysis",
       Psychological Methods 6 (2001) 203-217.
    .. [2] B. J. Biggerstaff and R. L. Tweedie, "Incorporating variability in estimates of
       heterogeneity in the random effects model in meta-analysis", Statistics in Medicine 16
       (1997) 753-768.

    Examples
    --------
    Ten studies with a between-study variance as large as their own:

    >>> print(f"{heterogeneity_power(0.08, tau2=0.08, k=10).power:.3f}")
    0.489
    """
    level = checked_level(level)
    studies = _studies(vi, k, effect=0.0, tau2=tau2)
    refuse_not_positive(vi=studies.own)
    own = studies.own
    with np.errstate(all="ignore"):
        critical = np.asarray(chdtri(np.maximum(studies.k - 1, 1), 1 - level))
        found = np.array(np.broadcast_to(_gamma_tail(studies, critical), studies.k.shape))
        for at in np.ndindex(found.shape):
            exact = _exact_tail(own[(slice(None), *at)], studies, at, float(critical[at]))
            found[at] = found[at] if np.isnan(exact) else exact
    found = np.where(studies.k > 1, found, np.nan)
    assumes = "effects are normal, and sampling variances known"
    return _power((found, np.full(found.shape, np.nan)), studies.k, level, assumes)


def planned_variance(
    measure: PlannedMeasure,
    n_e: ArrayLike,
    n_c: ArrayLike = np.nan,
    *,
    effect: ArrayLike = 0.0,
    sd: ArrayLike | None = None,
    risk_c: ArrayLike | None = None,
) -> FloatArray:
    """Sampling variance that a trial of given size is expected to have.

    Parameters
    ----------
    measure : {"MD", "SMD", "RR", "OR", "RD", "ZCOR"}
        Mean difference, standardised mean difference, log risk ratio, log odds ratio, risk
        difference or Fisher's z.
    n_e, n_c : array_like of int
        Participants of the arms; broadcast with the others. For ``ZCOR`` all in ``n_e``.
    effect : array_like, default 0
        Effect on the scale of the measure, logarithms for ratios.
    sd : array_like, optional
        For ``MD``: common standard deviation.
    risk_c : array_like, optional
        For ``RR``, ``OR`` and ``RD``: risk of the comparator, 0 to 1.

    Returns
    -------
    ndarray of float
        ``sd² (1/n_e + 1/n_c)``; ``1/n_e + 1/n_c + effect²/(2 (n_e + n_c))``; for counts the
        formulas of `effect_sizes` at the expected counts; ``1/(n_e - 3)``. ``nan`` where an arm is
        too small or a risk is 0 or 1.

    Raises
    ------
    StatsError
        If the measure is unknown, the option it needs is missing or another given, an n is
        negative or not whole, a spread negative, a risk (the experimental one that follows
        included) outside 0..1, or shapes do not fit.

    Examples
    --------
    >>> print(f"{planned_variance('OR', 100, 100, effect=np.log(0.5), risk_c=0.2):.4f}")
    0.1638
    """
    name = chosen("measure", measure, choices(PlannedMeasure))
    counted = name in ("RR", "OR", "RD")
    for given, label, needed in ((sd, "sd", name == "MD"), (risk_c, "risk_c", counted)):
        if (given is not None) != needed:
            raise StatsError(f"{label} {'is missing' if needed else 'is not used'} for {name}")
    size_e, size_c = broadcast_counts(n_e=n_e, n_c=n_c)
    e, c, y, s, q = finite(
        n_e=size_e,
        n_c=size_c,
        effect=effect,
        sd=1.0 if sd is None else sd,
        risk_c=0.5 if risk_c is None else risk_c,
    )
    refuse_negative(sd=s)
    refuse_outside(0.0, 1.0, risk_c=q)
    with np.errstate(all="ignore"):
        variance = _planned(name, e, c, y) if not counted else _counted(name, (e, c), y, q)
        variance = variance * s**2
    return np.asarray(unwrapped(np.where(np.isfinite(variance) & (variance > 0), variance, np.nan)))


def diversity(vi: ArrayLike, *, tau2: ArrayLike) -> FloatArray:
    """Diversity D²: by how much heterogeneity widens the variance of the mean, in percent.

    Parameters
    ----------
    vi : array_like
        Sampling variances of the studies, (k,) or (k, n); ``nan`` for an absent study.
    tau2 : array_like
        Between-study variance, a number or (n,).

    Returns
    -------
    ndarray of float
        ``100 (V_random - V_common)/V_random`` of the mean's variance; at least I².

    Raises
    ------
    StatsError
        If a variance is not above 0, tau² is negative, a value infinite, or shapes do not fit.

    References
    ----------
    .. [1] J. Wetterslev, K. Thorlund, J. Brok and C. Gluud, "Estimating required information size
       by quantifying diversity in random-effects model meta-analyses", BMC Medical Research
       Methodology 9 (2009) 86.

    Examples
    --------
    >>> print(f"{diversity([0.1, 0.2, 0.4], tau2=0.1):.1f}")
    41.0
    """
    studies = _studies(vi, None, effect=0.0, tau2=tau2)
    refuse_not_positive(vi=studies.own)
    own = studies.own
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = studies.total(1 / studies.variance) / studies.total(1 / own)
    return np.asarray(unwrapped(np.where(studies.k > 0, 100 * (1 - ratio), np.nan)))


def _studies(
    vi: ArrayLike,
    k: ArrayLike | None,
    *,
    effect: ArrayLike,
    tau2: ArrayLike,
    moderator: ArrayLike = 0.0,
) -> _Studies:
    """Arguments checked and brought to one shape, studies along the first axis."""
    variances, x = finite(vi=vi, moderator=moderator)
    slope, between = finite(effect=effect, tau2=tau2)
    refuse_negative(vi=variances)
    refuse_negative(tau2=between)
    if k is not None:
        (number,) = broadcast_counts(k=k)
        variances, slope, between, number = finite(
            vi=variances, effect=slope, tau2=between, k=number
        )
        variances, x = variances[None], np.zeros((1, *variances.shape))
    elif variances.ndim in (1, 2):
        tail = (1,) * max(slope.ndim - variances.ndim + 1, 0)
        variances, x = (array.reshape(array.shape + tail) for array in (variances, x))
        common = broadcast(vi=variances, moderator=x, effect=slope, tau2=between)
        variances, x = common["vi"], common["moderator"]
        if variances.ndim != max(slope.ndim + 1, np.ndim(vi), np.ndim(moderator)):
            raise StatsError(f"effect and tau2 have shape {slope.shape}; give a number or (n,)")
        number = np.ones(variances.shape[1:])
        slope, between = (np.broadcast_to(y, variances.shape[1:]) for y in (slope, between))
    else:
        raise StatsError(f"vi has shape {variances.shape}; give (k,) or (k, n), or a number and k")
    there = ~np.isnan(variances) & ~np.isnan(x)
    own = np.where(there, variances, np.nan)
    count = there.sum(axis=0) * number
    return _Studies(own, own + between, x, np.array(slope), np.array(between), number, count)


def _gamma_tail(studies: _Studies, critical: FloatArray) -> FloatArray:
    """P(Q > critical) by a gamma distribution with the moments of Q."""
    own = studies.own
    # In units of the smallest variance, so that its powers stay in range.
    unit = np.where(np.isnan(own), np.inf, own).min(axis=0, initial=np.inf)
    s1, s2, s3 = (studies.total((unit / own) ** r) for r in (1, 2, 3))
    spread = studies.tau2 / unit
    c = s1 - s2 / s1
    mean = studies.k - 1 + c * spread
    variance = 2 * (studies.k - 1) + 4 * c * spread
    variance = variance + 2 * (s2 - 2 * s3 / s1 + (s2 / s1) ** 2) * spread**2
    return np.asarray(gammaincc(mean**2 / variance, critical * mean / variance))


def _exact_tail(own: FloatArray, studies: _Studies, at: tuple[int, ...], critical: float) -> float:
    """P(Q > critical) of one column; nan where it is left to the gamma distribution."""
    column = own[~np.isnan(own)]
    k, tau2 = float(studies.k[at]), float(studies.tau2[at])
    if not 2 <= k <= _EXACT_STUDIES or np.isnan(tau2) or np.ptp(column) == 0:
        return float("nan")
    w = 1 / (column / column.min())
    root = np.sqrt(1 / w + tau2 / column.min())
    form = (np.diag(w) - np.outer(w, w) / w.sum()) * np.outer(root, root)
    return chi_square_sum_tail(np.linalg.eigvalsh(form)[1:], critical)


def _tail_power(ratio: FloatArray, df: FloatArray, sides: int, level: float) -> FloatArray:
    """Probability beyond the critical value, for a mean of ``ratio`` standard errors."""
    tail = (1 - level) / sides
    normal = np.isinf(df)
    finite_df = np.where(normal | (df < 1), np.nan, df)
    critical = np.where(normal, -ndtri(tail), -stdtrit(finite_df, tail))
    above = np.where(normal, ndtr(ratio - critical), 1 - nctdtr(finite_df, ratio, critical))
    below = np.where(normal, ndtr(-critical - ratio), nctdtr(finite_df, ratio, -critical))
    return np.asarray(above + (below if sides == 2 else 0.0), dtype=np.float64)


def _power(
    found: tuple[FloatArray, FloatArray], k: FloatArray, level: float, assumes: str
) -> Power:
    value, se = (np.where(k > 0, x, np.nan) for x in found)
    return Power(
        power=unwrapped(value),
        se=unwrapped(se),
        k=unwrapped(np.array(k, dtype=np.float64)),
        level=level,
        assumes=assumes,
        reason=unwrapped(
            reasons(
                value.shape,
                (k == 0, "no studies"),
                (np.isnan(value), "too few studies, no spread of the moderator, or a gap"),
            )
        ),
    )


def _checked_sides(sides: int) -> None:
    if whole("sides", sides, 1) > 2:
        raise StatsError(f"sides={sides!r} is not allowed; give 1 or 2")


def _planned(name: str, e: FloatArray, c: FloatArray, y: FloatArray) -> FloatArray:
    """Variance of continuous measures, in units of the spread."""
    if name == "ZCOR":
        return np.where(e > 3, 1 / (e - 3), np.nan)
    small = (e < 1) | (c < 1)
    extra = y**2 / (2 * (e + c)) if name == "SMD" else 0.0
    return np.where(small, np.nan, 1 / e + 1 / c + extra)


def _counted(
    name: str, sizes: tuple[FloatArray, FloatArray], y: FloatArray, q: FloatArray
) -> FloatArray:
    """Variance of measures of counts, at the expected counts."""
    e, c = sizes
    if name == "OR":
        p = np.asarray(expit(np.log(q) - np.log1p(-q) + y), dtype=np.float64)
    else:
        p = q * np.exp(y) if name == "RR" else q + y
        refuse((p < 0) | (p > 1), "effect={:g} takes the risk {:g} outside 0..1", y, q)
    if name == "RD":
        return np.asarray(p * (1 - p) / e + q * (1 - q) / c)
    if name == "RR":
        return np.asarray((1 - p) / (p * e) + (1 - q) / (q * c))
    return np.asarray(1 / (e * p * (1 - p)) + 1 / (c * q * (1 - q)))
