"""Effects of trials with missing binary outcomes, under an assumption on the missing ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import EventMeaning, MissingMeasure, MissingMethod, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    arm_counts,
    broadcast,
    broadcast_counts,
    chosen,
    reasons,
    unwrapped,
)
from evsyn.stats._faults import finite, refuse_negative, refuse_outside
from evsyn.stats._options import number, whole
from evsyn.stats._special import expit
from evsyn.stats.effects.effect_sizes import effect_sizes

__all__ = ["MissingData", "missing_data"]

_ASSUMES = {
    "available": "outcomes are missing at random within each arm",
    "best-case": "missing outcomes are all good in the experimental arm, all bad in the other",
    "worst-case": "missing outcomes are all bad in the experimental arm, all good in the other",
    "all-events": "every missing participant had the event",
    "no-events": "no missing participant had the event",
    "same-as-observed": "missing participants of an arm have the risk of those observed in it",
    "same-as-comparator": "missing participants of both arms have the comparator's observed risk",
    "same-as-experimental": "missing participants of both arms have the experimental arm's "
    "observed risk",
    "imor": "the odds of the event among the missing are those among the observed times the IMOR",
}


@dataclass(frozen=True, slots=True)
class MissingData:
    """Effects of studies under an assumption on their missing outcomes.

    Attributes
    ----------
    yi, vi : ndarray of float
        Effect and sampling variance in the broadcast shape of the counts, ratios on the log
        scale; numbers where the counts were scalars; ``nan`` where undefined. For `pool`.
    risk_e, risk_c : ndarray of float
        Risks of the arms among all participants under the assumption.
    missing_share : ndarray of float
        Share of participants with a missing outcome.
    method, measure : str
        The strategy, and the code of the measure.
    corrected : ndarray of bool
        Where a continuity correction was added.
    assumes : str
        What the strategy assumes, as a sentence.
    reason : ndarray of str
        Why there is no effect; empty where there is one.
    """

    yi: FloatArray
    vi: FloatArray
    risk_e: FloatArray
    risk_c: FloatArray
    missing_share: FloatArray
    method: str
    measure: str
    corrected: BoolArray
    assumes: str
    reason: TextArray


@dataclass(frozen=True, slots=True)
class _Imor:
    """Informative missingness of both arms: mean, spread and correlation of the log IMOR."""

    mean_e: FloatArray
    mean_c: FloatArray
    sd_e: FloatArray
    sd_c: FloatArray
    correlation: FloatArray
    nodes: int


def missing_data(
    events_e: ArrayLike,
    n_e: ArrayLike,
    missing_e: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    missing_c: ArrayLike,
    *,
    measure: MissingMeasure = "RR",
    method: MissingMethod = "same-as-observed",
    event_is: EventMeaning = "benefit",
    imor_e: ArrayLike = 1.0,
    imor_c: ArrayLike = 1.0,
    imor_log_sd_e: ArrayLike = 0.0,
    imor_log_sd_c: ArrayLike = 0.0,
    imor_correlation: ArrayLike = 0.0,
    nodes: int = 20,
    add: float = 0.5,
) -> MissingData:
    """Effect of each study when participants with missing outcomes are counted in.

    Parameters
    ----------
    events_e, n_e, missing_e : array_like of int
        Of the experimental arm: participants with the event, participants whose outcome is known,
        and participants randomised whose outcome is not; all broadcast; ``nan`` where unknown.
    events_c, n_c, missing_c : array_like of int
        The same of the comparator arm.
    measure : {"RR", "OR", "RD"}, default "RR"
        Log risk ratio, log odds ratio or risk difference.
    method : {"available", "best-case", "worst-case", "all-events", "no-events", \
"same-as-observed", "same-as-comparator", "same-as-experimental", "imor"}, \
default "same-as-observed"
        The assumption, see Notes.
    event_is : {"benefit", "harm"}, default "benefit"
        Whether the event is wanted; best and worst case turn on it.
    imor_e, imor_c : array_like, default 1
        For ``imor``: informative missingness odds ratios, the odds of the event among the missing
        over those among the observed; the median where there is a spread. Broadcast.
    imor_log_sd_e, imor_log_sd_c : array_like, default 0
        For ``imor``: standard deviation of the log IMOR about its median: how unsure one is.
    imor_correlation : array_like, default 0
        For ``imor``: correlation of the log IMOR of the two arms, -1 to 1.
    nodes : int, default 20
        Gauss-Hermite points for each arm with which the spread is integrated; 0 takes the
        first-order (Taylor) approximation instead, which is poor for wide spreads.
    add : float, default 0.5
        Amount added to each cell of a study with an empty cell, for RR and OR.

    Returns
    -------
    MissingData
        Effects and variances for `pool`, with the risks that the assumption gives.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their arm, an IMOR or a spread is
        negative, a correlation lies outside -1..1, an option is unknown or belongs to another
        method, ``add`` or ``nodes`` are not allowed, or shapes do not fit.

    Notes
    -----
    ``available`` leaves the missing out. ``best-case``, ``worst-case``, ``all-events`` (ICA-1 of
    [1]_) and ``no-events`` (ICA-0) impute outcomes and treat them as observed, with the empty
    cells of `effect_sizes`. The others give the missing a risk [1]_: that observed in their own
    arm (ICA-p), the comparator's (ICA-pC), the experimental arm's (ICA-pE), or through an IMOR
    delta (ICA-IMOR): ``logit p_missing = logit p_observed + ln delta``. With a the share missing,
    of N randomised, the risk is ``(1 - a) p_observed + a p_missing``, and its variance [2]_

    ``(p_missing - p_observed)² a (1 - a)/N
    + (1 - a + a q)² p_observed (1 - p_observed)/(N (1 - a)) + (a p_missing (1 - p_missing) s)²``

    with ``q = p_missing (1 - p_missing) / (p_observed (1 - p_observed))`` and s the spread of the
    log IMOR: from the share missing, the observed risk, and the uncertainty of the assumption
    (weighting W4 of [1]_). The effect's variance follows by the delta method, with the covariance
    of the IMOR. With ``nodes`` the last term is replaced by integration: the mean of effect and
    variance over the distribution of the IMOR, plus the variance of the effect.

    A study with an empty cell among the observed gets ``add`` in every cell of them for RR and
    OR. An IMOR of 1 with a spread of 0 is missing at random: the estimate of ``available``, and
    its variance.

    References
    ----------
    .. [1] J. P. T. Higgins, I. R. White and A. M. Wood, "Imputation methods for missing outcome
       data in meta-analysis of clinical trials", Clinical Trials 5 (2008) 225-239.
    .. [2] I. R. White, J. P. T. Higgins and A. M. Wood, "Allowing for uncertainty due to missing
       data in meta-analysis - Part 1: Two-stage methods", Statistics in Medicine 27 (2008)
       711-727.

    Examples
    --------
    Improvement on haloperidol and placebo in the trial of Beasley (table 1 of [1]_): 29 of 47
    known and 22 missing, 20 of 34 known and 34 missing:

    >>> for method in ("available", "no-events", "worst-case"):
    ...     effect = missing_data(29, 47, 22, 20, 34, 34, method=method)
    ...     print(f"{method}: RR {np.exp(effect.yi):.2f}, SE {effect.vi**0.5:.2f}")
    available: RR 1.05, SE 0.18
    no-events: RR 1.43, SE 0.24
    worst-case: RR 0.53, SE 0.15
    """
    name = chosen("method", method, choices(MissingMethod))
    code = chosen("measure", measure, choices(MissingMeasure))
    wanted = chosen("event_is", event_is, choices(EventMeaning)) == "benefit"
    add = number("add", add, 0)
    x_e, k_e, x_c, k_c = arm_counts(events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c)
    m_e, m_c = broadcast_counts(missing_e=missing_e, missing_c=missing_c)
    x_e, k_e, m_e, x_c, k_c, m_c = finite(
        events_e=x_e, n_e=k_e, missing_e=m_e, events_c=x_c, n_c=k_c, missing_c=m_c
    )
    arms = (x_e, k_e, m_e), (x_c, k_c, m_c)
    ratios, spreads = (imor_e, imor_c), (imor_log_sd_e, imor_log_sd_c)
    spread = _imor(name, ratios, spreads, imor_correlation, nodes)
    broadcast(events_e=x_e, imor_e=spread.mean_e)
    with np.errstate(all="ignore"):
        if name in _IMPUTED:
            found = _imputed(name, code, arms, wanted, add)
        else:
            found = _modelled(name, code, arms, spread, add)
    return _result(name, code, arms, found)


_Arm: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]
_Pair: TypeAlias = tuple[FloatArray, FloatArray]
_Found: TypeAlias = tuple[FloatArray, FloatArray, _Pair, BoolArray]
# Log IMOR of both arms -> effect, variance, risks, derivatives.
_Given: TypeAlias = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray, _Pair, _Pair]]

# Share of the missing with the event: experimental arm, comparator; where the event is wanted.
_IMPUTED = {
    "available": (0.0, 0.0),
    "best-case": (1.0, 0.0),
    "worst-case": (0.0, 1.0),
    "all-events": (1.0, 1.0),
    "no-events": (0.0, 0.0),
}


def _result(name: str, code: str, arms: tuple[_Arm, _Arm], found: _Found) -> MissingData:
    """Effects in their common shape, with the reasons where there are none."""
    (x_e, k_e, m_e), (x_c, k_c, m_c) = arms
    yi, vi, risks, corrected = found
    unknown = np.isnan(x_e + k_e + x_c + k_c)
    nobody = (k_e == 0) | (k_c == 0)
    if name != "available":
        unknown = unknown | np.isnan(m_e + m_c)
        nobody = nobody & (name not in _IMPUTED)
    defined = np.isfinite(yi) & (vi > 0) & ~nobody
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (m_e + m_c) / (k_e + m_e + k_c + m_c)
    risk_e, risk_c, share = (np.array(np.broadcast_to(x, yi.shape)) for x in (*risks, share))
    why = reasons(
        yi.shape,
        (unknown, "a count is missing"),
        (nobody, "no known outcome in an arm"),
        (~defined, "the effect or its variance is undefined"),
    )
    return MissingData(
        yi=unwrapped(np.where(defined, yi, np.nan)),
        vi=unwrapped(np.where(defined, vi, np.nan)),
        risk_e=unwrapped(risk_e),
        risk_c=unwrapped(risk_c),
        missing_share=unwrapped(share),
        method=name,
        measure=code,
        corrected=unwrapped(np.array(np.broadcast_to(corrected, yi.shape))),
        assumes=_ASSUMES[name],
        reason=unwrapped(why),
    )


def _imor(
    name: str,
    odds_ratios: tuple[ArrayLike, ArrayLike],
    log_sds: tuple[ArrayLike, ArrayLike],
    correlation: ArrayLike,
    nodes: int,
) -> _Imor:
    """Parameters of informative missingness, checked; none where another method is asked for."""
    values = finite(
        imor_e=odds_ratios[0],
        imor_c=odds_ratios[1],
        imor_log_sd_e=log_sds[0],
        imor_log_sd_c=log_sds[1],
        imor_correlation=correlation,
    )
    ratio_e, ratio_c, sd_e, sd_c, rho = values
    refuse_negative(imor_e=ratio_e, imor_c=ratio_c, imor_log_sd_e=sd_e, imor_log_sd_c=sd_c)
    refuse_outside(-1.0, 1.0, imor_correlation=rho)
    if name != "imor" and ((ratio_e != 1) | (ratio_c != 1) | (sd_e != 0) | (sd_c != 0)).any():
        raise StatsError(f"an IMOR is given, and method={name!r} takes none; use method='imor'")
    if whole("nodes", nodes, 0) == 1 or nodes > 200:
        raise StatsError(f"nodes={nodes!r} is not allowed; give 0 or 2 to 200")
    with np.errstate(divide="ignore"):
        return _Imor(np.log(ratio_e), np.log(ratio_c), sd_e, sd_c, rho, nodes)


def _imputed(name: str, code: str, arms: tuple[_Arm, _Arm], wanted: bool, add: float) -> _Found:
    """Effects of the table with the missing filled in, or left out."""
    shares = _IMPUTED[name]
    if name in ("best-case", "worst-case") and not wanted:
        shares = (1 - shares[0], 1 - shares[1])
    filled = []
    for (events, known, missing), share in zip(arms, shares, strict=True):
        extra = np.zeros_like(known) if name == "available" else missing
        filled.append((events + share * extra, known + extra))
    (x_e, n_e), (x_c, n_c) = filled
    found = effect_sizes(code, add=add, events_e=x_e, n_e=n_e, events_c=x_c, n_c=n_c)
    yi, vi = (np.asarray(x, dtype=np.float64) for x in (found.yi, found.vi))
    return yi, vi, (x_e / n_e, x_c / n_c), np.asarray(found.corrected)


def _modelled(name: str, code: str, arms: tuple[_Arm, _Arm], imor: _Imor, add: float) -> _Found:
    """Effects where the missing have a risk of their own."""
    (x_e, k_e, m_e), (x_c, k_c, m_c) = arms
    empty = (x_e == 0) | (x_c == 0) | (x_e == k_e) | (x_c == k_c)
    corrected = empty & (code != "RD") & (add > 0)
    extra = np.where(corrected, add, 0.0)
    observed = ((x_e + extra) / (k_e + 2 * extra), (x_c + extra) / (k_c + 2 * extra))
    sizes = (k_e + 2 * extra, m_e), (k_c + 2 * extra, m_c)
    logits = [np.log(p) - np.log1p(-p) for p in observed]
    shift: _Pair = (imor.mean_e, imor.mean_c)
    if name == "same-as-comparator":
        shift = (logits[1] - logits[0], np.zeros_like(logits[0]))
    elif name == "same-as-experimental":
        shift = (np.zeros_like(logits[0]), logits[0] - logits[1])

    def at(delta_e: FloatArray, delta_c: FloatArray) -> tuple[FloatArray, FloatArray, _Pair, _Pair]:
        arm_e = _arm_risk(observed[0], sizes[0], delta_e)
        arm_c = _arm_risk(observed[1], sizes[1], delta_c)
        return _contrast(code, arm_e, arm_c)

    if imor.nodes and (np.any(imor.sd_e > 0) or np.any(imor.sd_c > 0)):
        yi, vi, risks = _integrated(at, shift, imor)
    else:
        yi, vi, risks, slopes = at(*shift)
        vi = vi + (slopes[0] * imor.sd_e) ** 2 + (slopes[1] * imor.sd_c) ** 2
        vi = vi + 2 * imor.correlation * slopes[0] * slopes[1] * imor.sd_e * imor.sd_c
    return yi, vi, risks, corrected


def _arm_risk(
    observed: FloatArray, sizes: _Pair, delta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Risk of an arm, its variance given the IMOR, and its derivative by the log IMOR."""
    known, missing = sizes
    total = known + missing
    share = missing / total
    odds = np.log(observed) - np.log1p(-observed) + delta
    inside = (observed > 0) & (observed < 1)
    absent = np.where(inside, expit(odds), observed)
    spread = observed * (1 - observed)
    spread_absent = absent * (1 - absent)
    ratio = np.where(spread > 0, spread_absent / spread, 1.0)
    risk = observed + share * (absent - observed)
    variance = (absent - observed) ** 2 * share * (1 - share) / total
    variance = variance + ((1 - share) + share * ratio) ** 2 * spread / known
    return risk, variance, share * spread_absent


