"""Natural scales of pooled effects, and the doubts on the double arcsine."""

from __future__ import annotations

import math

import pytest

from evsyn.literals import PoolMeasure, choices
from evsyn.stats.effects.back import back_transform
from evsyn.synthesis.members import Member
from evsyn.synthesis.scales import SCALES, measure_name, natural_scale, transform_doubts

# Sizes of the vaccinated arms of the BCG trials (Colditz et al. 1994), as in the docstring of
# `freeman_tukey_inverse`
SIZES = (123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913)
MEMBERS = [Member("s", "s", 0.1, 0.1, "reported", data={"n": float(n)}) for n in SIZES]


@pytest.mark.parametrize("measure", [name for name in choices(PoolMeasure) if name != "GEN"])
def test_the_same_as_the_engine(measure):
    own = natural_scale({"estimate": 0.2}, measure, MEMBERS)["estimate"]
    assert own == pytest.approx(float(back_transform(0.2, measure, n=SIZES)), rel=1e-14)
    changed = not math.isclose(own, 0.2)
    assert changed is (measure in SCALES)
    assert measure_name(measure) != measure


def test_what_is_missing_or_endless_is_none():
    values = {"estimate": None, "ci_ub": 1000.0}
    assert natural_scale(values, "RR", ()) == {"estimate": None, "ci_ub": None}
    assert natural_scale({"estimate": 2.0}, "GEN", ()) == {"estimate": 2.0}


def test_the_double_arcsine_is_doubted():
    said = transform_doubts(0.10573, "PFT", MEMBERS)
    assert "can mislead" in said
    assert "0.00753 at n = 123" in said
    assert not transform_doubts(0.10573, "PLO", MEMBERS)
    assert natural_scale({"estimate": 0.1}, "PFT", ()) == {"estimate": None}
    assert "without the sizes" in transform_doubts(0.1, "PFT", ())
