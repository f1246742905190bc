"""``evsyn compare``: the effect of each comparison."""

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
from evsyn.literals import (
    ComparisonMeasure,
    MeanMethod,
    OrMethod,
    PairedMethod,
    PairedRatioMethod,
    PairedTest,
    RdMethod,
    RrMethod,
    TwoArmTest,
    choices,
)

__all__ = ["compare"]

_INTERVALS = tuple(
    name
    for alias in (RrMethod, OrMethod, RdMethod, PairedMethod, PairedRatioMethod, MeanMethod)
    for name in choices(alias)
)


@click.command(
    cls=Verb,
    short_help="Effect of each comparison, with interval and test.",
    examples=(
        "evsyn compare --measure RR --interval katz --test fisher",
        "evsyn compare trials.csv --measure OR",
    ),
)
@file_argument
@click.option(
    "--measure",
    type=click.Choice(choices(ComparisonMeasure), case_sensitive=False),
    default=None,
    help="Risk ratio, odds ratio, risk difference, mean difference, standardised mean"
    " difference or ratio of means.  [default: RR; with FILE what its columns hold]",
)
@interval_option(*_INTERVALS)
@click.option(
    "--test",
    type=click.Choice((*choices(TwoArmTest), *choices(PairedTest)), case_sensitive=False),
    help="Test; by default the one that agrees with the interval.",
)
@click.option(
    "--phi",
    type=click.FloatRange(-1, 1),
    help="Correlation of the two arms of pairs known by their margins only.",
)
@level_option
@accept_option
@filter_options
@common_options
@click.pass_context
def compare(
    ctx: click.Context,
    *,
    file: Path | None,
    measure: ComparisonMeasure | None,
    interval: str | None,
    test: str | None,
    phi: float | None,
    level: float,
    accept: str,
    condition: str,
    study: str,
    outcome: str,
) -> None:
    """Effect of each comparison, with interval and test.

    Pairs (split face, split body) stay pairs: where only their margins are printed, the answer
    is the range over every possible pairing.

    With FILE: a CSV file with the column study and, for instance, events_e, n_e, events_c, n_c
    (metafor's names are understood).
    """
    from evsyn.cli.sheets.comparisons import compare_sheet

    settings = ctx.ensure_object(Settings)
    if file is not None:
        from evsyn.synthesis.plain import plain_compare

        refuse_with_file(ctx, "accept", "condition", "study", "outcome")
        result = plain_compare(
            file, measure=measure, interval=interval, test=test, level=level, phi=phi
        )
        aside, assumable = "", False
    else:
        review = open_review(settings)
        result = review.compare(
            measure=measure or "RR",
            interval=interval,
            test=test,
            level=level,
            phi=phi,
            condition=condition,
            study=study,
            outcome=outcome,
            assumptions=accept,
        )
        aside = evidence_words(review, result.assumptions)
        assumable = bool(review.ledger.assumptions)
    show = partial(
        compare_sheet,
        result,
        verbose=settings.verbose,
        project=file is None,
        assumptions=assumable,
        aside=aside,
    )
    deliver(settings, Answer.of(result, lambda symbols: show(symbols=symbols)))
