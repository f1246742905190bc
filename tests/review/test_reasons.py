from __future__ import annotations

from types import SimpleNamespace

import pytest

from evsyn.review.reasons import reason_of, short_reason


def row(reason, *, printed="", status="not found"):
    """A row without a number (synthetic)."""
    return SimpleNamespace(reason=reason, printed=printed, status=status)


@pytest.fixture
def pair(monkeypatch):
    """A comparison without an effect (synthetic), with the names of both arms."""

    def make(reason):
        import evsyn.review.reasons as module

        made = SimpleNamespace(
            reason=reason, label_e="One", label_c="Two", printed="", status="not found"
        )
        monkeypatch.setattr(module, "ComparisonRow", SimpleNamespace)
        return made

    return make


def test_assumptions_are_set_apart_from_what_is_missing():
    found = reason_of(row("of what?; assumptions that bear on it: s-1, s-2; also this"))
    assert found.why == ("of what?", "also this")
    assert found.assumptions == ("s-1", "s-2")


def test_what_both_arms_share_is_said_once(pair):
    found = reason_of(
        pair("One: 9 % is printed, but not of what; Two: 5 % is printed, but not of what")
    )
    assert found.why == ("9 % and 5 % are printed, but not of what",)
    assert reason_of(pair("One: no n; Two: no n")).why == ("no n",)
    assert reason_of(pair("One: no n; Two: no time")).why == ("One: no n", "Two: no time")


def test_how_a_number_was_derived_is_left_out_unless_nothing_else_is_said():
    assert reason_of(row("40% of 15 is 6, the only count that fits; of what?")).why == ("of what?",)
    alone = "40% of 15 is 6, the only count that fits"
    assert reason_of(row(alone)).why == (alone,)


def test_assumptions_in_force_are_named_last():
    assert reason_of(row("All 15 were assessed; of what?")).why == (
        "of what?",
        "All 15 were assessed",
    )


@pytest.mark.parametrize(
    ("reason", "short"),
    [
        ("the source does not say of what", "“9 %”, of what is not stated"),
        ("is printed, but not of how many", "“9 %”, of how many is not stated"),
        ("no events in either arm: a ratio says nothing", "no event in either arm"),
        ("an empty cell makes the ratio infinite", "no event in one arm: no finite ratio"),
        ("something else; and more", "something else"),
        ("", "not found"),
    ],
)
def test_short_reason_is_one_line_without_arithmetic(reason, short):
    assert short_reason(row(reason, printed="9 %")) == short
