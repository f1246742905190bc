"""Natural scale, and where the inverse of the double arcsine fails."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats import back_transform, effect_sizes
from evsyn.stats.effects.back import freeman_tukey_inverse
from evsyn.stats.effects.effect_sizes import MEASURES

REFERENCE = Path(__file__).parents[2] / "reference"
R = json.loads((REFERENCE / "r_effects.json").read_text(encoding="utf-8"))
SIZES = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]


@pytest.mark.parametrize("case", R["back"], ids=lambda case: case["measure"])
def test_against_metafor(case):
    found = back_transform(case["value"], case["measure"], n=case.get("n"))
    np.testing.assert_allclose(found, case["natural"], rtol=1e-13, atol=1e-15)


def pooled():
    for path in sorted(set(REFERENCE.glob("*.json")) - set(REFERENCE.glob("r_*.json"))):
        document = json.loads(path.read_text(encoding="utf-8"))
        for analysis in document.get("analyses", []):
            if "back" in analysis:
                yield pytest.param(analysis, document, id=f"{path.stem}-{analysis['id']}")


@pytest.mark.parametrize(("analysis", "document"), list(pooled()))
def test_pooled_values_against_the_reference(analysis, document):
    fit, back = analysis["rma"]["REML"]["z"], analysis["back"]
    sizes = document["data"][analysis["data"]].get("ni")
    for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        found = back_transform(fit[name], analysis["measure"], n=sizes)
        assert found == pytest.approx(back[name], rel=1e-12, abs=1e-15), name


def test_every_measure_comes_back():
    same = {"RD", "AS", "PR", "MPRD", "IRD", "IRSD", "IR", "MD", "SMD", "SMDH", "SMD1", "MN", "MC"}
    same |= {"SMCC", "SMCR", "COR", "UCOR"}
    other = {"PLO": 0.574442516811659, "PAS": 0.0873321925451609, "IRS": 0.09, "ZCOR": np.tanh(0.3)}
    for measure in MEASURES:
        expected = 0.3 if measure in same else other.get(measure, np.exp(0.3))
        if measure != "PFT":
            assert back_transform(0.3, measure) == pytest.approx(expected, rel=1e-14), measure
            assert np.isnan(back_transform(np.nan, measure))
    assert back_transform([[0.0, 1.0]], "RR").shape == (1, 2)


@pytest.mark.parametrize(
    ("measure", "data", "natural"),
    [
        ("PLN", {"events": 3, "n": 12}, 0.25),
        ("PLO", {"events": 3, "n": 12}, 0.25),
        ("PAS", {"events": 3, "n": 12}, 0.25),
        ("IRLN", {"events": 3, "time": 12}, 0.25),
        ("IRS", {"events": 3, "time": 12}, 0.25),
        ("MNLN", {"mean": 0.25, "sd": 1, "n": 9}, 0.25),
        ("ZCOR", {"r": 0.25, "n": 9}, 0.25),
        ("RR", {"events_e": 1, "n_e": 8, "events_c": 2, "n_c": 4}, 0.25),
    ],
)
def test_there_and_back(measure, data, natural):
    assert back_transform(effect_sizes(measure, **data).yi, measure) == pytest.approx(natural)


@given(st.integers(1, 10**7), st.data())
def test_one_study_comes_back_exactly(n, draw):
    events = draw.draw(st.integers(0, n))
    value = effect_sizes("PFT", events=events, n=n).yi
    assert back_transform(value, "PFT", n=n) == pytest.approx(events / n, rel=1e-7, abs=1e-13)


def test_inverse_increases_and_is_symmetric():
    value = np.linspace(0, np.pi / 2, 401)
    found = back_transform(value, "PFT", n=[5, 40, 1000])
    assert (np.diff(found) >= 0).all()
    assert (found[0], found[-1]) == (0, 1)
    np.testing.assert_allclose(found + found[::-1], 1, atol=1e-14)


def test_values_beyond_the_attainable_are_clipped_and_said():
    found = freeman_tukey_inverse([0.01, 0.1, 1.56, np.nan], SIZES)
    np.testing.assert_array_equal(found.estimate[[0, 2]], [0, 1])
    assert np.isnan(found.estimate[3])
    assert found.reason[0] == (
        "no proportion at n = 712.471 has this value: its range is 0.01872 to 1.552"
    )
    assert found.reason[2].startswith("no proportion")
    assert found.reason[3] == "the value is missing"
    low, high = effect_sizes("PFT", events=[0, 712], n=712).yi
    assert found.lower[0] == pytest.approx(low, rel=1e-3)
    assert found.upper[0] == pytest.approx(high, rel=1e-3)


def test_how_far_the_inverse_hangs_on_n():
    found = freeman_tukey_inverse(0.06, SIZES)
    assert found.smallest_n < found.estimate < found.largest_n
    assert found.largest_n > 5 * found.smallest_n
    assert found.reason.startswith("the inverse hangs on n: ")
    middle = freeman_tukey_inverse(0.7, [40, 50, 60])
    assert middle.reason == ""
    assert middle.n == pytest.approx(3 / (1 / 40 + 1 / 50 + 1 / 60))
    own = freeman_tukey_inverse(effect_sizes("PFT", events=[0, 9], n=9).yi, 9)
    np.testing.assert_array_equal(own.estimate, [0, 1])
    assert list(own.reason) == ["", ""]


def test_a_column_of_sizes_for_each_value():
    sizes = np.array([[10, 1000], [20, 2000]])
    both = freeman_tukey_inverse([0.5, 0.6], sizes)
    for at in (0, 1):
        assert both.estimate[at] == freeman_tukey_inverse([0.5, 0.6][at], sizes[:, at]).estimate


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: back_transform(1, "HR"), "measure='HR' is unknown"),
        (lambda: back_transform("a", "RR"), "value='a' is not an array of numbers"),
        (lambda: back_transform(1, "PFT"), "PFT needs n"),
        (lambda: back_transform(1, "PFT", n=[]), "n is empty"),
        (lambda: back_transform(1, "PFT", n=[4, np.nan]), "lacks the size"),
        (lambda: back_transform(1, "PFT", n=[4, 0]), "study 1: n=0 is no size"),
        (lambda: back_transform(1, "PFT", n=[4, 2.5]), "study 1: n=2.5 is no count"),
        (lambda: back_transform([1, 2, 3], "PFT", n=[[4, 5]]), "shapes do not fit"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()
