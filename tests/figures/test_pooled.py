from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from evsyn.figures import pooled_block
from evsyn.synthesis.results import PoolRow, Result

NUMBERS = (
    *("se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "p_value", "tau2"),
    *("tau2_ci_lb", "tau2_ci_ub", "i2", "h2", "q", "q_df", "q_pvalue"),
)


@pytest.fixture
def review(comparison_row, comparisons_of):
    """A review (synthetic) with one declared analysis of two studies."""
    rows = (
        comparison_row(),
        comparison_row(study_id="s2", study="Synthetic 2002", estimate=1.4),
        comparison_row(study_id="s3", study="Synthetic 2003", estimate=None),
    )
    numbers = dict.fromkeys(NUMBERS)
    pooled = PoolRow(
        group="synthetic", k=2, measure="RR", method="REML", test="z", estimate=0.4,
        weights=(0.4, 0.6), studies=("synthetic2001", "s2"), transform="exp",
        natural={"estimate": 1.49, "ci_lb": 1.22, "ci_ub": 1.82}, reason="", status="derived",
        assumptions=(), citekeys=(), trace=rows[0].trace, **numbers,
    )  # fmt: skip
    analysis = SimpleNamespace(
        name="synthetic", question="A synthetic question?", measure="RR", outcomes=("better",),
        assumptions="default",
    )  # fmt: skip
    return SimpleNamespace(
        configuration=SimpleNamespace(analyses=(analysis,)),
        ledger=SimpleNamespace(outcome={}),
        pool=lambda name, **options: Result("pool", (pooled,), {}),
        compare=lambda **options: comparisons_of(*rows),
        pooled=pooled,
    )


def test_each_analysis_with_an_effect_is_drawn(review):
    block = pooled_block(review)
    assert block.slot == "wide"
    assert block.html.count("<svg") == 1
    assert "A synthetic question?" in block.html
    assert "60.0%" in block.html
    assert "Synthetic 2003" not in block.html


def test_nothing_pooled_is_said(review):
    bare = replace(review.pooled, estimate=None)
    review.pool = lambda name, **options: Result("pool", (bare,), {})
    block = pooled_block(review)
    assert "<svg" not in block.html
    assert "nothing is pooled" in block.plain
