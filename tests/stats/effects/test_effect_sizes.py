"""Effect sizes against metafor's escalc, and what escalc leaves to the user."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats import effect_sizes
from evsyn.stats.effects.effect_sizes import MEASURES

REFERENCE = Path(__file__).parents[2] / "reference"
RELATIVE = 1e-12
# What escalc itself loses: J from a difference of log gammas, and 1 - r² for r near 1 (both are
# held to the last digits in test_hedges.py and test_correlations.py).
LOOSE = {"SMD": 1e-11, "SMDH": 1e-11, "SMCC": 1e-11, "SMCR": 1e-11, "COR": 1e-10, "UCOR": 1e-10}
NAMES = {
    "arms": {"events_e": "ai", "n_e": "n1i", "events_c": "ci", "n_c": "n2i"},
    "arm": {"events": "xi", "n": "ni"},
    "rates": {"events_e": "x1i", "time_e": "t1i", "events_c": "x2i", "time_c": "t2i"},
    "groups": {
        "mean_e": "m1i", "sd_e": "sd1i", "n_e": "n1i", "mean_c": "m2i", "sd_c": "sd2i",
        "n_c": "n2i",
    },
    "correlations": {"r": "ri", "n": "ni"},
}  # fmt: skip
R = json.loads((REFERENCE / "r_effects.json").read_text(encoding="utf-8"))


def floats(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def named(raw):
    """Data under the package's names, from escalc's."""
    data = {name: floats(values) for name, values in raw.items()}
    if "bi" in data:
        data |= {"n1i": data["ai"] + data["bi"], "n2i": data["ci"] + data["di"]}
    names = next(names for names in NAMES.values() if set(names.values()) <= set(data))
    return {ours: data[theirs] for ours, theirs in names.items()}


def documents():
    for path in sorted(set(REFERENCE.glob("*.json")) - set(REFERENCE.glob("r_*.json"))):
        document = json.loads(path.read_text(encoding="utf-8"))
        for analysis in document.get("analyses", []):
            if analysis.get("measure") in MEASURES:
                data = document["data"][analysis["data"]]
                yield pytest.param(analysis, data, id=f"{path.stem}-{analysis['id']}")


@pytest.mark.parametrize(("analysis", "raw"), list(documents()))
def test_against_the_reference(analysis, raw):
    found = effect_sizes(analysis["measure"], **named(raw))
    np.testing.assert_allclose(found.yi, floats(analysis["yi"]), rtol=RELATIVE, atol=1e-15)
    np.testing.assert_allclose(found.vi, floats(analysis["vi"]), rtol=RELATIVE, atol=1e-300)
    assert found.measure == analysis["measure"]
    missing = np.isnan(floats(analysis["yi"]))
    assert [bool(words) for words in found.reason] == list(missing)


@pytest.mark.parametrize(
    "case",
    R["cases"],
    ids=lambda case: f"{case['measure']} {case['data']} {case['options'] or ''}",
)
def test_against_escalc(case):
    data = {name: floats(values) for name, values in R["data"][case["data"]].items()}
    found = effect_sizes(case["measure"], **case["options"], **data)
    yi, vi = floats(case["yi"]), floats(case["vi"])
    none = vi == 0  # escalc keeps a variance of 0
    assert all(words == "the sampling variance is 0" for words in found.reason[none])
    yi[none], vi[none] = np.nan, np.nan
    relative = LOOSE.get(case["measure"], RELATIVE)
    np.testing.assert_allclose(found.yi, yi, rtol=relative, atol=1e-15)
    np.testing.assert_allclose(found.vi, vi, rtol=relative, atol=1e-300)
    np.testing.assert_array_equal(found.reason == "", ~np.isnan(yi))


def test_every_measure_is_held_against_escalc():
    assert {case["measure"] for case in R["cases"]} == set(MEASURES)
    assert len(MEASURES) == len(set(MEASURES)) == 36


COUNTS = {"events_e": [0, 3], "n_e": [10, 10], "events_c": [4, 5], "n_c": [10, 12]}
TABLE = {"both": 59, "only_e": 6, "only_c": 16, "neither": 80}
MEANS = {"mean_e": 5, "sd_e": 2, "n_e": 10, "mean_c": 3, "sd_c": 3, "n_c": 12}
CHANGE = {"mean_pre": 5, "mean_post": 7, "sd_pre": 2, "n": 10, "r": 0.5}


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


@pytest.mark.parametrize("measure", ["AS", "PAS", "PFT", "IRSD", "IRS"])
def test_measures_that_need_no_correction_get_one_only_if_told(measure):
    data = {"events_e": 0, "events_c": 2, "n_e": 9, "n_c": 9, "time_e": 9, "time_c": 9}
    data |= {"events": 0, "n": 9, "time": 9}
    names = {"AS": ("events_e", "n_e", "events_c", "n_c"), "IRS": ("events", "time")}
    names["IRSD"] = ("events_e", "time_e", "events_c", "time_c")
    data = {name: data[name] for name in names.get(measure, ("events", "n"))}
    assert not effect_sizes(measure, **data).corrected
    assert not effect_sizes(measure, to="all", **data).corrected
    told = effect_sizes(measure, add=0.5, **data)
    assert told.corrected
    assert told.yi != effect_sizes(measure, **data).yi


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


def test_undefined_means():
    found = effect_sizes(
        "ROM", mean_e=[-1, 2, 0], sd_e=1, n_e=9, mean_c=[2, np.nan, 1], sd_c=1, n_c=9
    )
    assert np.isnan(found.yi).all()
    assert list(found.reason) == [
        "means of opposite sign, or a mean of 0: no ratio",
        "a value is missing",
        "means of opposite sign, or a mean of 0: no ratio",
    ]
    none = effect_sizes("MD", mean_e=1, sd_e=0, n_e=9, mean_c=2, sd_c=0, n_c=9)
    assert np.isnan(none.yi)
    assert none.reason == "the sampling variance is 0"


@pytest.mark.parametrize(
    ("measure", "data", "words"),
    [
        ("MD", {**MEANS, "n_e": 1}, "fewer than 2 in a group"),
        ("SMD1", {**MEANS, "n_c": 2}, "fewer than 3 comparators"),
        ("SMD", {**MEANS, "sd_e": 0, "sd_c": 0}, "no finite effect"),
        ("CVR", {**MEANS, "mean_c": -1}, "a mean of 0 or less"),
        ("MNLN", {"mean": -1, "sd": 1, "n": 9}, "a mean of 0 or less"),
        ("MN", {"mean": 3, "sd": 1, "n": 1}, "fewer than 2"),
        ("SMCC", {**CHANGE, "n": 2}, "fewer than 3: no factor"),
        ("ROMC", {**CHANGE, "mean_pre": -5}, "means of opposite sign"),
        ("COR", {"r": 0.2, "n": 3}, "fewer than 4 pairs"),
        ("COR", {"r": 1, "n": 30}, "the sampling variance is 0"),
        ("UCOR", {"r": 0.2, "n": 4}, "fewer than 5 pairs"),
        ("ZCOR", {"r": -1, "n": 30}, "no finite effect"),
        ("ZCOR", {"r": 0.2, "n": 3}, "fewer than 4 pairs"),
        ("RR", {"events_e": 0, "n_e": 0, "events_c": 1, "n_c": 5}, "an arm without participants"),
        ("PFT", {"events": 0, "n": 0}, "an arm without participants"),
        ("MPRR", dict.fromkeys(TABLE, 0), "an arm without participants"),
        ("MPORC", {**TABLE, "only_e": np.nan}, "a value is missing"),
    ],
)
def test_undefined_says_why(measure, data, words):
    found = effect_sizes(measure, **data)
    assert np.isnan(found.yi)
    assert np.isnan(found.vi)
    assert found.reason.startswith(words)
    assert not found.corrected
    beside = effect_sizes(measure, **{name: [value, value] for name, value in data.items()})
    assert list(beside.reason) == [found.reason] * 2


def test_columns_that_a_measure_does_not_compute_with():
    full = effect_sizes("SMD1", **MEANS)
    without = {name: value for name, value in MEANS.items() if name != "sd_e"}
    assert effect_sizes("SMD1", **without) == full
    assert effect_sizes("SMD1", **{**MEANS, "sd_e": np.nan}).yi == full.yi
    spread = {name: value for name, value in MEANS.items() if "mean" not in name}
    assert effect_sizes("VR", **spread).yi == effect_sizes("VR", **MEANS).yi
    assert effect_sizes("SMCR", **CHANGE) == effect_sizes("SMCR", sd_post=3, **CHANGE)
    with pytest.raises(StatsError, match="sd_e=-1 is negative"):
        effect_sizes("SMD1", **{**MEANS, "sd_e": -1})


@pytest.mark.parametrize("measure", ["MC", "SMCC", "ROMC"])
def test_a_spread_that_is_not_given_is_taken_for_the_other_and_said(measure):
    assumed = effect_sizes(measure, **CHANGE)
    given = effect_sizes(measure, sd_post=2, **CHANGE)
    assert (assumed.yi, assumed.vi) == (given.yi, given.vi)
    assert assumed.note == "sd_post taken equal to sd_pre"
    assert given.note == ""


def test_scalars_and_broadcasting():
    single = effect_sizes("RD", events_e=3, n_e=10, events_c=5, n_c=10)
    assert isinstance(single.yi, float)
    assert single.reason == ""
    grid = effect_sizes("RD", events_e=[[3], [4]], n_e=10, events_c=[5, 6, 7], n_c=10)
    assert grid.yi.shape == grid.reason.shape == grid.corrected.shape == (2, 3)
    assert grid.yi[0, 0] == single.yi


@pytest.mark.parametrize("measure", MEASURES)
def test_no_studies(measure):
    case = next(case for case in R["cases"] if case["measure"] == measure)
    with pytest.raises(StatsError, match="is empty; give one study or more"):
        effect_sizes(measure, **{name: [] for name in R["data"][case["data"]]})


@pytest.mark.parametrize("measure", MEASURES)
def test_a_missing_value_costs_its_study_alone(measure):
    case = next(case for case in R["cases"] if case["measure"] == measure)
    data = {name: floats(values) for name, values in R["data"][case["data"]].items()}
    whole = effect_sizes(measure, **data)
    for name in data:
        gap = {key: values.copy() for key, values in data.items()}
        gap[name][1] = np.nan
        found = effect_sizes(measure, **gap)
        if name in ("sd_e", "mean_e", "mean_c") and found.reason[1] == "":
            assert measure in ("SMD1", "VR")
            continue
        assert np.isnan(found.yi[1])
        assert found.reason[1] == "a value is missing"
        others = np.arange(len(whole.yi)) != 1
        np.testing.assert_array_equal(found.yi[others], whole.yi[others])


def test_the_data_given_are_not_written_on():
    data = {name: np.array(values, dtype=float) for name, values in COUNTS.items()}
    kept = {name: values.copy() for name, values in data.items()}
    effect_sizes("OR", to="all", **data)
    for name, values in data.items():
        np.testing.assert_array_equal(values, kept[name])


@pytest.mark.parametrize("measure", MEASURES)
def test_scales_far_from_one(measure):
    """Times, means and spreads in another unit move an effect as they should."""
    case = next(case for case in R["cases"] if case["measure"] == measure)
    data = {name: floats(values) for name, values in R["data"][case["data"]].items()}
    whole = effect_sizes(measure, **data)
    power = {"MD": 1, "MN": 1, "MC": 1, "IRD": -1, "IR": -1, "IRSD": -0.5, "IRS": -0.5}
    for unit in (1e-15, 1e15):
        other = {
            name: values * (unit if name.startswith(("mean", "sd", "time")) else 1)
            for name, values in data.items()
        }
        found = effect_sizes(measure, **other)
        shift = np.log(unit) * {"MNLN": 1, "IRLN": -1}.get(measure, 0)
        factor = unit ** power.get(measure, 0)
        np.testing.assert_allclose(found.yi, whole.yi * factor + shift, rtol=1e-11, atol=1e-15)
        np.testing.assert_allclose(found.vi, whole.vi * factor**2, rtol=1e-11)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: effect_sizes("ORR"), r"measure='ORR' is unknown; use one of RR, OR, RD.*did you"),
        (lambda: effect_sizes(3), "measure=3 is unknown"),
        (lambda: effect_sizes("RR", events=1, n=2), "measure RR takes events_e, .*found events, n"),
        (lambda: effect_sizes("RR", event_e=1, **COUNTS), 'did you mean "events_e"'),
        (lambda: effect_sizes("PR"), "takes events, n; found nothing"),
        (lambda: effect_sizes("MC", n=3), r"takes mean_pre, mean_post, sd_pre, \[sd_post\], n, r"),
        (lambda: effect_sizes("RR", to="some", **COUNTS), "to='some' is unknown"),
        (lambda: effect_sizes("RR", add=-1, **COUNTS), "add=-1 is not allowed"),
        (lambda: effect_sizes("RR", add="x", **COUNTS), "add='x' is not an array of numbers"),
        (lambda: effect_sizes("PR", events=[1, 9], n=5), "study 1: events=9 lies outside 0..5"),
        (
            lambda: effect_sizes("OR", events_e=1, n_e=50, events_c=[2, 9], n_c=[3, 4]),
            "study 1: events_c=9 lies outside 0..4",
        ),
        (lambda: effect_sizes("PR", events=[1, -9], n=5), "study 1: events=-9 is no count"),
        (lambda: effect_sizes("PR", events=[1, 2.5], n=5), "study 1: events=2.5 is no count"),
        (lambda: effect_sizes("PR", events=[1, "2"], n=5), "study 1: '2' is none"),
        (lambda: effect_sizes("PR", events=[np.nan, 9], n=5), "study 1: events=9 lies outside"),
        (lambda: effect_sizes("PR", events=[1, 2], n=[5, np.inf]), "study 1: n=inf is no count"),
        (lambda: effect_sizes("PR", events=[1, 2], n=[5] * 3), r"events \(2,\), n \(3,\)"),
        (
            lambda: effect_sizes("IRR", events_e=1, time_e=[2, 0], events_c=1, time_c=1),
            "study 1: time_e=0 is no time at risk",
        ),
        (
            lambda: effect_sizes("IRR", events_e=0.5, time_e=2, events_c=1, time_c=1),
            "study 0: events_e=0.5 is no count",
        ),
        (lambda: effect_sizes("MD", **{**MEANS, "sd_c": [1, -1]}), "study 1: sd_c=-1 is negative"),
        (lambda: effect_sizes("MD", **{**MEANS, "n_c": [1, 0]}), "study 1: n_c=0 is no size"),
        (lambda: effect_sizes("MD", **{**MEANS, "n_c": 3.5}), "study 0: n_c=3.5 is no count"),
        (lambda: effect_sizes("MD", **{**MEANS, "mean_e": np.inf}), "mean_e=inf is not finite"),
        (
            lambda: effect_sizes("MD", **{**MEANS, "mean_e": [1, 2], "mean_c": [1] * 3}),
            "shapes do not fit",
        ),
        (lambda: effect_sizes("MPRR", **{**TABLE, "both": -1}), "both=-1 is no count"),
        (
            lambda: effect_sizes("ZCOR", r=[[0.1, 0.2], [0.3, -1.2]], n=9),
            r"study \(1, 1\): r=-1.2 lies outside -1..1",
        ),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()


ODD = np.array([np.nan, 0, 0, 1, 2, 3, 5, 12, 1e6, 1e15])


@pytest.mark.parametrize("measure", MEASURES)
def test_any_data_give_an_effect_or_a_reason(measure):
    """Synthetic draws of zeros, ones, ties, missing and huge values, under every rule."""
    rng = np.random.default_rng(4)
    case = next(case for case in R["cases"] if case["measure"] == measure)
    columns = {name: rng.choice(ODD, 4000) for name in R["data"][case["data"]]}
    for name, values in columns.items():
        if name.startswith("mean"):
            values *= rng.choice([-1, 1], values.size)
        elif name.startswith("time"):
            columns[name] = values + 1e-15
        elif name.startswith("n"):
            partner = columns.get(name.replace("n", "events", 1))
            columns[name] = values + (1 if partner is None else partner)
        elif name == "r":
            columns[name] = rng.choice([np.nan, -1, 1, 0, 0.5, 1 - 1e-16, -1e-200], values.size)
    for to in ("only0", "all", "if0all", "none"):
        for drop00 in (False, True):
            found = effect_sizes(measure, to=to, drop00=drop00, **columns)
            none = np.isnan(found.yi)
            np.testing.assert_array_equal(none, np.isnan(found.vi))
            np.testing.assert_array_equal(none, found.reason != "")
            assert np.isfinite(found.yi[~none]).all()
            assert (found.vi[~none] > 0).all()
            assert np.isfinite(found.vi[~none]).all()
            assert not found.corrected[none].any()
            assert 0 < none.sum() < none.size
