"""``evsyn check``: every fault of a project at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from evsyn.cli.options import Settings, common_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import open_review
from evsyn.cli.sheet import Sheet
from evsyn.cli.sheets.words import plural
from evsyn.tables.provenance import Finding

if TYPE_CHECKING:
    from evsyn.review.review import Review

from evsyn.cli.verb import Verb

__all__ = ["check"]

THRESHOLDS = {
    "error": frozenset({"error"}),
    "warning": frozenset({"error", "warning"}),
    "never": frozenset[str](),
}
"""Severities at which the exit code is 3, by what ``--fail-on`` says."""


@click.command(
    cls=Verb,
    short_help="Every fault of the project's tables at once.",
    examples=(
        "evsyn check",
        "evsyn check --format json --fail-on warning",
    ),
)
@click.option(
    "--fail-on",
    type=click.Choice(tuple(THRESHOLDS)),
    default="error",
    show_default=True,
    help="Exit with 3 when there is a finding of this severity or above.",
)
@common_options
@click.pass_context
def check(ctx: click.Context, *, fail_on: str) -> None:
    """Schema, keys, bibliography, quotes and consistency: every fault at once.

    Nothing is changed. Also a project whose tables no other verb accepts is checked to the end.
    """
    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    found = review.check()
    rows = [_row(item) for item in found]
    counts = _counts(review) | _severities(rows)
    if not counts["values"] and not counts["errors"]:
        rows.append(_nothing_checked(review))
        counts |= _severities(rows)
    deliver(
        settings,
        Answer(
            "check",
            rows,
            lambda symbols: _sheet(rows, counts),
            {"fail_on": fail_on},
            (),
            (),
            counts,
        ),
    )
    if THRESHOLDS[fail_on] & {str(row["severity"]) for row in rows}:
        ctx.exit(3)


def _row(item: Finding) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "verdict": item.verdict,
        "file": item.file,
        "line": item.line or None,
        "column": item.column,
        "message": item.message,
        "expected": item.expected,
        "found": item.found,
        "trace": list(item.extractions),
    }


def _nothing_checked(review: Review) -> dict[str, Any]:
    """Make the warning that nothing was there to check: an empty ledger never simply passes."""
    file = f"{review.configuration.data.name}/extractions.csv"
    return _row(
        Finding(
            file=file,
            line=0,
            rule="nothing-checked",
            severity="warning",
            column="",
            message="holds no value yet, so nothing was checked; add one row a printed value",
            verdict="not checked",
        )
    )


def _counts(review: Review) -> dict[str, int]:
    """Count what there was to check, also where the ledger cannot be loaded."""
    from evsyn.sources.bibliography import read_bibliography
    from evsyn.sources.ledger import read_table
    from evsyn.tables.schema import TABLES

    sizes: dict[str, int] = {}
    for name in TABLES:
        path = review.configuration.data / f"{name}.csv"
        if path.is_file():
            table = read_table(path)
            sizes[name] = len(table.rows) + len(table.refused)
    bibliography = review.configuration.bibliography
    entries = read_bibliography(bibliography).entries if bibliography.is_file() else ()
    return {
        "files": len(sizes) + bibliography.is_file(),
        "tables": len(sizes),
        "values": sizes.get("extractions", 0),
        "claims": sizes.get("claims", 0),
        "sources": len(entries),
    }


def _severities(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    counts = Counter(str(row["severity"]) for row in rows)
    return {f"{name}s": counts[name] for name in ("error", "warning", "note")}


def _line(row: dict[str, Any]) -> str:
    where = f"{row['file']}:{row['line']}" if row["line"] else str(row["file"])
    severity = "" if row["severity"] == "error" else f"{row['severity']}: "
    column = f"{row['column']}: " if row["column"] else ""
    return f"{where}: {severity}{column}{row['message']}"


def _sheet(rows: Sequence[dict[str, Any]], counts: dict[str, int]) -> Sheet:
    found = ", ".join(
        f"{counts[name]} {name if counts[name] != 1 else name[:-1]}"
        for name in ("errors", "warnings", "notes")
        if counts[name] or name != "notes"
    )
    checked = (
        f"{plural(counts['tables'], 'table')} ({plural(counts['values'], 'value')},"
        f" {plural(counts['claims'], 'claim')}, {plural(counts['sources'], 'source')})"
    )
    return Sheet(
        (),
        (),
        lines=tuple(_line(row) for row in rows),
        closing=(f"{found} in {checked}. Nothing was changed.",),
    )
