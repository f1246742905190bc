"""From one effect size to another: standardised mean difference, log odds ratio, correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import LogitFactor, choices
from evsyn.stats._arrays import FloatArray, broadcast_counts, chosen, reasons, refuse, unwrapped
from evsyn.stats._faults import finite, refuse_negative
from evsyn.stats.convert.results import ConvertedEffect

__all__ = ["d_to_log_or", "d_to_r", "log_or_to_d", "r_to_d"]

_FACTORS = {"logistic": float(np.pi / np.sqrt(3.0)), "cox": 1.65}
_LATENT = {
    "logistic": "the outcome was cut from a continuous one with logistic distributions of equal "
    "spread in both arms",
    "cox": "the outcome was cut from a continuous one with normal distributions of equal spread "
    "in both arms",
}
_CUT = "r is between the outcome and the arm (point-biserial), spreads are equal in both arms"


def d_to_log_or(
    yi: ArrayLike, vi: ArrayLike, *, factor: LogitFactor = "logistic"
) -> ConvertedEffect:
    """Log odds ratio from a standardised mean difference.

    Parameters
    ----------
    yi, vi : array_like
        Standardised mean difference and its variance; broadcast; ``nan`` where missing.
    factor : {"logistic", "cox"}, default "logistic"
        Factor pi/sqrt(3) = 1.814 [1]_ [2]_, or 1.65 [3]_.

    Returns
    -------
    ConvertedEffect
        ``yi`` times the factor and ``vi`` times its square.

    Raises
    ------
    StatsError
        If a value is infinite, a variance negative, shapes do not fit, or the factor is unknown.

    References
    ----------
    .. [1] V. Hasselblad and L. V. Hedges, "Meta-analysis of screening and diagnostic tests",
       Psychological Bulletin 117 (1995) 167-178.
    .. [2] S. Chinn, "A simple method for converting an odds ratio to effect size for use in
       meta-analysis", Statistics in Medicine 19 (2000) 3127-3131.
    .. [3] D. R. Cox, Analysis of Binary Data (Chapman and Hall 1970).

    Examples
    --------
    >>> found = d_to_log_or(0.5, 0.02)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    0.9069 0.0658
    """
    name = chosen("factor", factor, choices(LogitFactor))
    return _scaled(yi, vi, _FACTORS[name], "OR", _LATENT[name])


def log_or_to_d(
    yi: ArrayLike, vi: ArrayLike, *, factor: LogitFactor = "logistic"
) -> ConvertedEffect:
    """Standardised mean difference from a log odds ratio.

    Parameters
    ----------
    yi, vi : array_like
        Log odds ratio and its variance; broadcast; ``nan`` where missing.
    factor : {"logistic", "cox"}, default "logistic"
        Divisor, as in `d_to_log_or`.

    Returns
    -------
    ConvertedEffect
        ``yi`` over the factor and ``vi`` over its square.

    Raises
    ------
    StatsError
        As `d_to_log_or`.

    References
    ----------
    As for `d_to_log_or`; Cochrane Handbook, version 6.4 (2023), section 10.6.

    Examples
    --------
    >>> found = log_or_to_d(0.9069, 0.0676)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    0.5000 0.0205
    """
    name = chosen("factor", factor, choices(LogitFactor))
    return _scaled(yi, vi, 1 / _FACTORS[name], "SMD", _LATENT[name])


def d_to_r(
    yi: ArrayLike, vi: ArrayLike, n_e: ArrayLike = np.nan, n_c: ArrayLike = np.nan
) -> ConvertedEffect:
    """Correlation of outcome and arm from a standardised mean difference.

    Parameters
    ----------
    yi, vi : array_like
        Standardised mean difference and its variance; broadcast; ``nan`` where missing.
    n_e, n_c : array_like of int, optional
        Participants of the arms; where either is ``nan`` the arms are taken as equal.

    Returns
    -------
    ConvertedEffect
        ``r = d / sqrt(d² + a)`` with ``a = (n_e + n_c)² / (n_e n_c)``, which is 4 for equal arms;
        variance ``a² vi / (d² + a)³``.

    Raises
    ------
    StatsError
        If a value is infinite, a variance negative, an n is 0, negative or not whole, or shapes
        do not fit.

    References
    ----------
    .. [1] M. Borenstein, L. V. Hedges, J. P. T. Higgins and H. R. Rothstein, Introduction to
       Meta-Analysis (Wiley 2009), chapter 7.

    Examples
    --------
    >>> found = d_to_r(0.5, 0.02)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    0.2425 0.0042
    """
    d, v, a = _with_allocation(yi, vi, n_e, n_c)
    scale = np.hypot(d, np.sqrt(a))
    return _effect(d / scale, v * (a / scale**2) ** 2 / scale**2, "COR", _CUT)


def r_to_d(
    yi: ArrayLike, vi: ArrayLike, n_e: ArrayLike = np.nan, n_c: ArrayLike = np.nan
) -> ConvertedEffect:
    """Standardised mean difference from the correlation of outcome and arm.

    Parameters
    ----------
    yi, vi : array_like
        Correlation and its variance; broadcast; ``nan`` where missing.
    n_e, n_c : array_like of int, optional
        Participants of the arms; where either is ``nan`` the arms are taken as equal.

    Returns
    -------
    ConvertedEffect
        ``d = sqrt(a) r / sqrt(1 - r²)``, the inverse of `d_to_r`, and variance
        ``a vi / (1 - r²)³``; ``nan`` where r is -1 or 1.

    Raises
    ------
    StatsError
        If r lies outside -1..1, a variance is negative, a value infinite, an n is 0, negative or
        not whole, or shapes do not fit.

    References
    ----------
    .. [1] M. Borenstein, L. V. Hedges, J. P. T. Higgins and H. R. Rothstein, Introduction to
       Meta-Analysis (Wiley 2009), chapter 7.

    Examples
    --------
    >>> found = r_to_d(0.5, 0.0058)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    1.1547 0.0550
    """
    r, v, a = _with_allocation(yi, vi, n_e, n_c)
    refuse(np.abs(r) > 1, "yi={:g} lies outside -1..1, where correlations are", r)
    bound = np.abs(r) == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (1 - r) * (1 + r)
        d, variance = np.sqrt(a / rest) * r, a * v / rest**3
    d, variance = (np.where(bound, np.nan, x) for x in (d, variance))
    found = _effect(d, variance, "SMD", _CUT)
    why = reasons(
        r.shape,
        (bound, "a correlation of -1 or 1 leaves no spread within the arms"),
        (np.isnan(d) | np.isnan(variance), "the effect or its variance is missing"),
    )
    return ConvertedEffect(found.yi, found.vi, found.measure, found.assumes, unwrapped(why))


def _scaled(
    yi: ArrayLike, vi: ArrayLike, factor: float, measure: str, assumes: str
) -> ConvertedEffect:
    effect, variance = finite(yi=yi, vi=vi)
    refuse_negative(vi=variance)
    return _effect(effect * factor, variance * factor**2, measure, assumes)


def _with_allocation(
    yi: ArrayLike, vi: ArrayLike, n_e: ArrayLike, n_c: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Effect, variance and (n_e + n_c)² / (n_e n_c), 4 where the arms are not known."""
    size_e, size_c = broadcast_counts(n_e=n_e, n_c=n_c)
    effect, variance, size_e, size_c = finite(yi=yi, vi=vi, n_e=size_e, n_c=size_c)
    refuse_negative(vi=variance)
    for name, size in (("n_e", size_e), ("n_c", size_c)):
        refuse(size == 0, f"{name}={{:g}}; give 1 or more, or nan for equal arms", size)
    ratio = np.where(np.isnan(size_e) | np.isnan(size_c), 1.0, size_e / size_c)
    return effect, variance, np.asarray(2 + ratio + 1 / ratio, dtype=np.float64)


def _effect(yi: FloatArray, vi: FloatArray, measure: str, assumes: str) -> ConvertedEffect:
    missing = np.isnan(yi) | np.isnan(vi)
    return ConvertedEffect(
        yi=unwrapped(yi),
        vi=unwrapped(vi),
        measure=measure,
        assumes=assumes,
        reason=unwrapped(reasons(yi.shape, (missing, "the effect or its variance is missing"))),
    )
