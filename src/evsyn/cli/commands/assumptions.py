"""``evsyn assumptions``: what may be assumed, and what that would change."""

from __future__ import annotations

import click

from evsyn.cli.options import Settings, accept_option, common_options, filter_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import evidence_words, open_review
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
    from evsyn.cli.sheets.texts import assumptions_sheet

    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    result = review.assumptions(
        condition=condition, study=study, outcome=outcome, assumptions=accept
    )
    aside = evidence_words(review, result.assumptions)
    sheet = assumptions_sheet(result, verbose=settings.verbose, aside=aside)
    deliver(settings, Answer.of(result, lambda symbols: sheet))
