"""Rates and comparisons of one plain CSV file, without a project."""

from __future__ import annotations

import math
from pathlib import Path

from evsyn.errors import StatsError
from evsyn.formats import decimals, percent
from evsyn.literals import OneArmMethod
from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.stats.proportion import proportion_interval
from evsyn.synthesis.comparison_rows import Content, effect_title
from evsyn.synthesis.effects import (
    MEASURE_NAMES,
    Effect,
    Options,
    endless,
    endless_reason,
    exponential,
    finite,
    options,
)
from evsyn.synthesis.independent import count_effect, normal_p, normal_quantile
from evsyn.synthesis.layouts import COMPARISONS, RATES, Layout, Plain, PlainRow, read_plain
from evsyn.synthesis.mean_effects import Mean, mean_effect
from evsyn.synthesis.pairs import pair_effect
from evsyn.synthesis.rates import interval_name, within_shares
from evsyn.synthesis.results import ComparisonRow, RateRow, Result
from evsyn.tables.provenance import Step, Trace

__all__ = ["line_effect", "line_options", "plain_compare", "plain_rates"]


def plain_rates(
    path: Path, *, interval: OneArmMethod = "wilson", level: float = 0.95
) -> Result[RateRow]:
    """Response rates of a file with the columns ``study, events, n``.

    Parameters
    ----------
    path : Path
        CSV file; metafor's ``xi, ni`` are understood.
    interval : str, default "wilson"
        Method of the interval.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Result of RateRow
        One row a line; a line with an empty cell stays, with the reason.

    Raises
    ------
    LedgerError
        With every fault of the file.
    StatsError
        If the method or the level is not allowed.
    """
    proportion_interval(0, 1, method=interval, level=level)  # refuses options before the file
    plain = read_plain(path, RATES)
    rows = tuple(_rate(plain, row, interval, level) for row in plain.rows)
    return Result("rates", rows, {"interval": interval, "level": level}, plain.notes)


def _rate(plain: Plain, row: PlainRow, interval: OneArmMethod, level: float) -> RateRow:
    events, n = row.whole("events"), row.whole("n")
    rate = lower = upper = None
    cut, title = "", "no rate"
    if events is not None and n is not None:
        found = proportion_interval(events, n, method=interval, level=level)
        rate = float(found.estimate)
        lower, upper, cut = within_shares(float(found.ci_lb), float(found.ci_ub))
        ends = f"{decimals(100 * lower, 0)} to {decimals(100 * upper, 0)}"
        title = f"{events}/{n} = {percent(rate)} ({percent(level)} CI {ends})"
    missing = _missing(row)
    reason = missing or cut
    step = Step("Rate", f"{events} ÷ {n}, {interval_name(interval)} interval", "reported")
    values = {"rate": rate, "ci_lb": lower, "ci_ub": upper, "events": events, "n": n}
    return RateRow(
        study_id=row.study,
        arm_id="",
        outcome_id="",
        subgroup="",
        months=None,
        time_printed="",
        anchor="",
        analysis_set="",
        events=events,
        n=n,
        events_min=None,
        events_max=None,
        rate=rate,
        ci_lb=lower,
        ci_ub=upper,
        ci_method=interval if rate is not None else "",
        status="not found" if missing else "reported",
        reason=reason,
        assumptions=(),
        citekeys=(),
        study=row.study,
        trace=_trace(plain, row, title, values, Step("No rate", reason) if missing else step),
    )


def _missing(row: PlainRow) -> str:
    names = row.missing
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} empty" if names else ""


def _trace(
    plain: Plain, row: PlainRow, title: str, values: dict[str, float | None], step: Step
) -> Trace:
    return Trace(
        title=title,
        path=(row.study,),
        values=tuple((name, value) for name, value in values.items() if value is not None),
        steps=(step,),
        parameters=(("file", plain.name), ("line", str(row.line))),
        status=step.status,
    )


