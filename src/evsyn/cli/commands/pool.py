"""``evsyn pool``: meta-analysis."""

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
    level_option,
    refuse_with_file,
)
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import evidence_words, open_review
from evsyn.cli.verb import Verb
from evsyn.literals import ComparisonMeasure, PoolMethod, PoolTest, choices

__all__ = ["pool"]


@click.command(
    cls=Verb,
    short_help="Meta-analysis of what may be pooled.",
    examples=(
        "evsyn pool",
        "evsyn pool trials.csv --measure RR --method DL --test z",
    ),
)
@file_argument
@click.option(
    "--measure",
    type=click.Choice(choices(ComparisonMeasure), case_sensitive=False),
    help="Effect measure.  [default: as declared; with FILE what its columns hold]",
)
@click.option(
    "--method",
    type=click.Choice(choices(PoolMethod), case_sensitive=False),
    help="Common effect (EE), DerSimonian-Laird or REML.  [default: as declared, REML]",
)
@click.option(
    "--test",
    type=click.Choice(("auto", *choices(PoolTest))),
    help="Interval of the mean: Wald (z), Hartung-Knapp (knha), or never narrower than its"
    " variance (adhoc).  [default: auto, the Cochrane rule]",
)
@click.option("--analysis", default="", metavar="NAME", help="Only this declared analysis.")
@level_option
@accept_option
@filter_options
@common_options
@click.pass_context
def pool(
    ctx: click.Context,
    *,
    file: Path | None,
    measure: str | None,
    method: str | None,
    test: str | None,
    analysis: str,
    level: float,
    accept: str,
    condition: str,
    study: str,
    outcome: str,
) -> None:
    """Meta-analysis of what the project declares may be pooled, or of one CSV file.

    Declared means: an entry under analyses in evsyn.toml, with outcomes, designs and the reason.
    """
    from evsyn.cli.sheets.comparisons import pool_sheet

    settings = ctx.ensure_object(Settings)
    if file is not None:
        from evsyn.synthesis.plain import plain_pool

        refuse_with_file(ctx, "analysis", "accept", "condition", "study", "outcome")
        result = plain_pool(
            file, measure=measure, method=method or "REML", test=test or "auto", level=level
        )
        aside = ""
    else:
        review = open_review(settings)
        chosen = ctx.get_parameter_source("accept") is click.core.ParameterSource.COMMANDLINE
        result = review.pool(
            analysis,
            measure=measure or "",
            method=method or "",
            test=test or "",
            level=level,
            assumptions=accept if chosen else "",
            condition=condition,
            study=study,
            outcome=outcome,
        )
        aside = evidence_words(review, result.assumptions) if len(result) else ""
    show = partial(pool_sheet, result, verbose=settings.verbose, project=file is None, aside=aside)
    deliver(settings, Answer.of(result, lambda symbols: show(symbols=symbols)))
