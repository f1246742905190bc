"""Comparisons of counts: independent arms, pairs, or the reason why there is no effect."""

from __future__ import annotations

from dataclasses import replace

from evsyn.synthesis.as_printed import printed_content, review_content
from evsyn.synthesis.cells import CellIndex, Slot, missing_status, rests_on, time_label
from evsyn.synthesis.comparison_rows import Content, Place, comparison_row, printed_results
from evsyn.synthesis.counts import Count, count_at, is_countable
from evsyn.synthesis.effects import Effect, Options
from evsyn.synthesis.independent import count_effect
from evsyn.synthesis.pairs import margin_effect, pair_effect
from evsyn.synthesis.results import ComparisonRow
from evsyn.tables.cells import weakest
from evsyn.tables.provenance import Step

__all__ = ["count_row"]

_PAIRS = ("both", "only_e", "only_c", "neither")


def count_row(place: Place, chosen: Options, *, paired: bool) -> ComparisonRow:
    """Row of one comparison for one dichotomous outcome.

    Parameters
    ----------
    place : Place
        Study, comparison, outcome, time.
    chosen : Options
        Measure, interval, test, level.
    paired : bool
        Whether both arms are the same people: then no independent test is ever made.

    Returns
    -------
    ComparisonRow
        With the effect, or with the reason why there is none.
    """
    if place.study.kind == "review":
        return comparison_row(place, chosen, review_content(place, chosen))
    table = [place.result(name) for name in _PAIRS]
    if paired and all(cell is not None and cell.value is not None for cell in table):
        return comparison_row(place, chosen, _from_pairs(place, chosen))
    study_id, slot = place.study.study_id, place.slot
    arms = [count_at(place.index, study_id, arm, slot) for arm in place.arms]
    present = [bool(place.index.at(study_id, arm, slot)) for arm in place.arms]
    content = _both_arms(place, arms[0], arms[1])
    if all(count.complete for count in arms):
        effect, why = _effect(place, arms[0], arms[1], chosen, paired=paired)
        content = replace(content, effect=effect, reason=_joined(content.reason, why))
        if effect.pairings == 1 and chosen.phi is not None and "assumed" in effect.how:
            content = replace(content, status=weakest([content.status, "assumed"]))
        return comparison_row(place, chosen, content)
    printed = printed_content(place, chosen)
    if printed is not None:
        reason = _joined("as printed; no counts to compute it from", printed.reason)
        return comparison_row(place, chosen, replace(printed, reason=reason))
    if not any(present):
        return comparison_row(place, chosen, _results_only(place))
    if not all(present):
        return comparison_row(place, chosen, _one_arm(place, content, 0 if present[0] else 1))
    return comparison_row(
        place, chosen, replace(content, effect=_possible(arms[0], arms[1], chosen))
    )


def _joined(*parts: str) -> str:
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _both_arms(place: Place, first: Count, second: Count) -> Content:
    results = printed_results(place.results)
    extra = rests_on(cell for cell in place.results if cell.key.field == "p")
    labels = place.labels
    steps = tuple(
        replace(step, label=f"{label}: {step.label}")
        for label, count in zip(labels, (first, second), strict=True)
        for step in count.steps
    )
    arms = " v ".join(count.printed or "–" for count in (first, second))
    complete = first.complete and second.complete
    return Content(
        effect=Effect(),
        status=weakest([first.status, second.status]),
        reason=_reasons(labels, (first.reason, second.reason)),
        extractions=_union(first.extractions, second.extractions, extra.extractions),
        assumptions=_union(first.assumptions, second.assumptions),
        citekeys=_union(first.citekeys, second.citekeys, extra.citekeys),
        printed=results if complete else _joined(arms if arms != "– v –" else "", results),
        events=(first.events, second.events),
        n=(first.n, second.n),
        steps=steps,
    )


def _reasons(labels: tuple[str, str], reasons: tuple[str, str]) -> str:
    """Reasons of both arms; what holds for both is said once."""
    parts = [[part for part in reason.split("; ") if part] for reason in reasons]
    common = [part for part in parts[0] if part in parts[1]]
    told = []
    for label, own in zip(labels, parts, strict=True):
        rest = "; ".join(part for part in own if part not in common)
        told += [f"{label}: {rest}"] if rest else []
    return "; ".join([*told, *common])


