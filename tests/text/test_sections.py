from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from evsyn.synthesis.results import CountRow, Result
from evsyn.tables.provenance import Quote, Trace
from evsyn.text import (
    claims_limits,
    evidence_answer,
    limits,
    overview_facts,
    overview_lists,
    rests_on,
)


def counts():
    """An overview (synthetic)."""
    rows = [
        CountRow(name, label, value, Trace(label, parameters=(("table", name),)))
        for name, label, value in (
            ("studies", "studies", 12),
            ("values", "printed values", 340),
            ("status: conflicting", "cells conflicting", 0),
        )
    ]
    return Result("overview", tuple(rows), {})


def ledger(**changes):
    """A ledger (synthetic) of one study."""
    content = {"study_id": "synthetic2001", "design": "single-arm", "allocation": "not stated"}
    study = SimpleNamespace(**(content | changes))
    report = SimpleNamespace(study_id="synthetic2001", read_scope=changes.get("scope", "abstract"))
    return SimpleNamespace(study={study.study_id: study}, reports=(report,))


def test_rests_on_counts_results_by_status_and_what_is_behind(rate_row, rates_of, assert_sound):
    bare = replace(
        rate_row(arm="Other", status="assumed", assumptions=("synthetic-20",)),
        trace=Trace("bare", quotes=(Quote("s-2", "synthetic2001", "", "20", ""),)),
    )
    block = rests_on(rates_of(rate_row(), rate_row(arm="Third"), bare), what="rate")
    assert_sound(block)
    assert (block.slot, block.title) == ("aside", "What the rates rest on")
    assert "2 derived" in block.plain
    assert "1 assumed" in block.plain
    assert "2 printed values behind them" in block.plain
    assert "1 without the words around" in block.plain
    assert "assumption in force: synthetic-20" in block.plain
    assert "reported" not in block.plain


def test_only_assumptions_under_a_number_are_in_force(rate_row, rates_of):
    none = {"rate": None, "ci_lb": None, "ci_ub": None, "events": None}
    bare = rate_row(**none, n=20, arm="Other", assumptions=("synthetic-20",))
    assert "in force" not in rests_on(rates_of(rate_row(), bare)).plain
    ranged = replace(bare, events_min=2, events_max=3)
    assert "synthetic-20" in rests_on(rates_of(rate_row(), ranged)).plain


def test_what_reviews_print_is_not_missing(rate_row, rates_of, assert_sound):
    own = ledger(kind="review")
    none = {"rate": None, "ci_lb": None, "ci_ub": None, "events": None, "status": "not found"}
    result = rates_of(rate_row(**none))
    assert "not found" in rests_on(result).plain
    assert "not found" not in rests_on(result, ledger=own).plain
    assert "missing in what was read" in limits(result, ledger()).plain
    block = limits(result, own)
    assert_sound(block)
    assert "missing in what was read" not in block.plain
    assert "read in part only" not in block.plain


def test_rests_on_nothing(rates_of, assert_sound):
    assert_sound(rests_on(rates_of()))


def test_overview_is_shown_whole_or_as_asked(assert_sound):
    facts = overview_facts(counts(), names="values, studies")
    assert_sound(facts)
    assert facts.plain == "12 studies\n340 printed values"
    assert overview_facts(counts()).plain.endswith("0 cells conflicting")


def test_overview_lists_leave_out_noughts(assert_sound):
    block = overview_lists(counts())
    assert_sound(block)
    assert "340 printed values" in block.plain
    assert "conflicting" not in block.plain


def test_evidence_answer_is_a_sentence(assert_sound):
    block = evidence_answer(counts())
    assert_sound(block)
    assert block.plain == (
        "The evidence holds 12 studies and other sources. They give 340 printed values."
    )
    assert evidence_answer(Result("overview", (), {})).plain == "The evidence is empty."


def test_limits_appear_only_where_they_hold(rate_row, rates_of, assert_sound):
    found = limits(rates_of(rate_row(status="ambiguous")), ledger())
    assert_sound(found)
    for words in (
        "1 study was read in part only", "1 study has a single arm",
        "1 study was not, or is not said to be, randomised", "1 result stays open",
    ):  # fmt: skip
        assert words in found.plain, words
    assert "missing in what was read" not in found.plain
    sound = ledger(design="parallel", allocation="randomised", scope="full text")
    none = limits(rates_of(rate_row()), sound)
    assert none.plain.startswith("Each study defines its own outcomes")


def test_notes_of_the_result_are_limits_too(rate_row, rates_of, assert_sound):
    result = replace(rates_of(rate_row()), notes=("3 reviews are left out.",))
    block = limits(result, ledger())
    assert_sound(block)
    assert "3 reviews are left out." in block.plain


def test_limits_of_claims_count_what_could_not_be_checked(assert_sound):
    rows = [SimpleNamespace(verdict="not verifiable", evidence="") for _ in range(2)]
    block = claims_limits(Result("claims", tuple(rows), {}))
    assert_sound(block)
    assert "2 claims could not be checked, which does not make them wrong." in block.plain
    assert "2 claims have nothing printed in the evidence to be held against." in block.plain
    fine = claims_limits(
        Result("claims", (SimpleNamespace(verdict="supported", evidence="s"),), {})
    )
    assert fine.plain.startswith("Verdicts are judgements")
