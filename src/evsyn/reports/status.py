"""Which reports are up to date, and why the others are not; runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evsyn.reports.numbers import traces_in
from evsyn.reports.plan import planned

if TYPE_CHECKING:
    from evsyn.review.review import Review

__all__ = ["ReportState", "find_trace", "status"]


@dataclass(frozen=True, slots=True)
class ReportState:
    """Whether a report is up to date.

    Attributes
    ----------
    name : str
        Name of the report.
    fresh : bool
        Whether its page follows from what is there now.
    why : str
        What changed; empty for a fresh report.
    """

    name: str
    fresh: bool
    why: str = ""


def status(review: Review) -> tuple[ReportState, ...]:
    """State of every declared report.

    Parameters
    ----------
    review : Review
        The project.

    Returns
    -------
    tuple of ReportState
        In the order declared.
    """
    plan = planned(review.configuration)
    states = []
    for report in plan.chosen(()):
        why = plan.why(report)
        states.append(ReportState(report.name, not why, why))
    return tuple(states)


def find_trace(review: Review, trace_id: str) -> list[dict[str, Any]]:
    """Find a trace of the built reports by its id or the beginning of one.

    Parameters
    ----------
    review : Review
        The project.
    trace_id : str
        Id as shown at the foot of a trace on a page.

    Returns
    -------
    list of dict
        Each trace with its ``id`` and the ``reports`` with the numbers that refer to it; empty
        where nothing is built or no number has such a trace.

    Raises
    ------
    ReportError
        If the file of the built numbers is damaged.
    """
    return traces_in(review.configuration.output, trace_id)
