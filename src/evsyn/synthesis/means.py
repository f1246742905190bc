"""Comparisons of means: independent arms, the same people under both, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from evsyn.stats.effect_sizes import effect_sizes
from evsyn.stats.means import mean_difference, paired_mean_difference, paired_mean_range
from evsyn.synthesis.cells import cell_step, missing_status, rests_on
from evsyn.synthesis.comparison_rows import Content, Place, comparison_row, printed_results
from evsyn.synthesis.effects import Effect, Options, finite
from evsyn.synthesis.independent import normal_p, normal_quantile
from evsyn.synthesis.results import ComparisonRow
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell

__all__ = ["MEAN_FIELDS", "Mean", "mean_effect", "mean_rows", "paired_mean_effect"]

MEAN_FIELDS = ("mean", "median", "percent_change", "percent_unclear")
"""Fields that make a place one where a difference of means may be looked for."""

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


@dataclass(frozen=True, slots=True)
class _Arm:
    """A mean with the cells it stands on."""

    value: Mean
    cells: tuple[Cell | None, ...]


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
    if chosen.measure != "MD":
        return _normal(yi, vi, chosen, how) if yi is not None else Effect(reason=str(sizes.reason))
    found = mean_difference(**data, method=cast(Any, chosen.interval), level=chosen.level)
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


def _natural(chosen: Options) -> Any:
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
        return Effect(reason="a ratio of means needs two means of one sign, none of them 0")
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


def mean_rows(place: Place, chosen: Options, *, paired: bool) -> Iterator[ComparisonRow]:
    """Rows of one comparison for one continuous outcome: one for each type of value.

    Parameters
    ----------
    place : Place
        Study, comparison, outcome, time.
    chosen : Options
        Measure, interval, level; phi is the correlation assumed for pairs.
    paired : bool
        Whether both arms are the same people.

    Yields
    ------
    ComparisonRow
        With the effect, or with the reason why there is none. Change and final values are never
        set against each other.
    """
    types = [_types(place, arm) for arm in place.arms]
    shared = [name for name in types[0] if name in types[1]]
    for name in shared:
        yield comparison_row(place, chosen, _content(place, chosen, name, paired=paired))
    if shared:
        return
    printed = _printed_difference(place, chosen)
    yield comparison_row(place, chosen, printed or _nothing(place, types))


def _types(place: Place, arm: str) -> list[str]:
    """Value types of the means of an arm at the place, in order."""
    cells = place.index.at(place.study.study_id, arm, place.slot)
    found = [cell.key.value_type for cell in cells if cell.key.field == "mean"]
    return [name for name in dict.fromkeys(found) if name != "baseline"]


def _arm(place: Place, arm: str, value_type: str) -> _Arm:
    cells = place.index.at(place.study.study_id, arm, place.slot)

    def first(field: str) -> Cell | None:
        ranked = [cell for cell in cells if cell.key.field == field]
        exact = [cell for cell in ranked if cell.key.value_type == value_type]
        plain = [cell for cell in ranked if not cell.key.value_type]
        return next(iter(exact or plain), None)

    found = (first("mean"), first("sd"), first("n"))
    mean, sd, n = (None if cell is None else cell.value for cell in found)
    return _Arm(Mean(mean, sd, None if n is None else round(n)), found)


def _content(place: Place, chosen: Options, value_type: str, *, paired: bool) -> Content:
    first, second = (_arm(place, arm, value_type) for arm in place.arms)
    correlation = place.result("r")
    r = chosen.phi if correlation is None else correlation.value
    cells = [*first.cells, *second.cells, *([correlation] if paired else [])]
    p_cell = place.result("p")
    basis = rests_on([*cells, p_cell])
    needed = rests_on(cell for cell in cells if cell is not None and (cell.value is not None))
    effect = _effect(place, first.value, second.value, chosen, r=r, paired=paired)
    status = needed.status
    if paired and r is not None and correlation is None and effect.p_value is not None:
        status = weakest([status, "assumed"])
    if effect.estimate is None:
        status = missing_status(place.index.ledger, place.study.study_id)
    steps = []
    for label, arm in zip(place.labels, (first, second), strict=True):
        for name, cell in zip(("mean", "SD", "n"), arm.cells, strict=True):
            step = cell_step(f"{label}: {name}", cell)
            steps += [step] if step is not None else []
    return Content(
        effect=effect,
        status=status,
        reason=needed.reason,
        extractions=basis.extractions,
        assumptions=needed.assumptions,
        citekeys=basis.citekeys,
        printed=printed_results(place.results),
        value_type=value_type,
        n=(first.value.n, second.value.n),
        means=(first.value.mean, second.value.mean),
        sds=(first.value.sd, second.value.sd),
        steps=tuple(steps),
    )


def _effect(
    place: Place,
    first: Mean,
    second: Mean,
    chosen: Options,
    *,
    r: float | None,
    paired: bool,
) -> Effect:
    if first.mean is None or second.mean is None:
        return Effect(reason="a mean has no single value")
    if place.study.kind == "review":
        return Effect(reason="a review: means over studies are not one comparison")
    if place.study.design in ("incomplete-block", "cluster"):
        return Effect(reason=f"{place.study.design}: how the measurements belong together is open")
    if not (first.complete and second.complete):
        return _estimate_only(first, second, chosen)
    if not paired:
        return mean_effect(first, second, chosen)
    if first.n != second.n:
        return replace(
            _estimate_only(first, second, chosen),
            reason=f"the same people in both arms, but {first.n} and {second.n} were analysed",
        )
    return paired_mean_effect(first, second, chosen, r)


def _estimate_only(first: Mean, second: Mean, chosen: Options) -> Effect:
    """Without spread or size: the difference of the means alone."""
    mean_e, mean_c = cast(float, first.mean), cast(float, second.mean)
    spread = first.sd is None or second.sd is None
    size = not first.n or not second.n
    lacking = " and ".join(
        name for name, lacks in (("standard deviation", spread), ("n", size)) if lacks
    )
    reason = f"no interval: no {lacking} that can be used"
    if chosen.measure == "MD":
        difference = round(mean_e - mean_c, 12)
        return Effect(estimate=difference, how=f"{mean_e:g} − {mean_c:g}", reason=reason)
    if chosen.measure == "ROM" and mean_e * mean_c > 0:
        return Effect(estimate=mean_e / mean_c, how=f"{mean_e:g} ÷ {mean_c:g}", reason=reason)
    return Effect(reason=reason)


def _printed_difference(place: Place, chosen: Options) -> Content | None:
    """A printed difference of means with its limits or standard error."""
    if place.study.kind == "review":
        return None
    named = (chosen.measure, "mean difference") if chosen.measure == "MD" else (chosen.measure,)
    estimate = place.result("mean_diff") if chosen.measure == "MD" else None
    estimate = estimate or place.result("estimate", *named)
    if estimate is None or estimate.value is None:
        return None
    measure = estimate.key.measure
    lower, upper = place.result("ci_lb", measure), place.result("ci_ub", measure)
    se = place.result("se_diff") if chosen.measure == "MD" else None
    basis = rests_on([estimate, lower, upper, se, place.result("p")])
    effect = _from_printed(
        estimate.value,
        None if lower is None else lower.value,
        None if upper is None else upper.value,
        None if se is None else se.value,
        chosen=chosen,
    )
    return Content(
        effect=effect,
        status=basis.status,
        reason=basis.reason,
        extractions=basis.extractions,
        assumptions=basis.assumptions,
        citekeys=basis.citekeys,
        printed=printed_results(place.results),
        value_type=estimate.key.value_type,
    )


def _from_printed(
    estimate: float,
    lower: float | None,
    upper: float | None,
    se: float | None,
    *,
    chosen: Options,
) -> Effect:
    scale = math.log if chosen.ratio else float
    yi = scale(estimate) if not chosen.ratio or estimate > 0 else None
    if lower is None and upper is None and se is not None and yi is not None:
        return _normal(yi, se**2, chosen, "printed difference and standard error")
    vi = None
    if lower is not None and upper is not None and (not chosen.ratio or lower > 0):
        vi = ((scale(upper) - scale(lower)) / (2 * normal_quantile(chosen.level))) ** 2
    return Effect(
        estimate=estimate,
        ci_lb=lower,
        ci_ub=upper,
        ci_method="as printed" if lower is not None or upper is not None else "",
        yi=yi,
        vi=vi,
        how="as printed",
        reason="" if vi is not None else "no interval is printed",
    )


def _nothing(place: Place, types: list[list[str]]) -> Content:
    study_id = place.study.study_id
    cells = [
        cell
        for arm in place.arms
        for cell in place.index.at(study_id, arm, place.slot)
        if cell.key.field in MEAN_FIELDS
    ]
    basis = rests_on([*cells, *place.results])
    fields = {cell.key.field for cell in cells}
    label = place.labels[0] if types[0] else place.labels[1]
    if place.study.kind == "review":
        reason = "a review's pooled result: as printed, not recomputed"
    elif types[0] and types[1]:
        reason = "different values: " + " against ".join(
            "/".join(name or "type not stated" for name in arm) for arm in types
        )
    elif types[0] or types[1]:
        reason = f"a mean is printed for {label} only"
    elif fields:
        named = ", ".join(sorted(field.replace("_", " ") for field in fields))
        reason = f"no mean: {named} only"
    else:
        reason = "no means by arm are printed for it, only a result of the comparison"
    printed = " v ".join(
        ", ".join(
            f"{cell.key.field.replace('_', ' ')} {cell.text}"
            for cell in place.index.at(study_id, arm, place.slot)
            if cell.key.field in MEAN_FIELDS and cell.text
        )
        or "–"
        for arm in place.arms
    )
    results = printed_results(place.results)
    return Content(
        effect=Effect(),
        status=missing_status(place.index.ledger, study_id),
        reason=reason,
        extractions=basis.extractions,
        citekeys=basis.citekeys,
        printed="; ".join(part for part in (printed if cells else "", results) if part),
    )
