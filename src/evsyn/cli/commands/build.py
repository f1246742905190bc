"""``evsyn build``: run the notebooks whose reports are stale."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from evsyn.cli.options import Settings, common_options
from evsyn.cli.output import Answer, Sheet, deliver
from evsyn.cli.project import open_review

if TYPE_CHECKING:
    from evsyn.reports.build import BuildResult

__all__ = ["build"]


@click.command()
@click.argument("report", nargs=-1)
@click.option("--force", is_flag=True, help="Rebuild also what is fresh.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    help="Reports built at the same time.  [default: the number of processors]",
)
@common_options
@click.pass_context
def build(ctx: click.Context, *, report: tuple[str, ...], force: bool, jobs: int | None) -> None:
    """Build the reports that are stale (or those named): runs the project's notebooks.

    \b
      evsyn build
      evsyn build comparisons --force
    """
    from evsyn.reports.build import build as build_reports

    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    started = time.perf_counter()
    with Progress(shown=sys.stderr.isatty() and not settings.quiet) as progress:
        result = build_reports(
            review, names=report, force=force, jobs=jobs or _processors(), progress=progress.step
        )
    seconds = time.perf_counter() - started
    deliver(
        settings,
        Answer(
            "build",
            [_row(outcome) for outcome in result.reports],
            lambda symbols: _sheet(result, seconds),
            {"reports": list(report), "force": force},
        ),
    )
    if any(outcome.state == "failed" for outcome in result.reports):
        ctx.exit(1)
