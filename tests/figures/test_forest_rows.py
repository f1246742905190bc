from __future__ import annotations

from evsyn.figures.forest_rows import fitted, forest_columns, forest_lines, span_of, spoken


def test_study_is_named_once_in_a_row_of_its_comparisons(comparison_row, comparisons_of):
    rows = comparison_row(), comparison_row(comparison_id="a_v_c", label_c="Treatment three")
    lines, _ = forest_lines(comparisons_of(*rows), None, None)
    assert [line.entry.heading for line in lines] == ["Much better", "", ""]
    assert [line.entry.cells[0].text for line in lines[1:]] == ["Synthetic 2001", ""]


def test_weight_has_a_column_only_with_a_pool(comparison_row, comparisons_of):
    result = comparisons_of(comparison_row())
    with_weight = forest_columns("RR", result, weights=True)
    without = forest_columns("RR", result, weights=False)
    assert [column.heading for column in with_weight if column not in without] == ["Weight"]
    lines, _ = forest_lines(result, None, None)
    assert len(fitted(lines[1].entry, len(without)).cells) == len(without)


def test_span_takes_the_extremes_of_a_range(comparison_row, comparisons_of):
    row = comparison_row(ci_lb=None, ci_ub=None, ci_lb_min=0.5, ci_ub_max=9.0)
    lines, _ = forest_lines(comparisons_of(row), None, None)
    assert span_of(lines[1]) == (0.5, 1.8, 9.0)


def test_means_and_differences_are_printed_with_spread_and_sign(comparison_row, comparisons_of):
    row = comparison_row(
        events_e=None, events_c=None, mean_e=3.4, sd_e=1.25, mean_c=2.1, sd_c=None,
        measure="RD", estimate=-0.125, ci_lb=-0.3, ci_ub=0.05,
    )  # fmt: skip
    lines, _ = forest_lines(comparisons_of(row, measure="RD"), None, None)
    cells = [words.text for words in lines[1].entry.cells]
    assert cells[1:4] == ["3.40 (1.25), n 20", "2.10, n 20", "−12.5% (−30.0% to 5.0%)"]


def test_spoken_names_arms_and_effect(comparison_row):
    assert spoken(comparison_row()) == (
        "Synthetic 2001, Treatment one against Treatment two, Much better: RR 1.80 (1.13 to 2.86)."
    )
