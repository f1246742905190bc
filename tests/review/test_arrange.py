from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

import pytest

from evsyn.review.arrange import (
    arm_range,
    bounded,
    comparators,
    comparison_groups,
    count_ranges,
    known,
    of_reviews,
    of_studies,
    rate_groups,
    when,
    without_parts,
)
from evsyn.synthesis.results import ComparisonRow, RateRow, Result


def blank(row_type, /, **changes):
    """A row (synthetic) of empty fields."""
    content = {
        spec.name: None if "None" in str(spec.type) else () if "tuple" in str(spec.type) else ""
        for spec in fields(row_type)
        if spec.name != "trace"
    }
    return row_type(**(content | changes))


def rate(study, outcome, share=None, **changes):
    return blank(
        RateRow, study_id=study, study=study, outcome_id=outcome, outcome=outcome, rate=share,
        **changes,
    )  # fmt: skip


def comparison(study, outcome, estimate=None, **changes):
    return blank(
        ComparisonRow, study_id=study, study=study, outcome_id=outcome, outcome=outcome,
        estimate=estimate, **changes,
    )  # fmt: skip


def outcome(name, event_is, *, kind="dichotomous", better="", parts=()):
    """An outcome (synthetic)."""
    return SimpleNamespace(name=name, event_is=event_is, kind=kind, better=better, parts=parts)


@pytest.fixture
def ledger():
    """Outcomes and comparisons (synthetic)."""
    outcomes = {
        "good": outcome("good", "benefit", parts=("marked",)),
        "marked": outcome("marked", "benefit"),
        "bad": outcome("bad", "harm"),
        "other": outcome("other", ""),
        "content": outcome("Participant satisfied", "benefit"),
        "pain": outcome("pain", "", kind="ordinal", better="low", parts=("painless", "hurts")),
        "painless": outcome("painless", "benefit"),
    }
    pairs = [SimpleNamespace(study_id="s", arm_e=e, arm_c=c) for e, c in (("a", "b"), ("b", "c"))]
    return SimpleNamespace(outcome=outcomes, comparisons=pairs)


def test_benefits_then_others_then_harms_and_united_before_parts(ledger):
    rows = [rate(f"s{i}", "bad", 0.5) for i in range(3)]
    rows += [rate("s1", "other", 0.1), rate("s1", "marked", 0.2), rate("s1", "good", 0.3)]
    rows += [rate("s9", "")]
    titles = [found.title for found in rate_groups(rows, ledger)]
    assert titles == ["good", "marked", "other", "bad", ""]


def test_satisfaction_follows_benefits_and_freedom_from_harm_comes_last(ledger):
    rows = [rate("s1", name, 0.5) for name in ("painless", "bad", "content", "good", "marked")]
    titles = [found.title for found in rate_groups(rows, ledger)]
    assert titles == ["good", "content", "marked", "bad", "painless"]


def test_what_is_asked_leads_and_its_benefits_before_its_harms(ledger):
    rows = [rate("s1", name, 0.5) for name in ("good", "marked", "bad")]
    found = rate_groups(rows, ledger, first=("bad", "marked"))
    assert [each.title for each in found] == ["marked", "bad", "good"]


def test_open_counts_and_open_limits_are_bounds():
    assert bounded(comparison("s", "o", estimate_min=0.5, estimate_max=2.0))
    assert bounded(comparison("s", "o", ci_lb=0.3))
    assert not bounded(comparison("s", "o"))
    assert not bounded(comparison("s", "o", 1.0, ci_lb=0.3))


def test_reviews_and_studies_are_told_apart():
    rows = (comparison("s", "o", kind="trial"), comparison("r", "o", kind="review"))
    result = Result("compare", rows, {})
    assert [row.study for row in of_studies(result)] == ["s"]
    assert [row.study for row in of_reviews(result)] == ["r"]


def test_open_counts_of_arms_are_found_by_their_place():
    open_ = rate("s", "o", arm_id="a", events_min=3, events_max=5)
    ranges = count_ranges([open_, rate("s", "o", 0.5, arm_id="b", events=2)])
    row = comparison("s", "o")
    assert arm_range(row, "a", ranges) == (3, 5)
    assert arm_range(row, "b", ranges) is None
    assert count_ranges(None) == {}


def test_without_a_ledger_outcomes_of_most_studies_come_first():
    rows = [rate("s1", "one", 0.1), rate("s1", "two", 0.1), rate("s2", "two", 0.2)]
    assert [found.title for found in rate_groups(rows)] == ["two", "one"]


def test_rows_go_from_high_to_low_then_ranges_then_none():
    rows = [
        rate("none", "o"),
        rate("range", "o", events_min=1, events_max=3, n=10),
        rate("low", "o", 0.2),
        rate("high", "o", 0.9),
    ]
    (found,) = rate_groups(rows)
    assert [row.study for row in found.rows] == ["high", "low", "range", "none"]


def test_arms_without_outcome_share_a_row_where_the_reason_is_one():
    rows = [rate("s", "", arm="a", reason="r"), rate("s", "", arm="b", reason="r")]
    rows.append(rate("s", "", arm="c", reason="another"))
    (found,) = rate_groups(rows)
    assert [row.arm for row in found.rows] == ["a; b", "c"]


def test_comparisons_with_an_effect_come_first(ledger):
    rows = [comparison("a", "good"), comparison("b", "good", 1.2), comparison("c", "", label_e="x")]
    groups = comparison_groups([*rows, comparison("c", "", label_e="y")], ledger)
    assert [row.study for row in groups[0].rows] == ["b", "a"]
    assert [row.label_e for row in groups[1].rows] == ["x; y"]


def test_categories_go_where_their_study_has_the_united_outcome(ledger):
    rows = (rate("s1", "good", 0.5), rate("s1", "marked", 0.2), rate("s2", "marked", 0.3))
    kept = without_parts(Result("rates", rows, {}), ledger)
    assert [(row.study, row.outcome) for row in kept] == [("s1", "good"), ("s2", "marked")]
    every = without_parts(Result("rates", rows, {}), ledger, keep=("marked",))
    assert len(every) == 3


def test_comparators_are_experimental_nowhere(ledger):
    assert comparators(ledger) == {("s", "c")}
    assert comparators(None) == frozenset()


def test_when_joins_subgroup_and_time():
    assert when(rate("s", "o", subgroup="women", time_printed="at 3 months")) == (
        "women, at 3 months"
    )
    assert when(rate("s", "o")) == ""


def test_known_rows_have_their_number():
    assert known(rate("s", "o", 0.0))
    assert not known(rate("s", "o"))
    assert known(comparison("s", "o", 0.0))
    assert not known(comparison("s", "o"))