def plain_compare(
    path: Path,
    *,
    measure: str | None = None,
    interval: str | None = None,
    test: str | None = None,
    level: float = 0.95,
    phi: float | None = None,
) -> Result[ComparisonRow]:
    """Effects of a file whose columns follow one of the layouts.

    Parameters
    ----------
    path : Path
        CSV file with ``study`` and one of :data:`evsyn.synthesis.layouts.COMPARISONS`; metafor's
        names are understood.
    measure : str, optional
        Effect measure; by default what the columns hold: RR of counts and pairs, MD of means.
    interval, test : str, optional
        Methods; by default the score interval with the score test.
    level : float, default 0.95
        Confidence level.
    phi : float, optional
        Refused: a file holds pairs by their table, not by their margins.

    Returns
    -------
    Result of ComparisonRow
        One row a line; a line with an empty cell stays, with the reason.

    Raises
    ------
    LedgerError
        With every fault of the file.
    StatsError
        If an option is not allowed.
    """
    if phi is not None:
        raise StatsError(
            f"phi={phi:g}: a file gives pairs as both, only_e, only_c, neither; leave phi out"
        )
    plain = read_plain(path, COMPARISONS, measure=measure or "")
    chosen_measure = measure or plain.layout.measure
    chosen = line_options(plain.layout, chosen_measure, interval, test, level=level)
    rows = tuple(line_effect(plain, row, chosen) for row in plain.rows)
    given = {"interval": interval, "test": test}
    settings: dict[str, object] = {"measure": chosen_measure, "level": level}
    settings |= {key: value for key, value in given.items() if value}
    if plain.layout.name in ("counts", "means"):
        settings |= {"interval": chosen.interval, "test": chosen.test}
    return Result("compare", rows, settings, plain.notes)


def line_options(
    layout: Layout,
    measure: str,
    interval: str | None = None,
    test: str | None = None,
    *,
    level: float = 0.95,
) -> Options:
    """Check what was chosen for a layout and fill the defaults.

    Parameters
    ----------
    layout : Layout
        What the columns of the file hold.
    measure : str
        Effect measure.
    interval, test : str, optional
        Methods.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Options
        Complete.

    Raises
    ------
    StatsError
        If an option is not allowed.
    """
    if layout.name in ("counts", "means", "pairs"):
        chosen = options(measure, interval, test, level)
        paired = layout.name == "pairs"
        for name, own in (
            (interval, chosen.paired_interval if paired else chosen.interval),
            (test, chosen.paired_test if paired else chosen.test),
        ):
            if name and name != own:
                these = "pairs" if paired else "independent arms"
                rest = f'leave it out for the default, "{own}"' if own else "leave it out"
                raise StatsError(f'"{name}" is no method for {measure} of {these}; {rest}')
        return chosen
    if interval or test:
        raise StatsError(
            f"{interval or test}: the columns ({layout.name}) leave no choice of interval "
            "and test; leave it out"
        )
    if not 0 < level < 1:
        raise StatsError(f"level={level!r}: expected a share between 0 and 1, e.g. 0.95")
    return Options(measure, level, "wald", "wald", "", "")


def line_effect(plain: Plain, row: PlainRow, chosen: Options) -> ComparisonRow:
    """Effect of one line of a file, with its trace; without a number the reason.

    Parameters
    ----------
    plain : Plain
        The file.
    row : PlainRow
        One of its lines.
    chosen : Options
        Measure, interval, test, level.

    Returns
    -------
    ComparisonRow
        Complete.
    """
    reason = _missing(row)
    effect = Effect() if reason else _effect(plain.layout.name, row, chosen)
    status = "not found" if reason else "reported"
    events, n, means, sds = _arms(row)
    content = Content(effect, status, events=events, n=n)
    values: dict[str, float | None] = {
        name: getattr(effect, name)
        for name in ("estimate", "ci_lb", "ci_ub", "p_value", "yi", "vi")
    }
    values |= dict(row.numbers)
    label = MEASURE_NAMES[chosen.measure].capitalize()
    step = Step(label, effect.how or effect.reason or reason, status)
    return ComparisonRow(
        study_id=row.study,
        comparison_id="",
        arm_e="",
        arm_c="",
        outcome_id="",
        subgroup="",
        months=None,
        time_printed="",
        anchor="",
        analysis_set="",
        design={"pairs": "within-person", "counts": "parallel", "means": "parallel"}.get(
            plain.layout.name, ""
        ),
        measure=chosen.measure,
        events_e=events[0],
        n_e=n[0],
        events_c=events[1],
        n_c=n[1],
        mean_e=means[0],
        sd_e=sds[0],
        mean_c=means[1],
        sd_c=sds[1],
        status=status,
        reason="; ".join(part for part in (reason, effect.reason) if part),
        assumptions=(),
        citekeys=(),
        study=row.study,
        label_e="experimental",
        label_c="comparator",
        trace=_trace(plain, row, effect_title(effect, chosen, content), values, step),
        **effect.columns,
    )


