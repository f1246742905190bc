"""P-curve: what the distribution of significant p-values says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import StatisticKind, choices
from evsyn.stats._arrays import BoolArray, FloatArray, broadcast, checked_level, chosen, find_root
from evsyn.stats._special import ndtr, ndtri
from evsyn.stats.bias._noncentral import (
    central_tail,
    critical_value,
    noncentral_tail,
    noncentrality,
)
from evsyn.stats.bias._poisson_binomial import poisson_binomial

__all__ = ["PCurve", "PCurveTest", "p_curve"]

FULL, HALF = 0.05, 0.025
THIRD = 1.0 / 3.0  # the power against which flatness is tested
LOWEST, HIGHEST = 0.05, 0.99  # range in which power is estimated
SMALLEST = 1e-300  # probabilities below are taken for this


@dataclass(frozen=True, slots=True)
class PCurveTest:
    """A test of the shape of the p-curve.

    Attributes
    ----------
    z : float
        Stouffer's sum of the p-values as normal deviates; negative in the direction tested;
        ``nan`` for the binomial test.
    p_value : float
        One-sided p-value; ``nan`` where no p-value lies in the range.
    """

    z: float
    p_value: float


@dataclass(frozen=True, slots=True)
class PCurve:
    """Tests of a p-curve, and the power that would have produced it.

    Attributes
    ----------
    p_value : ndarray, shape (m,)
        Two-sided p-value of each statistic; ``nan`` where it is missing.
    k : int
        Statistics given, without the missing ones.
    k_significant, k_half : int
        Of these below 0.05, and below 0.025.
    right_skew, right_skew_half, right_skew_binomial : PCurveTest
        Is the curve steeper than without any effect? All below 0.05; below 0.025; share below
        0.025.
    flatness, flatness_half, flatness_binomial : PCurveTest
        Is the curve flatter than with 33 % power? The same three.
    evidential_value : bool
        Right skew: half curve below 0.05, or both curves below 0.1.
    inadequate : bool
        Flat: full curve below 0.05, or half curve and binomial both below 0.1.
    power, power_ci_lb, power_ci_ub : float
        Average power of the significant tests with its limits, between 0.05 and 0.99.
    level : float
        Confidence level of the limits.
    reason : str
        Why values are missing; empty where none is.
    """

    p_value: FloatArray
    k: int
    k_significant: int
    k_half: int
    right_skew: PCurveTest
    right_skew_half: PCurveTest
    right_skew_binomial: PCurveTest
    flatness: PCurveTest
    flatness_half: PCurveTest
    flatness_binomial: PCurveTest
    evidential_value: bool
    inadequate: bool
    power: float
    power_ci_lb: float
    power_ci_ub: float
    level: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Tests:
    """Statistics as F on (df1, df2), or as chi-square where ``df2`` is infinite."""

    x: FloatArray
    df1: FloatArray
    df2: FloatArray

    def where(self, mask: BoolArray) -> _Tests:
        """Those that a mask takes."""
        return _Tests(self.x[mask], self.df1[mask], self.df2[mask])


def p_curve(
    statistic: ArrayLike,
    *,
    kind: str | list[str] = "z",
    df1: ArrayLike = 1,
    df2: ArrayLike = float("inf"),
    level: float = 0.90,
) -> PCurve:
    """Analyse the distribution of significant p-values.

    Parameters
    ----------
    statistic : array_like, shape (m,)
        One test statistic of each study, of the hypothesis it was done for; ``nan`` where
        missing. For effect sizes, ``yi / sqrt(vi)``.
    kind : {"z", "t", "F", "chi2", "r", "p"} or list of these, default "z"
        What each is; ``"p"`` is a two-sided p-value, treated as that of a z.
    df1 : array_like, default 1
        Degrees of freedom of chi-square, and of the numerator of F.
    df2 : array_like, default inf
        Degrees of freedom of t and r (n - 2), and of the denominator of F.
    level : float, default 0.90
        Confidence level of the power.

    Returns
    -------
    PCurve
        Tests for right skew and flatness, full and half, and the power.

    Raises
    ------
    StatsError
        If a kind is unknown, a statistic or its degrees of freedom are outside what its kind
        allows, or shapes do not fit.

    Notes
    -----
    Without an effect, significant p-values are uniform: ``p / 0.05``. With the noncentrality
    that gives a test 33 % power, the probability of a larger p among significant ones is
    ``1 - tail(x) / (1/3)``. Either, as normal deviates, is summed by Stouffer's method; the half
    curve takes p < 0.025 alone, which an ambitious search for p < 0.05 does not bend [2]_. Power
    is the value at which the deviates of the full curve sum to 0, the limits those at which the
    sum has the normal quantiles of ``level``; all within 0.05 to 0.99 [1]_ [3]_.

    The tests must be independent, one a study. Power is the average of significant tests only,
    and too high where power varies; a right skew of the whole says nothing of a single study.

    References
    ----------
    .. [1] U. Simonsohn, L. D. Nelson, J. P. Simmons, "P-curve: a key to the file-drawer",
       J Exp Psychol Gen 143 (2014) 534-547.
    .. [2] U. Simonsohn, J. P. Simmons, L. D. Nelson, "Better P-curves: making P-curve analysis
       more robust to errors, fraud, and ambitious P-hacking", J Exp Psychol Gen 144 (2015)
       1146-1152.
    .. [3] U. Simonsohn, L. D. Nelson, J. P. Simmons, "P-curve and effect size: correcting for
       publication bias using only significant results", Perspect Psychol Sci 9 (2014) 666-681.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios:

    >>> from evsyn.stats import effect_sizes
    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> es = effect_sizes("RR", events_e=cases_e, n_e=n_e, events_c=cases_c, n_c=n_c)
    >>> curve = p_curve(es.yi / np.sqrt(es.vi))
    >>> curve.k_significant, curve.evidential_value
    (8, True)
    """
    level = checked_level(level)
    tests, present = _as_tests(statistic, kind, df1, df2)
    p = np.full(present.shape, np.nan)
    p[present] = central_tail(tests.x, tests.df1, tests.df2)
    significant = tests.where(p[present] < FULL)
    half = tests.where(p[present] < HALF)
    low = np.sort(p[present][p[present] < FULL])
    count, count_half = low.size, int((low < HALF).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        skew, skew_half = _skew(low, FULL), _skew(low[low < HALF], HALF)
        flat = _stouffer(_against(significant, THIRD, FULL))
        flat_half = _stouffer(_against(half, THIRD, HALF))
        skew_share = _share(poisson_binomial(np.full(count, HALF / FULL))[count_half:], count)
        law = poisson_binomial(_share_with_power(significant))
        flat_share = _share(law[: count_half + 1], count)
        power = _power(significant, level)
    return PCurve(
        p_value=p,
        k=int(present.sum()),
        k_significant=count,
        k_half=count_half,
        right_skew=skew,
        right_skew_half=skew_half,
        right_skew_binomial=skew_share,
        flatness=flat,
        flatness_half=flat_half,
        flatness_binomial=flat_share,
        evidential_value=_verdict(skew_half.p_value, skew.p_value, skew_half.p_value),
        inadequate=_verdict(flat.p_value, flat_half.p_value, flat_share.p_value),
        power=power[0],
        power_ci_lb=power[1],
        power_ci_ub=power[2],
        level=level,
        reason="" if count else "no statistic has p < 0.05",
    )


def _as_tests(
    statistic: ArrayLike, kind: str | list[str], df1: ArrayLike, df2: ArrayLike
) -> tuple[_Tests, BoolArray]:
    """Statistics present as F or chi-square, and where they are."""
    common = broadcast(statistic=statistic, df1=df1, df2=df2)
    value, first, second = (np.atleast_1d(np.array(array)) for array in common.values())
    if value.ndim != 1:
        raise StatsError(f"statistic has the shape {value.shape}; give one statistic a study, (m,)")
    kinds = [kind] * value.size if isinstance(kind, str) else list(kind)
    if len(kinds) != value.size:
        raise StatsError(f"{len(kinds)} kinds for {value.size} statistics; give one for each")
    names = np.array([chosen("kind", name, choices(StatisticKind)) for name in kinds], dtype=object)
    present = ~(np.isnan(value) | np.isnan(first) | np.isnan(second))
    one = (names == "z") | (names == "t") | (names == "r") | (names == "p")
    given = {"df1": first, "df2": second}
    for label, wrong, allowed in (
        ("statistic", np.isinf(value), "finite"),
        ("statistic", ((names == "F") | (names == "chi2")) & (value < 0), "0 or more"),
        ("statistic", (names == "r") & (np.abs(value) >= 1), "between -1 and 1"),
        ("statistic", (names == "p") & ((value <= 0) | (value > 1)), "above 0, up to 1"),
        ("df1", (first <= 0) | np.isinf(first) | (one & (first != 1)), "1, or above 0 for F, chi2"),
        ("df2", second <= 0, "above 0"),
        ("df2", (names == "r") & np.isinf(second), "n - 2 for a correlation"),
    ):
        at = np.flatnonzero(wrong & present)
        if at.size:
            shown = given.get(label, value)[at[0]]
            raise StatsError(f"study {at[0]}: {label}={shown:g} ({names[at[0]]}) must be {allowed}")
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = np.select(
            [names == "r", names == "p", (names == "z") | (names == "t")],
            [
                second * value**2 / (1 - value**2),
                ndtri(np.clip(value, SMALLEST, 1.0) / 2) ** 2,
                value**2,
            ],
            value,
        )
    square = (names == "z") | (names == "p") | (names == "chi2")
    second = np.where(square, np.inf, second)
    # an F with an infinite denominator is a chi-square over its degrees of freedom
    squared = np.where((names == "F") & np.isinf(second), squared * first, squared)
    return _Tests(squared[present], first[present], second[present]), present


def _stouffer(deviates: FloatArray) -> PCurveTest:
    """Sum of normal deviates and its lower tail."""
    if not deviates.size:
        return PCurveTest(np.nan, np.nan)
    z = float(deviates.sum() / np.sqrt(deviates.size))
    return PCurveTest(z, float(ndtr(z)))


def _skew(p: FloatArray, bound: float) -> PCurveTest:
    """Stouffer's test that p-values below a bound are smaller than uniform."""
    return _stouffer(ndtri(np.maximum(p, SMALLEST) / bound))


