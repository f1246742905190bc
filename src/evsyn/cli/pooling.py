"""What ``pool`` and ``export`` share: the analysis that their options ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evsyn.cli.options import Settings, refuse_with_file
from evsyn.cli.project import evidence_words, open_review
from evsyn.errors import ConfigurationError

if TYPE_CHECKING:
    from evsyn.synthesis.results import PoolRow, Result

__all__ = ["pooled"]

_OF_PROJECTS = ("analysis", "accept", "condition", "study", "outcome")


def pooled(
    ctx: click.Context, file: Path | None, options: dict[str, Any]
) -> tuple[Result[PoolRow], str]:
    """Pool a plain file, or what the project declares.

    Parameters
    ----------
    ctx : click.Context
        Context of the verb.
    file : Path or None
        A plain CSV file; None: the project.
    options : dict
        Values of the options, by their parameters.

    Returns
    -------
    tuple
        What was pooled, and which evidence it stands on.

    Raises
    ------
    EvsynError
        If the file, the project or an option is refused.
    """
    mods = tuple(name.strip() for name in options["mods"].split(",") if name.strip())
    cumulative = options["cumulative"]
    if cumulative and file is None and Path(cumulative).is_file():
        raise ConfigurationError(
            f"--cumulative {cumulative}: a file, where a column is expected; give FILE first, as in"
            f" `evsyn {ctx.info_name} {cumulative} --cumulative`"
        )
    asked = {name: options[name] or "" for name in ("method", "test", "interval", "subgroup")}
    if file is not None:
        from evsyn.synthesis.declared import Asked
        from evsyn.synthesis.plain_pool import plain_pool

        refuse_with_file(ctx, *_OF_PROJECTS)
        wanted = Asked(
            **asked, mods=mods, leave_one_out=options["leave_one_out"], cumulative=cumulative
        )
        found = plain_pool(file, measure=options["measure"], level=options["level"], asked=wanted)
        return found, ""
    settings = ctx.ensure_object(Settings)
    review = open_review(settings)
    chosen = ctx.get_parameter_source("accept") is click.core.ParameterSource.COMMANDLINE
    result = review.pool(
        options["analysis"],
        **asked,
        measure=options["measure"] or "",
        level=options["level"],
        mods=mods,
        leave_one_out=options["leave_one_out"],
        cumulative=cumulative,
        assumptions=options["accept"] if chosen else "",
        condition=options["condition"],
        study=options["study"],
        outcome=options["outcome"],
    )
    return result, evidence_words(review, result.assumptions) if len(result) else ""
