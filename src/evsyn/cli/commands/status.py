"""``evsyn status``: which reports are stale, and why."""

from __future__ import annotations

import click

from evsyn.cli.options import Settings, common_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import open_review
from evsyn.cli.sheet import Column, Sheet
from evsyn.cli.verb import Verb

__all__ = ["status"]


@click.command(
    cls=Verb,
    short_help="Which reports are stale, and why.",
    examples=("evsyn status",),
)
@common_options
@click.pass_context
def status(ctx: click.Context) -> None:
    """Which reports are fresh, which are stale, and what changed. Nothing is run."""
    from evsyn.reports.status import status as report_states

    settings = ctx.ensure_object(Settings)
    states = report_states(open_review(settings))
    rows = [
        {"report": state.name, "state": "fresh" if state.fresh else "stale", "reason": state.why}
        for state in states
    ]
    stale = sum(not state.fresh for state in states)
    told = "no report declared"
    if rows:
        told = f"{len(rows) - stale} fresh, {stale} stale" + (
            ": `evsyn build` rebuilds what is stale" if stale else ""
        )
    sheet = Sheet(
        (Column("report", wrap=False), Column("state", wrap=False), Column("why")),
        tuple((row["report"], row["state"], row["reason"]) for row in rows),
        closing=(told,),
    )
    deliver(settings, Answer("status", rows, lambda symbols: sheet))
