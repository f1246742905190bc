"""``evsyn assumptions``: what may be assumed, and what that would change."""

from __future__ import annotations

import click

from evsyn.cli.options import Settings, accept_option, common_options, filter_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import evidence_words, open_review
from evsyn.cli.sheet import Column, Sheet
from evsyn.cli.verb import Verb

__all__ = ["assumptions"]


@click.command(
    cls=Verb,
    short_help="What may be assumed, and what that would change.",
    examples=(
        "evsyn assumptions",
        "evsyn rates --accept nassar2016-20-20,nassar2016-patients",
    ),
)
@accept_option
@filter_options
@common_options
@click.pass_context
def assumptions(
    ctx: click.Context, *, accept: str, condition: str, study: str, outcome: str
) -> None:
    """Each assumption, whether it counts by default, and what accepting it would change.

    Assumptions of one group exclude each other. `--accept ID` on another verb accepts one.
    """
    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    result = review.assumptions(
        condition=condition, study=study, outcome=outcome, assumptions=accept
    )
    sheet = Sheet(
        (
            Column("assumption"),
            Column("group"),
            Column("default", wrap=False),
            Column("statement"),
            Column("requires"),
            Column("accepting it"),
            *((Column("for and against"),) if settings.verbose else ()),
        ),
        tuple(
            (
                row.assumption_id,
                row.group,
                row.default,
                f"{row.study}: {row.statement}" if row.study else row.statement,
                ", ".join(row.requires),
                row.effect,
                *((row.rationale,) if settings.verbose else ()),
            )
            for row in result
        ),
        "Assumptions",
        evidence_words(review, result.assumptions),
        (
            f"{len(result)} assumptions in {len({row.group for row in result})} groups,"
            f" {sum(row.accepted for row in result)} accepted"
            if len(result)
            else "no assumption in this project",
            *result.notes,
        ),
    )
    deliver(
        settings,
        Answer(
            "assumptions",
            result.records(),
            lambda symbols: sheet,
            result.settings,
            result.notes,
            result.assumptions,
        ),
    )
