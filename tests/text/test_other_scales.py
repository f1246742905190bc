from __future__ import annotations

from types import SimpleNamespace

import pytest

from evsyn.text import scales_table
from evsyn.text.other_scales import on_other_scales, only_on_other_scales, place_of, scale_of

BARE = dict.fromkeys(("estimate", "ci_lb", "ci_ub", "p_value", "events_e", "events_c"))
LEDGER = SimpleNamespace(outcome={"score": SimpleNamespace(better="low")})


@pytest.fixture
def score(comparison_row):
    """A row of another measure (synthetic) of which only some value is printed."""

    def make(**changes):
        content = BARE | {"measure": "MD", "outcome_id": "score", "outcome": "Score"}
        return comparison_row(**(content | changes))

    return make


def test_rows_that_print_nothing_and_reviews_are_left_out(score, comparison_row, comparisons_of):
    kept = score(printed="percent change 9 v percent change 33")
    rows = comparisons_of(kept, score(months=6.0), score(kind="review", printed="SMD 1"))
    page = comparisons_of(comparison_row())
    assert on_other_scales(page, [rows]) == (kept,)
    assert only_on_other_scales(page, [rows]) == ()
    assert only_on_other_scales(comparisons_of(comparison_row(**BARE)), [rows]) == (kept,)


def test_p_value_of_the_page_itself_is_a_result_too(score, comparison_row, comparisons_of):
    row = comparison_row(**BARE, printed="p 0.716")
    assert on_other_scales(comparisons_of(row), []) == (row,)
    assert on_other_scales(comparisons_of(comparison_row(printed="p 0.716")), []) == ()
    assert place_of(row) != place_of(score())


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"printed": "percent change 9.3 v percent change 32.9"}, ("percent changes",)),
        ({"printed": "percent unclear 30 v percent unclear 70; p <.001"},
         ("percentages of what is not stated", "p values")),
        ({"printed": "p .264"}, ("p values",)),
        ({"mean_e": 1.0, "mean_c": 2.0, "printed": "p 0.2"}, ("means", "p values")),
        ({"events_e": 1, "events_c": 2, "printed": ""}, ("counts",)),
        ({"printed": "twice"}, ("other values",)),
    ],
)  # fmt: skip
def test_kinds_of_result(score, changes, kinds):
    assert scale_of(score(**changes)) == kinds


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"printed": "percent change 9.3 v percent change 32.9"},
         "percent change: 9.3 v 32.9 | –"),
        ({"printed": "percent unclear 30 v percent unclear 70; p <.001"},
         "percent, of what is not stated: 30 v 70 | <.001"),
        ({"printed": "p .264"}, "– | .264"),
        ({"mean_e": 39.65, "mean_c": 29.5, "printed": "p 0.2"}, "means: 39.65 v 29.50 | 0.2"),
        ({"events_e": 1, "n_e": 20, "events_c": 2, "n_c": 20}, "1/20 v 2/20 | –"),
    ],
)  # fmt: skip
def test_value_and_p_stand_as_printed(
    score, comparison_row, comparisons_of, assert_sound, changes, shown
):
    page = comparisons_of(comparison_row(**BARE))
    block = scales_table(page, [comparisons_of(score(**changes))], ledger=LEDGER)
    assert_sound(block)
    assert shown in block.plain
    assert "lower is better" in block.plain


def test_nothing_on_another_scale_is_said(comparison_row, comparisons_of):
    assert "No study" in scales_table(comparisons_of(comparison_row()), []).plain
