"""Arms of a review as studies of a pool; all of it synthetic."""

from __future__ import annotations

import pytest

from evsyn.stats.models.count_models import glmm
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.meta import pool_members
from evsyn.synthesis.rate_members import PROPORTIONS, rate_members
from evsyn.synthesis.rates import rates

COUNTS = ((4, 50), (11, 62), (2, 40))
DECLARED = Analysis(
    name="a", question="?", outcomes=("o",), designs=("parallel",), measure="PLO", model="GLMM"
)


def counted(synthetic):
    """Three studies, the first of them with a second arm, the last with events only."""
    synthetic.outcome("o")
    for number, (events, n) in enumerate(COUNTS, 1):
        synthetic.study(f"s{number}")
        synthetic.value("events", str(events), "e", "o", study_id=f"s{number}")
        synthetic.value("n", str(n), "e", "o", study_id=f"s{number}")
    synthetic.study("s4").value("events", "3", "e", "o", study_id="s4")
    return synthetic.evidence()


def test_arms_are_pooled_by_the_binomial_normal_model(synthetic):
    found = rates(counted(synthetic))
    members = rate_members(found, "PLO", {"s1": "randomised"})
    result = pool_members(members, found, analysis=DECLARED)
    (row,) = result
    own = glmm("PLO", events=[x for x, _ in COUNTS], n=[n for _, n in COUNTS])
    assert row.estimate == own.estimate
    assert row.members == ("s1", "s2", "s3")
    assert any(text.startswith("s4: ") for text in row.left_out)
    assert row.trace.quotes
    assert members[0].allocation == "randomised"


def test_several_arms_of_one_study_are_refused_unless_one_is_named(synthetic):
    counted(synthetic)
    synthetic.value("events", "7", "c", "o", study_id="s1")
    synthetic.value("n", "51", "c", "o", study_id="s1")
    found = rates(synthetic.evidence())
    members = rate_members(found, "PR", {})
    declared = Analysis(name="a", outcomes=("o",), designs=("parallel",), measure="PR")
    (row,) = pool_members(members, found, analysis=declared)
    assert row.members == ("s2", "s3")
    from dataclasses import replace

    named = replace(declared, arms=("s1/c", "s2", "s3"))
    assert pool_members(members, found, analysis=named).rows[0].members == ("s1", "s2", "s3")


@pytest.mark.parametrize("measure", PROPORTIONS)
def test_every_measure_of_proportions(synthetic, measure):
    members = rate_members(rates(counted(synthetic)), measure, {})
    known = [member for member in members if member.yi is not None]
    assert len(known) == 3
    assert all(member.vi > 0 and set(member.data) == {"events", "n"} for member in known)


def test_no_arm():
    assert rate_members((), "PLO", {}) == ()
