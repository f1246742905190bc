"""The table of study characteristics: design, arms, people, treatment, what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evsyn import formats
from evsyn.review.blocks import Block
from evsyn.synthesis.results import Fact, Result, StudyRow
from evsyn.text.citations import named as study_name
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span
from evsyn.text.numbers import MISSING, group, noted, number, traced_words
from evsyn.text.status import status_mark
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

__all__ = ["PEOPLE", "TREATMENT", "characteristics_table"]

PEOPLE = ("n_enrolled", "n_randomised", "n_completed", "n", "age_mean")
TREATMENT = (
    "sessions",
    "sessions_min",
    "sessions_max",
    "interval_weeks",
    "needle_mm",
    "needle_mm_min",
    "needle_mm_max",
    "session_minutes",
    "followup_months",
    "centres",
)
"""Fields of a study's facts that the table shows; the others stand in the evidence tables."""

_WORDS = {
    "n_enrolled": ("enrolled", "enrolled"),
    "n_randomised": ("randomised", "randomised"),
    "n_completed": ("completed", "completed"),
    "n": ("analysed", "analysed"),
    "age_mean": ("mean age", "mean age"),
    "sessions": ("session", "sessions"),
    "sessions_min": ("session at least", "sessions at least"),
    "sessions_max": ("session at most", "sessions at most"),
    "interval_weeks": ("week apart", "weeks apart"),
    "needle_mm": ("mm needles", "mm needles"),
    "needle_mm_min": ("mm needles at least", "mm needles at least"),
    "needle_mm_max": ("mm needles at most", "mm needles at most"),
    "session_minutes": ("minute a session", "minutes a session"),
    "followup_months": ("month of follow-up", "months of follow-up"),
    "centres": ("centre", "centres"),
}

_BOUNDS = {"≥": "at least", ">": "more than", "≤": "at most", "<": "less than"}

_KINDS = {
    "trial": "Trials",
    "case series": "Case series",
    "letter": "Letters",
    "registry": "Registry records",
    "review": "Reviews",
    "clearance": "Device clearances",
    "regulator": "Regulators",
    "article": "Articles",
}


def characteristics_table(
    studies: Result[StudyRow], *, title: str = "Characteristics of the studies"
) -> Block:
    """Return the studies as an accessible table, grouped by kind.

    Parameters
    ----------
    studies : Result of StudyRow
        Output of ``Review.studies``.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; every printed number refers to the trace of its fact.
    """
    sections = [
        Section(
            span("name", _KINDS.get(kind, kind)), [_row(row) for row in studies if row.kind == kind]
        )
        for kind in dict.fromkeys(row.kind for row in studies)
    ]
    notes, note_traces = noted(studies)
    facts = [fact for row in studies for fact in row.fact(*PEOPLE, *TREATMENT)]
    return framed(
        escape(title),
        headings("Study", "Design", "Arms", "People", "Treatment", "Read"),
        sections,
        traces=[*(fact.trace for fact in facts), *note_traces],
        notes=joined(notes, " "),
    )


def _row(row: StudyRow) -> Markup:
    design = joined(
        [
            element("span", escape(row.design or formats.MISSING), class_="nb"),
            beneath(
                element("span", escape(row.allocation), class_="nb") if row.allocation else EMPTY
            ),
        ]
    )
    arms = joined((span("name", label) for label in row.arms), "; ") or MISSING
    read = joined(
        [escape(row.read_scope or formats.MISSING), beneath(span("ref", row.registration))]
    )
    below = beneath(span("name", row.condition.replace(";", ", ")))
    return element(
        "tr",
        heading(joined([study_name(row.study or row.study_id, row.citekeys), below])),
        cell(design),
        cell(arms),
        cell(_facts(row.fact(*PEOPLE), row.arms)),
        cell(_facts(row.fact(*TREATMENT), row.arms)),
        cell(read),
    )


def _facts(facts: Sequence[Fact], arms: tuple[str, ...]) -> Markup:
    """Return facts one a line: the number, what it counts, whose it is unless every arm's."""
    same: dict[tuple[str, ...], list[Fact]] = {}
    for fact in facts:
        shown = fact.printed if fact.value is None else formats.compact(fact.value)
        key = (fact.field, shown, fact.relation, fact.measure, fact.subgroup)
        same.setdefault(key, []).append(fact)
    lines = dict.fromkeys(_fact(found, arms, facts) for found in same.values())
    return Markup("<br>".join(lines)) if lines else MISSING


def _fact(found: Sequence[Fact], arms: tuple[str, ...], facts: Sequence[Fact]) -> Markup:
    fact = found[0]
    if fact.value is None:
        inside = traced_words(fact.printed.replace(" | ", " or "), fact.trace)
        shown = group(fact.trace, inside) if fact.printed else MISSING
    else:
        shown = number(formats.compact(fact.value), fact.value, fact.trace)
    one, many = _WORDS[fact.field]
    name = one if fact.value == 1 else many
    if fact.measure and fact.measure not in name:
        name = f"{name}, {fact.measure}"
    parts = [escape(_BOUNDS.get(fact.relation, fact.relation)), shown, escape(name)]
    if _beyond(fact, facts):
        note = joined([escape("("), span("quote", fact.note), escape(")")]) if fact.note else EMPTY
        parts += [escape("as printed"), note]
    parts.append(_whose(found, arms))
    if fact.status in ("conflicting", "ambiguous", "assumed"):
        parts.append(status_mark(fact.status))
    return joined([part for part in parts if part], " ")


def _whose(found: Sequence[Fact], arms: tuple[str, ...]) -> Markup:
    named = tuple(dict.fromkeys(fact.arm for fact in found if fact.arm))
    subgroup = found[0].subgroup
    apart = [subgroup] if subgroup and subgroup not in named else []
    each = len(arms) > 1 and set(named) == set(arms)
    shown = [*(() if each or named == arms else named), *apart]
    inside = joined((span("name", name) for name in shown), "; ")
    whose = joined([escape("("), inside, escape(")")]) if shown else EMPTY
    return joined([part for part in (escape("in each arm") if each else EMPTY, whose) if part], " ")


def _beyond(fact: Fact, facts: Iterable[Fact]) -> bool:
    """Whether a value lies beyond the smallest and largest that the same study prints."""
    if fact.value is None:
        return False
    ends = {end.field: end.value for end in facts if end.arm in ("", fact.arm)}
    low, high = ends.get(f"{fact.field}_min"), ends.get(f"{fact.field}_max")
    return (low is not None and fact.value < low) or (high is not None and fact.value > high)
