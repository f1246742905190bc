"""Effect sizes and sampling variances per study, on the scale on which they are pooled.

Measures carry metafor's codes and follow its definitions and its handling of empty cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError, did_you_mean
from evsyn.literals import ZeroCells, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    arm_counts,
    broadcast_counts,
    chosen,
    float_array,
    reasons,
    unwrapped,
)
from evsyn.stats._special import expit, gammaln

__all__ = ["MEASURES", "EffectSizes", "back_transform", "effect_sizes"]

_Effect: TypeAlias = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effect sizes of studies.

    Attributes
    ----------
    yi, vi : ndarray of float
        Effect size and sampling variance in the broadcast shape of the data, ratios on the log
        scale; numbers where the data were scalars; ``nan`` where undefined.
    measure : str
        Code of the measure.
    corrected : ndarray of bool
        Where cells were added to.
    reason : ndarray of str
        Why there is no effect size; empty where there is one.
    """

    yi: FloatArray
    vi: FloatArray
    measure: str
    corrected: BoolArray
    reason: TextArray


@dataclass(frozen=True, slots=True)
class _Zero:
    """How tables with empty cells are treated."""

    add: float
    to: str
    drop00: bool

    def correction(self, empty: BoolArray) -> FloatArray:
        """Amount to add to each cell of each table."""
        if self.to == "none":
            return np.zeros(empty.shape)
        return np.where(empty | (self.to == "all"), self.add, 0.0)


def effect_sizes(
    measure: str,
    *,
    add: float = 0.5,
    to: ZeroCells = "only0",
    drop00: bool = False,
    **data: ArrayLike,
) -> EffectSizes:
    """Effect size and sampling variance of each study.

    Parameters
    ----------
    measure : str
        ``RR`` log risk ratio, ``OR`` log odds ratio, ``RD`` risk difference (data ``events_e,
        n_e, events_c, n_c``); ``MD`` mean difference, ``SMD`` standardised mean difference
        (Hedges' g), ``ROM`` log ratio of means (``mean_e, sd_e, n_e, mean_c, sd_c, n_c``);
        ``IRR`` log incidence rate ratio (``events_e, time_e, events_c, time_c``); ``PR``
        proportion, ``PLO`` its logit (``events, n``); of pairs, ``MPRR`` log marginal ratio,
        ``MPRD`` difference, ``MPORC`` log conditional odds ratio (``both, only_e, only_c,
        neither``).
    add : float, default 0.5
        Amount added to each cell of a corrected table.
    to : {"only0", "all", "none"}, default "only0"
        Tables corrected: those with an empty cell, all, or none. For ``PR`` and ``PLO`` a cell is
        events or non-events; for ``IRR`` the events of an arm.
    drop00 : bool, default False
        Whether tables without events, or with nothing but events, in both arms get no effect.
    **data : array_like
        Data by the names above; broadcast against each other; ``nan`` where missing.

    Returns
    -------
    EffectSizes
        ``yi`` and ``vi``, and where and why not.

    Raises
    ------
    StatsError
        If the measure or an option is unknown, a name of the data is missing or too many, a
        count is negative or not whole, events exceed their total, a standard deviation is
        negative, or shapes do not fit.

    Notes
    -----
    ``RR``: variance ``1/a - 1/n_e + 1/c - 1/n_c``; ``OR``: the sum of the four reciprocals;
    ``RD``: ``p (1 - p)/n`` of both arms; ``MD``: ``sd²/n`` of both; ``ROM``:
    ``sd²/(n mean²)`` of both; ``IRR``: ``1/events`` of both. ``SMD``: ``J (mean_e - mean_c)/s``
    with the pooled s and the exact J on m = n_e + n_c - 2 degrees of freedom,
    ``gamma(m/2) / (sqrt(m/2) gamma((m - 1)/2))`` [1]_, variance
    ``1/n_e + 1/n_c + yi²/(2 (n_e + n_c))``. ``MPRR``: ``(b + c)/((a + b)(a + c))``; ``MPORC``:
    ``1/b + 1/c``; ``MPRD``: ``(b + c - (b - c)²/N)/N²`` with a = both, b = only_e, c = only_c.
    A variance of 0 is no variance: such a study gets ``nan``.

    References
    ----------
    .. [1] L. V. Hedges, "Distribution theory for Glass's estimator of effect size and related
       estimators", J Educ Stat 6 (1981) 107-128.
    .. [2] W. Viechtbauer, "Conducting meta-analyses in R with the metafor package", J Stat Softw
       36 (2010) 3.

    Examples
    --------
    Trials 1 and 2 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> rr = effect_sizes("RR", events_e=[4, 6], n_e=[123, 306], events_c=[11, 29],
    ...                   n_c=[139, 303])
    >>> rr.yi.round(4), rr.vi.round(4)
    (array([-0.8893, -1.5854]), array([0.3256, 0.1946]))
    """
    if measure not in _MEASURES:
        raise StatsError(
            f"measure={measure!r} is unknown; use one of {', '.join(MEASURES)}"
            f"{did_you_mean(str(measure), MEASURES)}"
        )
    chosen("to", to, choices(ZeroCells))
    if not (np.isfinite(add) and add >= 0):
        raise StatsError(f"add={add!r} is not allowed; give 0 or a positive amount such as 0.5")
    names, compute, _ = _MEASURES[measure]
    if set(data) != set(names):
        raise StatsError(
            f"measure {measure} takes {', '.join(names)}; found {', '.join(data) or 'nothing'}"
        )
    zero = _Zero(add, to, drop00)
    with np.errstate(all="ignore"):
        (yi, vi), corrected, dropped = compute(measure, tuple(data[n] for n in names), zero)
    missing = _any_missing(tuple(data[n] for n in names), yi.shape)
    defined = np.isfinite(yi) & np.isfinite(vi) & (vi > 0) & ~dropped
    return EffectSizes(
        yi=unwrapped(np.where(defined, yi, np.nan)),
        vi=unwrapped(np.where(defined, vi, np.nan)),
        measure=measure,
        corrected=unwrapped(corrected & defined),
        reason=unwrapped(
            reasons(
                yi.shape,
                (missing, "a value is missing"),
                (dropped, "no events, or only events, in both arms"),
                (~defined, "no finite effect with a variance above 0"),
            )
        ),
    )


