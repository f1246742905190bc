"""The program ``evsyn``: its verbs, and how errors leave it.

Exit codes: 0 fine; 1 a report or check could not be completed; 2 wrong usage, configuration or
refused input; 3 findings at or above the threshold; 130 interrupted.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from evsyn import __version__
from evsyn.cli.options import Settings, common_options
from evsyn.cli.screen import printable
from evsyn.cli.verb import write_examples
from evsyn.errors import EvsynError, did_you_mean

__all__ = ["VERBS", "evsyn"]

VERBS = (
    "init",
    "check",
    "rates",
    "compare",
    "pool",
    "export",
    "assumptions",
    "claims",
    "build",
    "status",
    "trace",
)


EXAMPLES = (
    "evsyn compare trials.csv --measure RR     effect of each trial in a CSV file",
    "evsyn init my-review                      start a project",
    "evsyn check                               every fault of its tables at once",
    "evsyn build                               its reports",
)


class Program(click.Group):
    """A group whose verbs are loaded when asked for, and whose errors are lines on stderr."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order in which one meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the module of a verb; None for a name that is no verb."""
        if cmd_name not in VERBS:
            return None
        command = getattr(import_module(f"evsyn.cli.commands.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or say which one may be meant."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            near = did_you_mean(args[0], VERBS) or f"; verbs are {', '.join(VERBS)}"
            raise click.UsageError(f'no verb "{args[0]}"{near}', ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples after the verbs."""
        write_examples(formatter, EXAMPLES)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the program; with ``standalone_mode`` leave with the exit code."""
        settings = extra.setdefault("obj", Settings())
        try:
            code = super().main(
                args, prog_name or "evsyn", complete_var, standalone_mode=False, **extra
            )
        except Exception as error:
            code = _report(error, debug=settings.debug)
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _report(error: Exception, *, debug: bool) -> int:
    """Print an error, one line each fault, and return the exit code."""
    if debug and not isinstance(error, (click.Abort, click.UsageError)):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    if isinstance(error, click.Abort):
        click.echo("evsyn: interrupted", err=True)
        return 130
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, EvsynError):
        lines = str(error).splitlines() or [type(error).__name__]
        code = error.exit_code
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        lines = [f"evsyn: {where}{error.strerror or error}"]
        code = 2
    else:
        lines = [
            f"evsyn: a fault of the program itself: {type(error).__name__}: {error}"
            f"{'' if debug else ' (--debug shows where)'}"
        ]
        code = 1
    for line in lines:
        click.echo(printable(line), err=True)
    return code


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="evsyn %(version)s")
@common_options
def evsyn() -> None:
    """From the outcomes of cited studies to reports in which every number can be followed back.

    In a project (a folder with evsyn.toml) the verbs read its tables; rates, compare and pool
    also take one plain CSV file. Only build runs code (the project's notebooks).

    Exit codes: 0 fine, 1 not completed, 2 wrong usage or refused input, 3 findings, 130
    interrupted.
    """
