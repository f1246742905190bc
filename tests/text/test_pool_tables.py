from __future__ import annotations

from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.results import PoolRow, Result
from evsyn.tables.provenance import Trace
from evsyn.text import pool_table

NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "p_value", "tau2")
NUMBERS += ("tau2_ci_lb", "tau2_ci_ub", "i2", "h2", "q", "q_df", "q_pvalue")


def pooled(**changes):
    """A pooled effect (synthetic)."""
    content = dict.fromkeys(NUMBERS) | {
        "group": "synthetic_responders", "k": 3, "measure": "RR", "method": "REML",
        "test": "knha", "estimate": 0.4, "p_value": 0.012, "tau2": 0.0123, "i2": 23.4,
        "weights": (0.2, 0.3, 0.5), "studies": ("a", "b", "c"), "transform": "exp",
        "natural": {
            "estimate": 1.49, "ci_lb": 1.22, "ci_ub": 1.82, "pi_lb": 0.8, "pi_ub": 2.8,
        },
        "reason": "Hartung-Knapp interval, because k > 2", "status": "derived",
        "assumptions": (), "citekeys": ("synthetic2001",),
    }  # fmt: skip
    trace = Trace("1.49", parameters=(("analysis", "synthetic"),))
    return PoolRow(**(content | changes), trace=trace)


def test_row_has_effect_intervals_heterogeneity_and_why(assert_sound):
    block = pool_table(Result("pool", (pooled(),), {"level": 0.95}))
    assert_sound(block)
    row = block.plain.split("\n")[-1]
    assert row == (
        "synthetic_responders[synthetic2001] | 3 | RR 1.49 (1.22 to 1.82) REML, knha | "
        "0.80 to 2.80 | I² 23%, τ² 0.012 | 0.012 | derived Hartung-Knapp interval, because k > 2"
    )


def test_group_without_effect_stays_and_says_why(assert_sound):
    empty = dict.fromkeys(NUMBERS) | {
        "k": 1, "natural": dict.fromkeys(("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")),
        "reason": "one study with a usable effect", "status": "not found", "weights": (),
    }  # fmt: skip
    block = pool_table(Result("pool", (pooled(**empty),), {}))
    assert_sound(block)
    assert "| 1 | not pooled | not found\none study with a usable effect" in block.plain


def test_differences_in_proportions_are_percentages():
    natural = {"estimate": -0.1, "ci_lb": -0.2, "ci_ub": 0.05, "pi_lb": None, "pi_ub": None}
    block = pool_table(Result("pool", (pooled(measure="RD", natural=natural),), {}))
    assert "RD −10.0% (−20.0% to 5.0%)" in block.plain


def test_question_stands_for_the_name_and_notes_below(assert_sound):
    row = pooled(question="Do more people respond?")
    notes = ("synthetic: 2 studies left out.", f"{row.group}: said in the row")
    block = pool_table(Result("pool", (row,), {}, notes))
    assert_sound(block)
    assert "Do more people respond?" in block.plain
    assert block.plain.endswith("synthetic: 2 studies left out.")


def test_analysis_that_no_study_enters_is_left_out():
    empty = pooled(k=0, natural={}, left_out=())
    assert pool_table(Result("pool", (empty,), {})).plain == (
        "No declared analysis concerns these studies."
    )


def test_reason_of_the_declaration_is_shown_and_two_studies_judge_no_heterogeneity(assert_sound):
    declared = Analysis("synthetic_responders", why="The same\nscale.")
    block = pool_table(Result("pool", (pooled(k=2),), {}), analyses=[declared])
    assert_sound(block)
    assert "τ² 0.012 cannot be judged from two studies" in block.plain
    assert block.plain.endswith("Declared because: The same scale.")


def test_studies_left_out_are_named_with_the_first_reason(assert_sound):
    left = ("Synthetic 2001: 4 + 6 = 10; 3 of 5 not printed; assumptions that bear on it: s-1",)
    row = pooled(k=0, natural={}, left_out=left, reason="nothing to pool")
    block = pool_table(Result("pool", (row,), {}))
    assert_sound(block)
    assert "nothing to pool; Synthetic 2001: 3 of 5 not printed" in block.plain