def back_transform(value: ArrayLike, measure: str) -> FloatArray:
    """Effect sizes on their natural scale.

    Parameters
    ----------
    value : array_like
        Effect sizes, means or limits on the scale of ``effect_sizes``.
    measure : str
        Code of the measure.

    Returns
    -------
    ndarray of float
        Exponential of log ratios, inverse logit of ``PLO``, else the values as they are.

    Raises
    ------
    StatsError
        If the measure is unknown.

    Examples
    --------
    >>> back_transform(0.0, "RR"), back_transform(0.0, "PLO"), back_transform(0.25, "RD")
    (np.float64(1.0), np.float64(0.5), np.float64(0.25))
    """
    chosen("measure", measure, MEASURES)
    transformed: Any = _MEASURES[measure][2](float_array("value", value))
    return np.asarray(transformed, dtype=np.float64)[()]


def _any_missing(arrays: tuple[ArrayLike, ...], shape: tuple[int, ...]) -> BoolArray:
    """Where a value is missing."""
    missing = np.zeros(shape, dtype=np.bool_)
    for array in arrays:
        missing |= np.isnan(float_array("data", array))
    return missing


_Computed: TypeAlias = tuple[_Effect, BoolArray, BoolArray]


def _two_arms(measure: str, data: tuple[ArrayLike, ...], zero: _Zero) -> _Computed:
    """RR, OR and RD."""
    events_e, n_e, events_c, n_c = data
    a, n1, c, n2 = arm_counts(events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c)
    b, d = n1 - a, n2 - c
    dropped = zero.drop00 & (((a == 0) & (c == 0)) | ((b == 0) & (d == 0)))
    plus = zero.correction((a == 0) | (b == 0) | (c == 0) | (d == 0))
    a, b, c, d = a + plus, b + plus, c + plus, d + plus
    n1, n2 = a + b, c + d
    if measure == "RR":
        effect = np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2
    elif measure == "OR":
        effect = np.log(a) - np.log(b) - np.log(c) + np.log(d), 1 / a + 1 / b + 1 / c + 1 / d
    else:
        effect = a / n1 - c / n2, a * b / n1**3 + c * d / n2**3
    return effect, plus > 0, dropped


def _one_arm(measure: str, data: tuple[ArrayLike, ...], zero: _Zero) -> _Computed:
    """PR and PLO."""
    x, n = arm_counts(events=data[0], n=data[1])
    plus = zero.correction((x == 0) | (x == n))
    x, rest = x + plus, n - x + plus
    n = x + rest
    if measure == "PR":
        effect = x / n, x * rest / n**3
    else:
        effect = np.log(x) - np.log(rest), 1 / x + 1 / rest
    return effect, plus > 0, np.zeros(n.shape, dtype=np.bool_)


