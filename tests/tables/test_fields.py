from __future__ import annotations

import pytest

from evsyn.tables.fields import (
    COUNT_FIELDS,
    FIELDS,
    NUMBER_FIELDS,
    RANGES,
    SHARE_FIELDS,
    SHARE_WORDS,
    TEXT_FIELDS,
)

LISTED = {
    "counts": "n_enrolled n_randomised n_completed n events participants_with_event event_count"
    " both only_e only_c neither n_clusters k centres",
    "shares": "percent percent_units percent_change percent_unclear",
    "numbers": "person_time mean sd se spread_unstated median q1 q3 min max mean_diff se_diff r icc"
    " estimate ci_lb ci_ub p statistic df i2 tau2 sessions sessions_min sessions_max"
    " interval_weeks needle_mm needle_mm_min needle_mm_max session_minutes followup_months"
    " age_mean",
    "words": "allocation indication cleared_on funding statement",
}
GROUPS = {
    "counts": COUNT_FIELDS,
    "shares": SHARE_FIELDS,
    "numbers": NUMBER_FIELDS,
    "words": TEXT_FIELDS,
}


@pytest.mark.parametrize("group", LISTED)
def test_the_closed_list(group: str) -> None:
    assert list(GROUPS[group]) == LISTED[group].split()


def test_each_field_is_in_one_group_and_has_a_meaning() -> None:
    assert sum(map(len, GROUPS.values())) == len(FIELDS)
    assert all(FIELDS.values())


def test_words_of_shares() -> None:
    assert SHARE_WORDS == {"all": 100, "half": 50}


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("percent", 0, 100),
        ("percent_units", 0, 100),
        ("percent_unclear", 0, 100),
        ("i2", 0, 100),
        ("p", 0, 1),
        ("r", -1, 1),
        ("icc", -1, 1),
        ("sd", 0, float("inf")),
        ("se", 0, float("inf")),
        ("se_diff", 0, float("inf")),
        ("tau2", 0, float("inf")),
        ("person_time", 0, float("inf")),
    ],
)
def test_ranges(field: str, low: float, high: float) -> None:
    assert RANGES[field] == (low, high)


def test_no_other_ranges() -> None:
    assert set(RANGES) <= set(FIELDS)
    assert "percent_change" not in RANGES
    assert len(RANGES) == 12
