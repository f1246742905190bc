"""``evsyn export``: an analysis in the format of another program."""

from __future__ import annotations

from dataclasses import replace
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
from evsyn.cli.sheet import Sheet
from evsyn.cli.verb import Verb

__all__ = ["EXPORTS", "export"]

EXPORTS = ("metafor",)
"""Formats that can be written."""


@click.command(
    cls=Verb,
    short_help="An analysis as a file for another program: a metafor script.",
    examples=(
        "evsyn export --as metafor trials.csv -o trials.R",
        "evsyn export --as metafor --analysis NAME -o name.R",
        "Rscript trials.R > numbers.csv",
    ),
)
@file_argument
@click.option(
    "--as",
    "form",
    type=click.Choice(EXPORTS),
    required=True,
    help="Format: metafor is an R script that gives the same numbers with that package.",
)
@pool_options
@click.option("--analysis", default="", metavar="NAME", help="Only this declared analysis.")
@level_option
@accept_option
@filter_options
@common_options
@click.pass_context
def export(ctx: click.Context, /, *, file: Path | None, form: str, **options: Any) -> None:
    """Write what the project declares may be pooled, or one CSV file, for another program.

    The options are those of pool. With metafor: an R script with the data in it, which prints
    its numbers as CSV.
    """
    from evsyn.text.metafor import metafor_script

    settings = ctx.ensure_object(Settings)
    result, _ = pooled(ctx, file, options)
    script = metafor_script(result)
    rows = [{"format": form, "analyses": [row.group for row in result], "text": script}]
    answer = Answer("export", rows, lambda symbols: Sheet((), ()), result.settings, result.notes)
    deliver(settings, replace(answer, assumptions=result.assumptions, text=script))
