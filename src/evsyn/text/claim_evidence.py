"""What the sources print for a claim, in a reader's words: one line a result, not one a value."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evsyn.synthesis.results import ClaimRow
from evsyn.tables.ledger import Ledger
from evsyn.text.markup import Markup, element, escape, joined, words
from evsyn.text.numbers import traced_words

__all__ = ["field_words", "printed_lines"]

_FIELDS = {
    "percent": "percent",
    "percent_unclear": "percent, of what is not stated",
    "percent_units": "percent of something other than people",
    "percent_change": "percent change",
    "events": "people with it",
    "event_count": "events",
    "n": "people assessed",
    "n_enrolled": "enrolled",
    "n_randomised": "randomised",
    "n_completed": "completed",
    "k": "number of studies",
    "statement": "statement",
    "mean": "mean",
    "sessions": "number of sessions",
    "interval_weeks": "weeks between sessions",
    "followup_months": "months of follow-up",
    "session_minutes": "minutes a session",
    "needle_mm": "mm needles",
    "needle_mm_min": "mm needles at least",
    "needle_mm_max": "mm needles at most",
    "centres": "number of centres",
    "cleared_on": "cleared on",
    "indication": "cleared for",
    "p": "P",
}
_BEHIND = {"k": "studies", "sessions": "sessions", "centres": "centres"}
"""Fields that are called otherwise behind their value."""

_BEFORE = ("cleared_on", "indication")
_QUOTED = ("statement", "indication")
"""Fields that stand before their value, and fields whose value is words."""

_ONE = ("one", "single", "1")
_SINGULAR = {
    "studies": "study", "sessions": "session", "centres": "centre", "months": "month",
    "weeks": "week", "minutes": "minute", "events": "event", "people": "person",
}  # fmt: skip
_JOINED = {"estimate", "ci lb", "ci ub", "p"}
_PART = re.compile(r"(?P<printed>.+) \((?P<detail>.+)\)", re.DOTALL)


def field_words(name: str) -> str:
    """Return the field of a printed value in a reader's words.

    Examples
    --------
    >>> field_words("n_enrolled"), field_words("made_up")
    ('enrolled', 'made up')
    """
    return _FIELDS.get(name.replace(" ", "_"), name.replace("_", " "))


def printed_lines(row: ClaimRow, ledger: Ledger | None = None) -> list[Markup]:
    """Return what is printed for a claim, estimate, limits and p of one place as one result.

    Parameters
    ----------
    row : ClaimRow
        A claim with its evidence.
    ledger : Ledger, optional
        Where the labels of comparisons stand.

    Returns
    -------
    list of Markup
        A ``div`` each: the printed value, then what it is.
    """
    places: dict[str, list[tuple[str, str]]] = {}
    for part in row.evidence.split("; ") if row.evidence else ():
        found = _PART.fullmatch(part)
        printed, detail = (found["printed"], found["detail"]) if found else (part, "")
        place, _, name = detail.rpartition(", ")
        places.setdefault(place, []).append((name, printed))
    lines = []
    for place, values in places.items():
        where = _place(row, place, ledger)
        whole = _result([value for value in values if value[0] in _JOINED])
        if whole:
            lines.append(_line(row, whole, where))
        for name, printed in values:
            if name not in _JOINED:
                lines.append(_line(row, printed, _what(name, printed, where), field=name))
    return lines


def _result(values: Sequence[tuple[str, str]]) -> str:
    """Return ``0.57 (0.20 to 0.94), P = 0.003`` of what is printed of it."""
    found = dict(values)
    limits = [found[end] for end in ("ci lb", "ci ub") if end in found]
    effect = found.get("estimate", "")
    effect += f" ({' to '.join(limits)})" if len(limits) == 2 else ""
    p = found.get("p", "")
    sign = " " if p.startswith(("<", ">", "≤")) else " = "
    return ", ".join(part for part in (effect.strip(), f"P{sign}{p}" if p else "") if part)


def _what(name: str, printed: str, where: str) -> str:
    key = name.replace(" ", "_")
    field = _BEHIND.get(key, field_words(name))
    if field.startswith("percent"):
        field = field.partition(", ")[2] or field.removeprefix("percent").strip()
        field = f"({field})" if field else ""
    elif key in ("mean", "median"):
        field = f"({field})"
    if key in (*_BEFORE, *_QUOTED):
        field = ""
    if printed.lower() in _ONE:
        first, space, rest = field.partition(" ")
        field = _SINGULAR.get(first, first) + space + rest
    return ", ".join(part for part in (field, where) if part)


def _place(row: ClaimRow, place: str, ledger: Ledger | None) -> str:
    for comparison in ledger.comparisons if ledger is not None else ():
        if (comparison.study_id, comparison.comparison_id) == (row.study_id, place):
            arms = {
                arm.arm_id: arm.label
                for arm in (ledger.arms if ledger is not None else ())
                if arm.study_id == row.study_id
            }
            sides = [arms.get(arm, arm) for arm in (comparison.arm_e, comparison.arm_c)]
            return " against ".join(sides)
    return place


def _line(row: ClaimRow, printed: str, what: str, *, field: str = "") -> Markup:
    key = field.replace(" ", "_")
    shown = traced_words(printed, row.trace)
    shown = element("q", shown) if key in _QUOTED else shown
    value = element("span", shown, class_="nums", data_trace=row.trace.trace_id)
    if key in _BEFORE:
        before = field_words(field)
        if re.fullmatch(r"\d{4}", printed):
            before = before.replace("cleared on", "cleared in")
        value = joined([element("small", escape(before)), value], " ")
    below = element("small", words(what)) if what else escape("")
    return element("div", joined([value, below], " "), class_="printed")
