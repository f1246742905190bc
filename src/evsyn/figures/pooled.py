"""Forest plots of the declared analyses: what may be pooled, with weights and diamonds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from evsyn.figures.forest import draw_forest
from evsyn.figures.forest_rows import spoken
from evsyn.figures.svg import as_svg, figure_block
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ComparisonRow, PoolRow, Result
from evsyn.synthesis.scales import ONE_ARM
from evsyn.tables.provenance import Trace

if TYPE_CHECKING:
    from evsyn.review.review import Review

__all__ = ["pooled_block"]


def pooled_block(
    review: Review, *, condition: str = "", assumptions: str = "", title: str = "Pooled effects"
) -> Block:
    """Return one forest plot for each declared analysis that has a pooled effect.

    Parameters
    ----------
    review : Review
        The review whose configuration declares analyses.
    condition : str
        Conditions of the studies, comma-separated; empty: every one.
    assumptions : str
        In place of those that the analyses declare; empty: as declared.
    title : str
        Title of the figure.

    Returns
    -------
    Block
        Slot ``wide``: the drawings, or a sentence where nothing can be pooled.
    """
    drawings: list[str] = []
    traces: list[Trace] = []
    for analysis in review.configuration.analyses:
        if analysis.measure in ONE_ARM:
            continue  # no comparison: nothing that a forest of effects could show
        pool = review.pool(analysis.name, condition=condition, assumptions=assumptions)
        rows = [row for row in pool if row.estimate is not None]
        if not rows:
            continue
        compared = review.compare(
            measure=analysis.measure,  # type: ignore[arg-type]
            condition=condition,
            outcome=",".join(analysis.outcomes),
            assumptions=assumptions or analysis.assumptions,
        )
        members = _members(compared, rows[0])
        axes = draw_forest(members, pool=pool, ledger=review.ledger)
        assert isinstance(axes.figure, Figure)
        words = " ".join(spoken(row) for row in members)
        name = analysis.question or analysis.name
        drawings.append(as_svg(axes.figure, title=name, description=f"{name} {words}"))
        traces += [row.trace for row in (*members, *rows)]
    if not drawings:
        return _nothing(title)
    caption = (
        "Diamonds: pooled effects from limit to limit; the area of a square goes with its weight; "
        "dashed lines: the widest interval over every pairing of the same people."
    )
    return figure_block("".join(drawings), title=title, caption=caption, traces=traces)


def _members(compared: Result[ComparisonRow], pooled: PoolRow) -> Result[ComparisonRow]:
    """Return the comparisons that went into a pooled effect."""
    rows = tuple(
        row for row in compared if row.study_id in pooled.studies and row.estimate is not None
    )
    return replace(compared, rows=rows)


def _nothing(title: str) -> Block:
    words = "No declared analysis has two studies with a usable effect here: nothing is pooled."
    return Block(f"<p>{words}</p>", words, slot="main", title=title)
