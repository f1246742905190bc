"""Effects from means: independent arms, the same people under both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.stats.means import mean_difference, paired_mean_difference, paired_mean_range
from evsyn.synthesis.effects import Effect, Options, finite
from evsyn.synthesis.independent import normal_p, normal_quantile

__all__ = ["Mean", "estimate_only", "mean_effect", "paired_mean_effect"]

_ONE_SIGN = "a ratio of means needs two means of one sign, none of them 0"
_SAME = "the same people in both arms, r not printed: a range over every correlation"


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean, standard deviation and participants of one arm; None for what is not there."""

    mean: float | None
    sd: float | None
    n: int | None

    @property
    def complete(self) -> bool:
        """Whether all three are there."""
        return self.mean is not None and self.sd is not None and bool(self.n)


def mean_effect(first: Mean, second: Mean, chosen: Options) -> Effect:
    """Effect of two independent arms from means, standard deviations and sizes.

    Parameters
    ----------
    first, second : Mean
        Experimental arm and comparator, complete.
    chosen : Options
        ``MD`` (Welch or pooled), ``SMD`` (Hedges' g) or ``ROM``; level.

    Returns
    -------
    Effect
        With interval and test; None with the reason where it is not defined.
    """
    data = _data(first, second)
    sizes = effect_sizes(chosen.measure, **data)
    yi, vi = finite(sizes.yi), finite(sizes.vi)
    how = f"{_said(first)} against {_said(second)}: {chosen.interval} interval and test"
    method = cast(Any, chosen.interval if chosen.measure == "MD" else "welch")
    found = mean_difference(**data, method=method, level=chosen.level)
    if chosen.measure == "ROM" and data["mean_e"] * data["mean_c"] <= 0:
        return Effect(reason=_ONE_SIGN)
    if found.reason:
        return estimate_only(first, second, chosen, why=f"no interval: {found.reason}")
    if chosen.measure != "MD":
        return _normal(yi, vi, chosen, how) if yi is not None else Effect(reason=str(sizes.reason))
    p = finite(found.p_value)
    return Effect(
        estimate=finite(found.estimate),
        ci_lb=finite(found.ci_lb),
        ci_ub=finite(found.ci_ub),
        ci_method=chosen.interval,
        p_value=p,
        p_method=chosen.interval if p is not None else "",
        yi=yi,
        vi=vi,
        how=how,
    )


def _data(first: Mean, second: Mean) -> dict[str, Any]:
    return {
        "mean_e": first.mean, "sd_e": first.sd, "n_e": first.n,
        "mean_c": second.mean, "sd_c": second.sd, "n_c": second.n,
    }  # fmt: skip


def _said(arm: Mean) -> str:
    return f"{arm.mean:g} (SD {arm.sd:g}, n {arm.n})"


def _normal(yi: float | None, vi: float | None, chosen: Options, how: str) -> Effect:
    """Effect with a normal interval on the pooling scale."""
    if yi is None or not vi:
        return Effect(yi=yi, how=how)
    half, natural = normal_quantile(chosen.level) * math.sqrt(vi), _natural(chosen)
    return Effect(
        estimate=natural(yi),
        ci_lb=natural(yi - half),
        ci_ub=natural(yi + half),
        ci_method="wald",
        p_value=normal_p(yi / math.sqrt(vi)),
        p_method="wald",
        yi=yi,
        vi=vi,
        how=how,
    )


def _natural(chosen: Options) -> Callable[[float], float]:
    return math.exp if chosen.ratio else float


