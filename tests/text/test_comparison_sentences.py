from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from evsyn.synthesis.results import Result
from evsyn.tables.provenance import Quote, Trace
from evsyn.text import comparisons_answer, comparisons_facts, what_if_sentence

BARE = {"estimate": None, "ci_lb": None, "ci_ub": None, "p_value": None}


def plain(block):
    return block.plain.replace("\N{NO-BREAK SPACE}", " ")


def test_answer_gives_both_arms_effect_interval_and_p(comparison_row, comparisons_of, assert_sound):
    block = comparisons_answer(comparisons_of(comparison_row()))
    assert_sound(block)
    assert plain(block) == (
        "Synthetic 2001, treatment one against treatment two, “much better”: 18 of 20 against "
        "10 of 20, risk ratio 1.80 (95% CI 1.13 to 2.86; p = 0.014)[synthetic2001]."
    )


def test_range_over_pairings_is_no_single_number(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(
        ci_lb=None, ci_ub=None, p_value=None, ci_lb_min=0.5, ci_ub_max=11.0,
        p_value_min=0.016, p_value_max=0.065, pairings=10,
    )  # fmt: skip
    block = comparisons_answer(comparisons_of(row))
    assert_sound(block)
    assert "within 0.50 to 11.0; p 0.016 to 0.065 over 10 pairings" in plain(block)


def test_tiny_p_has_no_equals_sign(comparison_row, comparisons_of):
    assert "p <0.001" in plain(comparisons_answer(comparisons_of(comparison_row(p_value=1e-6))))


@pytest.mark.parametrize(
    ("bare", "said"),
    [
        (0, ""),
        (1, "For 1 comparison there is no single estimate, and the reason stands in the table."),
        (2, "For 2 comparisons there is no single estimate, and the reasons stand in the table."),
    ],
)
def test_comparisons_without_effect_are_counted(comparison_row, comparisons_of, bare, said):
    rows = [comparison_row(**BARE, comparison_id=f"c{index}") for index in range(bare)]
    block = comparisons_answer(comparisons_of(comparison_row(), *rows))
    assert plain(block).endswith(said)
    assert ("no single estimate" in plain(block)) == bool(said)


def test_first_of_each_study_is_told_before_a_second(comparison_row, comparisons_of, assert_sound):
    rows = [comparison_row(comparison_id=f"c{index}") for index in range(3)]
    rows.append(comparison_row(study_id="s2", study="Synthetic 2002", outcome="Other"))
    block = comparisons_answer(comparisons_of(*rows), most=2)
    assert_sound(block)
    assert plain(block).count("Synthetic 2001,") == 1
    assert plain(block).count("Synthetic 2002,") == 1
    assert "2 other effects, of these and other questions, stand in the table" in plain(block)


def test_nothing_to_compare_is_said(comparisons_of):
    assert comparisons_answer(comparisons_of()).plain == (
        "The evidence holds no comparison of this kind."
    )


def test_facts_count_effects_and_ranges(comparison_row, comparisons_of, assert_sound):
    ranged = comparison_row(p_value=None, p_value_min=0.1, p_value_max=0.2)
    open_ = comparison_row(**BARE, estimate_min=0.5, estimate_max=2.0, assumptions=())
    review = comparison_row(kind="review")
    block = comparisons_facts(comparisons_of(comparison_row(), ranged, open_, review))
    assert_sound(block)
    assert block.plain.split("\n") == [
        "3 comparisons", "2 with an effect", "1 as a range over pairings",
        "1 with an open count", "1 assumption in force",
    ]  # fmt: skip


def test_what_if_says_that_it_is_no_evidence(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(
        events_e=9, n_e=10, events_c=5, n_c=10, ci_lb=0.94, ci_ub=3.46, p_value=0.1409,
        reason="a what-if: nobody prints it",
    )  # fmt: skip
    block = what_if_sentence(comparisons_of(row))
    assert_sound(block)
    said = plain(block)
    assert (
        "9 of 10 against 5 of 10, risk ratio 1.80, 95% CI 0.94 to 3.46 (Katz interval), p = 0.141"
        in said
    )
    assert "by Fisher’s exact test" in said
    assert "Suppose the groups had 10 in each, a size that no source read here prints." in said
    assert "not evidence" in said


def test_what_if_stands_beside_the_same_shares_read_otherwise(
    comparison_row, comparisons_of, assert_sound
):
    row = comparison_row(events_e=9, n_e=10, events_c=5, n_c=10, p_value=0.1409)
    block = what_if_sentence(comparisons_of(row), reading=comparisons_of(comparison_row()))
    assert_sound(block)
    said = plain(block)
    assert "The assumptions synthetic-20 read the same percentages as 18 of 20" in said
    assert "p = 0.014" in said


QUOTE = Quote("synthetic-1", "synthetic2001", "", "40", "40 enrolled")


def sized(number, n):
    """Trace and claim (synthetic) of one side of a what-if."""
    return SimpleNamespace(claim_id=number, n=n, trace=Trace(number, quotes=(QUOTE,)))


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((10, 10), "not the 20 of the text (S1), nor do they add up to the 40 that Synthetic"),
        ((10, 30), "They are not the 20 of the text (S1). The percentages"),
        ((20, 10), "They do not add up to the 40 that Synthetic"),
        ((20, 20), "prints. The percentages"),
    ],
)
def test_what_if_says_whom_its_sizes_do_not_fit(
    comparison_row, comparisons_of, assert_sound, sizes, said
):
    quotes = [Quote(name, "synthetic.txt", "", "50", f"words {name}") for name in ("S1", "S2")]
    trace = Trace("what-if", values=(("n_enrolled", 40.0),), quotes=(*quotes, QUOTE))
    row = comparison_row(comparison_id="S1-S2", n_e=sizes[0], n_c=sizes[1])
    row = replace(row, trace=trace)
    claims = Result("claims", (sized("S1", "20"), sized("S2", "")), {})
    block = what_if_sentence(comparisons_of(row), claims=claims)
    assert_sound(block)
    assert said in plain(block)
    assert "40 enrolled" not in plain(block)


def test_reading_in_groups_as_supposed_is_not_set_apart(comparison_row, comparisons_of):
    same = comparisons_of(comparison_row())
    assert "the uncertainty is not" not in plain(what_if_sentence(same, reading=same))
    other = comparisons_of(comparison_row(n_e=10, n_c=10, events_e=9, events_c=5))
    assert "is the same, the uncertainty is not" in plain(what_if_sentence(other, reading=same))


def test_what_if_of_nothing(comparisons_of):
    assert what_if_sentence(comparisons_of()).plain == "There is no claim to compute."
