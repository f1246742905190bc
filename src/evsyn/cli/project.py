"""The project that a verb works on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evsyn.cli.options import Settings

if TYPE_CHECKING:
    from evsyn.review.review import Review

__all__ = ["accepted_words", "evidence_words", "open_review"]


def open_review(settings: Settings) -> Review:
    """Open the project of ``--project``, or the nearest one from the working folder upwards.

    Parameters
    ----------
    settings : Settings
        Options of the command line.

    Returns
    -------
    Review
        The project; its tables are read when first asked for.

    Raises
    ------
    ConfigurationError
        If there is no project, or its configuration has faults.
    """
    from evsyn.review.review import load  # heavy: pandas and the statistics

    return load(settings.project if settings.project is not None else Path.cwd())


def accepted_words(assumptions: tuple[str, ...]) -> str:
    """Say how many assumptions count.

    Examples
    --------
    >>> accepted_words(()), accepted_words(("a",)), accepted_words(("a", "b"))
    ('no assumption accepted', '1 assumption accepted', '2 assumptions accepted')
    """
    if not assumptions:
        return "no assumption accepted"
    return f"{len(assumptions)} assumption{'' if len(assumptions) == 1 else 's'} accepted"


def evidence_words(review: Review, assumptions: tuple[str, ...]) -> str:
    """Say which evidence an answer stands on: its last reading and the assumptions accepted.

    Parameters
    ----------
    review : Review
        The project.
    assumptions : tuple of str
        Ids accepted.

    Returns
    -------
    str
        E.g. ``evidence of 2026-11-22 · 9 assumptions accepted``.
    """
    read = max((row.retrieved for row in review.ledger.reports), default="")
    parts = [f"evidence of {read}" if read else "", accepted_words(assumptions)]
    return " · ".join(part for part in parts if part)