def paired_mean_effect(
    first: Mean, second: Mean, chosen: Options, r: float | None = None
) -> Effect:
    """Effect of two arms that are the same people, from means and standard deviations.

    Parameters
    ----------
    first, second : Mean
        Experimental arm and comparator, complete and of equal size.
    chosen : Options
        ``MD`` or ``ROM``; a standardised difference of paired means is not computed.
    r : float, optional
        Correlation of the two measurements; None: the range over -1 to 1.

    Returns
    -------
    Effect
        The estimate is exact; without `r`, limits and p value are ranges.
    """
    if chosen.measure == "SMD":
        return Effect(reason="the same people in both arms: which SD should standardise is open")
    if chosen.measure == "ROM":
        return _paired_ratio(first, second, chosen, r)
    values = (first.mean, first.sd, second.mean, second.sd, first.n)
    data = tuple(cast(Any, value) for value in values)
    margins = f"{_said(first)} and {_said(second)}, the same people"
    if r is not None:
        found = paired_mean_difference(*data, r=r, level=chosen.level)
        p, se = finite(found.p_value), finite(found.se)
        return Effect(
            estimate=finite(found.estimate),
            ci_lb=finite(found.ci_lb),
            ci_ub=finite(found.ci_ub),
            ci_method="paired t",
            p_value=p,
            p_method="paired t" if p is not None else "",
            yi=finite(found.estimate),
            vi=None if se is None else se**2,
            how=f"{margins}, r {r:g}: paired t interval and test",
        )
    span = paired_mean_range(*data, level=chosen.level)
    least, most = finite(span.se_min), finite(span.se_max)
    return Effect(
        estimate=finite(span.estimate),
        ci_method="paired t",
        p_method="paired t",
        p_value_min=finite(span.p_value_min),
        p_value_max=finite(span.p_value_max),
        ci_lb_min=finite(span.ci_lb_min),
        ci_ub_max=finite(span.ci_ub_max),
        yi=finite(span.estimate),
        vi_min=None if least is None else least**2,
        vi_max=None if most is None else most**2,
        how=f"{margins}: range over every correlation, paired t interval and test",
        reason=_SAME,
    )


def _paired_ratio(first: Mean, second: Mean, chosen: Options, r: float | None) -> Effect:
    """Ratio of paired means by the delta method; the range over r from -1 to 1 without it."""
    mean_e, sd_e, mean_c, sd_c = (
        cast(float, value) for value in (first.mean, first.sd, second.mean, second.sd)
    )
    if mean_e * mean_c <= 0:
        return Effect(reason=_ONE_SIGN)
    yi, n = math.log(mean_e / mean_c), cast(int, first.n)
    spread_e, spread_c = sd_e / mean_e, sd_c / mean_c
    squares, product = spread_e**2 + spread_c**2, 2 * spread_e * spread_c
    if r is not None:
        return _normal(yi, (squares - r * product) / n, chosen, f"paired means, r {r:g}")
    least, most = (squares - abs(product)) / n, (squares + abs(product)) / n
    half = normal_quantile(chosen.level) * math.sqrt(most)
    return Effect(
        estimate=math.exp(yi),
        ci_method="wald",
        p_method="wald",
        p_value_min=normal_p(yi / math.sqrt(least)) if least > 0 else 0.0,
        p_value_max=normal_p(yi / math.sqrt(most)) if most > 0 else 0.0,
        ci_lb_min=math.exp(yi - half),
        ci_ub_max=math.exp(yi + half),
        yi=yi,
        vi_min=least,
        vi_max=most,
        how="ratio of paired means: range over every correlation, normal interval on the log",
        reason=_SAME,
    )


def estimate_only(first: Mean, second: Mean, chosen: Options, *, why: str = "") -> Effect:
    """Effect without spread or size: the difference or ratio of the means alone.

    Parameters
    ----------
    first, second : Mean
        Experimental arm and comparator; both means are there.
    chosen : Options
        Measure.
    why : str
        Why there is no interval; by default what is missing.

    Returns
    -------
    Effect
        The estimate of ``MD`` and ``ROM``, with the reason why there is no interval.
    """
    mean_e, mean_c = cast(float, first.mean), cast(float, second.mean)
    spread = first.sd is None or second.sd is None
    size = not first.n or not second.n
    lacking = " and ".join(
        name for name, lacks in (("standard deviation", spread), ("n", size)) if lacks
    )
    reason = why or f"no interval: no {lacking} that can be used"
    if chosen.measure == "MD":
        difference = round(mean_e - mean_c, 12)
        return Effect(estimate=difference, how=f"{mean_e:g} − {mean_c:g}", reason=reason)
    if chosen.measure == "ROM" and mean_e * mean_c > 0:
        return Effect(estimate=mean_e / mean_c, how=f"{mean_e:g} ÷ {mean_c:g}", reason=reason)
    return Effect(reason=reason)
