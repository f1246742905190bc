"""Comparisons from arms: the same as effect sizes for two arms, and agreeing for more."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats import effect_sizes
from evsyn.stats.models.network_arms import ARM_MEASURES, contrasts

# Synthetic arms: no study of anything. The second study has an empty cell, the third all events.
COUNTS = {"events": [5, 9, 0, 4, 12, 30], "n": [40, 38, 25, 27, 31, 33]}
TIMES = {"events": [5, 9, 0, 4, 12, 30], "time": [400.0, 380.0, 250.5, 270.0, 310.0, 330.0]}
MEANS = {
    "mean": [5.1, 4.2, 7.7, 8.0, 3.3, 2.9],
    "sd": [1.2, 1.5, 2.2, 2.0, 0.9, 1.1],
    "n": [40, 38, 25, 27, 31, 33],
}
DATA = {
    **dict.fromkeys(("OR", "RR", "RD"), COUNTS),
    "IRR": TIMES,
    **dict.fromkeys(("MD", "SMD", "ROM"), MEANS),
}
PAIRS = ["one", "one", "two", "two", "three", "three"]
ARMS = ["A", "B", "A", "C", "B", "C"]


def test_every_measure_is_tried():
    assert set(DATA) == set(ARM_MEASURES)


@pytest.mark.parametrize("measure", ARM_MEASURES)
def test_two_arms_give_what_effect_sizes_gives(measure):
    data = DATA[measure]
    rows = contrasts(measure, study=PAIRS, treatment=ARMS, **data)
    arms = {name: np.reshape(values, (3, 2)) for name, values in data.items()}
    both = {f"{n}_e": v[:, 0] for n, v in arms.items()} | {
        f"{n}_c": v[:, 1] for n, v in arms.items()
    }
    one = effect_sizes(measure, **both)
    np.testing.assert_allclose(rows.yi, one.yi, rtol=1e-13)
    np.testing.assert_allclose(rows.vi, one.vi, rtol=1e-13)
    assert rows.corrected.tolist() == one.corrected.tolist()
    assert rows.treat_e.tolist() == ["A", "A", "B"]
    assert rows.treat_c.tolist() == ["B", "C", "C"]
    assert rows.study.tolist() == ["one", "two", "three"]
    assert rows.measure == measure


@pytest.mark.parametrize("measure", ARM_MEASURES)
def test_pairs_of_one_study_agree(measure):
    rows = contrasts(measure, study=["s"] * 6, treatment=list("ABCDEF"), **DATA[measure])
    assert rows.yi.size == 15
    y = {(e, c): v for e, c, v in zip(rows.treat_e, rows.treat_c, rows.yi, strict=True)}
    v = {(e, c): v for e, c, v in zip(rows.treat_e, rows.treat_c, rows.vi, strict=True)}
    for b, c in (("B", "C"), ("C", "F"), ("D", "E")):
        assert y["A", c] == pytest.approx(y["A", b] + y[b, c], abs=1e-12)
    # Variances of pairs in four arms, as if from arms: v_ab + v_cd = v_ad + v_cb, but for SMD.
    if measure != "SMD":
        assert v["A", "B"] + v["C", "D"] == pytest.approx(v["A", "D"] + v["B", "C"], rel=1e-12)


def test_standardised_means_have_the_covariance_of_gleser_and_olkin():
    rows = contrasts(
        "SMD",
        study=["s"] * 3,
        treatment=list("ABC"),
        mean=[5.0, 4.0, 6.5],
        sd=[1.0, 2.0, 1.5],
        n=[20, 30, 25],
    )
    (d_ab, d_ac, _), (v_ab, v_ac, v_bc) = rows.yi, rows.vi
    assert (v_ab + v_ac - v_bc) / 2 == pytest.approx(1 / 20 + d_ab * d_ac / (2 * 75), rel=1e-13)
    spread = np.sqrt((19 * 1 + 29 * 4 + 24 * 2.25) / 72)
    assert d_ab == pytest.approx((1 - 3 / (4 * 72 - 1)) / spread, rel=1e-4)


def test_correction_goes_to_all_arms_of_the_study():
    rows = contrasts("OR", study=["s"] * 3, treatment=list("ABC"), events=[0, 3, 4], n=[10, 10, 10])
    assert rows.corrected.all()
    assert rows.yi[2] == pytest.approx(np.log(3.5 / 7.5) - np.log(4.5 / 6.5))
    plain = contrasts(
        "OR", study=["s"] * 3, treatment=list("ABC"), events=[0, 3, 4], n=[10, 10, 10], add=0
    )
    assert np.isnan(plain.yi[:2]).all() and plain.yi[2] == pytest.approx(np.log(3 / 7 * 6 / 4))
    assert plain.reason[0] == "no finite effect with a variance above 0"


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_studies_without_events_carry_nothing_on_ratios(measure):
    data = {"events": [0, 0, 9, 9], "n": [10, 12, 9, 9]}
    rows = contrasts(measure, study=["s", "s", "t", "t"], treatment=list("ABAB"), **data)
    if measure == "RD":
        assert np.isfinite(rows.yi).all()
    else:
        assert np.isnan(rows.yi).all() and np.isnan(rows.vi).all()
        assert set(rows.reason) == {"no events, or only events, in all arms"}


def test_missing_arm_leaves_the_other_pairs():
    rows = contrasts(
        "MD",
        study=["s"] * 3,
        treatment=list("ABC"),
        mean=[1.0, np.nan, 2.0],
        sd=[1.0, 1.0, 1.0],
        n=[5, 5, 5],
    )
    assert rows.reason.tolist() == ["a value is missing", "", "a value is missing"]
    assert rows.yi[1] == -1.0
    smd = contrasts(
        "SMD",
        study=["s"] * 3,
        treatment=list("ABC"),
        mean=[1.0, np.nan, 2.0],
        sd=[1.0, 1.0, 1.0],
        n=[5, 5, 5],
    )
    two = effect_sizes("SMD", mean_e=1, sd_e=1, n_e=5, mean_c=2, sd_c=1, n_c=5)
    assert smd.yi[1] == pytest.approx(float(two.yi), rel=1e-14)


def test_no_arm_is_refused():
    with pytest.raises(StatsError, match="mean is empty"):
        contrasts("MD", study=[], treatment=[], mean=[], sd=[], n=[])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measure": "PR"}, "measure='PR' is unknown"),
        ({"n": None}, "takes events, n; found events"),
        ({"events": [1, 2]}, "shapes differ"),
        ({"events": [1, 2, 99, 4]}, r"study 2: events=99 lies outside 0..10"),
        ({"events": [1, -2, 3, 4]}, "study 1: events=-2 is no count"),
        ({"events": "abcd"}, "not an array of numbers"),
        ({"treatment": ["A", "A", "A", "B"]}, "study 's': treatment 'A' stands in 2 arms"),
        ({"study": ["s", "s", "s", "t"], "treatment": list("ABCA")}, "study 't': a single arm"),
        ({"study": ["s", "", "t", "t"]}, "row 1: study='' is no label"),
        ({"treatment": ["A", None, "A", "B"]}, "row 1: treatment=None is no label"),
        ({"add": -1}, "add=-1 is not allowed"),
    ],
)
def test_errors_say_where_and_what(change, message):
    given = {
        "study": ["s", "s", "t", "t"],
        "treatment": list("ABAB"),
        "events": [1, 2, 3, 4],
        "n": [10, 10, 10, 10],
        "measure": "OR",
    } | change
    given = {name: value for name, value in given.items() if value is not None}
    with pytest.raises(StatsError, match=message):
        contrasts(given.pop("measure"), **given)


@pytest.mark.parametrize("name", ["sd", "time"])
def test_negative_spread_or_time_is_refused(name):
    data = (
        {"events": [1, 2], "time": [1.0, -2.0]}
        if name == "time"
        else {"mean": [1, 2], "sd": [1.0, -2.0], "n": [5, 5]}
    )
    with pytest.raises(StatsError, match=rf"arm 1: {name}=-2 is negative"):
        contrasts("IRR" if name == "time" else "MD", study=["s", "s"], treatment=["A", "B"], **data)
