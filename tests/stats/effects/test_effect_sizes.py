"""Effect sizes against metafor's escalc, and what escalc leaves to the user."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats import back_transform, effect_sizes
from evsyn.stats.effects.effect_sizes import MEASURES

REFERENCE = Path(__file__).parents[2] / "reference"
DATASETS = (
    "bcg", "gibson2002", "hart1999", "nielweise2007", "normand1999", "pritz1997",
    "yusuf1985_table6",
)  # fmt: skip
SEEN = ("RR", "OR", "RD", "PR", "PLO", "IRR", "MD", "SMD", "ROM")
RELATIVE = 1e-12


def documents():
    for name in DATASETS:
        document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        for analysis in document["analyses"]:
            if analysis["measure"] in SEEN:
                data = document["data"][analysis["data"]]
                yield pytest.param(analysis, data, id=f"{name}-{analysis['id']}")


def floats(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def named(measure, raw):
    """Data under the package's names, from escalc's."""
    data = {name: floats(values) for name, values in raw.items()}
    if measure in ("RR", "OR", "RD"):
        if "bi" in data:
            data |= {"n1i": data["ai"] + data["bi"], "n2i": data["ci"] + data["di"]}
        names = {"events_e": "ai", "n_e": "n1i", "events_c": "ci", "n_c": "n2i"}
    elif measure in ("PR", "PLO"):
        names = {"events": "xi", "n": "ni"}
    elif measure == "IRR":
        names = {"events_e": "x1i", "time_e": "t1i", "events_c": "x2i", "time_c": "t2i"}
    else:
        names = {
            "mean_e": "m1i", "sd_e": "sd1i", "n_e": "n1i",
            "mean_c": "m2i", "sd_c": "sd2i", "n_c": "n2i",
        }  # fmt: skip
    return {ours: data[theirs] for ours, theirs in names.items()}


@pytest.mark.parametrize(("analysis", "raw"), list(documents()))
def test_against_escalc(analysis, raw):
    found = effect_sizes(analysis["measure"], **named(analysis["measure"], raw))
    np.testing.assert_allclose(found.yi, floats(analysis["yi"]), rtol=RELATIVE, atol=1e-15)
    np.testing.assert_allclose(found.vi, floats(analysis["vi"]), rtol=RELATIVE, atol=1e-15)
    assert found.measure == analysis["measure"]
    missing = np.isnan(floats(analysis["yi"]))
    assert [bool(words) for words in found.reason] == list(missing)


def test_every_measure_is_held_against_something():
    measures = {parameters.values[0]["measure"] for parameters in documents()}
    assert measures == set(SEEN)
    assert set(MEASURES) - measures == {"MPRR", "MPRD", "MPORC"}


COUNTS = {"events_e": [0, 3], "n_e": [10, 10], "events_c": [4, 5], "n_c": [10, 12]}


def test_only_tables_with_an_empty_cell_are_corrected():
    found = effect_sizes("RR", **COUNTS)
    np.testing.assert_array_equal(found.corrected, [True, False])
    assert found.yi[0] == pytest.approx(np.log((0.5 / 11) / (4.5 / 11)), rel=RELATIVE)
    assert found.yi[1] == pytest.approx(np.log((3 / 10) / (5 / 12)), rel=RELATIVE)


def test_all_or_none_corrected_and_another_amount():
    every = effect_sizes("OR", to="all", add=1, **COUNTS)
    assert every.corrected.all()
    assert every.yi[1] == pytest.approx(np.log((4 / 8) / (6 / 8)), rel=RELATIVE)
    none = effect_sizes("OR", to="none", **COUNTS)
    assert not none.corrected.any()
    assert np.isnan(none.yi[0])
    assert none.reason[0] == "no finite effect with a variance above 0"
    assert none.reason[1] == ""


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
@pytest.mark.parametrize("events", [(0, 0), (10, 12)])
def test_drop00_drops_tables_without_contrast(measure, events):
    data = {"events_e": events[0], "n_e": 10, "events_c": events[1], "n_c": 12}
    kept = effect_sizes(measure, **data)
    assert np.isfinite(kept.yi)
    assert kept.corrected
    dropped = effect_sizes(measure, drop00=True, **data)
    assert np.isnan(dropped.yi)
    assert not dropped.corrected
    assert dropped.reason == "no events, or only events, in both arms"


def test_drop00_of_rates():
    data = {"events_e": [0, 0], "time_e": 10, "events_c": [0, 2], "time_c": 20}
    found = effect_sizes("IRR", drop00=True, **data)
    np.testing.assert_array_equal(np.isnan(found.yi), [True, False])
    assert found.vi[1] == pytest.approx(1 / 0.5 + 1 / 2.5)


def test_proportions_at_the_ends():
    found = effect_sizes("PLO", events=[0, 5, 10], n=10)
    np.testing.assert_array_equal(found.corrected, [True, False, True])
    assert found.yi[0] == pytest.approx(np.log(0.5 / 10.5), rel=RELATIVE)
    assert found.yi[0] == -found.yi[2]
    raw = effect_sizes("PR", events=[0, 10], n=10, to="none")
    assert np.isnan(raw.vi).all()


TABLE = {"both": 59, "only_e": 6, "only_c": 16, "neither": 80}


def test_pairs():
    ratio = effect_sizes("MPRR", **TABLE)
    assert ratio.yi == pytest.approx(np.log(65 / 75), rel=RELATIVE)
    assert ratio.vi == pytest.approx(22 / (65 * 75), rel=RELATIVE)
    odds = effect_sizes("MPORC", **TABLE)
    assert odds.yi == pytest.approx(np.log(6 / 16), rel=RELATIVE)
    assert odds.vi == pytest.approx(1 / 6 + 1 / 16, rel=RELATIVE)
    difference = effect_sizes("MPRD", **TABLE)
    assert difference.yi == pytest.approx(-10 / 161, rel=RELATIVE)
    assert difference.vi == pytest.approx((22 - 100 / 161) / 161**2, rel=RELATIVE)


def test_pairs_with_an_empty_cell():
    found = effect_sizes("MPORC", both=3, only_e=4, only_c=0, neither=2)
    assert found.corrected
    assert found.yi == pytest.approx(np.log(4.5 / 0.5), rel=RELATIVE)
    none = effect_sizes("MPRR", both=0, only_e=0, only_c=0, neither=9, drop00=True)
    assert np.isnan(none.yi)
    all_ = effect_sizes("MPRR", both=9, only_e=0, only_c=0, neither=0, drop00=True)
    assert all_.reason == "no events, or only events, in both arms"


def test_hedges_g_by_definition():
    found = effect_sizes("SMD", mean_e=5, sd_e=2, n_e=10, mean_c=3, sd_c=3, n_c=12)
    pooled = np.sqrt((9 * 4 + 11 * 9) / 20)
    assert found.yi == pytest.approx((1 - 3 / (4 * 20 - 1)) * 2 / pooled, rel=1e-3)
    assert found.vi == pytest.approx(1 / 10 + 1 / 12 + found.yi**2 / 44, rel=RELATIVE)


def test_undefined_means():
    found = effect_sizes(
        "ROM", mean_e=[-1, 2, 0], sd_e=1, n_e=9, mean_c=[2, np.nan, 1], sd_c=1, n_c=9
    )
    assert np.isnan(found.yi).all()
    assert list(found.reason) == [
        "no finite effect with a variance above 0",
        "a value is missing",
        "no finite effect with a variance above 0",
    ]
    none = effect_sizes("MD", mean_e=1, sd_e=0, n_e=9, mean_c=2, sd_c=0, n_c=9)
    assert np.isnan(none.vi)


def test_scalars_and_broadcasting():
    single = effect_sizes("RD", events_e=3, n_e=10, events_c=5, n_c=10)
    assert isinstance(single.yi, float)
    grid = effect_sizes("RD", events_e=[[3], [4]], n_e=10, events_c=[5, 6, 7], n_c=10)
    assert grid.yi.shape == (2, 3)
    assert grid.yi[0, 0] == single.yi


def test_back_transformation():
    for measure in ("RR", "OR", "IRR", "ROM", "MPRR", "MPORC"):
        np.testing.assert_allclose(back_transform([0, np.log(2)], measure), [1, 2])
    for measure in ("RD", "MD", "SMD", "PR", "MPRD"):
        assert back_transform(-0.3, measure) == -0.3
    assert back_transform(np.log(3), "PLO") == pytest.approx(0.75)
    assert np.isnan(back_transform(np.nan, "RR"))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: effect_sizes("ORR"), r"measure='ORR' is unknown; use one of RR, OR, RD.*did you"),
        (lambda: back_transform(1, "HR"), "measure='HR' is unknown"),
        (lambda: effect_sizes("RR", events=1, n=2), "measure RR takes events_e, .*found events, n"),
        (lambda: effect_sizes("PR"), "takes events, n; found nothing"),
        (lambda: effect_sizes("RR", to="some", **COUNTS), "to='some' is unknown"),
        (lambda: effect_sizes("RR", add=-1, **COUNTS), "add=-1 is not allowed"),
        (lambda: effect_sizes("PR", events=[1, 9], n=5), "study 1: events=9 lies outside 0..5"),
        (
            lambda: effect_sizes("IRR", events_e=1, time_e=-2, events_c=1, time_c=1),
            "study 0: time_e=-2 is negative",
        ),
        (
            lambda: effect_sizes("MD", mean_e=1, sd_e=1, n_e=5, mean_c=1, sd_c=[1, -1], n_c=5),
            "study 1: sd_c=-1 is negative",
        ),
        (
            lambda: effect_sizes("MD", mean_e=[1, 2], sd_e=1, n_e=5, mean_c=[1] * 3, sd_c=1, n_c=5),
            "shapes do not fit",
        ),
        (lambda: effect_sizes("MPRR", **{**TABLE, "both": -1}), "both=-1 is no count"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()


def test_every_cell_of_a_corrected_table_of_pairs_counts():
    table = {"both": 3, "only_e": 4, "only_c": 0, "neither": 2}
    ratio = effect_sizes("MPRR", **table)
    assert ratio.yi == pytest.approx(np.log(8 / 4), rel=RELATIVE)
    assert ratio.vi == pytest.approx(5 / (8 * 4), rel=RELATIVE)
    difference = effect_sizes("MPRD", **table)
    assert difference.yi == pytest.approx(4 / 11, rel=RELATIVE)
    assert difference.vi == pytest.approx((5 - 16 / 11) / 121, rel=RELATIVE)


@pytest.mark.parametrize(
    "counts", [(10, 10, 5, 12), (5, 10, 12, 12), (0, 10, 5, 12), (5, 10, 0, 12)]
)
def test_drop00_keeps_tables_where_one_arm_differs(counts):
    data = dict(zip(("events_e", "n_e", "events_c", "n_c"), counts, strict=True))
    assert np.isfinite(effect_sizes("OR", drop00=True, **data).yi)


@pytest.mark.parametrize("table", [(4, 0, 5, 0), (4, 5, 0, 0), (0, 5, 0, 4), (0, 0, 5, 4)])
def test_drop00_keeps_pairs_where_one_arm_differs(table):
    data = dict(zip(("both", "only_e", "only_c", "neither"), table, strict=True))
    assert np.isfinite(effect_sizes("MPRR", drop00=True, **data).yi)


def test_rates_with_events_are_left_alone():
    found = effect_sizes("IRR", events_e=3, time_e=10, events_c=[2, 0], time_c=20)
    np.testing.assert_array_equal(found.corrected, [False, True])
    assert found.yi[0] == pytest.approx(np.log((3 / 10) / (2 / 20)), rel=RELATIVE)
    assert found.yi[1] == pytest.approx(np.log((3.5 / 10) / (0.5 / 20)), rel=RELATIVE)


def test_rates_of_one_arm_without_events_are_kept():
    data = {"events_e": [3, 0], "time_e": 10, "events_c": [0, 3], "time_c": 20}
    for drop00 in (True, False):
        assert np.isfinite(effect_sizes("IRR", drop00=drop00, **data).yi).all()
    none = {"events_e": 0, "time_e": 10, "events_c": 0, "time_c": 20}
    assert np.isfinite(effect_sizes("IRR", **none).yi)


def test_pairs_without_events_are_kept_unless_dropped():
    none = {"both": 0, "only_e": 0, "only_c": 0, "neither": 9}
    assert effect_sizes("MPRR", **none).yi == 0
    equal = {"both": 3, "only_e": 0, "only_c": 3, "neither": 2}
    assert np.isfinite(effect_sizes("MPRR", drop00=True, **equal).yi)
