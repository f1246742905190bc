"""``evsyn claims``: what texts say, what the sources print, and the verdicts."""

from __future__ import annotations

import click

from evsyn.cli.options import Settings, accept_option, common_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import evidence_words, open_review
from evsyn.cli.verb import Verb

__all__ = ["claims"]


@click.command(
    cls=Verb,
    short_help="What texts claim, what the sources print, the verdict.",
    examples=(
        "evsyn claims",
        "evsyn claims --format csv -o claims.csv",
    ),
)
@click.option("--document", default="", metavar="NAME", help="Only the claims of this text.")
@accept_option
@common_options
@click.pass_context
def claims(ctx: click.Context, *, document: str, accept: str) -> None:
    """The claims of data/claims.csv, each with what the sources print and its verdict."""
    from evsyn.cli.sheets.texts import claims_sheet

    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    result = review.claims(document=document, assumptions=accept)
    aside = evidence_words(review, result.assumptions)
    sheet = claims_sheet(result, verbose=settings.verbose, aside=aside)
    deliver(settings, Answer.of(result, lambda symbols: sheet))
