"""Pooling of counts by study as stratum: Mantel and Haenszel's estimators, and Peto's.

Counts enter as they are; nothing is added to empty cells. Arrays are study-major, (k,) for one
meta-analysis or (k, n) for n of them side by side, ``nan`` where a study is absent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import StratifiedMeasure, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    arm_counts,
    broadcast,
    broadcast_counts,
    checked_level,
    chosen,
    float_array,
    normal_quantile,
)
from evsyn.stats._options import flag
from evsyn.stats._special import chdtrc, ndtr
from evsyn.stats.pooling._shown import bounded, pooled_text
from evsyn.stats.pooling._strata import (
    PooledStrata,
    Strata,
    difference,
    odds_ratio,
    one_step,
    ratio,
)

__all__ = ["StratifiedEffect", "mantel_haenszel", "peto"]

_sum = np.add.reduce  # over the studies; `ndarray.sum` takes twice as long to start


@dataclass(frozen=True, slots=True)
class StratifiedEffect:
    """Pooled effect of stratified counts, with the tests that belong to it.

    Numbers are plain for data of shape (k,), arrays of shape (n,) for (k, n). Ratios are on the
    log scale.

    Attributes
    ----------
    estimate, se, statistic, p_value : float or ndarray
        Pooled effect, standard error, z and two-sided p.
    df : float or ndarray
        ``nan``: the test is normal.
    ci_lb, ci_ub : float or ndarray
        Confidence limits.
    pi_lb, pi_ub : float or ndarray
        ``nan``: a common effect has no prediction interval.
    tau2, i2, h2 : float or ndarray
        0, the common effect's between-study variance; I² in percent and H², from Q.
    q, q_df, q_pvalue : float or ndarray
        Heterogeneity: squared distances of the studies from the pooled effect; 0 for one study.
    k, k_yi : int or ndarray
        Studies with counts; studies in Q, which lacks those without events, or with nothing
        else, in both arms.
    double_zero : int or ndarray
        Studies without events in either arm.
    weights : ndarray, shape (k,) or (k, n)
        Share of each study in the pooled effect, percent; 0 for a study that tells nothing,
        ``nan`` for an absent one.
    cmh, cmh_pvalue : float or ndarray
        Cochran-Mantel-Haenszel chi-square on one degree of freedom that there is no effect at
        all (``OR`` and ``IRR``, else ``nan``).
    breslow_day, breslow_day_pvalue, tarone, tarone_pvalue : float or ndarray
        Breslow and Day's chi-square for heterogeneity of the odds ratio, and the same with
        Tarone's correction, on ``k_yi - 1`` degrees of freedom (``OR`` of `mantel_haenszel`,
        else ``nan``).
    converged : bool or ndarray
        Always true: the estimators are closed forms.
    reason : str or ndarray
        Why a number is missing; empty where none is.
    note : str or ndarray
        Studies that were kept without telling anything about the effect.
    measure, method, test : str
        Measure; ``"MH"`` or ``"Peto"``; ``"z"``.
    level : float
        Confidence level.
    """

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    df: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    tau2: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    q_df: FloatArray
    q_pvalue: FloatArray
    k: FloatArray
    k_yi: FloatArray
    double_zero: FloatArray
    weights: FloatArray
    cmh: FloatArray
    cmh_pvalue: FloatArray
    breslow_day: FloatArray
    breslow_day_pvalue: FloatArray
    tarone: FloatArray
    tarone_pvalue: FloatArray
    converged: BoolArray
    reason: TextArray
    note: TextArray
    measure: str
    method: str
    test: str
    level: float

    def __str__(self) -> str:
        names = {"MH": "Mantel-Haenszel", "Peto": "Peto"}
        scale = "" if self.measure == "RD" else "log "
        return pooled_text(self, f"{names[self.method]}, {scale}{self.measure}")

    def __repr__(self) -> str:
        return bounded(self)


def mantel_haenszel(
    events_e: ArrayLike,
    n_e: ArrayLike | None = None,
    events_c: ArrayLike | None = None,
    n_c: ArrayLike | None = None,
    *,
    time_e: ArrayLike | None = None,
    time_c: ArrayLike | None = None,
    measure: StratifiedMeasure = "RR",
    level: float = 0.95,
    correct: bool = True,
) -> StratifiedEffect:
    """Pool 2x2 tables or rates by the method of Mantel and Haenszel.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : array_like, shape (k,) or (k, n)
        Events and participants of the experimental and the control arm; for ``IRR`` and ``IRD``
        person-time stands in the place of participants. ``nan`` marks an absent study.
    time_e, time_c : array_like, optional
        Person-time, by its own name, in place of ``n_e`` and ``n_c``; for rates only.
    measure : {"RR", "OR", "RD", "IRR", "IRD"}, default "RR"
        Risk ratio, odds ratio, risk difference, ratio or difference of incidence rates. Ratios
        are given as logarithms.
    level : float, default 0.95
        Confidence level.
    correct : bool, default True
        Whether the Cochran-Mantel-Haenszel test is corrected for continuity, by one half and no
        more than brings it to zero.

    Returns
    -------
    StratifiedEffect
        The pooled effect. A ratio is ``nan``, with a reason, where no study with events on one
        side can hold its share against the other.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their arm, a person-time is not
        positive, shapes do not fit, an argument is missing, or an option is unknown.

    Notes
    -----
    With a, b events and non-events of the experimental arm, c, d those of the control arm and N
    all participants of a study: ``OR = sum(ad/N) / sum(bc/N)`` [1]_ with the variance of Robins,
    Breslow and Greenland [2]_; ``RR = sum(a n_c/N) / sum(c n_e/N)`` with that of Greenland and
    Robins [3]_; ``RD = sum((a n_c - c n_e)/N) / sum(n_e n_c/N)`` with that of Sato, Greenland
    and Robins [4]_. Rates: the same with person-time, ``IRR = sum(a t_c/T) / sum(c t_e/T)`` and
    ``IRD = sum((a t_c - c t_e)/T) / sum(t_e t_c/T)`` [3]_.

    The variances hold for few large studies as for many sparse ones. Studies without events add
    nothing to a ratio, and their full weight to a difference. Q takes each study's own effect
    with one half added to tables that have an empty cell, and its inverse variance. Breslow and
    Day's test [5]_, with Tarone's correction [6]_, compares the events with those expected under
    the pooled odds ratio.

    References
    ----------
    .. [1] N. Mantel, W. Haenszel, "Statistical aspects of the analysis of data from
       retrospective studies of disease", J Natl Cancer Inst 22 (1959) 719-748.
    .. [2] J. Robins, N. Breslow, S. Greenland, "Estimators of the Mantel-Haenszel variance
       consistent in both sparse data and large-strata limiting models", Biometrics 42 (1986)
       311-323.
    .. [3] S. Greenland, J. M. Robins, "Estimation of a common effect parameter from sparse
       follow-up data", Biometrics 41 (1985) 55-68.
    .. [4] T. Sato, S. Greenland, J. M. Robins, "On the variance estimator for the
       Mantel-Haenszel risk difference", Biometrics 45 (1989) 1323-1324.
    .. [5] N. E. Breslow, N. E. Day, "Statistical Methods in Cancer Research, vol. 1", Lyon: IARC
       (1980) 142-146.
    .. [6] R. E. Tarone, "On heterogeneity tests based on efficient scores", Biometrika 72 (1985)
       91-95.

    Examples
    --------
    Trials 1 to 3 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> fit = mantel_haenszel([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])
    >>> fit.estimate.round(4), fit.se.round(4)
    (np.float64(-1.3509), np.float64(0.3045))
    """
    chosen("measure", measure, choices(StratifiedMeasure))
    correct = flag("correct", correct)
    level = checked_level(level)
    rates = measure in ("IRR", "IRD")
    if rates:
        n_e, n_c = (n_e if time_e is None else time_e), (n_c if time_c is None else time_c)
    elif time_e is not None or time_c is not None:
        raise StatsError(f"measure {measure} takes n_e and n_c; person-time is for IRR and IRD")
    names = ("events_e", "time_e", "events_c", "time_c") if rates else _COUNTS
    given = dict(zip(names, (events_e, n_e, events_c, n_c), strict=True))
    strata = _strata(given, rates)
    with np.errstate(all="ignore"):
        if measure == "OR":
            pooled = odds_ratio(strata, correct)
        elif measure in ("RR", "IRR"):
            pooled = ratio(strata, rates, correct)
        else:
            pooled = difference(strata, rates)
        return _result(strata, pooled, (measure, "MH"), level)


def peto(
    events_e: ArrayLike, n_e: ArrayLike, events_c: ArrayLike, n_c: ArrayLike, *, level: float = 0.95
) -> StratifiedEffect:
    """Pool 2x2 tables by Peto's one-step log odds ratio.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : array_like, shape (k,) or (k, n)
        Events and participants of the experimental and the control arm; ``nan`` marks an absent
        study.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    StratifiedEffect
        The pooled log odds ratio; ``nan``, with a reason, where no study has both events and
        non-events.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their arm, shapes do not fit, or the
        level lies outside 0 to 1.

    Notes
    -----
    ``sum(O - E) / sum(V)`` with variance ``1 / sum(V)``; O are the events of the experimental
    arm, E and V their mean and variance given the margins of the table (hypergeometric) [1]_.
    ``Q = sum((O - E)²/V) - sum(O - E)² / sum(V)``. It suits rare events, arms of similar size and
    effects that are not large; otherwise it is biased.

    References
    ----------
    .. [1] S. Yusuf, R. Peto, J. Lewis, R. Collins, P. Sleight, "Beta blockade during and after
       myocardial infarction: an overview of the randomized trials", Prog Cardiovasc Dis 27
       (1985) 335-371.

    Examples
    --------
    Trials 1 to 3 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> fit = peto([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])
    >>> fit.estimate.round(4), fit.se.round(4)
    (np.float64(-1.2373), np.float64(0.2566))
    """
    level = checked_level(level)
    strata = _strata(dict(zip(_COUNTS, (events_e, n_e, events_c, n_c), strict=True)), False)
    with np.errstate(all="ignore"):
        return _result(strata, one_step(strata), ("OR", "Peto"), level)


_COUNTS = ("events_e", "n_e", "events_c", "n_c")


def _strata(given: dict[str, ArrayLike | None], rates: bool) -> Strata:
    """Checked counts as columns."""
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise StatsError(f"{', '.join(missing)} missing; give {', '.join(given)}")
    data = {name: value for name, value in given.items() if value is not None}
    if rates:
        a, n1, c, n2 = broadcast(**data).values()
        a, c = broadcast_counts(events_e=a, events_c=c)
        for name, times in (("time_e", n1), ("time_c", n2)):
            wrong = np.argwhere(~np.isnan(times) & ~((times > 0) & np.isfinite(times)))
            if wrong.size:
                at = tuple(int(i) for i in wrong[0])
                where = ", ".join(str(i) for i in at) or "0"
                raise StatsError(
                    f"study {where}: {name}={times[at]:g} is no person-time; give a number above 0"
                )
    else:
        a, n1, c, n2 = _quickly_checked(data)
    if a.ndim not in (1, 2):
        raise StatsError(f"the data have the shape {a.shape}; they must be (k,) or (k, n)")
    single = a.ndim == 1
    if single:
        a, n1, c, n2 = a[:, None], n1[:, None], c[:, None], n2[:, None]
    present = ~np.isnan(a + n1 + c + n2)
    usable = present & (np.minimum(n1, n2) > 0)
    if not usable.all():
        a, n1, c, n2 = (np.where(usable, item, 0.0) for item in (a, n1, c, n2))
    return Strata(a, n1, c, n2, np.where(usable, n1 + n2, 1.0), present, usable, single)


def _quickly_checked(data: dict[str, ArrayLike]) -> tuple[FloatArray, ...]:
    """Counts as `arm_counts` gives them, which is asked only if something may be wrong."""
    floats = [float_array(name, value) for name, value in data.items()]
    a, n1, c, n2 = floats
    if a.shape == n1.shape == c.shape == n2.shape:
        table = np.array(floats)
        spare = table[1::2] - table[::2]
        sound = table.size and table.min() >= 0 and spare.min() >= 0 and table.max() < np.inf
        if sound and (np.floor(table) == table).all():
            return table[0], table[1], table[2], table[3]
    return arm_counts(**data)


def _result(
    strata: Strata, pooled: PooledStrata, names: tuple[str, str], level: float
) -> StratifiedEffect:
    """Estimate, test and interval, in the shape of the data."""
    pooled = _blanked(pooled)
    theta, (cmh, breslow_day, tarone) = pooled.estimate, pooled.tests
    se = np.sqrt(pooled.variance)
    z, half = theta / se, normal_quantile(level) * se
    df, h2, q_pvalue = _heterogeneity(pooled.q, pooled.k_yi)
    weights = pooled.weights * (100 / _sum(pooled.weights))
    double_zero = _sum(strata.usable & (strata.a + strata.c == 0))
    none = np.full(theta.shape, np.nan)

    def shaped(values: Any) -> Any:
        return values[..., 0][()] if strata.single else values

    return StratifiedEffect(
        estimate=shaped(theta),
        se=shaped(se),
        statistic=shaped(z),
        p_value=shaped(2 * ndtr(-np.abs(z))),
        df=shaped(none),
        ci_lb=shaped(theta - half),
        ci_ub=shaped(theta + half),
        pi_lb=shaped(none),
        pi_ub=shaped(none),
        tau2=shaped(theta * 0.0),
        i2=shaped(100 * (1 - 1 / np.maximum(h2, 1.0))),
        h2=shaped(h2),
        q=shaped(pooled.q),
        q_df=shaped(np.maximum(pooled.k_yi - 1, 0)),
        q_pvalue=shaped(q_pvalue),
        k=shaped(_sum(strata.present)),
        k_yi=shaped(pooled.k_yi),
        double_zero=shaped(double_zero),
        weights=shaped(np.where(strata.present, weights, np.nan)),
        cmh=shaped(cmh),
        cmh_pvalue=shaped(chdtrc(1, cmh)),
        breslow_day=shaped(breslow_day),
        breslow_day_pvalue=shaped(chdtrc(df, breslow_day)),
        tarone=shaped(tarone),
        tarone_pvalue=shaped(chdtrc(df, tarone)),
        converged=shaped(~np.isnan(theta)),
        reason=shaped(pooled.reason),
        note=shaped(_note(strata, double_zero, names)),
        measure=names[0],
        method=names[1],
        test="z",
        level=level,
    )


def _blanked(pooled: PooledStrata) -> PooledStrata:
    """Set what is undefined to ``nan``."""
    defined = np.isfinite(pooled.estimate)
    if (defined & (pooled.variance > 0) & (pooled.k_yi > 1)).all():
        return pooled
    several = np.where(defined & (pooled.k_yi > 1), 1.0, np.nan)
    cmh, breslow_day, tarone = pooled.tests
    return replace(
        pooled,
        estimate=np.where(defined, pooled.estimate, np.nan),
        variance=np.where(defined & (pooled.variance > 0), pooled.variance, np.nan),
        q=np.where(defined & (pooled.k_yi > 0), np.where(pooled.k_yi > 1, pooled.q, 0.0), np.nan),
        tests=(cmh, breslow_day * several, tarone * several),
    )


def _heterogeneity(q: FloatArray, k: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Degrees of freedom (1 at least), H² and p of Q; 1 and 1 for a single study."""
    df, one = np.maximum(k - 1, 1), 1.0 + 0.0 * q
    return df, np.where(k > 1, q / df, one), np.where(k > 1, chdtrc(df, q), one)


def _note(strata: Strata, double_zero: FloatArray, names: tuple[str, str]) -> TextArray:
    """Which studies were kept without telling anything."""
    notes = np.full(double_zero.shape, "", dtype=object)
    empty = _sum(strata.present > strata.usable)
    if not (double_zero.any() or empty.any()):
        return notes
    for at in np.flatnonzero((double_zero > 0) | (empty > 0)):
        parts = []
        if double_zero[at]:
            effect = "counted with their weight" if names[0] in ("RD", "IRD") else "kept, weight 0"
            parts.append(f"without events in both arms: {double_zero[at]} ({effect})")
        if empty[at]:
            parts.append(f"with an empty arm: {empty[at]} (kept, weight 0)")
        notes[at] = "studies " + "; ".join(parts)
    return notes
