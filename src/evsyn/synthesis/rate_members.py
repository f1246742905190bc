"""Arms as studies of a meta-analysis: their counts, for proportions without a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.synthesis.effects import finite
from evsyn.synthesis.members import Member
from evsyn.synthesis.results import RateRow

__all__ = ["PROPORTIONS", "rate_members"]

PROPORTIONS = ("PLO", "PR", "PLN", "PAS", "PFT")
"""Measures of one arm that a project can declare; the first is what proportions are pooled as."""

_ADDED = "0.5 added to each cell for the pooling scale alone (an empty cell)"


def rate_members(
    rows: Iterable[RateRow],
    measure: str,
    allocations: Mapping[str, str],
    columns: Mapping[str, Mapping[str, str | float]] | None = None,
) -> tuple[Member, ...]:
    """Arms with their proportion on the pooling scale.

    Parameters
    ----------
    rows : iterable of RateRow
        Output of ``rates``.
    measure : str
        One of :data:`PROPORTIONS`.
    allocations : mapping of str to str
        How each study allocated, by study id.
    columns : mapping, optional
        Fields of the studies by study id.

    Returns
    -------
    tuple of Member
        One an arm and outcome; without both counts it has no effect, and the reason.
    """
    arms = [row for row in rows if row.arm_id and row.outcome_id]
    counts = {
        name: [
            math.nan if row.events is None or not row.n else float(getattr(row, name))
            for row in arms
        ]
        for name in ("events", "n")
    }
    if not arms:
        return ()
    found = effect_sizes(measure, **counts)  # type: ignore[arg-type]
    members = []
    for at, row in enumerate(arms):
        yi, vi = finite(found.yi[at]), finite(found.vi[at])
        known = not math.isnan(counts["n"][at])
        reason = row.reason if not known else str(found.reason[at])
        own: dict[str, str | float] = {"outcome": row.outcome, "design": row.design, "arm": row.arm}
        own |= {} if row.months is None else {"months": row.months}
        members.append(
            Member(
                study_id=row.study_id,
                study=row.study,
                yi=yi,
                vi=vi,
                status=row.status,
                reason=_ADDED if known and bool(found.corrected[at]) else reason,
                data={name: counts[name][at] for name in counts} if known else {},
                columns={**own, **(columns or {}).get(row.study_id, {})},
                comparison_id=row.arm_id,
                outcome_id=row.outcome_id,
                outcome=row.outcome,
                design=row.design,
                allocation=allocations.get(row.study_id, ""),
                time_printed=row.time_printed,
                months=row.months,
                assumptions=row.assumptions,
                citekeys=row.citekeys,
                trace=row.trace,
            )
        )
    return tuple(members)
