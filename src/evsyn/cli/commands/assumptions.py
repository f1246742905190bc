"""``evsyn assumptions``: what may be assumed, and what that would change."""

from __future__ import annotations

import click

from evsyn.cli.options import Settings, common_options
from evsyn.cli.output import Answer, Column, Sheet, deliver
from evsyn.cli.project import evidence_words, open_review

__all__ = ["assumptions"]


@click.command()
@common_options
@click.pass_context
def assumptions(ctx: click.Context) -> None:
    """Each assumption, whether it counts by default, and what accepting it would change.

    Assumptions of one group exclude each other. `--accept ID` on another verb accepts one.

    \b
      evsyn assumptions
      evsyn rates --accept nassar2016-20-20,nassar2016-patients
    """
    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    result = review.assumptions()
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
