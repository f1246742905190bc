"""What accepting an assumption would give, in a few words taken from the rows that change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evsyn.synthesis.results import AssumptionRow, ComparisonRow, RateRow
from evsyn.text.markup import Markup, element, escape, joined
from evsyn.text.numbers import traced_words

__all__ = ["Gain", "coded", "gains", "told_gain"]

_PARTNER = re.compile(r"with ([\w-]+(?:(?:, | and )[\w-]+)*) it would")


@dataclass(frozen=True, slots=True)
class Gain:
    """What one assumption, with those that it needs, would give for a comparison or an arm.

    Attributes
    ----------
    row : AssumptionRow
        The assumption.
    partners : tuple of str
        Assumptions that must be accepted with it.
    counts : str
        Counts of the arms, ``18/20 v 10/20``; empty where they are known without it.
    effect : str
        The effect, ``RR 1.80 (1.19 to 3.07), p 0.006``; empty where only counts change.
    """

    row: AssumptionRow
    partners: tuple[str, ...]
    counts: str
    effect: str


def gains(
    assumptions: Sequence[AssumptionRow],
    rows: Sequence[ComparisonRow | RateRow],
) -> list[tuple[ComparisonRow | RateRow, Gain]]:
    """Return what assumptions that are not accepted would give for some rows.

    Parameters
    ----------
    assumptions : sequence of AssumptionRow
        Output of ``Review.assumptions``.
    rows : sequence of ComparisonRow or RateRow
        Rows whose number would change.

    Returns
    -------
    list of (row, Gain)
        In the order of the assumptions.
    """
    found = []
    for assumption in assumptions:
        if assumption.accepted or not assumption.changes:
            continue
        for row in rows:
            if row.study_id == assumption.study_id and (gain := _gain(assumption, row)):
                found.append((row, gain))
    return found


def told_gain(gain: Gain) -> Markup:
    """Return counts and effect as buttons that open the assumption's trace.

    Parameters
    ----------
    gain : Gain
        What an assumption would give.

    Returns
    -------
    Markup
        E.g. ``18/20 v 10/20, RR 1.80 (1.19 to 3.07), p 0.006``.
    """
    trace = gain.row.trace
    return joined(
        (
            element("span", traced_words(text, trace), class_="nums", data_trace=trace.trace_id)
            for text in (gain.counts, gain.effect)
            if text
        ),
        ", ",
    )


def coded(gain: Gain) -> Markup:
    """Return the ids of an assumption and of those it needs."""
    names = (gain.row.assumption_id, *gain.partners)
    return joined((element("code", escape(name)) for name in names), " + ")


def _gain(assumption: AssumptionRow, row: ComparisonRow | RateRow) -> Gain | None:
    named = _PARTNER.search(assumption.effect)
    partners = tuple(re.split(r", | and ", named[1])) if named else tuple(assumption.requires)
    outcome = row.outcome or row.outcome_id
    if isinstance(row, RateRow):
        after = _after(assumption, "rates", f"{row.arm or row.arm_id}, {outcome}")
        return Gain(assumption, partners, after, "") if "/" in after else None
    arms = f"{row.label_e or row.arm_e} v {row.label_c or row.arm_c}"
    after = _after(assumption, "compare", f"{row.measure}, {arms}, {outcome}")
    if not re.search(r"\d", after):
        return None
    counts = [
        f"{events}/{n}" if events is not None and n else _after(assumption, "rates", arm)
        for arm, events, n in (
            (f"{row.label_e or row.arm_e}, {outcome}", row.events_e, row.n_e),
            (f"{row.label_c or row.arm_c}, {outcome}", row.events_c, row.n_c),
        )
    ]
    shown = " v ".join(counts) if all("/" in count for count in counts) else ""
    effect = re.sub(r"\d+% CI ", "", after).replace(" p ", " p\N{NO-BREAK SPACE}")
    return Gain(assumption, partners, shown, effect)


def _after(assumption: AssumptionRow, command: str, row: str) -> str:
    return next(
        (
            change[3]
            for change in assumption.changes
            if change[0] == command and (change[1] == row or change[1].startswith(f"{row}, "))
        ),
        "",
    )
