"""Effect of every comparison on every outcome, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator

from evsyn.literals import ComparisonMeasure
from evsyn.synthesis.cells import CellIndex, Filters, Slot, filters
from evsyn.synthesis.comparison_rows import Place, comparison_row, empty_row
from evsyn.synthesis.counts import is_countable
from evsyn.synthesis.dichotomous import count_row
from evsyn.synthesis.effects import Options, options
from evsyn.synthesis.means import MEAN_FIELDS, mean_rows
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.ledger import Comparison, Study

__all__ = ["PAIRED_DESIGNS", "compare"]

PAIRED_DESIGNS = ("within-person", "crossover")

_PAIR_FIELDS = ("both", "only_e", "only_c", "neither")
_RESULT_FIELDS = ("p", "estimate", "statistic", "mean_diff", *_PAIR_FIELDS)


def compare(
    evidence: Evidence,
    *,
    measure: ComparisonMeasure = "RR",
    interval: str | None = None,
    test: str | None = None,
    level: float = 0.95,
    phi: float | None = None,
    condition: str = "",
    study: str = "",
    outcome: str = "",
) -> Result[ComparisonRow]:
    """Effect of each comparison on each outcome that the measure applies to.

    Parameters
    ----------
    evidence : Evidence
        The tidy table under a selection of assumptions.
    measure : {"RR", "OR", "RD", "MD", "SMD", "ROM"}, default "RR"
        Effect measure; the first three of counts, the others of means.
    interval, test : str, optional
        Methods; by default the score interval with the score test. Names of paired methods apply
        to within-person studies, the others to independent arms.
    level : float, default 0.95
        Confidence level.
    phi : float, optional
        Correlation assumed for within-person studies that print margins only (for means: r).
    condition, study, outcome : str
        Names separated by commas; empty: every one.

    Returns
    -------
    Result of ComparisonRow
        By year of the study, then in the order of the ledger. What gives no number stays as a
        row that says why.

    Raises
    ------
    TableError
        If a condition, study or outcome is not in the ledger.
    StatsError
        If an option is not allowed.
    """
    chosen = options(measure, interval, test, level, phi=phi)
    wanted = filters(evidence.ledger, condition=condition, study=study, outcome=outcome)
    index = CellIndex.of(evidence)
    rows = [
        row
        for member in wanted.studies
        for comparison in evidence.ledger.comparisons
        if comparison.study_id == member.study_id
        for row in _comparison(index, member, comparison, chosen, wanted)
    ]
    settings: dict[str, object] = {
        "measure": measure,
        "interval": chosen.interval,
        "test": chosen.test,
        "level": level,
        **({"phi": phi} if phi is not None else {}),
        **wanted.given,
    }
    return Result(
        "compare", tuple(rows), settings, _notes(rows, chosen), evidence.selection.accepted
    )


def _comparison(
    index: CellIndex, study: Study, comparison: Comparison, chosen: Options, wanted: Filters
) -> Iterator[ComparisonRow]:
    found = False
    for slot in _places(index, comparison, chosen):
        if wanted.admits(slot.outcome_id):
            found = True
            place = Place(index, study, comparison, slot)
            if chosen.counts:
                yield count_row(place, chosen, paired=study.design in PAIRED_DESIGNS)
            else:
                yield from mean_rows(place, chosen, paired=study.design in PAIRED_DESIGNS)
    if not found and not wanted.outcomes:
        yield comparison_row(
            Place(index, study, comparison, Slot("", "", None, "", "", "")),
            chosen,
            empty_row(index, study, chosen),
        )


def _places(index: CellIndex, comparison: Comparison, chosen: Options) -> list[Slot]:
    """Places where either arm, or the comparison itself, has something for the measure."""
    study_id = comparison.study_id
    found: dict[Slot, None] = {}
    for arm_id in (comparison.arm_e, comparison.arm_c):
        for slot, cells in index.slots(study_id, arm_id).items():
            if _applies(index, slot, cells, chosen):
                found[slot] = None
    kinds = ("dichotomous", "unclear") if chosen.counts else ("continuous",)
    for slot, cells in index.slots(study_id, comparison.comparison_id).items():
        results = any(cell.key.field in _RESULT_FIELDS for cell in cells)
        if results and index.kind(slot.outcome_id) in kinds:
            found[slot] = None
    order = {row.outcome_id: number for number, row in enumerate(index.ledger.outcomes)}
    places = list(found)
    first = {outcome: place for place, outcome in reversed([*enumerate(s[0] for s in places)])}
    return sorted(places, key=lambda slot: (first[slot[0]], order.get(slot[0], 0)))


def _applies(index: CellIndex, slot: Slot, cells: tuple[Cell, ...], chosen: Options) -> bool:
    if chosen.counts:
        return is_countable(index, slot.outcome_id, cells)
    if slot.anchor == "baseline" and slot.months == 0:
        return False
    return index.kind(slot.outcome_id) in ("continuous", "unclear") and any(
        cell.key.field in MEAN_FIELDS and cell.key.value_type != "baseline" for cell in cells
    )


def _notes(rows: list[ComparisonRow], chosen: Options) -> tuple[str, ...]:
    notes = []
    ranges = [row for row in rows if row.pairings is not None and row.pairings > 1]
    if ranges and chosen.counts:
        method = {"RR": "Tang's", "RD": "Tango's", "OR": "a normal"}[chosen.measure]
        notes.append(
            "Within-person studies print how many had the event under each treatment, not which "
            "people: estimates are exact, limits and p values are ranges over every possible "
            f"pairing ({chosen.paired_interval or method} interval, "
            f"{chosen.paired_test or 'McNemar exact'} test)."
        )
    if any("0.5 added" in row.reason for row in rows):
        notes.append("0.5 was added to each cell where one is empty, for pooling only.")
    printed = [row for row in rows if row.kind == "review" and row.estimate is not None]
    if printed:
        names = ", ".join(dict.fromkeys(row.study for row in printed))
        notes.append(
            f"Pooled results of reviews ({names}) are as printed: they are not recomputed, rest on "
            "trials that may stand beside them, and enter no pool."
        )
    if chosen.measure == "ROM" and any(row.value_type == "change" and row.yi for row in rows):
        notes.append(
            "A ratio of changes, or of scores whose 0 means nothing, depends on where the scale "
            "begins: read MD or SMD for those."
        )
    return tuple(notes)
