"""How an answer on comparisons ends: what else stands on the page, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from evsyn import formats
from evsyn.review.arrange import known
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Trace
from evsyn.text.markup import EMPTY, Markup, escape, joined, listed
from evsyn.text.numbers import counted
from evsyn.text.other_scales import only_on_other_scales, scale_of

_Shown = Callable[[str, Sequence[object], str], Markup]

__all__ = ["effects_left", "favoured", "scales_left"]

_DIFFERENCES = ("RD", "MD", "SMD")


def favoured(row: ComparisonRow, ledger: Ledger) -> str:
    """Return which arm an estimate favours by the direction of the outcome.

    Parameters
    ----------
    row : ComparisonRow
        A comparison with an estimate.
    ledger : Ledger
        Where outcomes say whether their event is a benefit, or which end of a scale is better.

    Returns
    -------
    str
        ``experimental``, ``comparator``, ``neither`` for an estimate of no effect; empty where the
        outcome has no direction.
    """
    outcome = ledger.outcome.get(row.outcome_id)
    if outcome is None or row.estimate is None:
        return ""
    good = None
    if row.measure in ("RR", "OR", "RD"):
        good = {"benefit": True, "harm": False}.get(outcome.event_is)
    if good is None:
        good = {"high": True, "low": False}.get(outcome.better)
    if good is None:
        return ""
    none = 0.0 if row.measure in _DIFFERENCES else 1.0
    if row.estimate == none:
        return "neither"
    return "experimental" if (row.estimate > none) == good else "comparator"


def effects_left(
    comparisons: Result[ComparisonRow],
    told: Sequence[ComparisonRow],
    *,
    ledger: Ledger | None = None,
    where: str = "in the table",
) -> tuple[Markup, list[Trace]]:
    """Return what else stands on a page: other effects, whom they favour, what has none.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Comparisons of studies.
    told : sequence of ComparisonRow
        Those whose effect the answer has told.
    ledger : Ledger, optional
        Where outcomes say what they are; without it directions are not told.
    where : str
        Where the other comparisons stand.

    Returns
    -------
    tuple of Markup and list of Trace
        Sentences and the traces of their counts.
    """
    if not len(comparisons):
        return escape("The evidence holds no comparison of this kind."), []
    traces: list[Trace] = []

    def shown(what: str, rows: Sequence[object], how: str) -> Markup:
        number, trace = counted(what, len(rows), how, settings=comparisons.settings)
        traces.append(trace)
        return number

    places = {id(row) for row in told}
    effects = [row for row in comparisons if known(row)]
    others = [row for row in effects if id(row) not in places]
    bare = [row for row in comparisons if not known(row) and row.estimate_min is None]
    sentences = []
    if others:
        noun = formats.plural(len(others), "other effect")
        verb = formats.plural(len(others), "stands", "stand")
        kinds = _kinds(others, ledger)
        number = shown("other effects", others, "rows with an estimate, not told above")
        said = f" {noun}, of these and other questions{kinds}, {verb} {where}."
        sentences.append(joined([number, escape(said)]))
    if effects and ledger is not None:
        sentences.append(_directions(effects, ledger, shown))
    if bare:
        number = shown(
            "comparisons without an estimate", bare, "rows with neither an estimate nor a range"
        )
        noun = formats.plural(len(bare), "comparison")
        reason = formats.plural(len(bare), "the reason stands", "the reasons stand")
        place = "there" if others else where
        sentences.append(
            joined(
                [
                    escape("For "),
                    number,
                    escape(f" {noun} there is no single estimate, and {reason} {place}."),
                ]
            )
        )
    return joined(sentences, " "), traces


def scales_left(
    comparisons: Result[ComparisonRow], scales: Iterable[Result[ComparisonRow]]
) -> tuple[Markup, list[Trace]]:
    """Return how many comparisons print a result on another scale only.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``.
    scales : iterable of Result of ComparisonRow
        Output of ``Review.compare`` for other measures.

    Returns
    -------
    tuple of Markup and list of Trace
        A sentence, or nothing where there is none.
    """
    rows = only_on_other_scales(comparisons, scales)
    pairs = {(row.study_id, row.comparison_id) for row in rows}
    if not pairs:
        return EMPTY, []
    kinds = dict.fromkeys(kind for row in rows for kind in scale_of(row))
    number, trace = counted(
        "comparisons on another scale only",
        len(pairs),
        "comparisons of studies without an effect or a range in the measure of the page, for "
        "which something else is printed",
        settings=comparisons.settings,
    )
    verb = formats.plural(len(pairs), "comparison prints", "comparisons print")
    stand = formats.plural(len(pairs), "it stands", "they stand")
    listed_kinds = ", ".join(kinds)
    said = f" {verb} a result on another scale only ({listed_kinds}); {stand} in the table of "
    return joined([number, escape(f"{said}other scales, as printed.")]), [trace]


def _kinds(rows: Sequence[ComparisonRow], ledger: Ledger | None) -> str:
    """Return in brackets what the other effects are about, as far as the data say so."""
    if ledger is None:
        return ""
    parts = {part for outcome in ledger.outcome.values() for part in outcome.parts}
    harms = {name for name, outcome in ledger.outcome.items() if outcome.event_is == "harm"}
    added = any(row.label_e.lower().startswith(f"{row.label_c.lower()} with ") for row in rows)
    found = [
        "additions to the treatment compared with" if added else "",
        "single categories" if any(row.outcome_id in parts for row in rows) else "",
        "harms" if any(row.outcome_id in harms for row in rows) else "",
    ]
    named = ", ".join(filter(None, found))
    return f" ({named})" if named else ""


def _directions(effects: Sequence[ComparisonRow], ledger: Ledger, shown: _Shown) -> Markup:
    """Say how many effects favour either arm; sizes and intervals stand in the table."""
    sides: dict[str, list[ComparisonRow]] = {}
    for row in effects:
        sides.setdefault(favoured(row, ledger), []).append(row)
    studies = list(dict.fromkeys(row.study_id for row in effects))
    said = [
        (sides.get("experimental", []), " favour the experimental arm", " favours", True),
        (sides.get("comparator", []), " favour the comparator", " favours", True),
        (sides.get("neither", []), " favour neither", " favours", False),
        (sides.get("", []), " have no direction", " has", False),
    ]
    parts = []
    for rows, many, one, always in said:
        if not rows and not always:
            continue
        verb = many if len(rows) != 1 else one + many[many.index(" ", 1) :]
        what = f"effects that{many}"
        parts.append(joined([shown(what, rows, "by estimate and outcome"), escape(verb)]))
    total = shown("effects", effects, "rows with an estimate")
    number = shown("studies with an effect", studies, "studies of these rows")
    noun = formats.plural(len(effects), "effect")
    group = formats.plural(len(studies), "study", "studies")
    return joined(
        [
            escape("Of the "),
            total,
            escape(f" {noun} with a single estimate, from "),
            number,
            escape(f" {group}, "),
            listed(parts),
            escape(", by the direction of the outcome, whatever the width of the interval, "),
            escape("each category of a scale counted by itself."),
        ]
    )
