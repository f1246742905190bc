"""The effect of one comparison, and how it is to be computed."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, get_args

from evsyn.errors import StatsError, did_you_mean
from evsyn.literals import (
    ComparisonMeasure,
    MeanMethod,
    OrMethod,
    PairedMethod,
    PairedRatioMethod,
    PairedTest,
    RdMethod,
    RrMethod,
    TwoArmTest,
    choices,
)

__all__ = ["COUNT_MEASURES", "MEASURE_NAMES", "Effect", "Options", "endless", "endless_reason"]
__all__ += ["exponential", "finite", "options"]

COUNT_MEASURES = ("RR", "OR", "RD")

MEASURE_NAMES = {
    "RR": "risk ratio",
    "OR": "odds ratio",
    "RD": "risk difference",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
    "ROM": "ratio of means",
    "IRR": "rate ratio",
    "ZCOR": "correlation",
    "GEN": "effect as given",
}

_INTERVALS: dict[str, tuple[str, ...]] = {
    "RR": choices(RrMethod),
    "OR": choices(OrMethod),
    "RD": choices(RdMethod),
    "MD": choices(MeanMethod),
    "SMD": (),
    "ROM": (),
}

_PAIRED = {"RD": choices(PairedMethod), "RR": choices(PairedRatioMethod)}

_AGREEING = {"koopman": "chi-square", "mee": "chi-square"} | dict.fromkeys(
    ("katz", "woolf", "wald"), "wald"
)
"""Test that rejects where the interval excludes no effect; all others: the score test."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect with limits and p value; ranges where the pairs are not known.

    Fields as in :class:`evsyn.synthesis.results.ComparisonRow`; ``how`` says how it was computed,
    ``reason`` what is missing or was corrected, ``infinite`` which columns are None because they
    have no end.
    """

    estimate: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None
    ci_method: str = ""
    p_value: float | None = None
    p_method: str = ""
    p_value_min: float | None = None
    p_value_max: float | None = None
    ci_lb_min: float | None = None
    ci_ub_max: float | None = None
    pairings: int | None = None
    yi: float | None = None
    vi: float | None = None
    vi_min: float | None = None
    vi_max: float | None = None
    estimate_min: float | None = None
    estimate_max: float | None = None
    infinite: tuple[str, ...] = ()
    how: str = ""
    reason: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """Every field that a row of a comparison has by the same name, but for the reason."""
        return {
            spec.name: getattr(self, spec.name)
            for spec in fields(self)
            if spec.name not in ("how", "reason")
        }


@dataclass(frozen=True, slots=True)
class Options:
    """How effects are computed.

    Attributes
    ----------
    measure : str
        :data:`evsyn.literals.ComparisonMeasure`.
    level : float
        Confidence level.
    interval, test : str
        For two independent arms.
    paired_interval, paired_test : str
        For pairs; empty: the default.
    phi : float or None
        Assumed correlation of pairs whose margins only are known.
    """

    measure: str
    level: float
    interval: str
    test: str
    paired_interval: str
    paired_test: str
    phi: float | None = None

    @property
    def counts(self) -> bool:
        """Whether the measure is one of counts."""
        return self.measure in COUNT_MEASURES

    @property
    def ratio(self) -> bool:
        """Whether the measure is pooled on the log scale."""
        return self.measure in ("RR", "OR", "ROM", "IRR")


def options(
    measure: str,
    interval: str | None = None,
    test: str | None = None,
    level: float = 0.95,
    *,
    phi: float | None = None,
) -> Options:
    """Check what was chosen and fill the defaults: interval and test that agree.

    Parameters
    ----------
    measure : str
        Effect measure.
    interval, test : str, optional
        Method of either kind: one of independent arms leaves pairs at their default, and the
        other way round.
    level : float, default 0.95
        Confidence level.
    phi : float, optional
        Assumed correlation of pairs, -1..1.

    Returns
    -------
    Options
        Complete.

    Raises
    ------
    StatsError
        If a name is not allowed for the measure, or level or phi lie outside their range.

    Examples
    --------
    >>> options("RR").interval, options("RR").test, options("RR", "koopman").test
    ('miettinen-nurminen', 'score', 'chi-square')
    """
    measures = get_args(ComparisonMeasure)
    if measure not in measures:
        raise StatsError(_not_allowed("measure", measure, measures))
    if not 0 < level < 1:
        raise StatsError(f"level={level!r}: expected a share between 0 and 1, e.g. 0.95")
    if phi is not None and not -1 <= phi <= 1:
        raise StatsError(f"phi={phi!r}: expected a correlation from -1 to 1")
    counts = measure in COUNT_MEASURES
    two_arm = _INTERVALS[measure]
    pairs = _PAIRED.get(measure, ())
    if interval and interval not in (*two_arm, *pairs):
        raise StatsError(_not_allowed(f"interval of {measure}", interval, (*two_arm, *pairs)))
    tests = (*choices(TwoArmTest), *choices(PairedTest)) if counts else ()
    if test and test not in tests:
        raise StatsError(_not_allowed(f"test of {measure}", test, tests))
    default = ("miettinen-nurminen" if counts else "welch") if two_arm else "wald"
    chosen = interval if interval in two_arm and interval else default
    agreeing = _AGREEING.get(chosen, "score") if counts else chosen
    return Options(
        measure=measure,
        level=level,
        interval=chosen,
        test=test if test in choices(TwoArmTest) and test else agreeing,
        paired_interval=interval if interval in pairs and interval else "",
        paired_test=test if test in choices(PairedTest) and test else "",
        phi=phi,
    )


def _not_allowed(what: str, found: str, allowed: tuple[str, ...]) -> str:
    listed = ", ".join(dict.fromkeys(allowed)) or "none to choose"
    return f'{what}="{found}" is not allowed{did_you_mean(found, allowed)}; allowed: {listed}'


def exponential(value: float) -> float:
    """Return e to a power, infinity where it is too large for a number.

    Examples
    --------
    >>> exponential(0.0), exponential(800.0)
    (1.0, inf)
    """
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def endless(**values: object) -> tuple[str, ...]:
    """Names of the values that are infinite.

    Examples
    --------
    >>> endless(estimate=float("inf"), ci_lb=2.0, ci_ub=None)
    ('estimate',)
    """
    return tuple(
        name
        for name, value in values.items()
        if value is not None and math.isinf(float(value))  # type: ignore[arg-type]
    )


def endless_reason(names: tuple[str, ...]) -> str:
    """Why columns are None that have no end, in a sentence; empty for none.

    Examples
    --------
    >>> endless_reason(("estimate", "ci_ub"))
    'the estimate and the upper limit are infinite'
    >>> endless_reason(("ci_ub",))
    'the upper limit is infinite'
    """
    told = list(dict.fromkeys(_ENDS[name] for name in names))
    if not told:
        return ""
    return f"{' and '.join(told)} {'is' if len(told) == 1 else 'are'} infinite"


_ENDS = {
    "estimate": "the estimate",
    "ci_lb": "the lower limit",
    "ci_ub": "the upper limit",
    "ci_ub_max": "the upper limit",
}


def finite(value: object) -> float | None:
    """Return the number, or None where it is missing, nan or infinite.

    Examples
    --------
    >>> finite(2), finite(float("nan")), finite(None)
    (2.0, None, None)
    """
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None
