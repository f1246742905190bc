"""Funnel plot asymmetry: regression of the effects on their precision, rank correlation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.literals import (
    AsymmetryModel,
    AsymmetryPredictor,
    PoolMethod,
    PoolTest,
    RankMethod,
    choices,
)
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, checked_level, chosen, float_array
from evsyn.stats._special import ndtr
from evsyn.stats.bias._funnel import RegressionTest, enough_studies, line_result, weighted_line
from evsyn.stats.pooling.regression import MetaRegression, meta_regression
from evsyn.stats.pooling.studies import Studies, study_columns

__all__ = ["RankTest", "RegressionTest", "rank_test", "regression_test"]

GROWING = ("ni", "sqrtni")  # at 0 of these a study has no precision, and there is no limit
EXACT_UP_TO = 300  # studies without ties whose exact distribution takes some milliseconds


@dataclass(frozen=True, slots=True)
class RankTest:
    """Rank correlation of standardised effects and variances.

    Attributes
    ----------
    tau : float
        Kendall's tau-b.
    p_value : float
        Two-sided p-value.
    statistic : float
        Concordant less discordant pairs, over its standard deviation for ``"normal"``.
    k : int
        Studies used.
    ties : bool
        Whether effects or variances are tied.
    method : str
        ``"exact"`` or ``"normal"``: the distribution that gave the p-value.
    reason : str
        Why values are missing; empty where none is.
    """

    tau: float
    p_value: float
    statistic: float
    k: int
    ties: bool
    method: str
    reason: str


def regression_test(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    model: AsymmetryModel = "lm",
    predictor: AsymmetryPredictor = "sei",
    ni: ArrayLike | None = None,
    method: PoolMethod = "REML",
    test: PoolTest = "z",
    level: float = 0.95,
    force: bool = False,
) -> RegressionTest:
    r"""Regress the effects on a measure of their precision: Egger's test and its relatives.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    model : {"lm", "rma"}, default "lm"
        Weighted line whose dispersion is estimated (Egger's test), or random-effects
        meta-regression.
    predictor : {"sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"}, default "sei"
        Standard error, variance; participants, their reciprocal, root, and reciprocal root.
    ni : array_like, shape (k,) or (k, n), optional
        Participants of each study, for the predictors made of them; ``nan`` where missing.
    method : str, default "REML"
        Estimator of tau² for ``model="rma"``, as in `pool`.
    test : {"z", "knha", "adhoc"}, default "z"
        Test of the meta-regression; the weighted line always uses t on k - 2.
    level : float, default 0.95
        Confidence level of the limit.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    RegressionTest
        Slope, its test, and the limit where the predictor is 0.

    Raises
    ------
    StatsError
        If shapes differ, a value or option is outside what is allowed, ``ni`` is missing for a
        predictor that needs it or given to one that does not, or there are fewer than ten
        studies and ``force`` is false.

    Notes
    -----
    ``lm``: ``yi = limit + slope x``, weights ``1 / vi``, variance ``phi vi`` with ``phi``
    estimated; with the standard error as predictor this is the regression of ``yi / se`` on
    ``1 / se`` with the roles of slope and intercept exchanged [1]_. ``rma``: the same line with
    variance ``vi + tau²`` [2]_.

    A slope says that small studies differ from large ones, not why; selective publication is one
    reason among several. For log odds ratios the standard error depends on the effect itself,
    and the test rejects too often: see `harbord_test` and `peters_test`.

    References
    ----------
    .. [1] M. Egger, G. Davey Smith, M. Schneider, C. Minder, "Bias in meta-analysis detected by
       a simple, graphical test", BMJ 315 (1997) 629-634.
    .. [2] J. A. C. Sterne, M. Egger, "Regression methods to detect publication and other bias in
       meta-analysis", in H. R. Rothstein et al. (eds), Publication Bias in Meta-Analysis
       (Wiley, 2005) 99-110.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios:

    >>> from evsyn.stats import effect_sizes
    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> es = effect_sizes("RR", events_e=cases_e, n_e=n_e, events_c=cases_c, n_c=n_c)
    >>> egger = regression_test(es.yi, es.vi)
    >>> print(f"t = {egger.statistic:.3f} on {egger.df:.0f}, p = {egger.p_value:.3f}")
    t = -1.401 on 11, p = 0.189
    """
    chosen("model", model, choices(AsymmetryModel))
    chosen("predictor", predictor, choices(AsymmetryPredictor))
    level = checked_level(level)
    studies = study_columns(yi, vi)
    x, present = _predictor(studies, predictor, ni)
    k = present.sum(axis=0).astype(float)
    enough_studies(k, force, "regression_test")
    left_out = present.shape[0] - k
    with np.errstate(divide="ignore"):
        line = weighted_line(studies.yi, x, 1.0 / studies.vi, present)
    fitted = line_result(
        line,
        studies.shaped,
        counts=(k, left_out),
        predictor=predictor,
        level=level,
        limit=predictor not in GROWING,
    )
    if model == "lm":
        return fitted
    unfit = np.array([text.startswith(("few", "the predictor")) for text in line.reason])
    usable = present & ~unfit
    y, v = (np.where(usable, values, np.nan) for values in (studies.yi, studies.vi))
    mods = x[:, None, :]
    if studies.single:  # one analysis as such takes a tenth of the time of a column
        y, v, mods = y[:, 0], v[:, 0], x
    fit = meta_regression(y, v, mods, method=method, test=test, level=level)
    return _mixed(fit, fitted, studies, np.where(unfit, line.reason, fit.reason))


def _mixed(
    fit: MetaRegression, line: RegressionTest, studies: Studies, reason: TextArray
) -> RegressionTest:
    """Test of the slope of a meta-regression on the predictor of a line."""
    ends = fit.coef[0], fit.ci_lb[0], fit.ci_ub[0]
    if line.predictor in GROWING:
        ends = (ends[0] * np.nan,) * 3
    return replace(
        line,
        estimate=fit.coef[1],
        se=fit.se[1],
        statistic=fit.statistic[1],
        p_value=fit.p_value[1],
        df=line.k * np.nan if fit.test == "z" else line.df,
        limit=ends[0],
        limit_ci_lb=ends[1],
        limit_ci_ub=ends[2],
        tau2=fit.tau2,
        reason=studies.shaped(reason),
        model="rma",
        test=fit.test,
    )


def _predictor(studies: Studies, name: str, ni: ArrayLike | None) -> tuple[FloatArray, BoolArray]:
    """Predictor of each study, 0 where it is absent, and where it is present."""
    if name in ("sei", "vi"):
        if ni is not None:
            raise StatsError(f"ni was given, but predictor={name!r} does not use it")
        x = np.where(studies.present, studies.vi, 0.0)
        return (np.sqrt(x) if name == "sei" else x), studies.present
    if ni is None:
        raise StatsError(f"predictor={name!r} needs ni, the participants of each study")
    n = float_array("ni", ni)
    rows, columns = studies.yi.shape
    if n.shape != ((rows,) if studies.single else (rows, columns)) and n.shape != (rows,):
        raise StatsError(f"ni has the shape {n.shape}; give one number a study, ({rows},)")
    n = n[:, None] if n.ndim == 1 else n
    wrong = np.argwhere((n <= 0) | np.isinf(n))
    if wrong.size:
        at = tuple(wrong[0])
        raise StatsError(f"study {at[0]}: ni={n[at]:g} is no number of participants above 0")
    present = studies.present & ~np.isnan(n)
    n = np.where(present, n, 1.0)
    root = np.sqrt(n) if name.startswith("sqrt") else n
    return np.where(present, 1.0 / root if name.endswith("inv") else root, 0.0), present


def rank_test(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: RankMethod = "auto",
    force: bool = False,
) -> RankTest:
    """Begg and Mazumdar's rank correlation of effects and variances.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    method : {"auto", "exact", "normal"}, default "auto"
        Distribution of the p-value: exact where there are no ties and up to 300 studies, else
        the normal approximation; or either by choice.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    RankTest
        Kendall's tau-b and its two-sided p-value.

    Raises
    ------
    StatsError
        If shapes differ or are not (k,), an option is unknown, ties stand against
        ``method="exact"``, or there are fewer than ten studies and ``force`` is false.

    Notes
    -----
    Each effect is standardised as ``(yi - mean) / sqrt(vi - 1 / sum(1 / vi))``, ``mean`` the
    common-effect estimate, and correlated with ``vi`` [1]_. The exact distribution is that of the
    inversions of a random permutation, doubled for two sides; the normal approximation takes the
    variance corrected for ties and no continuity correction [2]_. Its power is low.

    References
    ----------
    .. [1] C. B. Begg, M. Mazumdar, "Operating characteristics of a rank correlation test for
       publication bias", Biometrics 50 (1994) 1088-1101.
    .. [2] M. G. Kendall, Rank Correlation Methods, 4th ed. (Griffin, 1970), sections 4.4 and 5.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios:

    >>> from evsyn.stats import effect_sizes
    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> es = effect_sizes("RR", events_e=cases_e, n_e=n_e, events_c=cases_c, n_c=n_c)
    >>> begg = rank_test(es.yi, es.vi)
    >>> print(f"tau = {begg.tau:.3f}, p = {begg.p_value:.3f}")
    tau = 0.026, p = 0.952
    """
    chosen("method", method, choices(RankMethod))
    studies = study_columns(yi, vi)
    if not studies.single:
        raise StatsError(f"yi has the shape {np.shape(yi)}; rank_test takes one analysis, (k,)")
    enough_studies(studies.k, force, "rank_test")
    y, v = studies.yi[studies.present], studies.vi[studies.present]
    k = y.size
    if k < 2 or (v == v[0]).all() or (v == 0).any() or (y == y[0]).all():
        why = "a sampling variance is 0" if (v == 0).any() else "all variances are the same"
        why = "all effects are the same" if k > 1 and (y == y[0]).all() else why
        why = why if k > 1 else "fewer than two studies"
        return RankTest(np.nan, np.nan, np.nan, k, k > 1, "normal" if k > 1 else "exact", why)
    w = 1.0 / v
    share = np.maximum(1.0 - w / w.sum(), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        standardised = (y - (w * y).sum() / w.sum()) / np.sqrt(v * share)
    return _kendall(standardised, v, method)


def _kendall(x: FloatArray, y: FloatArray, method: str) -> RankTest:
    """Tau-b of two columns without missing values, and its p-value."""
    k = x.size
    x_rank, x_count = np.unique(x, return_inverse=True, return_counts=True)[1:]
    y_rank, y_count = np.unique(y, return_inverse=True, return_counts=True)[1:]
    both = np.unique(x_rank * k + y_rank, return_counts=True)[1]
    pairs, tied_x, tied_y, tied = (
        float((count * (count - 1) // 2).sum()) for count in (np.array([k]), x_count, y_count, both)
    )
    discordant = _inversions(y_rank[np.lexsort((y_rank, x_rank))])
    score = pairs - tied_x - tied_y + tied - 2 * discordant
    ties = tied_x + tied_y > 0
    if method == "exact" and ties:
        raise StatsError("method='exact' has no distribution for ties; use 'auto' or 'normal'")
    room = (pairs - tied_x) * (pairs - tied_y)
    if room == 0:
        return RankTest(
            np.nan, np.nan, np.nan, k, ties, "normal", "all standardised effects are the same"
        )
    tau = float(score / np.sqrt(room))
    if method == "exact" or (method == "auto" and not ties and k <= EXACT_UP_TO):
        tail = inversion_tail(k, int(min(discordant, pairs - discordant)))
        return RankTest(tau, float(min(1.0, 2 * tail)), float(score), k, ties, "exact", "")
    z = score / np.sqrt(_score_variance(k, x_count, y_count))
    return RankTest(tau, float(2 * ndtr(-abs(z))), float(z), k, ties, "normal", "")


def _score_variance(k: int, x: NDArray[np.int64], y: NDArray[np.int64]) -> float:
    """Variance of concordant less discordant pairs, given the sizes of the groups of ties."""

    def fall(counts: FloatArray) -> tuple[float, float, float]:
        return (
            float((counts * (counts - 1) * (2 * counts + 5)).sum()),
            float((counts * (counts - 1)).sum()),
            float((counts * (counts - 1) * (counts - 2)).sum()),
        )

    (all5, all1, all2) = fall(np.array([float(k)]))
    (x5, x1, x2), (y5, y1, y2) = fall(x.astype(float)), fall(y.astype(float))
    third = x2 * y2 / (9 * all2) if all2 else 0.0
    return (all5 - x5 - y5) / 18 + x1 * y1 / (2 * all1) + third


def _inversions(ranks: NDArray[np.int64]) -> int:
    """Pairs that stand in falling order; k log k, one pass a binary digit of the ranks."""
    count = 0
    for digit in reversed(range(int(ranks.max()).bit_length())):
        group, one = ranks >> (digit + 1), (ranks >> digit) & 1
        before = np.cumsum(one) - one
        starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
        before -= np.repeat(before[starts], np.diff(np.r_[starts, group.size]))
        count += int(before[one == 0].sum())
        ranks = ranks[np.argsort(ranks >> digit, kind="stable")]
    return count


@lru_cache(maxsize=64)
def _inversion_law(k: int) -> FloatArray:
    """Probability of each number of inversions of a random permutation of k things, up to half.

    One thing more adds 0 to k - 1 inversions, each as likely. Below the middle the law rises, and
    the running sum of differences keeps its digits; above, it is its own mirror image.
    """
    law = np.ones(1)
    for size in range(2, k + 1):
        length = size * (size - 1) // 4 + 1
        most = (size - 1) * (size - 2) // 2  # inversions of the things so far
        law = np.concatenate([law, law[most - length + 1 : most - most // 2][::-1]])[:length]
        if length > size:
            law[size:] -= law[:-size].copy()
        law = np.cumsum(law, out=law)
        law /= size
    return law


def inversion_tail(k: int, most: int) -> float:
    """Probability that a random permutation of k things has at most so many inversions.

    Parameters
    ----------
    k : int
        Things.
    most : int
        Inversions, at most half of all pairs.

    Returns
    -------
    float
        Lower tail of the distribution.

    Examples
    --------
    Of the six orders of three things one has no inversion, two have one:

    >>> round(inversion_tail(3, 1), 6)
    0.5
    """
    return float(_inversion_law(k)[: most + 1].sum())