def _rates(measure: str, data: tuple[ArrayLike, ...], zero: _Zero) -> _Computed:
    """IRR."""
    x1, x2 = broadcast_counts(events_e=data[0], events_c=data[2])
    x1, t1, x2, t2 = _numbers(x1, data[1], x2, data[3], names=("time_e", "time_c"), at=(1, 3))
    dropped = zero.drop00 & (x1 == 0) & (x2 == 0)
    plus = zero.correction((x1 == 0) | (x2 == 0))
    x1, x2 = x1 + plus, x2 + plus
    return (np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2), plus > 0, dropped


def _means(measure: str, data: tuple[ArrayLike, ...], zero: _Zero) -> _Computed:
    """MD, SMD and ROM."""
    n_e, n_c = broadcast_counts(n_e=data[2], n_c=data[5])
    m1, s1, n1, m2, s2, n2 = _numbers(
        data[0], data[1], n_e, data[3], data[4], n_c, names=("sd_e", "sd_c"), at=(1, 4)
    )
    if measure == "MD":
        effect = m1 - m2, s1**2 / n1 + s2**2 / n2
    elif measure == "ROM":
        effect = np.log(m1 / m2), s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2)
    else:
        df = n1 + n2 - 2
        spread = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
        bias = np.exp(gammaln(df / 2) - 0.5 * np.log(df / 2) - gammaln((df - 1) / 2))
        g = bias * (m1 - m2) / spread
        effect = g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))
    none = np.zeros(m1.shape, dtype=np.bool_)
    return effect, none, none


def _pairs(measure: str, data: tuple[ArrayLike, ...], zero: _Zero) -> _Computed:
    """MPRR, MPRD and MPORC."""
    both, only_e, only_c, neither = data
    a, b, c, d = broadcast_counts(both=both, only_e=only_e, only_c=only_c, neither=neither)
    dropped = zero.drop00 & (((a + b == 0) & (a + c == 0)) | ((c + d == 0) & (b + d == 0)))
    plus = zero.correction((a == 0) | (b == 0) | (c == 0) | (d == 0))
    a, b, c, d = a + plus, b + plus, c + plus, d + plus
    n = a + b + c + d
    if measure == "MPRR":
        effect = np.log((a + b) / (a + c)), (b + c) / ((a + b) * (a + c))
    elif measure == "MPRD":
        effect = (b - c) / n, (b + c - (b - c) ** 2 / n) / n**2
    else:
        effect = np.log(b / c), 1 / b + 1 / c
    return effect, plus > 0, dropped


def _numbers(
    *arrays: ArrayLike, names: tuple[str, ...], at: tuple[int, ...]
) -> tuple[FloatArray, ...]:
    """Broadcast; refuse negative values of those named, which stand at the positions given."""
    floats = [float_array("data", array) for array in arrays]
    try:
        common = np.broadcast_arrays(*floats)
    except ValueError as error:
        shapes = ", ".join(str(array.shape) for array in floats)
        raise StatsError(f"shapes do not fit each other: {shapes}") from error
    for name, position in zip(names, at, strict=True):
        wrong = np.argwhere(common[position] < 0)
        if wrong.shape[0]:
            index = tuple(int(i) for i in wrong[0])
            where = ", ".join(str(i) for i in index) or "0"
            found = common[position][index]
            raise StatsError(f"study {where}: {name}={found:g} is negative; give 0 or more")
    return tuple(common)


_COUNTS = ("events_e", "n_e", "events_c", "n_c")
_SUMMARIES = ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c")
_RATES = ("events_e", "time_e", "events_c", "time_c")
_TABLE = ("both", "only_e", "only_c", "neither")

_Measure: TypeAlias = tuple[
    tuple[str, ...],
    Callable[[str, tuple[ArrayLike, ...], _Zero], _Computed],
    Callable[[FloatArray], FloatArray],
]
_MEASURES: dict[str, _Measure] = {
    "RR": (_COUNTS, _two_arms, np.exp),
    "OR": (_COUNTS, _two_arms, np.exp),
    "RD": (_COUNTS, _two_arms, np.positive),
    "MD": (_SUMMARIES, _means, np.positive),
    "SMD": (_SUMMARIES, _means, np.positive),
    "ROM": (_SUMMARIES, _means, np.exp),
    "IRR": (_RATES, _rates, np.exp),
    "PR": (("events", "n"), _one_arm, np.positive),
    "PLO": (("events", "n"), _one_arm, expit),
    "MPRR": (_TABLE, _pairs, np.exp),
    "MPRD": (_TABLE, _pairs, np.positive),
    "MPORC": (_TABLE, _pairs, np.exp),
}

MEASURES = tuple(_MEASURES)
