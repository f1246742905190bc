from __future__ import annotations

from dataclasses import MISSING, fields, replace

from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.results import AssumptionRow, PoolRow, Result
from evsyn.tables.provenance import Trace
from evsyn.text import comparisons_answer

BARE = {"estimate": None, "ci_lb": None, "ci_ub": None, "p_value": None}
ASKED = Analysis("synthetic", "Do more people respond?", ("better",), ("synthetic2001/a_v_b",))


def plain(block):
    return block.plain.replace("\N{NO-BREAK SPACE}", " ")


def test_effect_of_a_declared_analysis_is_told(comparison_row, comparisons_of, assert_sound):
    other = comparison_row(study_id="s2", study="Synthetic 2002", outcome_id="other")
    block = comparisons_answer(comparisons_of(other, comparison_row()), analyses=[ASKED])
    assert_sound(block)
    assert plain(block).startswith("Synthetic 2001, treatment one against treatment two")
    assert "1 other effect, of these and other questions, stands in the table." in plain(block)
    assert "Synthetic 2002" not in plain(block)


def test_open_count_gives_the_range_and_no_number_of_an_assumption(
    comparison_row, comparisons_of, rate_row, rates_of, assert_sound
):
    row = comparison_row(**BARE, events_c=None, estimate_min=1.8, estimate_max=3.0)
    arm = rate_row(arm_id="b", events=None, rate=None, events_min=6, events_max=10, n=20)
    changes = (
        (
            "compare", "RR, Treatment one v Treatment two, Much better, 3 mo", "–",
            "RR 1.80 (95% CI 1.19 to 3.07), p 0.006",
        ),
    )  # fmt: skip
    offered = AssumptionRow(
        "synthetic-10", "", (), "synthetic2001", "Ten of the second group responded.", "", "reject",
        False, "would give", changes, trace=Trace("s", parameters=(("table", "s"),)),
    )  # fmt: skip
    block = comparisons_answer(
        comparisons_of(row),
        analyses=[ASKED],
        rates=rates_of(arm),
        assumptions=Result("assumptions", (offered,), {}),
    )
    assert_sound(block)
    assert "As a risk ratio, what was read leaves this open." in plain(block)
    assert "18 of 20 with treatment one against 6 to 10 of 20 with treatment two" in plain(block)
    assert (
        "lies between 1.80 and 3.00, depending on which count of 6 to 10 holds; which one is not "
        "printed." in plain(block)
    )
    assert "What each named assumption would give stands in the section below." in plain(block)
    assert "ten of the second group" not in plain(block)


def test_what_cannot_be_counted_says_why(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(**BARE, reason="90 % is printed, but the source does not say of what")
    block = comparisons_answer(comparisons_of(row), analyses=[ASKED])
    assert_sound(block)
    assert "cannot be counted: 90 % is printed, but the source does not say of what." in plain(
        block
    )


def test_questions_are_asked_where_there_are_several(comparison_row, comparisons_of, assert_sound):
    rows = [comparison_row(**BARE, reason="of what?")]
    rows.append(comparison_row(study_id="s2", comparison_id="c", outcome_id="other"))
    second = Analysis("second", "And the others?", ("other",))
    block = comparisons_answer(comparisons_of(*rows), analyses=[ASKED, second])
    assert_sound(block)
    assert plain(block).startswith("And the others?")
    assert "Do more people respond? As a risk ratio, what was read leaves this open." in plain(
        block
    )


def test_reviews_do_not_answer(comparison_row, comparisons_of):
    block = comparisons_answer(comparisons_of(comparison_row(kind="review")), analyses=[ASKED])
    assert block.plain == "The evidence holds no comparison of this kind."


def test_pooled_effect_is_told_with_what_it_must_not_be_read_without(
    comparison_row, comparisons_of, assert_sound
):
    twin = {"study_id": "synthetic2002", "study": "Synthetic 2002"}
    content = dict.fromkeys(
        (spec.name for spec in fields(PoolRow) if spec.default is MISSING), None
    ) | {
        "group": "synthetic", "k": 2, "measure": "RR", "weights": (), "assumptions": (),
        "citekeys": (), "studies": ("synthetic2001", "synthetic2002"), "status": "derived",
        "natural": {"estimate": 1.5, "ci_lb": 1.2, "ci_ub": 1.9},
    }  # fmt: skip
    content |= {"trace": Trace("pooled, synthetic", parameters=(("table", "s"),))}
    pool = Result("pool", (PoolRow(**content),), {})
    asked = replace(ASKED, comparisons=("synthetic2001", "synthetic2002"))

    def told(**changes):
        rows = [comparison_row(**changes), comparison_row(**twin, **changes)]
        block = comparisons_answer(comparisons_of(*rows), analyses=[asked], pool=pool)
        assert_sound(block)
        return plain(block)

    assert "give a pooled risk ratio of 1.50 (95% CI 1.20 to 1.90); from two studies, how" in told(
        allocation="randomised", vi_min=None, vi_max=None
    )
    assert "; the studies are not, or not all, stated to be randomised; " in told(
        allocation="not stated", vi_min=None, vi_max=None
    )
    assert "; who responded on both sides is not printed, so the widest interval stands; " in told(
        allocation="randomised", vi_min=0.1, vi_max=0.2
    )
    assert (
        "; the comparators differ (water in Synthetic 2001 and salt in Synthetic 2002); "
        in plain(
            comparisons_answer(
                comparisons_of(
                    comparison_row(label_c="Water"), comparison_row(**twin, label_c="Salt")
                ),
                analyses=[asked],
                pool=pool,
            )
        )
    )
    assert "from two studies, how far they differ cannot be judged" in told()


def test_effects_outside_the_declaration_are_told_where_nothing_can_be_counted(
    comparison_row, comparisons_of, assert_sound
):
    bare = comparison_row(**BARE, reason="of what?")
    beside = comparison_row(
        study_id="s2", study="Synthetic 2002", comparison_id="c", design="within-person"
    )
    block = comparisons_answer(comparisons_of(bare, beside), analyses=[ASKED])
    assert_sound(block)
    assert (
        "Outside the declared analysis, with the same people on both sides: Synthetic 2002"
        in plain(block)
    )
    settled = comparisons_answer(comparisons_of(comparison_row(), beside), analyses=[ASKED])
    assert "Outside the declared" not in settled.plain


def test_results_on_other_scales_are_counted(comparison_row, comparisons_of, assert_sound):
    bare = comparison_row(**BARE, reason="no count by arm in what was read", outcome_id="")
    means = comparison_row(**BARE, measure="MD", outcome_id="score", printed="p 0.2", mean_e=1.0)
    means = replace(means, events_e=None)
    block = comparisons_answer(comparisons_of(bare), scales=[comparisons_of(means, measure="MD")])
    assert_sound(block)
    assert "1 comparison prints a result on another scale only (means, p values);" in plain(block)
