"""Comparisons of means: one row for each type of value, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from evsyn.synthesis.as_printed import printed_content, review_content
from evsyn.synthesis.cells import cell_step, missing_status, rests_on
from evsyn.synthesis.comparison_rows import Content, Place, comparison_row, printed_results
from evsyn.synthesis.effects import Effect, Options
from evsyn.synthesis.mean_effects import (
    Mean,
    estimate_only,
    mean_effect,
    paired_mean_effect,
)
from evsyn.synthesis.results import ComparisonRow
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell

__all__ = ["MEAN_FIELDS", "mean_rows"]

MEAN_FIELDS = ("mean", "median", "percent_change", "percent_unclear")
"""Fields that make a place one where a difference of means may be looked for."""


@dataclass(frozen=True, slots=True)
class _Arm:
    """A mean with the cells it stands on."""

    value: Mean
    cells: tuple[Cell | None, ...]


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
    if place.study.kind == "review":
        yield comparison_row(place, chosen, review_content(place, chosen))
        return
    types = [_types(place, arm) for arm in place.arms]
    shared = [name for name in types[0] if name in types[1]]
    for name in shared:
        yield comparison_row(place, chosen, _content(place, chosen, name, paired=paired))
    if shared:
        return
    printed = printed_content(place, chosen)
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
    if place.study.design in ("incomplete-block", "cluster"):
        return Effect(reason=f"{place.study.design}: how the measurements belong together is open")
    if not (first.complete and second.complete):
        return estimate_only(first, second, chosen)
    if not paired:
        return mean_effect(first, second, chosen)
    if first.n != second.n:
        return replace(
            estimate_only(first, second, chosen),
            reason=f"the same people in both arms, but {first.n} and {second.n} were analysed",
        )
    return paired_mean_effect(first, second, chosen, r)


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
    if types[0] and types[1]:
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
