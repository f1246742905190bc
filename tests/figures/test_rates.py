from __future__ import annotations

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from evsyn.figures import draw_rates, rates_block
from evsyn.figures.style import ACCENT, PAPER

SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


def texts(axes):
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("size", [1, 5, 40, 200])
def test_no_text_leaves_the_sheet_or_overlaps(many_rates, assert_clear, size):
    assert_clear(draw_rates(many_rates(size)))


def test_height_grows_with_the_rows(many_rates):
    heights = [draw_rates(many_rates(size)).figure.get_figheight() for size in (1, 5, 40)]
    assert heights == sorted(heights)
    assert heights[0] < 2.5


def test_counts_rate_and_interval_stand_in_the_columns(rate_row, rates_of):
    shown = texts(draw_rates(rates_of(rate_row())))
    assert {"10/15", "67% (42 to 85)", "derived", "Much better", "at 3 months"} <= set(shown)


def test_large_groups_have_one_decimal(rate_row, rates_of):
    row = rate_row(events=100, n=150, rate=100 / 150, ci_lb=0.588, ci_ub=0.737)
    assert "66.7% (58.8 to 73.7)" in texts(draw_rates(rates_of(row)))


def test_row_without_rate_stays_and_shows_what_is_printed(rate_row, rates_of):
    row = rate_row(
        events=None,
        n=None,
        rate=None,
        ci_lb=None,
        ci_ub=None,
        status="not found",
        printed="90 %",
        reason="90 % is printed, but not of how many",
    )
    shown = texts(draw_rates(rates_of(row)))
    assert "of how many is not stated" in " ".join(shown)
    assert "not found" in shown


def test_range_is_a_dashed_bar_between_both_ends(rate_row, rates_of):
    row = rate_row(
        events=None, rate=None, ci_lb=None, ci_ub=None, events_min=3, events_max=5,
        status="ambiguous",
    )  # fmt: skip
    axes = draw_rates(rates_of(row))
    assert "3 to 5/15" in texts(axes)
    dashed = [
        patch
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_linestyle() != "solid"
    ]
    assert len(dashed) == 1
    assert dashed[0].get_width() == pytest.approx((5 - 3) / 15 * 190)


def test_comparator_is_an_open_square(rate_row, rates_of):
    comparison = SimpleNamespace(study_id="synthetic2001", arm_e="a", arm_c="b")
    ledger = SimpleNamespace(comparisons=(comparison,), outcome={})
    result = rates_of(rate_row(), rate_row(arm_id="b", arm="Other", rate=0.2))
    from matplotlib.colors import to_hex

    axes = draw_rates(result, ledger=ledger)
    faces = [
        to_hex(patch.get_facecolor()) for patch in axes.patches if isinstance(patch, Rectangle)
    ]
    assert faces == [ACCENT, PAPER]


def test_single_categories_are_left_to_the_table(rate_row, rates_of):
    outcome = SimpleNamespace(name="", kind="", better="", parts=("marked",), event_is="benefit")
    part = SimpleNamespace(name="", kind="", better="", parts=(), event_is="benefit")
    ledger = SimpleNamespace(
        studies=(), comparisons=(), outcome={"better": outcome, "marked": part}
    )
    result = rates_of(rate_row(), rate_row(outcome_id="marked", outcome="Marked", events=4))
    block = rates_block(result, ledger=ledger)
    assert "Marked" not in block.html
    assert "stand in the table only" in block.html


def test_block_is_readable_svg_with_traces(rate_row, rates_of):
    row = rate_row()
    block = rates_block(rates_of(row), title="Rates <of> tests")
    assert block.slot == "wide"
    assert [trace.trace_id for trace in block.traces] == [row.trace.trace_id]
    root = ElementTree.fromstring(SVG.search(block.html).group())
    assert root.get("role") == "img"
    title, desc = list(root)[:2]
    assert title.text == "Rates <of> tests"
    assert "10/15" in desc.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    marked = {node.get("data-trace") for node in root.iter()} - {None}
    assert marked == {row.trace.trace_id}
    assert 'tabindex="0"' in block.html


def test_block_is_the_same_every_time(many_rates):
    assert rates_block(many_rates(7)).html == rates_block(many_rates(7)).html


def test_given_axes_are_used(rate_row, rates_of):
    axes = Figure().add_subplot()
    assert draw_rates(rates_of(rate_row()), ax=axes) is axes


def test_no_row_is_a_sheet_with_its_head_only(rates_of):
    assert "Study" in texts(draw_rates(rates_of()))
