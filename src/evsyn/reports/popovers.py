"""What a reader sees on following a number: its trace in words, with quotes and citations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evsyn import formats
from evsyn.reports.references import linked

__all__ = ["Popover", "Source", "popover"]

_VALUES = {
    "ci_lb": "lower limit",
    "ci_ub": "upper limit",
    "ci_lb_min": "lower limit, smallest",
    "ci_ub_max": "upper limit, largest",
    "pi_lb": "prediction, lower",
    "pi_ub": "prediction, upper",
    "p_value": "p",
    "p_value_min": "p, smallest",
    "p_value_max": "p, largest",
    "yi": "effect on the pooling scale",
    "vi": "its variance",
    "se": "standard error",
    "tau2": "τ²",
    "i2": "I² (%)",
    "h2": "H²",
    "q": "Q",
    "n_e": "n, experimental",
    "n_c": "n, comparator",
    "events_e": "events, experimental",
    "events_c": "events, comparator",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A printed value: quote, what it is, and where it stands."""

    text: str
    printed: str
    what: str
    locator: str
    citation: str
    extraction: str


@dataclass(frozen=True, slots=True)
class Popover:
    """One trace ready for the template."""

    id: str
    title: str
    path: tuple[str, ...]
    status: str
    steps: tuple[Mapping[str, str], ...]
    values: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    assumptions: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]


def popover(trace: Mapping[str, Any], citation: Callable[[str], str]) -> Popover:
    """Prepare a trace.

    Parameters
    ----------
    trace : mapping
        A trace as a block carries it (``Trace.as_dict`` with ``id``).
    citation : callable
        From a citekey to the citation as plain text; empty for a key that is in no bibliography,
        such as the document of a claim.

    Returns
    -------
    Popover
        The words to show.
    """
    return Popover(
        id=str(trace["id"]),
        title=str(trace["title"]),
        path=tuple(part for part in trace.get("path", ()) if part),
        status=str(trace.get("status", "")),
        steps=tuple(trace.get("steps", ())),
        values=_values(trace.get("values", {})),
        sources=_sources(trace.get("quotes", ()), citation),
        assumptions=_pairs(trace.get("assumptions", ())),
        parameters=_pairs(trace.get("parameters", ())),
    )


def _values(values: Mapping[str, float | None]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_VALUES.get(name, name.replace("_", " ")), formats.compact(value))
        for name, value in values.items()
        if value is not None
    )


def _sources(
    quotes: Sequence[Mapping[str, str]], citation: Callable[[str], str]
) -> tuple[Source, ...]:
    """Sources in order; of values from one quote, the quote stands once."""
    found: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for quote in quotes:
        place = quote["text"] or quote["extraction_id"]
        found.setdefault((quote["citekey"], quote["locator"], place), []).append(quote)
    return tuple(
        Source(
            text=same[0]["text"],
            printed=", ".join(dict.fromkeys(quote["printed"] for quote in same)),
            what="; ".join(dict.fromkeys(quote["what"] for quote in same if quote["what"])),
            locator=locator,
            citation=linked(citation(citekey) or citekey),
            extraction=", ".join(dict.fromkeys(quote["extraction_id"] for quote in same)),
        )
        for (citekey, locator, _), same in found.items()
    )


def _pairs(pairs: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in pairs)
