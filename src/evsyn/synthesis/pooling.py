"""One pooled effect: which method, which interval of the mean, and what must be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from evsyn.stats._student import quantile
from evsyn.stats.models.count_models import glmm
from evsyn.stats.pooling.pool import PooledEffect, pool
from evsyn.stats.pooling.stratified import mantel_haenszel, peto
from evsyn.stats.pooling.tau2_limits import tau2_interval
from evsyn.synthesis.declared import COUNT_METHODS, Analysis
from evsyn.synthesis.effects import finite
from evsyn.synthesis.members import Member

__all__ = [
    "NUMBERS",
    "TEST_NAMES",
    "Fit",
    "chosen_interval",
    "columns_of",
    "fit_members",
    "interval_choice",
]

NUMBERS = (
    *("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "p_value", "tau2", "tau2_ci_lb"),
    *("tau2_ci_ub", "i2", "h2", "q", "q_pvalue"),
)
"""Numbers of a pooled effect, by the columns of its row."""

TEST_NAMES = {"z": "Wald", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp (never narrower)"}

_PREDICTED = 3
"""Studies from which a new one is predicted."""

_FEW = 2
"""Studies up to which a mean has Wald's interval by the rule."""

_COUNT_WORDS = {
    "MH": "Wald interval of Mantel and Haenszel's estimate",
    "Peto": "Wald interval of Peto's one-step estimate",
    "GLMM": "Wald interval of the mixed model of the counts",
}


@dataclass(frozen=True, slots=True)
class Fit:
    """A pooled effect.

    Attributes
    ----------
    numbers : dict of str to float or None
        :data:`NUMBERS`, on the pooling scale.
    k : int
        Studies pooled.
    q_df : int
        Degrees of freedom of Q.
    test : str
        Interval of the mean.
    reason : str
        Which interval and why, or why there is no number.
    weights : tuple of float
        Share of each study; empty where the method has none.
    notes : tuple of str
        What a reader must know.
    """

    numbers: dict[str, float | None]
    k: int
    q_df: int
    test: str
    reason: str
    weights: tuple[float, ...]
    notes: tuple[str, ...]


def fit_members(members: Sequence[Member], analysis: Analysis, level: float) -> Fit:
    """Pool studies as an analysis says.

    Parameters
    ----------
    members : sequence of Member
        Studies, each with an effect and a variance, or with counts where the method pools them.
    analysis : Analysis
        Method, interval of the mean, interval of tau².
    level : float
        Confidence level.

    Returns
    -------
    Fit
        Numbers that the method does not have are None.
    """
    if analysis.model in COUNT_METHODS:
        return _of_counts(members, analysis, level)
    yi = [cast(float, member.yi) for member in members]
    vi = [cast(float, member.variance) for member in members]
    test, why = interval_choice(yi, vi, analysis)
    method = cast(Any, analysis.model)
    fit = pool(yi, vi, method=method, test=cast(Any, test), level=level, pi="hts")
    numbers = {name: finite(getattr(fit, name, None)) for name in NUMBERS}
    if analysis.model != "EE":
        span = tau2_interval(
            yi,
            vi,
            level=level,
            method=cast(Any, analysis.interval or "QP"),
            estimator="ML" if analysis.model == "ML" else "REML",
        )
        numbers |= {"tau2_ci_lb": finite(span.tau2_lb), "tau2_ci_ub": finite(span.tau2_ub)}
    if len(members) < _PREDICTED:
        numbers |= {"pi_lb": None, "pi_ub": None}
    if numbers["se"] is None:
        why = "; ".join(part for part in (why, str(fit.reason)) if part)
    notes = _warnings(fit, (yi, vi), level)
    weights = tuple(float(share) / 100 for share in fit.weights)
    return Fit(numbers, len(members), len(members) - 1, test, why, weights, notes)


def interval_choice(yi: list[float], vi: list[float], analysis: Analysis) -> tuple[str, str]:
    """Which interval of the mean, and why.

    Parameters
    ----------
    yi, vi : list of float
        Effects and variances.
    analysis : Analysis
        Method, and the interval asked for.

    Returns
    -------
    tuple of str
        Code and sentence. ``auto`` is Hartung-Knapp where k > 2 and tau² > 0, else Wald.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, 10.10.4.4.
    """
    tau2 = 0.0
    if analysis.test == "auto" and analysis.model != "EE" and len(yi) > _FEW:
        tau2 = float(pool(yi, vi, method=cast(Any, analysis.model), test="z").tau2)
    return chosen_interval(len(yi), tau2, analysis)