def _contrast(
    code: str,
    arm_e: tuple[FloatArray, FloatArray, FloatArray],
    arm_c: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, _Pair, _Pair]:
    """Effect, its variance, the risks, and its derivatives by either log IMOR."""
    (p, v, d), (q, w, e) = arm_e, arm_c
    if code == "RD":
        return p - q, v + w, (p, q), (d, -e)
    if code == "RR":
        return np.log(p / q), v / p**2 + w / q**2, (p, q), (d / p, -e / q)
    a, b = p * (1 - p), q * (1 - q)
    yi = np.log(p) - np.log1p(-p) - np.log(q) + np.log1p(-q)
    return yi, v / a**2 + w / b**2, (p, q), (d / a, -e / b)


def _integrated(at: _Given, shift: _Pair, imor: _Imor) -> tuple[FloatArray, FloatArray, _Pair]:
    """Mean effect, and mean variance plus variance of the effect, over the log IMOR."""
    z, weight = np.polynomial.hermite_e.hermegauss(imor.nodes)
    weight = weight / weight.sum()
    first, second = (x.ravel() for x in np.meshgrid(z, z, indexing="ij"))
    weights = np.outer(weight, weight).ravel()
    rest = np.sqrt((1 - imor.correlation) * (1 + imor.correlation))
    terms = []
    for u, v in zip(first, second, strict=True):
        delta_e = shift[0] + imor.sd_e * u
        delta_c = shift[1] + imor.sd_c * (imor.correlation * u + rest * v)
        yi, vi, risks, _ = at(delta_e, delta_c)
        terms.append(np.stack([yi, vi, *risks]))
    table = np.stack(terms)
    mean = np.tensordot(weights, table, axes=1)
    between = np.tensordot(weights, (table[:, 0] - mean[0]) ** 2, axes=1)
    return mean[0], mean[1] + between, (mean[2], mean[3])
