"""``evsyn rates``: response rates with their intervals."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from evsyn.cli.options import (
    Settings,
    accept_option,
    common_options,
    file_argument,
    filter_options,
    interval_option,
    level_option,
    refuse_with_file,
)
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import evidence_words, open_review
from evsyn.cli.verb import Verb
from evsyn.literals import OneArmMethod, choices

__all__ = ["rates"]


@click.command(
    cls=Verb,
    short_help="Response rate of each arm, with its interval.",
    examples=(
        "evsyn rates --condition striae",
        "evsyn rates arms.csv --interval clopper-pearson",
    ),
)
@file_argument
@interval_option(*choices(OneArmMethod), default="wilson")
@level_option
@accept_option
@filter_options
@common_options
@click.pass_context
def rates(
    ctx: click.Context,
    *,
    file: Path | None,
    interval: OneArmMethod,
    level: float,
    accept: str,
    condition: str,
    study: str,
    outcome: str,
) -> None:
    """Response rate of each arm, or the reason why there is none.

    In a project: of its tables. With FILE: of a CSV file with the columns study, events, n.
    """
    from evsyn.cli.sheets.rates import rates_sheet

    settings = ctx.ensure_object(Settings)
    if file is not None:
        from evsyn.synthesis.plain import plain_rates

        refuse_with_file(ctx, "accept", "condition", "study", "outcome")
        result = plain_rates(file, interval=interval, level=level)
        aside, assumable = "", False
    else:
        review = open_review(settings)
        result = review.rates(
            condition=condition,
            study=study,
            outcome=outcome,
            assumptions=accept,
            interval=interval,
            level=level,
        )
        aside = evidence_words(review, result.assumptions)
        assumable = bool(review.ledger.assumptions)
    show = partial(
        rates_sheet,
        result,
        verbose=settings.verbose,
        project=file is None,
        assumptions=assumable,
        aside=aside,
    )
    deliver(settings, Answer.of(result, lambda symbols: show(symbols=symbols)))
