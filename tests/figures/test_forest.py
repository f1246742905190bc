from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from matplotlib.patches import Polygon

from evsyn.figures import draw_forest, forest_block
from evsyn.synthesis.results import PoolRow, Result

NUMBERS = (
    *("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "p_value", "tau2"),
    *("tau2_ci_lb", "tau2_ci_ub", "i2", "h2", "q", "q_df", "q_pvalue"),
)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def pooled(row, *, studies, weights):
    """A pooled effect (synthetic)."""
    numbers = dict.fromkeys(NUMBERS)
    numbers |= {"estimate": 0.4, "tau2": 0.01, "i2": 23.0}
    made = PoolRow(
        group="synthetic", k=len(studies), measure="RR", method="REML", test="z",
        weights=weights, studies=studies, transform="exp",
        natural={"estimate": 1.49, "ci_lb": 1.22, "ci_ub": 1.82}, reason="", status="derived",
        assumptions=(), citekeys=(), trace=row.trace, **numbers,
    )  # fmt: skip
    return Result("pool", (made,), {})


@pytest.mark.parametrize("size", [1, 5, 40, 200])
@pytest.mark.parametrize("measure", ["RR", "RD"])
def test_no_text_leaves_the_sheet_or_overlaps(many_comparisons, assert_clear, size, measure):
    assert_clear(draw_forest(many_comparisons(size, measure)))


def test_counts_effect_and_interval_stand_in_the_columns(comparison_row, comparisons_of):
    shown = texts(draw_forest(comparisons_of(comparison_row())))
    assert {"18/20", "10/20", "1.80 (1.13 to 2.86)", "assumed", "Treatment two"} <= set(shown)


def test_comparison_without_effect_stays_and_says_why(comparison_row, comparisons_of):
    row = comparison_row(estimate=None, ci_lb=None, ci_ub=None, reason="no denominator is printed")
    shown = texts(draw_forest(comparisons_of(row)))
    assert "no denominator is printed" in shown


def test_range_over_pairings_is_dashed(comparison_row, comparisons_of):
    row = comparison_row(ci_lb=None, ci_ub=None, ci_lb_min=0.52, ci_ub_max=11.0)
    axes = draw_forest(comparisons_of(row))
    assert "1.80 (within 0.52 to 11.0)" in texts(axes)
    assert sum(line.is_dashed() for line in axes.lines) == 1


def test_limit_off_the_axis_is_an_arrow(comparison_row, comparisons_of):
    inside = draw_forest(comparisons_of(comparison_row()))
    outside = draw_forest(comparisons_of(comparison_row(ci_ub=5000.0)))
    arrows = [sum(type(patch) is Polygon for patch in axes.patches) for axes in (inside, outside)]
    assert arrows == [0, 1]


def test_weights_and_diamond_come_with_the_pool(comparison_row, comparisons_of):
    first = comparison_row()
    second = comparison_row(study_id="s2", study="Synthetic 2002", estimate=1.4)
    pool = pooled(first, studies=("synthetic2001", "s2"), weights=(0.38, 0.62))
    axes = draw_forest(comparisons_of(first, second), pool=pool)
    assert {"Weight", "38.0%", "62.0%", "Pooled, REML", "1.49 (1.22 to 1.82)"} <= set(texts(axes))
    assert "I² 23%, τ² 0.010" in texts(axes)


def test_pool_of_other_studies_is_not_drawn(comparison_row, comparisons_of):
    row = comparison_row()
    pool = pooled(row, studies=("synthetic2001", "elsewhere"), weights=(0.5, 0.5))
    assert "Weight" not in texts(draw_forest(comparisons_of(row), pool=pool))


@pytest.mark.parametrize(
    ("event_is", "left"), [("benefit", "favours comparator"), ("harm", "favours experimental")]
)
def test_sides_follow_what_the_event_is(comparison_row, comparisons_of, event_is, left):
    outcome = SimpleNamespace(name="", kind="", event_is=event_is, better="", parts=())
    ledger = SimpleNamespace(outcome={"better": outcome})
    shown = texts(draw_forest(comparisons_of(comparison_row()), ledger=ledger))
    assert f"← {left}" in shown


def test_sides_stand_with_each_outcome_where_they_differ(comparison_row, comparisons_of):
    good = SimpleNamespace(name="", kind="", event_is="benefit", better="", parts=())
    bad = SimpleNamespace(name="", kind="", event_is="harm", better="", parts=())
    ledger = SimpleNamespace(outcome={"better": good, "worse": bad})
    rows = comparison_row(), comparison_row(outcome_id="worse", outcome="Harmed")
    shown = texts(draw_forest(comparisons_of(*rows), ledger=ledger))
    assert shown.count("← favours comparator") == shown.count("← favours experimental") == 1


def test_units_of_their_own_get_a_figure_each(comparison_row, comparisons_of):
    rows = comparison_row(measure="MD"), comparison_row(measure="MD", outcome="Scar score")
    result = replace(comparisons_of(*rows), settings={"measure": "MD"})
    assert forest_block(result).html.count("<svg") == 2


def test_block_names_its_traces_and_is_stable(many_comparisons):
    result = many_comparisons(6)
    block = forest_block(result)
    assert block.html == forest_block(many_comparisons(6)).html
    named = set(re.findall(r'data-trace="(\w+)"', block.html))
    assert named == {row.trace.trace_id for row in result}
    assert named == {trace.trace_id for trace in block.traces}
