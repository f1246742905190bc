"""Many synthetic rows, and the geometry of a sheet: no study or number here is evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evsyn.synthesis.results import ComparisonRow, RateRow, Result


@pytest.fixture
def many_rates(rate_row: Callable[..., RateRow], rates_of: Callable[..., Result[RateRow]]) -> Any:
    """Any number of synthetic rates: long names, ranges, rows without a rate, every status."""

    def make(size: int) -> Result[RateRow]:
        statuses = ("reported", "derived", "assumed", "conflicting", "ambiguous", "not found")
        rows = []
        for index in range(size):
            status = statuses[index % len(statuses)]
            known = status not in ("ambiguous", "not found")
            events = index % 31
            rows.append(
                rate_row(
                    study_id=f"synthetic{index}",
                    study=f"Synthetic and Coauthors {1900 + index}" if index % 3 else "S 1",
                    arm="An arm with a long name " * (1 + index % 4),
                    outcome=f"Synthetic outcome {index // 4} " + "of a long name " * (index % 12),
                    events=events if known else None,
                    n=30 if status != "not found" else None,
                    rate=events / 30 if known else None,
                    ci_lb=max(events / 30 - 0.2, 0.0) if known else None,
                    ci_ub=min(events / 30 + 0.2, 1.0) if known else None,
                    events_min=3 if status == "ambiguous" else None,
                    events_max=28 if status == "ambiguous" else None,
                    status=status,
                    printed="about nine in ten, as the source words it" if not known else "",
                )
            )
        return rates_of(*rows)

    return make


@pytest.fixture
def many_comparisons(
    comparison_row: Callable[..., ComparisonRow],
    comparisons_of: Callable[..., Result[ComparisonRow]],
) -> Any:
    """Any number of synthetic comparisons: wide, ranged over pairings, not estimable."""

    def make(size: int, measure: str = "RR") -> Result[ComparisonRow]:
        rows = []
        for index in range(size):
            changes: dict[str, Any] = {
                "study_id": f"synthetic{index}",
                "study": f"Synthetic and Coauthors {1900 + index}",
                "outcome_id": f"outcome{index // 5}",
                "outcome": f"Synthetic outcome {index // 5}",
                "measure": measure,
                "label_e": "An experimental arm with a long name " * (1 + index % 3),
            }
            if index % 4 == 1:
                far = 40000.0 if measure == "RR" else 30.0
                changes |= {"estimate": 25.0, "ci_lb": 0.9, "ci_ub": far}
            elif index % 4 == 2:
                changes |= {"ci_lb": None, "ci_ub": None, "ci_lb_min": 0.7, "ci_ub_max": 4.0}
                changes |= {"p_value": None, "p_value_min": 0.016, "p_value_max": 0.065}
                changes |= {"pairings": 10, "design": "within-person"}
            elif index % 4 == 3:
                changes |= {"estimate": None, "ci_lb": None, "ci_ub": None, "p_value": None}
                changes |= {"status": "not found", "reason": "a long synthetic reason " * 9}
            rows.append(comparison_row(**changes))
        return comparisons_of(*rows, measure=measure)

    return make


def _boxes(axes: Any) -> list[tuple[float, float, float, float, str]]:
    from evsyn.figures.style import drawing

    with drawing():
        axes.figure.set_dpi(288.0)  # advances of letters are rounded to pixels: make them small
        renderer = axes.figure.canvas.get_renderer()
        found = []
        for text in axes.texts:
            x0, y0, x1, y1 = text.get_window_extent(renderer).extents / 4.0
            found.append((x0, y0, x1, y1, text.get_text()))
    return found


@pytest.fixture
def assert_clear() -> Callable[[Any], None]:
    """Assert that no text leaves the sheet and that no two texts overlap."""

    def check(axes: Any) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        FigureCanvasAgg(axes.figure)
        boxes = _boxes(axes)
        width, height = 72.0 * axes.figure.get_size_inches()
        for x0, y0, x1, y1, text in boxes:
            assert x0 >= -0.5, text
            assert y0 >= -0.5, text
            assert x1 <= width + 0.5, text
            assert y1 <= height + 0.5, text
        ordered = sorted(boxes, key=lambda box: box[1])
        for index, (x0, _, x1, y1, text) in enumerate(ordered):
            for other in ordered[index + 1 :]:
                if other[1] >= y1 - 1.0:  # descenders may touch by less than a point
                    break
                assert other[2] <= x0 + 0.5 or other[0] >= x1 - 0.5, (text, other[4])

    return check