_Pair = tuple[int | None, int | None]
_Floats = tuple[float | None, float | None]


def _arms(row: PlainRow) -> tuple[_Pair, _Pair, _Floats, _Floats]:
    """Events, n, means and standard deviations of both arms, as far as the line has them."""
    if "both" in row.numbers and not row.missing:
        both, only_e, only_c, neither = (row.whole(name) or 0 for name in row.numbers)
        total = both + only_e + only_c + neither
        return (both + only_e, both + only_c), (total, total), (None, None), (None, None)
    number = row.numbers.get
    return (
        (row.whole("events_e"), row.whole("events_c")),
        (row.whole("n_e"), row.whole("n_c")),
        (number("mean_e"), number("mean_c")),
        (number("sd_e"), number("sd_c")),
    )


def _effect(layout: str, row: PlainRow, chosen: Options) -> Effect:
    if layout == "counts":
        e, n_e, c, n_c = (row.whole(name) or 0 for name in row.numbers)
        return count_effect(e, n_e, c, n_c, chosen=chosen)
    if layout == "pairs":
        both, only_e, only_c, neither = (row.whole(name) or 0 for name in row.numbers)
        if both + only_e + only_c + neither == 0:
            return Effect(reason="no pairs")
        return pair_effect(both, only_e, only_c, neither, chosen=chosen)
    value = {name: number or 0.0 for name, number in row.numbers.items()}
    if layout == "means":
        first = Mean(value["mean_e"], value["sd_e"], row.whole("n_e"))
        second = Mean(value["mean_c"], value["sd_c"], row.whole("n_c"))
        return mean_effect(first, second, chosen)
    if layout == "differences":
        yi, vi, how = value["mean_diff"], value["se_diff"] ** 2, "difference and standard error"
    elif layout == "effects":
        yi, vi, how = value["yi"], value["vi"], "effect and variance as given"
    elif layout == "correlations":
        if value["n"] <= 3:
            return Effect(estimate=value["r"], reason="n of 3 or fewer: no variance")
        yi, vi, how = math.atanh(value["r"]), 1 / (value["n"] - 3), "Fisher's z"
    else:
        return _rate_ratio(value, chosen)
    return _scaled(yi, vi, how, chosen)


def _rate_ratio(value: dict[str, float], chosen: Options) -> Effect:
    if value["events_e"] == value["events_c"] == 0:
        return Effect(reason="no events in either arm: a ratio says nothing")
    found = effect_sizes(
        "IRR",
        events_e=value["events_e"],
        time_e=value["time_e"],
        events_c=value["events_c"],
        time_c=value["time_c"],
    )
    effect = _scaled(float(found.yi), float(found.vi), "events per person-time", chosen)
    if not bool(found.corrected):
        return effect
    infinite = () if value["events_c"] > 0 else ("estimate",)
    told = [endless_reason(infinite), "no interval and no test with an arm without events"]
    return Effect(
        estimate=None if infinite else 0.0,
        infinite=infinite,
        yi=effect.yi,
        vi=effect.vi,
        how=effect.how,
        reason="; ".join(
            part
            for part in (*told, "0.5 added to the events of both arms for the log ratio alone")
            if part
        ),
    )


def _scaled(yi: float, vi: float, how: str, chosen: Options) -> Effect:
    """Effect with a normal interval on the pooling scale."""
    back = exponential if chosen.ratio else math.tanh if chosen.measure == "ZCOR" else float
    half = normal_quantile(chosen.level) * math.sqrt(vi)
    estimate, lower, upper = back(yi), back(yi - half), back(yi + half)
    infinite = endless(estimate=estimate, ci_lb=lower, ci_ub=upper)
    return Effect(
        estimate=finite(estimate),
        ci_lb=finite(lower),
        ci_ub=finite(upper),
        infinite=infinite,
        reason=f"{endless_reason(infinite)} (too large for a number)" if infinite else "",
        ci_method="wald",
        p_value=normal_p(yi / math.sqrt(vi)),
        p_method="wald",
        yi=yi,
        vi=vi,
        how=how,
    )
