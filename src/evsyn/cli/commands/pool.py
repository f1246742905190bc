"""``evsyn pool``: meta-analysis."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from evsyn.cli.options import (
    Settings,
    accept_option,
    common_options,
    file_argument,
    filter_options,
    level_option,
    pool_options,
)
from evsyn.cli.output import Answer, deliver
from evsyn.cli.pooling import pooled
from evsyn.cli.verb import Verb

__all__ = ["pool"]


@click.command(
    cls=Verb,
    short_help="Meta-analysis of what may be pooled.",
    examples=(
        "evsyn pool",
        "evsyn pool trials.csv --measure RR --method DL --test z",
        "evsyn pool trials.csv --mods year,dose --leave-one-out",
        "evsyn pool trials.csv --methods-text",
    ),
)
@file_argument
@pool_options
@click.option("--analysis", default="", metavar="NAME", help="Only this declared analysis.")
@click.option(
    "--methods-text",
    is_flag=True,
    help="Add a Methods paragraph that says and cites what was chosen here, and why.",
)
@level_option
@accept_option
@filter_options
@common_options
@click.pass_context
def pool(ctx: click.Context, /, *, file: Path | None, methods_text: bool, **options: Any) -> None:
    """Meta-analysis of what the project declares may be pooled, or of one CSV file.

    Declared means: an entry under analyses in evsyn.toml, with outcomes, designs and the reason.
    A file has the column study and, for instance, events_e, n_e, events_c, n_c, or events, n, or
    yi, vi (metafor's names are understood); its other columns can be moderators and subgroups.
    """
    from evsyn.cli.sheets.pooled import pool_lines, pool_sheet

    settings = ctx.ensure_object(Settings)
    if methods_text and settings.format == "csv":
        raise click.UsageError(
            "--methods-text: CSV has no place for a text; take --format json or table.", ctx=ctx
        )
    result, aside = pooled(ctx, file, options)
    show = partial(pool_sheet, result, verbose=settings.verbose, project=file is None, aside=aside)
    answer = Answer.of(result, lambda symbols: show(symbols=symbols))
    answer = replace(answer, lines=pool_lines(result))
    if methods_text:
        from evsyn.text.methods import methods_text as explained

        told = explained(result)
        answer = replace(
            answer,
            below=told.with_references(),
            extra={"methods": told.text, "citations": told.records()},
        )
    deliver(settings, answer)
