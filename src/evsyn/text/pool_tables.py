"""The table of pooled effects: estimate, intervals, heterogeneity, and why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from evsyn import formats
from evsyn.review.blocks import Block
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.rate_members import PROPORTIONS
from evsyn.synthesis.results import PoolRow, Result
from evsyn.text.citations import cite
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span, words
from evsyn.text.numbers import (
    MISSING,
    count,
    group,
    level_of,
    noted,
    number,
    p_value,
    ratio,
    share,
)
from evsyn.text.status import status_mark, traced_status
from evsyn.text.table import Section, beneath, cell, framed, headings, with_reason

__all__ = ["pool_table"]

TWO = 2
"""Studies from which no heterogeneity can be judged."""


def pool_table(
    pool: Result[PoolRow],
    *,
    analyses: Iterable[Analysis] = (),
    title: str = "Declared analyses",
) -> Block:
    """Return pooled effects as an accessible table; groups without one stay and say why.

    Parameters
    ----------
    pool : Result of PoolRow
        Output of ``Review.pool``.
    analyses : iterable of Analysis
        What the project declares: why the studies of each may stand together.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; effects on their natural scale. Analyses that no study of the page enters
        are left out.
    """
    columns = headings("Analysis", "Studies >", f"Effect ({level_of(pool)} CI) >", "Prediction >")
    columns += headings("Heterogeneity >", "p >", "Status")
    marked = [_marked(column.heading) for column in columns]
    asked = [row for row in pool if row.k or row.left_out]
    if not asked:
        text = "No declared analysis concerns these studies."
        return Block(f"<p>{text}</p>", text, slot="main")
    why = {analysis.name: analysis.why for analysis in analyses}
    own = tuple(f"{row.group}: " for row in pool)
    general = replace(pool, notes=tuple(note for note in pool.notes if not note.startswith(own)))
    notes, note_traces = noted(general)
    return framed(
        escape(title),
        [type(column)(words, column.class_) for column, words in zip(columns, marked, strict=True)],
        [Section(EMPTY, [_row(row, why) for row in asked])],
        traces=[*(row.trace for row in asked), *note_traces],
        notes=joined(notes, " "),
    )


def _marked(words: Markup) -> Markup:
    return element("span", words, class_="param")


def _row(row: PoolRow, why: Mapping[str, str]) -> Markup:
    declared = _declared(row, why)
    name = joined([span("name", row.question or row.group), cite(row.citekeys)])
    if row.natural.get("estimate") is None:
        said = words(
            "; ".join(part for part in (row.reason, *map(_shortened, row.left_out)) if part)
        )
        return with_reason(
            name,
            [
                cell(count(row.k, row.trace), "r"),
                element("td", escape("not pooled"), colspan="4", class_="none"),
                cell(traced_status(row.status, row.trace)),
            ],
            joined([said, beneath(declared)]),
            width=7,
        )
    status = joined([status_mark(row.status), beneath(words(row.reason), "why")])
    cells = [
        cell(count(row.k, row.trace), "r"),
        cell(_effect(row), "r"),
        cell(_between(row, "pi_lb", "pi_ub"), "r"),
        cell(_heterogeneity(row), "r"),
        cell(p_value(row.p_value, row.trace), "r"),
        cell(status),
    ]
    return with_reason(name, cells, declared, width=7)


def _declared(row: PoolRow, why: Mapping[str, str]) -> Markup:
    text = " ".join(why.get(row.group.partition(":")[0], "").split())
    return joined([escape("Declared because: "), words(text)]) if text else EMPTY


def _shortened(left_out: str) -> str:
    """Return the study and the first reason why it is not in the pool."""
    study, _, reason = left_out.partition(": ")
    parts = [part for part in reason.split("; ") if not part.startswith("assumptions that bear")]
    said = [part for part in parts if "not" in part or "may be" in part] or parts[:1]
    return f"{study}: {said[0]}" if said else study


def _effect(row: PoolRow) -> Markup:
    estimate = row.natural.get("estimate")
    if estimate is None:
        return MISSING
    below = beneath(joined([escape(row.method), escape(row.test)], ", "))
    shown = joined([span("param", row.measure), _on_scale(estimate, row)], " ")
    inside = joined([escape("("), _between(row, "ci_lb", "ci_ub"), escape(")")])
    return joined([shown, escape(" "), inside, below])


def _between(row: PoolRow, low: str, high: str) -> Markup:
    limits = [row.natural.get(low), row.natural.get(high)]
    if None in limits:
        return MISSING
    return group(row.trace, joined([_on_scale(limit, row) for limit in limits], " to "))


def _on_scale(value: float | None, row: PoolRow) -> Markup:
    if row.measure in ("RD", *PROPORTIONS):
        return share(value, row.trace, digits=1)
    return ratio(value, row.trace)


def _heterogeneity(row: PoolRow) -> Markup:
    if row.i2 is None or row.tau2 is None:
        return MISSING
    i2 = number(f"{formats.decimals(row.i2, 0)}%", row.i2, row.trace)
    shown = group(
        row.trace,
        element("i", escape("I²")),
        escape(" "),
        i2,
        escape(", τ² "),
        ratio(row.tau2, row.trace),
    )
    few = escape("cannot be judged from two studies") if row.k == TWO else EMPTY
    return joined([shown, beneath(few)])
