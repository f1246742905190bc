"""Options that several verbs share, and the settings that they fill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from evsyn.literals import PoolMeasure, SynthesisMethod, Tau2Method, choices
from evsyn.synthesis.declared import TESTS, spelled, spelling_hint

__all__ = [
    "FORMATS",
    "Named",
    "Settings",
    "accept_option",
    "common_options",
    "file_argument",
    "filter_options",
    "interval_option",
    "level_option",
    "pool_options",
    "refuse_with_file",
]

FORMATS = ("table", "json", "csv")

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """What the options before and after the verb say; the one after the verb wins.

    Attributes
    ----------
    format : str
        ``table``, ``json`` or ``csv``.
    project : Path or None
        Where to look for the project; None for the working folder and those above it.
    output : Path or None
        File to write; None for standard output.
    quiet, verbose, debug : bool
        Rows alone; more columns; the traceback of an error.
    """

    format: str = "table"
    project: Path | None = None
    output: Path | None = None
    quiet: bool = False
    verbose: bool = False
    debug: bool = False


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value is not None and value is not False and param.name:
        setattr(ctx.ensure_object(Settings), param.name, value)


_COMMON = (
    click.option(
        "--format",
        type=click.Choice(FORMATS),
        expose_value=False,
        callback=_remember,
        help="How to print: for people (table, the default) or for machines.",
    ),
    click.option(
        "--project",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="DIR",
        expose_value=False,
        callback=_remember,
        help="Folder of the project; else the nearest one from here upwards.",
    ),
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        expose_value=False,
        callback=_remember,
        help="Write to FILE instead of standard output; what it holds is replaced.",
    ),
    click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Rows alone: no heading, no closing lines, no progress.",
    ),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="More columns: citations and the id that `evsyn trace` takes.",
    ),
    click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Show the traceback of an error.",
    ),
)


def common_options(command: Decorated) -> Decorated:
    """Add the options that every verb has, before or after it."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


def accept_option(command: Decorated) -> Decorated:
    """Add ``--accept``."""
    return click.option(
        "--accept",
        default="default",
        metavar="ID,…|default|all|none",
        help="Assumptions that count: ids (added to the defaults; -ID takes a default away), the"
        " defaults, the first of each group, or none.  [default: default]",
    )(command)


def filter_options(command: Decorated) -> Decorated:
    """Add ``--condition``, ``--study`` and ``--outcome``."""
    for name, what in (
        ("outcome", "outcomes (outcome_id)"),
        ("study", "studies (study_id)"),
        ("condition", "conditions"),
    ):
        command = click.option(
            f"--{name}", default="", metavar="NAME,…", help=f"Only these {what}."
        )(command)
    return command


def level_option(command: Decorated) -> Decorated:
    """Add ``--level``."""
    return click.option(
        "--level",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.95,
        show_default=True,
        help="Level of the intervals, between 0 and 1.",
    )(command)


def interval_option(*methods: str, default: str | None = None) -> Callable[[Decorated], Decorated]:
    """Add ``--interval`` with the methods that a verb knows."""
    return click.option(
        "--interval",
        type=click.Choice(tuple(dict.fromkeys(methods)), case_sensitive=False),
        default=default,
        show_default=default is not None,
        help="Method of the interval.",
    )


class Named(click.Choice):  # type: ignore[type-arg]  # not generic in every click
    """Names in large or small letters, by their other names too, and with hints.

    Parameters
    ----------
    names : sequence of str
        What is allowed.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(tuple(names), case_sensitive=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it is spelled, or refuse it."""
        names = tuple(str(name) for name in self.choices)
        own = spelled(str(value), names)
        if own not in names and (hint := spelling_hint(own, names)):
            self.fail(f"{value!r} is not one of {', '.join(names)}{hint}.", param, ctx)
        return str(super().convert(own, param, ctx))


_POOL = (
    click.option(
        "--measure",
        type=Named(choices(PoolMeasure)),
        metavar="MEASURE",
        help="Effect measure: RR OR RD of counts, MD SMD ROM of means, IRR IRD of rates, PLO PR PFT"
        " … of one arm, ZCOR, MC SMCC …, or GEN for yi and vi.  [default: as declared; with FILE"
        " what its columns hold]",
    ),
    click.option(
        "--method",
        type=Named(choices(SynthesisMethod)),
        help="Common effect (EE, also FE or CE), an estimator of tau², or a method of counts:"
        " Mantel-Haenszel (MH), Peto, mixed model (GLMM).  [default: as declared, REML; GLMM for"
        " proportions of one arm]",
    ),
    click.option(
        "--test",
        type=Named(TESTS),
        help="Interval of the mean: Wald (z), Hartung-Knapp (knha), or never narrower than its"
        " variance (adhoc).  [default: auto, the Cochrane rule]",
    ),
    click.option(
        "--interval",
        type=Named(choices(Tau2Method)),
        help="Interval of tau²: Q-profile or profile likelihood.  [default: QP]",
    ),
    click.option(
        "--mods",
        default="",
        metavar="COLUMN,…",
        help="Meta-regression on these columns of FILE, or fields of the studies; words become"
        " one term for each but the first.",
    ),
    click.option(
        "--subgroup", default="", metavar="COLUMN", help="Pool the studies of each value apart."
    ),
    click.option("--leave-one-out", is_flag=True, help="Pool again without each study in turn."),
    click.option(
        "--cumulative",
        is_flag=False,
        flag_value="",
        default=None,
        metavar="[COLUMN]",
        help="Add studies one by one, in the order of COLUMN, or as listed.",
    ),
)


def pool_options(command: Decorated) -> Decorated:
    """Add the options that say how studies are pooled."""
    for option in reversed(_POOL):
        command = option(command)
    return command


def file_argument(command: Decorated) -> Decorated:
    """Add the optional FILE: a plain CSV file instead of a project."""
    return click.argument(
        "file",
        required=False,
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="[FILE]",
    )(command)


def refuse_with_file(ctx: click.Context, *names: str) -> None:
    """Refuse options that need a project where a plain FILE is given.

    Parameters
    ----------
    ctx : click.Context
        Context of the verb.
    *names : str
        Parameters that a plain file cannot answer.

    Raises
    ------
    click.UsageError
        If one of them was given on the command line.
    """
    given = [
        name
        for name in names
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        options = ", ".join(f"--{name}" for name in given)
        raise click.UsageError(
            f"{options}: a plain FILE has no such thing; leave it out, or leave out FILE to use"
            " the project.",
            ctx=ctx,
        )
