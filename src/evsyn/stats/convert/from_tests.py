"""Effect sizes from printed test statistics: t, F, chi-square and p."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import BoolArray, FloatArray, broadcast_counts, reasons, refuse, unwrapped
from evsyn.stats._faults import finite, refuse_negative, refuse_outside
from evsyn.stats._options import flag
from evsyn.stats._special import stdtrit
from evsyn.stats.convert.results import ConvertedEffect
from evsyn.stats.effects.hedges import factor_of

__all__ = ["d_from_f", "d_from_p", "d_from_paired_t", "d_from_t", "r_from_chi2", "r_from_t"]

_EQUAL = "the test is the t test of two independent arms with equal spreads, not adjusted"


def d_from_t(
    t: ArrayLike, n_e: ArrayLike, n_c: ArrayLike, *, corrected: bool = True
) -> ConvertedEffect:
    """Standardised mean difference from the t test of two independent arms.

    Parameters
    ----------
    t : array_like
        t statistic, positive where the experimental mean is higher; broadcast with the others;
        ``nan`` where missing.
    n_e, n_c : array_like of int
        Participants of the arms.
    corrected : bool, default True
        Whether d is multiplied by Hedges' exact factor, as `evsyn.stats.effect_sizes` does for
        ``SMD``.

    Returns
    -------
    ConvertedEffect
        ``J t sqrt(1/n_e + 1/n_c)``; variance ``1/n_e + 1/n_c + yi²/(2 (n_e + n_c))``; ``nan``
        where an arm is empty or both have one participant.

    Raises
    ------
    StatsError
        If t is infinite, an n is negative or not whole, or shapes do not fit.

    Notes
    -----
    Exact for Student's t test; an approximation for Welch's or after adjustment for covariates.

    References
    ----------
    .. [1] L. V. Hedges, "Distribution theory for Glass's estimator of effect size and related
       estimators", J Educ Stat 6 (1981) 107-128.

    Examples
    --------
    >>> found = d_from_t(2.78, 25, 22)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    0.7990 0.0922
    """
    size_e, size_c = broadcast_counts(n_e=n_e, n_c=n_c)
    statistic, size_e, size_c = finite(t=t, n_e=size_e, n_c=size_c)
    few = (size_e < 1) | (size_c < 1) | (size_e + size_c < 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        base = 1 / size_e + 1 / size_c
        yi = statistic * np.sqrt(base)
        yi = yi * factor_of(size_e + size_c - 2) if flag("corrected", corrected) else yi
        vi = base + yi**2 / (2 * (size_e + size_c))
    return _result(yi, vi, few, "SMD", _EQUAL)


def d_from_f(
    f: ArrayLike, n_e: ArrayLike, n_c: ArrayLike, *, sign: ArrayLike, corrected: bool = True
) -> ConvertedEffect:
    """Standardised mean difference from the F test of two independent arms.

    Parameters
    ----------
    f : array_like
        F statistic on 1 and n_e + n_c - 2 degrees of freedom; broadcast with the others; ``nan``
        where missing.
    n_e, n_c : array_like of int
        Participants of the arms.
    sign : array_like
        1 where the experimental mean is higher, -1 where it is lower: F does not tell.
    corrected : bool, default True
        Whether d is multiplied by Hedges' exact factor.

    Returns
    -------
    ConvertedEffect
        As `d_from_t` with ``t = sign sqrt(f)``.

    Raises
    ------
    StatsError
        If F is negative or infinite, a sign is neither -1 nor 1, an n is negative or not whole,
        or shapes do not fit.

    Examples
    --------
    >>> print(f"{d_from_f(2.78**2, 25, 22, sign=-1).yi:.4f}")
    -0.7990
    """
    statistic, side = finite(f=f, sign=sign)
    refuse_negative(f=statistic)
    _refuse_unsigned(side)
    return d_from_t(side * np.sqrt(statistic), n_e, n_c, corrected=corrected)


def d_from_p(
    p_value: ArrayLike, n_e: ArrayLike, n_c: ArrayLike, *, sign: ArrayLike, corrected: bool = True
) -> ConvertedEffect:
    """Standardised mean difference from the two-sided p of a t test of two independent arms.

    Parameters
    ----------
    p_value : array_like
        Two-sided p, exact; broadcast with the others; ``nan`` where missing.
    n_e, n_c : array_like of int
        Participants of the arms.
    sign : array_like
        1 where the experimental mean is higher, -1 where it is lower.
    corrected : bool, default True
        Whether d is multiplied by Hedges' exact factor.

    Returns
    -------
    ConvertedEffect
        As `d_from_t` with the t quantile at ``1 - p/2`` on n_e + n_c - 2 degrees of freedom;
        ``nan`` where p is 0.

    Raises
    ------
    StatsError
        If p lies outside 0..1, a sign is neither -1 nor 1, an n is negative or not whole, or
        shapes do not fit.

    Examples
    --------
    >>> print(f"{d_from_p(0.008, 25, 22, sign=1).yi:.4f}")
    0.7978
    """
    size_e, size_c = broadcast_counts(n_e=n_e, n_c=n_c)
    p, side, size_e, size_c = finite(p_value=p_value, sign=sign, n_e=size_e, n_c=size_c)
    refuse_outside(0.0, 1.0, p_value=p)
    _refuse_unsigned(side)
    df = size_e + size_c - 2
    with np.errstate(invalid="ignore"):
        t = -side * stdtrit(np.where(df > 0, df, np.nan), p / 2)
    t = np.where(p == 0, np.nan, t)
    found = d_from_t(t, size_e, size_c, corrected=corrected)
    why = np.asarray(found.reason, dtype=object).copy()
    why[p == 0] = "a p of 0 says nothing of the size"
    return ConvertedEffect(
        found.yi, found.vi, "SMD", _EQUAL + "; p is exact and two-sided", unwrapped(why)
    )


def d_from_paired_t(t: ArrayLike, n: ArrayLike, *, r: ArrayLike) -> ConvertedEffect:
    """Standardised mean difference, by the spread between participants, from a paired t test.

    Parameters
    ----------
    t : array_like
        Paired t statistic, positive where the experimental mean is higher; broadcast with the
        others; ``nan`` where missing.
    n : array_like of int
        Pairs.
    r : array_like
        Correlation of the two measurements of a pair, -1 to 1.

    Returns
    -------
    ConvertedEffect
        ``d = t sqrt(2 (1 - r)/n)``; variance ``(1/n + d²/(2n)) 2 (1 - r)``; not corrected for
        small samples; ``nan`` below two pairs.

    Raises
    ------
    StatsError
        If t is infinite, r lies outside -1..1, n is negative or not whole, or shapes do not fit.

    References
    ----------
    .. [1] M. Borenstein, L. V. Hedges, J. P. T. Higgins and H. R. Rothstein, Introduction to
       Meta-Analysis (Wiley 2009), chapter 4, equations 4.26 to 4.28.

    Examples
    --------
    >>> found = d_from_paired_t(3.0, 50, r=0.7)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    0.3286 0.0126
    """
    (pairs,) = broadcast_counts(n=n)
    statistic, pairs, rho = finite(t=t, n=pairs, r=r)
    refuse_outside(-1.0, 1.0, r=rho)
    few = pairs < 2
    with np.errstate(divide="ignore", invalid="ignore"):
        yi = statistic * np.sqrt(2 * (1 - rho) / pairs)
        vi = (1 / pairs + yi**2 / (2 * pairs)) * 2 * (1 - rho)
    assumes = "spreads are equal under both treatments, and the correlation is that of these pairs"
    return _result(yi, vi, few, "SMD", assumes)


def r_from_t(t: ArrayLike, n: ArrayLike) -> ConvertedEffect:
    """Correlation from its t test, or from that of a regression on one variable.

    Parameters
    ----------
    t : array_like
        t statistic on n - 2 degrees of freedom; broadcast; ``nan`` where missing.
    n : array_like of int
        Participants.

    Returns
    -------
    ConvertedEffect
        ``t / sqrt(t² + n - 2)``; variance ``(1 - r²)²/(n - 1)``; ``nan`` below three
        participants.

    Raises
    ------
    StatsError
        If t is infinite, n is negative or not whole, or shapes do not fit.

    Examples
    --------
    >>> found = r_from_t(2.5, 30)
    >>> print(f"{found.yi:.4f} {found.vi:.4f}")
    0.4272 0.0230
    """
    (size,) = broadcast_counts(n=n)
    statistic, size = finite(t=t, n=size)
    few = size < 3
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.where(few, np.nan, size - 2))
        length = np.hypot(statistic, root)
        yi = statistic / length
        vi = (root / length) ** 4 / (size - 1)
    return _result(yi, vi, few, "COR", "the test is of a single correlation, not adjusted")


def r_from_chi2(chi2: ArrayLike, n: ArrayLike, *, sign: ArrayLike) -> ConvertedEffect:
    """Phi, the correlation of two yes-or-no variables, from their chi-square test.

    Parameters
    ----------
    chi2 : array_like
        Chi-square on 1 degree of freedom, without continuity correction; broadcast with the
        others; ``nan`` where missing.
    n : array_like of int
        Participants in the table.
    sign : array_like
        1 where the event is more frequent in the experimental arm, -1 where less.

    Returns
    -------
    ConvertedEffect
        ``sign sqrt(chi2 / n)``; variance ``(1 - r²)²/(n - 1)``; ``nan`` below two participants.

    Raises
    ------
    StatsError
        If chi-square is negative, infinite or above n, a sign is neither -1 nor 1, n is negative
        or not whole, or shapes do not fit.

    Notes
    -----
    With the counts of the table use `evsyn.stats.effect_sizes`; phi depends on the margins, and
    its variance here is that of a product-moment correlation of normal variables.

    References
    ----------
    .. [1] R. Rosenthal, "Parametric measures of effect size", in H. Cooper and L. V. Hedges
       (editors), The Handbook of Research Synthesis (Russell Sage 1994), 231-244.

    Examples
    --------
    >>> print(f"{r_from_chi2(6.4, 100, sign=-1).yi:.4f}")
    -0.2530
    """
    (size,) = broadcast_counts(n=n)
    statistic, size, side = finite(chi2=chi2, n=size, sign=sign)
    refuse_negative(chi2=statistic)
    _refuse_unsigned(side)
    refuse(
        statistic > size * (1 + 1e-12),
        "chi2={:g} exceeds n={:g}, which no 2x2 table gives",
        statistic,
        size,
    )
    few = size < 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.minimum(statistic / size, 1.0)
        yi, vi = side * np.sqrt(share), (1 - share) ** 2 / (size - 1)
    return _result(yi, vi, few, "COR", "the test is Pearson's, of a 2x2 table, not corrected")


def _refuse_unsigned(sign: FloatArray) -> None:
    refuse(
        ~np.isnan(sign) & (np.abs(sign) != 1),
        "sign={:g} is no direction; give 1 or -1 (nan where it is not known)",
        sign,
    )


def _result(
    yi: FloatArray, vi: FloatArray, few: BoolArray, measure: str, assumes: str
) -> ConvertedEffect:
    yi, vi = (np.where(few, np.nan, x) for x in (yi, vi))
    missing: BoolArray = np.isnan(yi) | np.isnan(vi)
    return ConvertedEffect(
        yi=unwrapped(yi),
        vi=unwrapped(vi),
        measure=measure,
        assumes=assumes,
        reason=unwrapped(
            reasons(
                yi.shape,
                (few, "too few participants"),
                (missing, "a statistic, a sign, an n or a correlation is missing"),
            )
        ),
    )