def _share(tail: FloatArray, count: int) -> PCurveTest:
    """Binomial test, given the probabilities of outcomes as extreme."""
    p = min(1.0, float(tail.sum())) if count else np.nan
    return PCurveTest(np.nan, float(p))


def _against(tests: _Tests, power: float, bound: float) -> FloatArray:
    """Normal deviate of each p-value among those below the bound, where tests have a power."""
    noncentral = noncentrality(power, FULL, tests.df1, tests.df2)
    tail = noncentral_tail(tests.x, tests.df1, tests.df2, noncentral)
    critical = critical_value(bound, tests.df1, tests.df2)
    among = tail / noncentral_tail(critical, tests.df1, tests.df2, noncentral)
    return np.asarray(-ndtri(np.clip(among, SMALLEST, 1 - 1e-16)))


def _share_with_power(tests: _Tests) -> FloatArray:
    """Probability that a significant p-value is below 0.025, with 33 % power."""
    noncentral = noncentrality(THIRD, FULL, tests.df1, tests.df2)
    critical = critical_value(HALF, tests.df1, tests.df2)
    return noncentral_tail(critical, tests.df1, tests.df2, noncentral) / THIRD


def _power(tests: _Tests, level: float) -> tuple[float, float, float]:
    """Power at which the deviates sum to 0, and to the quantiles of the level."""
    if not tests.x.size:
        return np.nan, np.nan, np.nan

    def total(power: float) -> float:
        return float(_stouffer(_against(tests, power, FULL)).z)

    ends = total(LOWEST), total(HIGHEST)
    quantile = float(ndtri((1 + level) / 2))
    found = []
    for goal in (0.0, quantile, -quantile):
        if ends[0] <= goal:
            found.append(float(LOWEST))
        elif ends[1] >= goal:
            found.append(float(HIGHEST))
        else:
            root = find_root(
                lambda x, goal=goal: np.array([total(float(at)) - goal for at in x]),
                LOWEST,
                HIGHEST,
                rtol=1e-13,
            )
            found.append(float(root))
    return found[0], found[1], found[2]


def _verdict(strict: float, first: float, second: float) -> bool:
    """Whether one p-value is below 0.05, or two are below 0.1."""
    return bool(strict < FULL or (first < 2 * FULL and second < 2 * FULL))
