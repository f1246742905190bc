"""``evsyn init``: a new review."""

from __future__ import annotations

from pathlib import Path

import click

from evsyn.cli.options import Settings, common_options
from evsyn.cli.output import Answer, deliver
from evsyn.cli.sheet import Sheet
from evsyn.cli.verb import Verb

__all__ = ["init"]


@click.command(
    cls=Verb,
    short_help="Start a new review in a folder.",
    examples=(
        "evsyn init my-review",
        "cd my-review && evsyn check && evsyn build",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", default="", help="Name of the review; else made from the folder's name.")
@common_options
@click.pass_context
def init(ctx: click.Context, *, folder: Path, title: str) -> None:
    """Start a new review in DIR: empty tables with headers, a first notebook, a CI workflow.

    DIR must be new or empty. Either everything is written or nothing.
    """
    from evsyn.cli.start import new_project

    settings = ctx.ensure_object(Settings)
    written = new_project(folder, title=title)
    rows = [{"file": name} for name in written]
    sheet = Sheet(
        (),
        (),
        lines=tuple(f"{folder / name}" for name in written) if settings.verbose else (),
        closing=(
            f"{len(written)} files in {folder}. Next: `cd {folder}`, describe a study in data/,"
            " then `evsyn check` and `evsyn build`.",
            "For CI, say in requirements.txt where evsyn is installed from.",
        ),
    )
    deliver(settings, Answer("init", rows, lambda symbols: sheet, {"folder": str(folder)}))
