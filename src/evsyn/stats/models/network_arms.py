"""Comparisons of treatments from the arms of studies, in the form that a network needs.

Two arms give one comparison; p arms give all p (p - 1) / 2. The comparisons of a study with more
than two arms share arms and must agree with each other, so that what is done to an arm (a
correction of empty cells, a standard deviation to divide by) is done once for the whole study.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    arm_counts,
    broadcast_counts,
    chosen,
    float_array,
    reasons,
)
from evsyn.stats._options import number
from evsyn.stats.effects.hedges import factor_of
from evsyn.stats.models.network_rows import labels

__all__ = ["ARM_MEASURES", "Contrasts", "contrasts"]


@dataclass(frozen=True, slots=True)
class Contrasts:
    """One row per pair of arms of a study.

    Attributes
    ----------
    yi, vi : ndarray, shape (m,)
        Effect of the first arm of the pair relative to the second and its sampling variance,
        ratios on the log scale; ``nan`` where undefined.
    treat_e, treat_c : ndarray of str, shape (m,)
        Treatments of the pair, in the order in which the arms were given.
    study : ndarray of str, shape (m,)
        Study of the pair.
    measure : str
        Code of the measure.
    corrected : ndarray of bool, shape (m,)
        Where cells were added to.
    reason : ndarray of str, shape (m,)
        Why there is no effect; empty where there is one.
    """

    yi: FloatArray
    vi: FloatArray
    treat_e: TextArray
    treat_c: TextArray
    study: TextArray
    measure: str
    corrected: BoolArray
    reason: TextArray


@dataclass(frozen=True, slots=True)
class _Arms:
    """Each arm's place on the scale of the measure and the variance of this place.

    ``share`` is 1 / (2 N) of its study for standardised means, whose difference d has the
    further variance ``d² share``, else 0.
    """

    place: FloatArray
    variance: FloatArray
    share: FloatArray
    complete: BoolArray
    corrected: BoolArray
    barren: BoolArray


_Groups: TypeAlias = Sequence[NDArray[np.intp]]


def contrasts(
    measure: str,
    *,
    study: ArrayLike | Sequence[Any],
    treatment: ArrayLike | Sequence[Any],
    add: float = 0.5,
    **data: ArrayLike,
) -> Contrasts:
    """Effects of all pairs of arms of each study, from one row per arm.

    Parameters
    ----------
    measure : str
        ``RR``, ``OR``, ``RD`` (data ``events, n``), ``IRR`` (``events, time``), ``MD``, ``SMD``,
        ``ROM`` (``mean, sd, n``).
    study, treatment : array_like of str, shape (a,)
        Study and treatment of each arm; a treatment occurs once in a study.
    add : float, default 0.5
        Amount added to each cell of all arms of a study in which an arm has an empty cell
        (``IRR``: no events); 0 for none.
    **data : array_like, shape (a,)
        Data by the names above; ``nan`` where missing.

    Returns
    -------
    Contrasts
        Rows in the order of the studies, within a study in the order of its arms. An arm with a
        missing value gives rows without an effect; so does a study without any event, or with
        nothing but events, for ``RR``, ``OR`` and ``IRR``, as it carries nothing on ratios.

    Raises
    ------
    StatsError
        If the measure is unknown, a name of the data is missing or too many, shapes differ, a
        label is missing, a study has a single arm or a treatment twice, a count is negative or
        not whole, events exceed their total, or a standard deviation or a time is negative.

    Notes
    -----
    Each arm has a place x and a variance u: ``OR`` the log odds and ``1/a + 1/b``, ``RR`` the log
    risk and ``1/a - 1/n``, ``RD`` the risk and ``ab/n³``, ``IRR`` the log rate and ``1/a``, ``MD``
    the mean and ``sd²/n``, ``ROM`` its log and ``sd²/(n mean²)``, with a events and b non-events.
    A pair has the effect ``x_e - x_c`` and the variance ``u_e + u_c``. ``SMD`` divides by the
    standard deviation pooled over all arms of the study, with the exact J on its m degrees of
    freedom, and has the variance ``1/n_e + 1/n_c + yi²/(2 N)``, N the participants of all arms,
    so that its pairs agree [1]_. With two arms all are those of `effect_sizes`.

    References
    ----------
    .. [1] L. J. Gleser, I. Olkin, "Stochastically dependent effect sizes", in H. Cooper, L. V.
       Hedges, J. C. Valentine (eds), The Handbook of Research Synthesis and Meta-Analysis, 2nd
       ed., Russell Sage Foundation 2009, 357-376.

    Examples
    --------
    Calverley 2003 of the deaths in chronic obstructive pulmonary disease (Woods et al. 2010, BMC
    Med Res Methodol 10:54, table 1), log odds ratios:

    >>> rows = contrasts("OR", study=["Calverley"] * 3, events=[4, 3, 7], n=[374, 372, 361],
    ...                  treatment=["fluticasone", "salmeterol", "placebo"])
    >>> for row in zip(rows.treat_e, rows.treat_c, rows.yi.round(4), strict=True):
    ...     print(*row)
    fluticasone salmeterol 0.285
    fluticasone placebo -0.6038
    salmeterol placebo -0.8888
    """
    names, summary = _MEASURES[chosen("measure", measure, ARM_MEASURES)]
    if set(data) != set(names):
        raise StatsError(
            f"measure {measure} takes {', '.join(names)}; found {', '.join(data) or 'nothing'}"
        )
    add = number("add", add, 0)
    columns = {name: float_array(name, data[name]) for name in names}
    study_of, treatment_of = labels("study", study), labels("treatment", treatment)
    shapes = {name: column.shape for name, column in columns.items()}
    shapes |= {"study": study_of.shape, "treatment": treatment_of.shape}
    if len(set(shapes.values())) > 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise StatsError(f"shapes differ: {found}; give one value per arm")
    groups = _studies(study_of, treatment_of)
    with np.errstate(all="ignore"):
        arms = summary(measure, columns, groups, add)
    return _pairs(measure, arms, groups, (study_of, treatment_of))


def _studies(study: TextArray, treatment: TextArray) -> _Groups:
    """Arms of each study, in the order of its first arm."""
    members: dict[str, list[int]] = {}
    for arm, name in enumerate(study):
        members.setdefault(name, []).append(arm)
    for name, arms in members.items():
        if len(arms) == 1:
            raise StatsError(f"study {name!r}: a single arm (row {arms[0]}); a comparison needs 2")
        given = [treatment[arm] for arm in arms]
        for twice in (label for label in given if given.count(label) > 1):
            raise StatsError(
                f"study {name!r}: treatment {twice!r} stands in {given.count(twice)} arms; "
                "combine them first, or tell them apart by name"
            )
    return [np.array(arms, dtype=np.intp) for arms in members.values()]


def _pairs(
    measure: str, arms: _Arms, groups: _Groups, names: tuple[TextArray, TextArray]
) -> Contrasts:
    """Rows of all pairs, from the places of the arms."""
    pairs = [pair for group in groups for pair in combinations(group, 2)]
    e, c = (
        (np.array(ends, dtype=np.intp) for ends in zip(*pairs, strict=True))
        if pairs
        else (
            np.empty(0, dtype=np.intp),
            np.empty(0, dtype=np.intp),
        )
    )
    study, treatment = names
    with np.errstate(all="ignore"):
        yi = arms.place[e] - arms.place[c]
        vi = arms.variance[e] + arms.variance[c] + yi * yi * arms.share[e]
    missing = ~(arms.complete[e] & arms.complete[c])
    barren = arms.barren[e]
    defined = np.isfinite(yi) & np.isfinite(vi) & (vi > 0) & ~missing & ~barren
    return Contrasts(
        yi=np.where(defined, yi, np.nan),
        vi=np.where(defined, vi, np.nan),
        treat_e=treatment[e],
        treat_c=treatment[c],
        study=study[e],
        measure=measure,
        corrected=arms.corrected[e] & defined,
        reason=reasons(
            yi.shape,
            (missing, "a value is missing"),
            (barren, "no events, or only events, in all arms"),
            (~defined, "no finite effect with a variance above 0"),
        ),
    )


def _correction(empty: BoolArray, complete: BoolArray, groups: _Groups, add: float) -> FloatArray:
    """Amount to add to the cells of each arm: the same for all arms of a study."""
    plus = np.zeros(empty.shape)
    for group in groups:
        plus[group] = add * bool((empty & complete)[group].any())
    return plus


def _all_in_study(holds: BoolArray, complete: BoolArray, groups: _Groups) -> BoolArray:
    """Where something holds in every complete arm of the study."""
    result = np.zeros(holds.shape, dtype=np.bool_)
    for group in groups:
        known = group[complete[group]]
        result[group] = known.size > 0 and bool(holds[known].all())
    return result


def _proportions(measure: str, data: dict[str, FloatArray], groups: _Groups, add: float) -> _Arms:
    """OR, RR and RD."""
    a, n = arm_counts(**data)
    complete = ~(np.isnan(a) | np.isnan(n)) & (n > 0)
    b = n - a
    barren = _all_in_study(a == 0, complete, groups) | _all_in_study(b == 0, complete, groups)
    plus = _correction((a == 0) | (b == 0), complete, groups, add)
    a, b = a + plus, b + plus
    n = a + b
    if measure == "OR":
        place, variance = np.log(a) - np.log(b), 1 / a + 1 / b
    elif measure == "RR":
        place, variance = np.log(a / n), 1 / a - 1 / n
    else:
        place, variance = a / n, a * b / n**3
        barren = np.zeros_like(barren)
    return _Arms(place, variance, np.zeros(n.shape), complete, plus > 0, barren)


def _rates(measure: str, data: dict[str, FloatArray], groups: _Groups, add: float) -> _Arms:
    """IRR."""
    (events,) = broadcast_counts(events=data["events"])
    time = _not_negative("time", data["time"])
    complete = ~(np.isnan(events) | np.isnan(time)) & (time > 0)
    barren = _all_in_study(events == 0, complete, groups)
    plus = _correction(events == 0, complete, groups, add)
    events = events + plus
    place = np.log(events / time)
    return _Arms(place, 1 / events, np.zeros(time.shape), complete, plus > 0, barren)


def _means(measure: str, data: dict[str, FloatArray], groups: _Groups, add: float) -> _Arms:
    """MD, SMD and ROM."""
    mean, sd = data["mean"], _not_negative("sd", data["sd"])
    (n,) = broadcast_counts(n=data["n"])
    complete = ~(np.isnan(mean) | np.isnan(sd) | np.isnan(n)) & (n > 0)
    share, none = np.zeros(n.shape), np.zeros(n.shape, dtype=np.bool_)
    if measure == "MD":
        place, variance = mean, sd**2 / n
    elif measure == "ROM":
        place, variance = np.log(mean), sd**2 / (n * mean**2)
    else:
        place, variance = np.full(n.shape, np.nan), 1 / n
        for group in groups:
            known = group[complete[group]]
            df = (n[known] - 1).sum()
            spread = np.sqrt(((n[known] - 1) * sd[known] ** 2).sum() / df)
            place[group] = factor_of(df) * mean[group] / spread
            share[group] = 1 / (2 * n[known].sum())
    return _Arms(place, variance, share, complete, none, none)


def _not_negative(name: str, values: FloatArray) -> FloatArray:
    """Refuse negative values."""
    wrong = np.flatnonzero(values < 0)
    if wrong.size:
        raise StatsError(f"arm {wrong[0]}: {name}={values[wrong[0]]:g} is negative; give 0 or more")
    return values


_MEASURES: dict[
    str,
    tuple[
        tuple[str, ...],
        Callable[[str, dict[str, FloatArray], _Groups, float], _Arms],
    ],
] = {
    "RR": (("events", "n"), _proportions),
    "OR": (("events", "n"), _proportions),
    "RD": (("events", "n"), _proportions),
    "IRR": (("events", "time"), _rates),
    "MD": (("mean", "sd", "n"), _means),
    "SMD": (("mean", "sd", "n"), _means),
    "ROM": (("mean", "sd", "n"), _means),
}

ARM_MEASURES = tuple(_MEASURES)
