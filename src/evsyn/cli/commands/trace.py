"""``evsyn trace``: from a number to the words it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from evsyn import formats
from evsyn.cli.options import Settings, accept_option, common_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import open_review
from evsyn.cli.screen import status_words
from evsyn.cli.sheet import Sheet
from evsyn.errors import ConfigurationError

if TYPE_CHECKING:
    from evsyn.review.review import Review

from evsyn.cli.verb import Verb

__all__ = ["trace"]

_ID = re.compile(r"t[0-9a-f]{10}")


@click.command(
    cls=Verb,
    short_help="From a number to the words it came from.",
    examples=(
        "evsyn rates -v",
        "evsyn trace t0123456789",
    ),
)
@click.argument("trace_id", metavar="ID")
@accept_option
@common_options
@click.pass_context
def trace(ctx: click.Context, *, trace_id: str, accept: str) -> None:
    """From a number to its computation, its printed values, their quotes and citations.

    ID stands in a report beside each number (t and ten characters, in capitals or not), and in
    the `trace` column of rates, compare, pool and claims. It is looked up in the built reports
    first, then among the rows that these verbs give now.
    """
    settings = ctx.ensure_object(Settings)
    written, trace_id = trace_id, trace_id.strip().lower()
    if not _ID.fullmatch(trace_id):
        raise ConfigurationError(
            f'"{written}" is no id of a trace: ids look like t0123456789 (t and ten of 0-9 and'
            " a-f); they stand in the `trace` column of `evsyn rates -v`"
        )
    review = open_review(settings)
    found = _built(review, trace_id) or _computed(review, trace_id, accept)
    if not found:
        raise ConfigurationError(
            f'no number has the trace "{trace_id}", neither in the built reports nor in the rows'
            " of rates, compare, pool and claims; ids stand in their `trace` column"
            " (`evsyn rates -v`)"
        )
    names = dict.fromkeys(citekey for row in found for citekey in _citekeys(row))
    citations = {name: review.cite(name).citation() for name in names if _is_cited(review, name)}
    for row in found:
        row["citations"] = {name: citations[name] for name in _citekeys(row) if name in citations}
    deliver(
        settings, Answer("trace", found, lambda symbols: _sheet(found, symbols), {"id": trace_id})
    )


def _built(review: Review, trace_id: str) -> list[dict[str, Any]]:
    """Look for the id in the built reports; they may not be built, or not hold it."""
    from evsyn.reports.status import find_trace

    try:
        return find_trace(review, trace_id)
    except ConfigurationError:
        return []


def _computed(review: Review, trace_id: str, accept: str) -> list[dict[str, Any]]:
    """Look for the id among the rows that the verbs give now."""
    verbs = (review.rates, review.compare, review.claims, review.pool)
    for verb in verbs:
        for row in verb(assumptions=accept):
            if row.trace.trace_id == trace_id:
                return [{"id": trace_id, **row.trace.as_dict(), "reports": {}}]
    return []


def _citekeys(row: Mapping[str, Any]) -> list[str]:
    return [str(quote["citekey"]) for quote in row.get("quotes", [])]


def _is_cited(review: Review, name: str) -> bool:
    return name in review.ledger.bibliography.entries


def _sheet(found: Sequence[Mapping[str, Any]], symbols: bool) -> Sheet:
    return Sheet((), (), lines=tuple(line for row in found for line in _lines(row, symbols)))


def _lines(row: Mapping[str, Any], symbols: bool) -> Iterable[str]:
    yield str(row["title"])
    if row["path"]:
        yield "  " + " › ".join(str(part) for part in row["path"])
    if row["status"]:
        yield "  " + status_words(str(row["status"]), symbols=symbols)
    for step in row["steps"]:
        status = f" ({step['status']})" if step["status"] else ""
        yield f"  {step['label']}: {step['text']}{status}"
    for name, value in dict(row["values"]).items():
        yield f"    {name} = {formats.MISSING if value is None else formats.compact(value)}"
    for quote in row["quotes"]:
        yield _quoted(quote)
    for name, statement in row["assumptions"]:
        yield f"  assumes {name}: {statement}"
    for name, value in row["parameters"]:
        yield f"  parameter {name}: {value}"
    for name, text in row["citations"].items():
        yield f"  [{name}] {text}"
    for name, texts in dict(row["reports"]).items():
        yield f"  in the report {name}: {', '.join(texts)}"


def _quoted(quote: Mapping[str, Any]) -> str:
    words = f"“{quote['text']}”" if quote["text"] else "no quote at hand"
    what = f"{quote['what']} = " if quote["what"] else ""
    return (
        f"  from [{quote['citekey']}], {quote['locator']}: {words}"
        f" ({what}{quote['printed']}; {quote['extraction_id']})"
    )
