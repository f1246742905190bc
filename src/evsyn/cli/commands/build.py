"""``evsyn build``: run the notebooks whose reports are stale."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from evsyn.cli.options import Settings, accept_option, common_options, filter_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.progress import Bar
from evsyn.cli.project import open_review
from evsyn.cli.sheet import Column, Sheet

if TYPE_CHECKING:
    from evsyn.reports.build import BuildResult

from evsyn.cli.verb import Verb

__all__ = ["build"]

_PARAMETERS = {
    "accept": "assumptions",
    "condition": "condition",
    "study": "study",
    "outcome": "outcome",
}
"""Options, and the notebook parameter that each replaces."""


@click.command(
    cls=Verb,
    short_help="Run the notebooks whose reports are stale.",
    examples=(
        "evsyn build",
        "evsyn build comparisons --force",
        "evsyn build --accept none",
    ),
)
@click.argument("report", nargs=-1)
@click.option("--force", is_flag=True, help="Build also what is fresh.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    help="Notebooks that run at the same time.  [default: one a processor]",
)
@accept_option
@filter_options
@common_options
@click.pass_context
def build(
    ctx: click.Context, /, *, report: tuple[str, ...], force: bool, jobs: int | None, **chosen: str
) -> None:
    """Build the reports that are stale, or those named: runs the project's notebooks.

    --accept, --condition, --study and --outcome replace the parameters assumptions, condition,
    study and outcome in every notebook that has them, for this build only; to make them last, set
    `parameters` of the report in the configuration.
    """
    from evsyn.reports.build import build as build_reports

    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    if threading.current_thread() is threading.main_thread():  # told to end: tidy up as for Ctrl-C
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        ctx.call_on_close(lambda: signal.signal(signal.SIGTERM, before))
    parameters = {
        name: chosen[option]
        for option, name in _PARAMETERS.items()
        if ctx.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE
    }
    started = time.perf_counter()
    with Bar("reports", shown=sys.stderr.isatty() and not settings.quiet) as bar:
        result = build_reports(
            review,
            names=report,
            force=force,
            jobs=jobs or _processors(),
            progress=lambda outcome, done, total: bar.step(outcome.name, done, total),
            parameters=parameters or None,
        )
    seconds = time.perf_counter() - started
    sheet = _sheet(result, seconds, quiet=settings.quiet)
    deliver(
        settings,
        Answer(
            "build",
            [asdict(outcome) for outcome in result.reports],
            lambda symbols: sheet,
            {"reports": list(report), "force": force, **parameters},
        ),
    )
    if not result.ok:
        ctx.exit(1)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _sheet(result: BuildResult, seconds: float, *, quiet: bool) -> Sheet:
    """What was done: fresh reports are only counted, failed ones told in full."""
    rows = []
    failures = []
    for outcome in result.reports:
        if outcome.state == "built":
            rows.append((outcome.name, "built", f"{outcome.seconds:.1f} s", outcome.reason))
        elif outcome.state == "failed":
            failures.append(f"{outcome.name} failed")
            failures += [f"    {line}" for line in outcome.error.splitlines()]
    counts = ", ".join(
        f"{result.count(state)} {state}"
        for state in ("fresh", "built", "failed")
        if result.count(state)
    )
    columns = (
        Column("report", wrap=False),
        Column("state", wrap=False),
        Column("time", justify="right", wrap=False),
        Column("because"),
    )
    return Sheet(
        columns,
        () if quiet else tuple(rows),
        lines=tuple(failures),
        closing=(f"{counts or 'no report declared'}  ({seconds:.1f} s)",),
    )
