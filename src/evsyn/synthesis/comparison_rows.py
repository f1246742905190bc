"""Rows of comparisons: what all kinds of outcome have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evsyn.formats import decimals, p_value, percent, significant
from evsyn.synthesis.cells import (
    CellIndex,
    Slot,
    missing_status,
    named_assumptions,
    place_path,
    study_citekeys,
    study_quotes,
)
from evsyn.synthesis.effects import MEASURE_NAMES, Effect, Options
from evsyn.synthesis.results import ComparisonRow
from evsyn.tables.evidence import Cell
from evsyn.tables.ledger import Comparison, Study
from evsyn.tables.provenance import Step, Trace

__all__ = ["Content", "Place", "comparison_row", "effect_title", "empty_row", "printed_results"]


@dataclass(frozen=True, slots=True)
class Place:
    """One comparison at one place of the evidence."""

    index: CellIndex
    study: Study
    comparison: Comparison
    slot: Slot

    @property
    def arms(self) -> tuple[str, str]:
        """Ids of the experimental arm and the comparator."""
        return self.comparison.arm_e, self.comparison.arm_c

    @property
    def labels(self) -> tuple[str, str]:
        """Names of both arms for readers."""
        first, second = (self.index.arm_label(self.study.study_id, arm) for arm in self.arms)
        return first, second

    @property
    def results(self) -> tuple[Cell, ...]:
        """Cells printed for the comparison itself, such as p values."""
        return self.index.at(self.study.study_id, self.comparison.comparison_id, self.slot)

    def result(self, name: str, *measures: str) -> Cell | None:
        """First result cell of a field whose measure is one of some (default: any)."""
        for cell in self.results:
            if cell.key.field == name and (not measures or cell.key.measure in measures):
                return cell
        return None

    def printed_level(self, limit: Cell | None) -> float:
        """Confidence level that a limit was printed for, 0.95 where none is said."""
        rows = () if limit is None else limit.extractions
        levels = [self.index.ledger.extraction[name].ci_level for name in rows]
        return next((float(level) / 100 for level in levels if level), 0.95)


@dataclass(frozen=True, slots=True)
class Content:
    """What one row says and rests on; the counts or means of either arm where there are any."""

    effect: Effect
    status: str
    reason: str = ""
    extractions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    citekeys: tuple[str, ...] = ()
    printed: str = ""
    value_type: str = ""
    events: tuple[int | None, int | None] = (None, None)
    n: tuple[int | None, int | None] = (None, None)
    means: tuple[float | None, float | None] = (None, None)
    sds: tuple[float | None, float | None] = (None, None)
    steps: tuple[Step, ...] = ()


def comparison_row(place: Place, chosen: Options, content: Content) -> ComparisonRow:
    """Make a row with its trace.

    Parameters
    ----------
    place : Place
        Study, comparison, outcome, time.
    chosen : Options
        How the effect was computed.
    content : Content
        The effect and what it rests on.

    Returns
    -------
    ComparisonRow
        Complete.
    """
    effect, slot, study = content.effect, place.slot, place.study
    label_e, label_c = place.labels
    row_reason = "; ".join(dict.fromkeys(part for part in (content.reason, effect.reason) if part))
    return ComparisonRow(
        study_id=study.study_id,
        comparison_id=place.comparison.comparison_id,
        arm_e=place.comparison.arm_e,
        arm_c=place.comparison.arm_c,
        outcome_id=slot.outcome_id,
        subgroup=slot.subgroup,
        months=slot.months,
        time_printed=place.index.time(study.study_id, slot),
        anchor=slot.anchor,
        analysis_set=slot.analysis_set,
        design=study.design,
        measure=chosen.measure,
        events_e=content.events[0],
        n_e=content.n[0],
        events_c=content.events[1],
        n_c=content.n[1],
        mean_e=content.means[0],
        sd_e=content.sds[0],
        mean_c=content.means[1],
        sd_c=content.sds[1],
        status=content.status,
        reason=row_reason,
        assumptions=content.assumptions,
        citekeys=content.citekeys or study_citekeys(place.index.ledger, study.study_id),
        study=place.index.ledger.label(study.study_id),
        label_e=label_e,
        label_c=label_c,
        outcome=place.index.name(slot.outcome_id),
        printed=content.printed,
        condition=";".join(study.condition),
        allocation=study.allocation,
        value_type=content.value_type,
        kind=study.kind,
        trace=_trace(place, chosen, content, row_reason),
        **effect.columns,
    )


_COLUMNS = (
    *("estimate", "ci_lb", "ci_ub", "p_value", "p_value_min", "p_value_max", "ci_lb_min"),
    *("ci_ub_max", "pairings", "yi", "vi", "estimate_min", "estimate_max", "vi_min", "vi_max"),
)


def _trace(place: Place, chosen: Options, content: Content, reason: str) -> Trace:
    effect = content.effect
    values: dict[str, float | None] = {name: getattr(effect, name) for name in _COLUMNS}
    pairs = {"events": content.events, "n": content.n, "mean": content.means, "sd": content.sds}
    for name, (first, second) in pairs.items():
        values |= {f"{name}_e": first, f"{name}_c": second}
    label = MEASURE_NAMES[chosen.measure].capitalize()
    has_number = effect.estimate is not None or effect.how
    first_step = Step(
        label if has_number else f"No {MEASURE_NAMES[chosen.measure]}",
        effect.how or reason,
        content.status,
    )
    also = [Step("Note", reason)] if effect.how and reason else []
    quotes = place.index.evidence.quotes(content.extractions)
    if not quotes:
        quotes = study_quotes(place.index.evidence, place.study.study_id)
    named = (("study", place.study.study_id), ("comparison", place.comparison.comparison_id))
    parameters = () if quotes else named
    if chosen.phi is not None and effect.pairings == 1:
        parameters = (*parameters, ("phi", f"{chosen.phi:g}"))
    who = f"{place.labels[0]} v {place.labels[1]}"
    path = place_path(place.index, place.study.study_id, who, place.slot)
    return Trace(
        title=effect_title(effect, chosen, content),
        path=(*path, content.value_type) if content.value_type else path,
        values=tuple((name, value) for name, value in values.items() if value is not None),
        steps=(first_step, *content.steps, *also),
        quotes=quotes,
        assumptions=named_assumptions(place.index.ledger, content.assumptions),
        parameters=(("measure", chosen.measure), *parameters),
        status=content.status,
    )


def effect_title(effect: Effect, chosen: Options, content: Content) -> str:
    """The result as a reader sees it: ``RR 1.80 (95% CI 1.13 to 2.86), p 0.014``."""
    name = chosen.measure
    if effect.estimate is None and effect.estimate_min is not None:
        low, high = _shown(effect.estimate_min), _shown(effect.estimate_max)
        return f"{name} between {low} and {high}: {content.status}"
    if effect.estimate is None and "estimate" not in effect.infinite:
        events, n = content.events, content.n
        if None not in (*events, *n):
            text = f"{events[0]}/{n[0]} v {events[1]}/{n[1]}: no {name}"
        else:
            text = f"{content.printed or 'nothing that can be computed'}: no {name}"
    else:
        center = "∞" if effect.estimate is None else _shown(effect.estimate)
        text = f"{name} {center}{_limits(effect, chosen.level)}"
    if effect.p_value is not None:
        return f"{text}, p {p_value(effect.p_value)}"
    if effect.p_value_min is not None:
        return f"{text}, p {p_value(effect.p_value_min)} to {p_value(effect.p_value_max)}"
    return text


def _limits(effect: Effect, level: float) -> str:
    over = "every pairing" if effect.pairings is not None else "every correlation"
    lower, upper, before = effect.ci_lb, effect.ci_ub, ""
    if lower is None and upper is None:
        lower, upper, before = effect.ci_lb_min, effect.ci_ub_max, f"over {over}: "
    if lower is None and upper is None:
        return ""
    top = "∞" if {"ci_ub", "ci_ub_max"} & set(effect.infinite) else _shown(upper)
    return f" ({before}{percent(level)} CI {_shown(lower)} to {top})"


def _shown(value: float | None) -> str:
    """Two decimals, more where the value is smaller than they show."""
    small = value is not None and 0 < abs(value) < 0.1
    return significant(value, 2) if small else decimals(value, 2)


def empty_row(index: CellIndex, study: Study, chosen: Options) -> Content:
    """Content of a comparison that has nothing the measure applies to."""
    kind = "count" if chosen.counts else "mean"
    if study.kind == "review":
        printed = {
            cell.key.measure
            for owner in index.owners(study.study_id)
            for cells in index.slots(study.study_id, owner).values()
            for cell in cells
            if cell.key.field == "estimate"
        }
        others = " and ".join(sorted(printed)) or "no pooled effect"
        reason = f"a review: no {kind}s by arm, and {others} printed, no {chosen.measure}"
        if chosen.measure in printed:
            reason = f"a review: its {chosen.measure} is printed for another comparison or outcome"
    else:
        reason = f"no {kind} by arm in what was read"
    return Content(Effect(), missing_status(index.ledger, study.study_id), reason)


def printed_results(cells: Iterable[Cell]) -> str:
    """What the sources print for a comparison itself: ``OR 2.97 (1.96 to 4.51), p <0.001``."""
    by_measure: dict[str, dict[str, str]] = {}
    p_values = []
    for cell in cells:
        if cell.key.field in ("estimate", "ci_lb", "ci_ub", "mean_diff") and cell.text:
            by_measure.setdefault(cell.key.measure, {}).setdefault(cell.key.field, cell.text)
        elif cell.key.field == "p" and cell.text:
            p_values.append(f"p {cell.text}")
    parts = []
    for measure, found in by_measure.items():
        center = found.get("estimate") or found.get("mean_diff") or "–"
        limits = f" ({found['ci_lb']} to {found.get('ci_ub', '–')})" if "ci_lb" in found else ""
        parts.append(f"{measure} {center}{limits}".strip())
    return ", ".join(dict.fromkeys([*parts, *p_values]))
