"""Results of a comparison that are printed, not computed: of trials without counts, of reviews."""

from __future__ import annotations

import math
from dataclasses import replace

from evsyn.formats import percent
from evsyn.synthesis.cells import missing_status, rests_on
from evsyn.synthesis.comparison_rows import Content, Place, printed_results
from evsyn.synthesis.effects import Effect, Options
from evsyn.synthesis.independent import normal_p, normal_quantile
from evsyn.tables.evidence import Cell

__all__ = ["REVIEW_RESULT", "printed_content", "printed_effect", "review_content"]

REVIEW_RESULT = "a review's pooled result: as printed, not recomputed"
"""Why a row of a review carries no variance and enters no pool."""

_BOUNDS = ("<", "≤", ">", "≥")
_NAMES = {"MD": ("MD", "mean difference")}


def printed_content(place: Place, chosen: Options) -> Content | None:
    """Return the printed effect of a study, in the measure asked for.

    Parameters
    ----------
    place : Place
        Study, comparison, outcome, time.
    chosen : Options
        Measure and level.

    Returns
    -------
    Content or None
        None where no single value of this measure is printed.
    """
    cells = _effect_cells(place, chosen)
    estimate, lower, upper, error = (_value(place, cell) for cell in cells)
    if estimate is None or cells[0] is None:
        return None
    p_cell = place.result("p")
    basis = rests_on([*cells, p_cell])
    effect = printed_effect(
        estimate, (lower, upper), error, chosen, level=place.printed_level(cells[1] or cells[2])
    )
    return Content(
        effect=_with_p(place, effect, p_cell),
        status=basis.status,
        reason=basis.reason,
        extractions=basis.extractions,
        assumptions=basis.assumptions,
        citekeys=basis.citekeys,
        printed=printed_results(place.results),
        value_type=cells[0].key.value_type,
    )


def review_content(place: Place, chosen: Options) -> Content:
    """Return what a review prints for a comparison: its pooled result, never pooled again.

    Parameters
    ----------
    place : Place
        Study, comparison, outcome, time.
    chosen : Options
        Measure and level.

    Returns
    -------
    Content
        With estimate and limits where they are printed in the measure asked for; without effect
        and variance on the pooling scale in any case. The status is that of what is printed.
    """
    content = printed_content(place, chosen)
    if content is not None:
        effect = replace(content.effect, yi=None, vi=None)
        reason = "; ".join(part for part in (REVIEW_RESULT, content.reason) if part)
        return replace(content, effect=effect, reason=reason)
    basis = rests_on(place.results)
    others = dict.fromkeys(
        cell.key.measure
        for cell in place.results
        if cell.key.field in ("estimate", "mean_diff") and cell.key.measure
    )
    told = f"{' and '.join(others)} printed" if others else "no effect printed with it"
    reason = f"{REVIEW_RESULT}; no {chosen.measure}: {told}"
    if not place.results:
        reason = "a review: counts and means over studies are not one comparison"
    return Content(
        effect=Effect(),
        status=basis.status or missing_status(place.index.ledger, place.study.study_id),
        reason="; ".join(part for part in (reason, basis.reason) if part),
        extractions=basis.extractions,
        assumptions=basis.assumptions,
        citekeys=basis.citekeys,
        printed=printed_results(place.results),
    )


def printed_effect(
    estimate: float,
    limits: tuple[float | None, float | None],
    se: float | None,
    chosen: Options,
    *,
    level: float = 0.95,
) -> Effect:
    """Effect as printed, with the variance that its limits or standard error tell.

    Parameters
    ----------
    estimate : float
        The printed effect, natural scale.
    limits : tuple of float or None
        Its printed limits.
    se : float or None
        Its printed standard error on the pooling scale; used where no limits are printed.
    chosen : Options
        Measure and level asked for.
    level : float, default 0.95
        Level of the printed limits.

    Returns
    -------
    Effect
        ``vi`` is None where neither both limits nor a standard error are printed. Limits printed
        for another level than the one asked for are not shown as such; they still give ``vi``.

    Notes
    -----
    The variance is that of a symmetric normal interval on the pooling scale,
    ``((upper - lower) / (2 z))**2``.
    """
    positive = all(value is None or value > 0 for value in (estimate, *limits))
    scale = math.log if chosen.ratio else float
    yi = scale(estimate) if positive or not chosen.ratio else None
    lower, upper = limits
    if lower is None and upper is None and se is not None and yi is not None:
        return _of_error(yi, se, chosen)
    vi, reasons = None, []
    if yi is None:
        reasons.append("an estimate or limit of 0 or less has no log")
    elif lower is not None and upper is not None:
        vi = ((scale(upper) - scale(lower)) / (2 * normal_quantile(level))) ** 2
    printed = lower is not None or upper is not None
    if not printed:
        reasons.append("no interval is printed")
    elif lower is None or upper is None:
        reasons.append(f"no single {'lower' if lower is None else 'upper'} limit is printed")
    how = f"estimate and {percent(level)} limits as printed" if printed else "as printed"
    if printed and not math.isclose(level, chosen.level):
        reasons.append(f"its limits are printed for {percent(level)}, not {percent(chosen.level)}")
        lower = upper = None
    return Effect(
        estimate=estimate,
        ci_lb=lower,
        ci_ub=upper,
        ci_method="as printed" if lower is not None or upper is not None else "",
        yi=yi,
        vi=vi or None,
        how=how,
        reason="; ".join(reasons),
    )


def _of_error(yi: float, se: float, chosen: Options) -> Effect:
    """Effect with a normal interval from a printed standard error."""
    half, natural = normal_quantile(chosen.level) * se, math.exp if chosen.ratio else float
    known = se > 0
    return Effect(
        estimate=natural(yi),
        ci_lb=natural(yi - half) if known else None,
        ci_ub=natural(yi + half) if known else None,
        ci_method="wald" if known else "",
        p_value=normal_p(yi / se) if known else None,
        p_method="wald" if known else "",
        yi=yi,
        vi=se**2 if known else None,
        how="printed difference and standard error",
        reason="" if known else "a standard error of 0 gives no interval",
    )


def _effect_cells(
    place: Place, chosen: Options
) -> tuple[Cell | None, Cell | None, Cell | None, Cell | None]:
    """Estimate, limits and standard error printed for the measure asked for."""
    names = _NAMES.get(chosen.measure, (chosen.measure,))
    difference = place.result("mean_diff") if chosen.measure == "MD" else None
    estimate = difference or place.result("estimate", *names)
    measure = chosen.measure if estimate is None else estimate.key.measure
    error = place.result("se_diff") if chosen.measure == "MD" else None
    return estimate, place.result("ci_lb", measure), place.result("ci_ub", measure), error


def _value(place: Place, cell: Cell | None) -> float | None:
    """The number of a cell; None for a bound, which is no value."""
    if cell is None or any(
        place.index.ledger.extraction[name].relation in _BOUNDS for name in cell.extractions
    ):
        return None
    return cell.value


def _with_p(place: Place, effect: Effect, cell: Cell | None) -> Effect:
    """Add the printed p value, where it is a value and none was computed."""
    value = _value(place, cell)
    if value is None or effect.p_value is not None:
        return effect
    return replace(effect, p_value=value, p_method="as printed")