def _union(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _effect(
    place: Place, first: Count, second: Count, chosen: Options, *, paired: bool
) -> tuple[Effect, str]:
    """Effect of complete counts, or an empty one with the reason."""
    events_e, n_e, events_c, n_c = (
        value or 0 for value in (first.events, first.n, second.events, second.n)
    )
    if paired:
        if n_e != n_c:
            return Effect(), f"the same people in both arms, but {n_e} and {n_c} were analysed"
        return margin_effect(events_e, events_c, n_e, chosen), ""
    if place.study.design == "incomplete-block":
        return Effect(), "which of the people received both treatments is not stated"
    if place.study.design == "cluster":
        return Effect(), "groups were allocated: the correlation within them is not given"
    return count_effect(events_e, n_e, events_c, n_c, chosen=chosen), ""


def _from_pairs(place: Place, chosen: Options) -> Content:
    cells = [place.result(name) for name in _PAIRS]
    both, only_e, only_c, neither = (
        round(cell.value) for cell in cells if cell is not None and cell.value is not None
    )
    basis = rests_on(cells)
    n = both + only_e + only_c + neither
    return Content(
        effect=pair_effect(both, only_e, only_c, neither, chosen=chosen),
        status=basis.status,
        reason=basis.reason,
        extractions=basis.extractions,
        assumptions=basis.assumptions,
        citekeys=basis.citekeys,
        printed=printed_results(place.results),
        events=(both + only_e, both + only_c),
        n=(n, n),
        steps=(
            Step("Pairs", f"{both} both, {only_e} and {only_c} in one only, {neither} in none"),
        ),
    )


def _results_only(place: Place) -> Content:
    """Neither arm has anything; what is printed for the comparison stands alone."""
    basis = rests_on(place.results)
    printed = printed_results(place.results)
    reason = "no counts by arm are printed for it, only a result of the comparison"
    return Content(
        effect=Effect(),
        status=missing_status(place.index.ledger, place.study.study_id),
        reason=reason,
        extractions=basis.extractions,
        citekeys=basis.citekeys,
        printed=printed,
    )


def _one_arm(place: Place, content: Content, which: int) -> Content:
    """One arm alone has the outcome here: another category, another time, or nothing at all."""
    study_id, slot = place.study.study_id, place.slot
    other = place.arms[1 - which]
    label, other_label = place.labels[which], place.labels[1 - which]
    name = place.index.name(slot.outcome_id)
    same_outcome = [
        found
        for found, cells in place.index.slots(study_id, other).items()
        if found.outcome_id == slot.outcome_id
        and is_countable(place.index, found.outcome_id, cells)
    ]
    siblings = _siblings(place.index, slot.outcome_id)
    categories = [
        place.index.name(found.outcome_id)
        for found, cells in place.index.slots(study_id, other).items()
        if found[1:] == slot[1:]
        and found.outcome_id in siblings
        and is_countable(place.index, found.outcome_id, cells)
    ]
    if same_outcome:
        elsewhere = ", ".join(_where(place.index, study_id, found) for found in same_outcome)
        reason = f'{other_label} has "{name}" at another place only ({elsewhere})'
    elif categories:
        listed = ", ".join(f'"{found}"' for found in dict.fromkeys(categories))
        reason = f'different categories: "{name}" is printed for {label}, but for {other_label} '
        reason += listed
    else:
        reason = f'"{name}" is printed for {label} only'
    status = missing_status(place.index.ledger, study_id)
    return replace(content, status=status, reason=reason)


def _siblings(index: CellIndex, outcome_id: str) -> set[str]:
    """Other categories of the scales and unions that an outcome is a part of."""
    united = [row.parts for row in index.ledger.outcomes if outcome_id in row.parts]
    own = index.ledger.outcome[outcome_id].parts if outcome_id in index.ledger.outcome else ()
    return {part for parts in (*united, own) for part in parts} - {outcome_id}


def _where(index: CellIndex, study_id: str, slot: Slot) -> str:
    parts = (slot.subgroup, time_label(slot.months, index.time(study_id, slot)), slot.analysis_set)
    return ", ".join(part for part in parts if part) or "no time given"


def _possible(first: Count, second: Count, chosen: Options) -> Effect:
    """Range of the estimate over the counts that remain possible, where n is known."""
    if not (first.n and second.n):
        return Effect()
    ends = []
    for events_e in _range(first):
        for events_c in _range(second):
            ends.append(_estimate(events_e / first.n, events_c / second.n, chosen.measure))
    if not ends or any(value is None for value in ends):
        return Effect()
    known = [value for value in ends if value is not None]
    return Effect(estimate_min=min(known), estimate_max=max(known))


def _range(count: Count) -> tuple[int, ...]:
    return count.candidates if count.events is None else (count.events,)


def _estimate(p_e: float, p_c: float, measure: str) -> float | None:
    if measure == "RD":
        return p_e - p_c
    above, below = (p_e, p_c) if measure == "RR" else (p_e * (1 - p_c), p_c * (1 - p_e))
    return above / below if below > 0 else None
