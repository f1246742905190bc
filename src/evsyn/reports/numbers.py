"""The numbers of the built reports for programs: ``reports/numbers.json``, and following one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evsyn.errors import ReportError

if TYPE_CHECKING:
    from evsyn.reports.page import Page

__all__ = ["NUMBERS", "PageNumbers", "as_json", "numbers_document", "traces_in"]

NUMBERS = "numbers.json"

COLUMNS = {"numbers": ["text", "value", "trace"], "steps": ["label", "text", "status"]}
"""What stands where in the lists of the file; a step without status ends before it."""

_ROWS = frozenset({"quotes", "citekey"})
"""Keys of what stands on one line however long: a trace, a quote."""


@dataclass(frozen=True, slots=True)
class PageNumbers:
    """What one page says in numbers, with every trace it refers to.

    Attributes
    ----------
    title, answer : str
        Heading and lede as plain text.
    numbers : sequence of mapping
        ``text``, ``value`` and ``trace`` of every number, top to bottom.
    untraced : sequence of str
        Digits that the notebook's code printed without a trace.
    references : int
        Sources cited.
    traces : mapping
        Traces by id.
    """

    title: str
    answer: str = ""
    numbers: Sequence[Mapping[str, object]] = ()
    untraced: Sequence[str] = ()
    references: int = 0
    traces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page, used: Iterable[str], *, references: int = 0) -> PageNumbers:
        """Collect the numbers of a page."""
        return cls(
            title=page.plain_title,
            answer=page.answer,
            numbers=[number.as_dict() for part in page.fragments for number in part.numbers],
            untraced=[digits for part in page.from_code for digits in part.untraced],
            references=references,
            traces={trace: page.traces[trace] for trace in used},
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping for JSON."""
        return {
            "title": self.title,
            "answer": self.answer,
            "numbers": list(self.numbers),
            "untraced": list(self.untraced),
            "references": self.references,
            "traces": dict(self.traces),
        }


def numbers_document(
    reports: Iterable[tuple[str, PageNumbers]], *, version: str
) -> dict[str, object]:
    """Return the numbers of all reports as one document; each trace and quote stands in it once.

    Parameters
    ----------
    reports : iterable of (str, PageNumbers)
        Name and numbers of each report.
    version : str
        Version of evsyn.

    Returns
    -------
    dict
        ``evsyn``; ``reports`` by name; ``traces`` by id, fields that are empty left out;
        ``quotes`` by the id that traces name. Steps and numbers are lists whose places
        ``columns`` names.
    """
    quotes = _Quotes()
    pages: dict[str, object] = {}
    traces: dict[str, object] = {}
    for name, numbers in reports:
        entry = numbers.as_dict()
        for key, trace in entry.pop("traces").items():
            traces[key] = _short(trace, quotes)
        rows = [[number[column] for column in COLUMNS["numbers"]] for number in entry["numbers"]]
        pages[name] = entry | {"numbers": rows}
    return {
        "evsyn": version,
        "columns": COLUMNS,
        "reports": pages,
        "traces": dict(sorted(traces.items())),
        "quotes": dict(sorted(quotes.known.items())),
    }


def _short(trace: Mapping[str, Any], quotes: _Quotes) -> dict[str, Any]:
    """Return a trace without what is empty, its quotes named, its steps as lists."""
    kept = {name: value for name, value in trace.items() if name != "id" and value}
    if "steps" in kept:
        steps = [[step.get(column, "") for column in COLUMNS["steps"]] for step in kept["steps"]]
        kept["steps"] = [step if step[-1] else step[:-1] for step in steps]
    return kept | {"quotes": [quotes.name(quote) for quote in trace["quotes"]]}


class _Quotes:
    """Every quote once, under the id of its extraction; another wording of it has a number."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}

    def name(self, quote: Mapping[str, Any]) -> str:
        """Return the id under which a quote is kept."""
        base = str(quote["extraction_id"])
        kept = {key: value for key, value in quote.items() if key != "extraction_id"}
        name, number = base, 1
        while self.known.setdefault(name, kept) != kept:
            number += 1
            name = f"{base}~{number}"
        return name


def as_json(document: object) -> str:
    """JSON text for files under version control: what is short stands on one line.

    Examples
    --------
    >>> print(as_json({"a": [{"b": 1}, {"b": 2}], "c": {}}).strip())
    {
     "a": [{"b": 1}, {"b": 2}],
     "c": {}
    }
    """
    return _lines(document, 0) + "\n"


def _lines(value: object, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    nested = isinstance(value, dict | list) and value
    row = isinstance(value, dict) and depth >= 2 and not value.keys().isdisjoint(_ROWS)
    if not nested or (depth > 0 and len(flat) <= 100) or row or depth >= 6:
        return flat
    pad, close = " " * (depth + 1), " " * depth
    if isinstance(value, dict):
        items = [
            f"{pad}{json.dumps(key, ensure_ascii=False)}: {_lines(item, depth + 1)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(items) + f"\n{close}}}"
    assert isinstance(value, list)
    return "[\n" + ",\n".join(pad + _lines(item, depth + 1) for item in value) + f"\n{close}]"


def traces_in(folder: Path, trace_id: str) -> list[dict[str, Any]]:
    """Find a trace of the built reports by its id or the beginning of one.

    Parameters
    ----------
    folder : Path
        Folder of the built reports.
    trace_id : str
        Id as shown on a page, or its first characters.

    Returns
    -------
    list of dict
        Every trace whose id begins so, by id: the trace with ``id`` and ``reports``, the reports
        with the numbers that refer to it. Empty where nothing is built or no id begins so.

    Raises
    ------
    ReportError
        If the file is no JSON.
    """
    path = folder / NUMBERS
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise ReportError(f"{folder.name}/{NUMBERS}: not JSON ({error}); build again") from None
    traces = document["traces"]
    found = sorted(key for key in traces if trace_id and key.startswith(trace_id))
    return [
        _whole(traces[key], document["quotes"]) | {"id": key, "reports": _uses(document, key)}
        for key in found
    ]


def _whole(trace: Mapping[str, Any], quotes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trace as blocks carry it: every field, quotes in full."""
    empty: dict[str, Any] = {
        "title": "", "path": [], "values": {}, "steps": [], "assumptions": [], "parameters": [],
        "status": "",
    }  # fmt: skip
    steps = [
        dict(zip(COLUMNS["steps"], [*step, ""][:3], strict=True)) for step in trace.get("steps", ())
    ]
    full = [{"extraction_id": name.partition("~")[0]} | quotes[name] for name in trace["quotes"]]
    return {**empty, **trace, "steps": steps, "quotes": full}


def _uses(document: Mapping[str, Any], trace_id: str) -> dict[str, list[str]]:
    uses = {}
    for name, report in document["reports"].items():
        texts = [text for text, _, trace in report["numbers"] if trace == trace_id]
        if texts:
            uses[name] = list(dict.fromkeys(texts))
    return uses
