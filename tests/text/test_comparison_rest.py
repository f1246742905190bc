from __future__ import annotations

from types import SimpleNamespace

import pytest

from evsyn.text.comparison_rest import effects_left, favoured, scales_left
from evsyn.text.markup import plain_text

BARE = dict.fromkeys(("estimate", "ci_lb", "ci_ub", "p_value", "events_e", "events_c"))


def outcome(event_is="", better="", parts=()):
    """What an outcome says of its direction (synthetic)."""
    return SimpleNamespace(event_is=event_is, better=better, parts=parts)


LEDGER = SimpleNamespace(
    outcome={
        "better": outcome("benefit"), "pain": outcome("harm"), "score": outcome(better="low"),
        "scale": outcome(parts=("better",)),
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "measure", "estimate", "side"),
    [
        ("better", "RR", 2.0, "experimental"),
        ("better", "RD", -0.1, "comparator"),
        ("pain", "OR", 2.0, "comparator"),
        ("pain", "RR", 1.0, "neither"),
        ("score", "MD", -1.0, "experimental"),
        ("scale", "RR", 2.0, ""),
        ("unknown", "RR", 2.0, ""),
        ("better", "RR", None, ""),
    ],
)
def test_direction_comes_from_the_outcome(comparison_row, name, measure, estimate, side):
    row = comparison_row(outcome_id=name, measure=measure, estimate=estimate)
    assert favoured(row, LEDGER) == side


def test_effects_are_counted_on_either_side(comparison_row, comparisons_of):
    rows = [
        comparison_row(),
        comparison_row(outcome_id="pain"),
        comparison_row(outcome_id="scale"),
        comparison_row(**BARE, estimate_min=1.0, estimate_max=2.0),
        comparison_row(**BARE),
    ]
    said, traces = effects_left(comparisons_of(*rows), rows[:1], ledger=LEDGER)
    assert plain_text(said) == (
        "2 other effects, of these and other questions (harms), stand in the table. Of the 3 "
        "effects with a single estimate, from 1 study, 1 favours the experimental arm, 1 favours "
        "the comparator and 1 has no direction, by the direction of the outcome, whatever the "
        "width of the interval, each category of a scale counted by itself. For 1 comparison there "
        "is no single estimate, and the reason stands there."
    )
    assert len(traces) == 7


def test_kinds_of_other_effects_are_named(comparison_row, comparisons_of):
    row = comparison_row(label_e="Needling with plasma", label_c="Needling")
    said, _ = effects_left(comparisons_of(row), [], ledger=LEDGER)
    assert "(additions to the treatment compared with, single categories)" in plain_text(said)


def test_nothing_to_compare_is_said(comparisons_of):
    assert effects_left(comparisons_of(), [])[0] == (
        "The evidence holds no comparison of this kind."
    )


def test_comparisons_on_another_scale_only_are_counted(comparison_row, comparisons_of):
    bare = comparison_row(**BARE)
    scale = comparisons_of(comparison_row(**BARE, outcome_id="score", printed="p 0.2"))
    said, traces = scales_left(comparisons_of(bare), [scale])
    assert plain_text(said).startswith(
        "1 comparison prints a result on another scale only (p values); it stands in the table"
    )
    assert len(traces) == 1
    assert scales_left(comparisons_of(comparison_row()), [scale]) == ("", [])
