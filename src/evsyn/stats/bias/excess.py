"""Excess significance: more significant studies than their power lets expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import Alternative, ExcessTest, PoolMethodName, choices
from evsyn.stats._arrays import BoolArray, FloatArray, chosen, find_root
from evsyn.stats._options import number, share
from evsyn.stats._special import chdtrc, ndtr, ndtri
from evsyn.stats.bias._funnel import enough_studies
from evsyn.stats.bias._poisson_binomial import poisson_binomial
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.studies import study_columns

__all__ = ["ExcessSignificance", "excess_significance_test"]


@dataclass(frozen=True, slots=True)
class ExcessSignificance:
    """Observed and expected numbers of significant studies.

    Attributes
    ----------
    observed : int
        Significant studies.
    expected : float
        Sum of the powers.
    ratio : float
        Observed over expected.
    p_value : float
        Of the test, one-sided unless ``alternative`` is ``"two-sided"``.
    statistic : float
        Chi-square on one degree of freedom for ``"chi2"``, else ``nan``.
    power : ndarray, shape (k,)
        Power of each study; ``nan`` where it is absent.
    significant : ndarray of bool, shape (k,)
        Which studies are significant.
    estimate, tau2 : float
        Mean and between-study variance at which power was computed.
    limit : float
        Mean nearest to 0, on the side of ``estimate``, at which p reaches ``limit_alpha``;
        ``nan`` where none does, and for the two-sided test, which has none or several.
    k : int
        Studies.
    reason : str
        Why values are missing; empty where none is.
    test, alternative : str
        Distribution and side of the test.
    """

    observed: int
    expected: float
    ratio: float
    p_value: float
    statistic: float
    power: FloatArray
    significant: BoolArray
    estimate: float
    tau2: float
    limit: float
    k: int
    reason: str
    test: str
    alternative: str


def excess_significance_test(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    test: ExcessTest = "exact",
    alternative: Alternative = "greater",
    method: PoolMethodName = "EE",
    estimate: float | None = None,
    tau2: float | None = None,
    alpha: float = 0.05,
    limit_alpha: float = 0.10,
    force: bool = False,
) -> ExcessSignificance:
    """Test of excess significance of Ioannidis and Trikalinos.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes, ratios on the log scale, and sampling variances; ``nan`` marks an absent
        study.
    test : {"exact", "chi2", "binomial"}, default "exact"
        Distribution of the number of significant studies: with the power of each; chi-square;
        or binomial with the average power.
    alternative : {"greater", "less", "two-sided"}, default "greater"
        Too many, too few, or either.
    method : str, default "EE"
        Model whose mean and tau² the power is computed at, as in `pool`.
    estimate, tau2 : float, optional
        Mean and between-study variance to use instead of those; with ``estimate`` alone tau² is 0.
    alpha : float, default 0.05
        Two-sided level at which a study is significant.
    limit_alpha : float, default 0.10
        p-value that defines ``limit``.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    ExcessSignificance
        Observed and expected numbers, their test, and the limit estimate.

    Raises
    ------
    StatsError
        If shapes differ or are not (k,), a value or option is outside what is allowed, or there
        are fewer than ten studies and ``force`` is false.

    Notes
    -----
    Study i is significant where ``|yi| >= z sqrt(vi)``. Its power is the probability of this for
    an effect drawn from N(estimate, tau²), ``Phi((m - c)/s) + Phi((-m - c)/s)`` with
    ``c = z sqrt(vi)``, ``s² = vi + tau2`` and m the estimate. With O observed and E expected:
    ``chi2`` is ``(O - E)²/E + (O - E)²/(k - E)`` on one degree of freedom, halved for one side
    [1]_; ``exact`` sums the distribution of O over studies of unequal power [2]_; two-sided exact
    and binomial p-values sum all outcomes no more probable than the one observed.

    Significance is that of a Wald test, not of the test a study itself used. The test says that
    results fit badly together, not why; heterogeneity that the model ignores looks like excess.

    References
    ----------
    .. [1] J. P. A. Ioannidis, T. A. Trikalinos, "An exploratory test for an excess of significant
       findings", Clin Trials 4 (2007) 245-253.
    .. [2] G. Francis, "Replication, statistical consistency, and publication bias",
       J Math Psychol 57 (2013) 153-169.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios:

    >>> from evsyn.stats import effect_sizes
    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> es = effect_sizes("RR", events_e=cases_e, n_e=n_e, events_c=cases_c, n_c=n_c)
    >>> result = excess_significance_test(es.yi, es.vi)
    >>> print(f"{result.observed} against {result.expected:.2f}, p = {result.p_value:.3f}")
    8 against 6.09, p = 0.134
    """
    chosen("test", test, choices(ExcessTest))
    chosen("alternative", alternative, choices(Alternative))
    alpha, limit_alpha = share("alpha", alpha), share("limit_alpha", limit_alpha)
    studies = study_columns(yi, vi)
    if not studies.single:
        raise StatsError(f"yi has the shape {np.shape(yi)}; the test takes one analysis, (k,)")
    enough_studies(studies.k, force, "excess_significance_test")
    used = studies.present[:, 0]
    sd = np.sqrt(studies.vi[used, 0])
    known = bool(sd.size) and bool((sd > 0).all())
    mean, between = _model(yi, vi, estimate, tau2, method) if known else (np.nan, np.nan)
    design = _Design(ndtri(1 - alpha / 2) * sd, np.sqrt(sd * sd + between), test, alternative)
    significant = np.zeros(used.shape, dtype=np.bool_)
    significant[used] = np.abs(studies.yi[used, 0]) >= design.critical
    observed = int(significant.sum())
    power = np.full(used.shape, np.nan)
    power[used] = design.power(mean)
    expected = float(power[used].sum()) if known else np.nan
    p, statistic = design.p_value(observed, mean)
    why = "a sampling variance is 0" if sd.size else "no study with an effect size and a variance"
    return ExcessSignificance(
        observed=observed,
        expected=expected,
        ratio=observed / expected if expected > 0 else np.nan,
        p_value=p,
        statistic=statistic,
        power=power,
        significant=significant,
        estimate=mean,
        tau2=between,
        limit=_limit(design, observed, mean, limit_alpha) if known else np.nan,
        k=int(sd.size),
        reason="" if known else why,
        test=test,
        alternative=alternative,
    )


@dataclass(frozen=True, slots=True)
class _Design:
    """What power depends on besides the mean."""

    critical: FloatArray
    spread: FloatArray
    test: str
    alternative: str

    def power(self, mean: float) -> FloatArray:
        """Probability that each study is significant."""
        up, down = (mean - self.critical) / self.spread, (-mean - self.critical) / self.spread
        return np.asarray(np.minimum(1.0, ndtr(up) + ndtr(down)))

    def p_value(self, observed: int, mean: float) -> tuple[float, float]:
        """p-value of the number observed, and the chi-square."""
        power = self.power(mean)
        k = power.size
        expected = min(float(power.sum()), float(k))
        if not k or np.isnan(expected):
            return np.nan, np.nan
        if self.test == "chi2":
            with np.errstate(divide="ignore", invalid="ignore"):
                away = np.float64(observed - expected)
                square = away**2 / expected + away**2 / (k - expected) if away else 0.0
            if self.alternative == "two-sided":
                return float(chdtrc(1, square)), float(square)
            toward = np.sign(away) * (1 if self.alternative == "greater" else -1)
            return float(ndtr(-toward * np.sqrt(square))), float(square)
        law = poisson_binomial(np.full(k, power.mean()) if self.test == "binomial" else power)
        if self.alternative == "greater":
            return min(1.0, float(law[observed:].sum())), np.nan
        if self.alternative == "less":
            return min(1.0, float(law[: observed + 1].sum())), np.nan
        rare = law <= law[observed] * (1 + 1e-7)
        return min(1.0, float(law[rare].sum())), np.nan


def _model(
    yi: ArrayLike, vi: ArrayLike, estimate: float | None, tau2: float | None, method: PoolMethodName
) -> tuple[float, float]:
    """Mean and tau² at which power is computed."""
    given = None if tau2 is None else number("tau2", tau2, 0)
    if estimate is None:
        fit = pool(yi, vi, method=method, test="z")
        return float(fit.estimate), float(fit.tau2) if given is None else given
    return number("estimate", estimate), given or 0.0


def _limit(design: _Design, observed: int, mean: float, alpha: float) -> float:
    """Mean at which the p-value reaches alpha, going from 0 to the side of the estimate."""
    if design.alternative == "two-sided" or not design.critical.size or np.isnan(mean):
        return np.nan
    sign = -1.0 if mean < 0 else 1.0

    def distance(size: FloatArray) -> FloatArray:
        values = [design.p_value(observed, sign * float(x))[0] - alpha for x in size]
        return np.array(values)

    start = float(distance(np.zeros(1))[0])
    if (start > 0) == (design.alternative == "greater"):
        return np.nan
    high = float(np.median(design.spread))
    for _ in range(60):
        if float(distance(np.array([high]))[0]) * start <= 0:
            root = find_root(distance, 0.0, high)
            return sign * float(root)
        high *= 2
    return np.nan