def chosen_interval(k: int, tau2: float, analysis: Analysis) -> tuple[str, str]:
    """Which interval a mean of some studies has, and why.

    Parameters
    ----------
    k : int
        Studies pooled.
    tau2 : float
        Variance between them.
    analysis : Analysis
        Method, and the interval asked for.

    Returns
    -------
    tuple of str
        Code and sentence, as of `interval_choice`.

    Examples
    --------
    >>> chosen_interval(2, 0.1, Analysis())
    ('z', 'Wald interval, because k = 2')
    """
    if analysis.test != "auto":
        return analysis.test, f"{TEST_NAMES[analysis.test]} interval, as chosen"
    if analysis.model == "EE":
        return "z", "Wald interval of a common effect"
    if k <= _FEW:
        return "z", f"Wald interval, because k = {k}"
    if not tau2 > 0:
        return "z", "Wald interval, because tau² = 0"
    return "knha", "Hartung-Knapp interval, because k > 2 and tau² > 0"


def _warnings(
    fit: PooledEffect, data: tuple[list[float], list[float]], level: float
) -> tuple[str, ...]:
    said = []
    if fit.test == "knha":
        wald = pool(*data, method=cast(Any, fit.method), test="z", level=level)
        if float(fit.ci_ub - fit.ci_lb) < float(wald.ci_ub - wald.ci_lb):
            said.append("the Hartung-Knapp interval is narrower than Wald's.")
    if int(fit.k) == 2:
        said.append("two studies: no prediction interval, and an interval that says little.")
    if int(fit.n_modes) > 1:
        said.append(
            f"the likelihood of tau² has {int(fit.n_modes)} maxima; the highest is taken, and "
            "another program may stop at a lower one."
        )
    if not bool(fit.converged):
        said.append("the search for tau² did not settle.")
    return tuple(said)


def columns_of(members: Sequence[Member]) -> dict[str, list[float]]:
    """Counts of the studies, as columns by name.

    Parameters
    ----------
    members : sequence of Member
        Studies with the same kind of data.

    Returns
    -------
    dict
        Columns that every study has.
    """
    names = [name for name in members[0].data if all(name in member.data for member in members)]
    return {name: [member.data[name] for member in members] for name in names}


def _of_counts(members: Sequence[Member], analysis: Analysis, level: float) -> Fit:
    """Pool counts: Mantel-Haenszel, Peto, or a mixed model."""
    data = columns_of(members)
    if analysis.model == "GLMM":
        return _mixed(data, len(members), analysis, level)
    if analysis.model == "Peto":
        found = peto(*(data[name] for name in _TABLE), level=level)
    else:
        rates = analysis.measure in ("IRR", "IRD")
        found = mantel_haenszel(
            **cast(Any, {name: data[name] for name in (_RATES if rates else _TABLE)}),
            measure=cast(Any, analysis.measure),
            level=level,
        )
    numbers = {name: finite(getattr(found, name, None)) for name in NUMBERS}
    shares = [float(share) / 100 for share in np.atleast_1d(found.weights)]
    weights = tuple(shares) if all(np.isfinite(shares)) else ()
    why = _COUNT_WORDS[analysis.model]
    reason = "; ".join(part for part in (why, str(found.reason)) if part)
    return Fit(numbers, len(members), max(int(found.k_yi) - 1, 0), "z", reason, weights, ())


_TABLE = ("events_e", "n_e", "events_c", "n_c")
_RATES = ("events_e", "time_e", "events_c", "time_c")


def _mixed(data: dict[str, list[float]], k: int, analysis: Analysis, level: float) -> Fit:
    """Pool counts by the mixed model; the prediction interval by t on k - 2."""
    found = glmm(cast(Any, analysis.measure), level=level, **cast(Any, data))
    numbers = {name: finite(getattr(found, name, None)) for name in NUMBERS}
    numbers |= {"q": finite(found.q_lrt), "q_pvalue": finite(found.q_lrt_pvalue)}
    numbers |= {"pi_lb": None, "pi_ub": None}
    center, se, tau2 = (numbers[name] for name in ("estimate", "se", "tau2"))
    if k >= _PREDICTED and center is not None and se is not None and tau2 is not None:
        half = float(quantile(float(k - 2), level)) * (se**2 + tau2) ** 0.5
        numbers |= {"pi_lb": center - half, "pi_ub": center + half}
    why = _COUNT_WORDS["GLMM"] + (f" ({found.model})" if found.model else "")
    notes = [f"{found.note}."] if found.note else []
    if k == 2:
        notes.append("two studies: no prediction interval, and an interval that says little.")
    if not found.converged and not found.reason:
        notes.append("the search for the likelihood's maximum did not settle.")
    reason = "; ".join(part for part in (why, found.reason) if part)
    return Fit(numbers, k, found.q_df, "z", reason, (), tuple(notes))
