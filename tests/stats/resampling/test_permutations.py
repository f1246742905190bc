from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.resampling import permutations as module
from evsyn.stats.resampling.permutations import permutation_test

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_resampling.json").read_text(encoding="utf-8")
)["permutation"]
BCG = CASES[4]
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['method']}-{case['test']}-{case['arrangements']}"
)
def test_exact_tests_against_metafor(case: dict[str, Any]) -> None:
    mods = None if case["mods"] is None else np.column_stack(case["mods"])
    found = permutation_test(
        case["yi"], case["vi"], mods, method=case["method"], test=case["test"], exact=True
    )
    assert found.exact
    assert found.permutations == case["arrangements"]
    np.testing.assert_allclose(np.atleast_1d(found.estimate), case["estimate"], rtol=1e-7)
    np.testing.assert_allclose(np.atleast_1d(found.statistic), case["statistic"], rtol=1e-7)
    np.testing.assert_allclose(np.atleast_1d(found.p_value), case["p_value"], rtol=1e-12)
    np.testing.assert_allclose(found.qm, case["qm"], rtol=1e-7)
    np.testing.assert_allclose(found.qm_pvalue, case["qm_pvalue"], rtol=1e-12)


def test_the_bcg_trials_with_hartung_and_knapp() -> None:
    found = permutation_test(BCG["yi"], BCG["vi"], exact=True)
    assert found.p_value * 8192 == 12
    assert found.k == 13
    assert np.ndim(found.estimate) == np.ndim(found.p_value) == 0


@pytest.mark.parametrize("mods", [None, LATITUDE])
def test_random_arrangements_come_near_the_exact_share(mods: list[int] | None) -> None:
    yi, vi = np.array(BCG["yi"])[:7], np.array(BCG["vi"])[:7]
    some = None if mods is None else mods[:7]
    exact = permutation_test(yi, vi, some, exact=True, method="DL")
    found = permutation_test(yi, vi, some, exact=False, method="DL", permutations=20_000, seed=1)
    assert not found.exact
    assert found.permutations == 20_000
    np.testing.assert_allclose(found.p_value, exact.p_value, atol=0.015)
    np.testing.assert_allclose(found.qm_pvalue, exact.qm_pvalue, atol=0.015)


def test_what_is_small_enough_is_exact() -> None:
    yi, vi = BCG["yi"][:5], BCG["vi"][:5]
    assert permutation_test(yi, vi).exact
    assert not permutation_test(yi, vi, permutations=31).exact
    assert permutation_test(yi, vi, permutations=32).exact
    assert not permutation_test(yi, vi, exact=False).exact
    assert permutation_test(yi, vi, permutations=1, exact=False).p_value == 1.0


def test_seeds_and_executors() -> None:
    arguments: dict[str, Any] = {"exact": False, "permutations": 20_000, "method": "DL"}
    shares: list[float] = []
    one = permutation_test(
        BCG["yi"], BCG["vi"], LATITUDE, seed=1, progress=shares.append, **arguments
    )
    with ThreadPoolExecutor(2) as executor:
        again = permutation_test(
            BCG["yi"], BCG["vi"], LATITUDE, seed=1, executor=executor, **arguments
        )
    other = permutation_test(BCG["yi"], BCG["vi"], LATITUDE, seed=2, **arguments)
    np.testing.assert_array_equal(one.p_value, again.p_value)
    assert one.p_value[0] != other.p_value[0]
    assert len(shares) == 3
    assert shares[-1] == 1.0


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_scale_and_ties_are_of_no_consequence(scale: float) -> None:
    yi, vi = np.array([0.1, 0.1, 0.1, 0.3, 0.3, -0.2]), np.full(6, 0.01)
    mods = [0, 0, 1, 1, 2, 2]
    plain = permutation_test(yi, vi, exact=True)
    found = permutation_test(yi * np.sqrt(scale), vi * scale, exact=True)
    assert found.p_value == plain.p_value
    with_mods = permutation_test(yi, vi, mods, exact=True)
    scaled = permutation_test(yi * np.sqrt(scale), vi * scale, np.multiply(mods, 1e6), exact=True)
    np.testing.assert_array_equal(scaled.p_value, with_mods.p_value)
    assert with_mods.permutations == 90


def test_signs_keep_their_level() -> None:
    source, rejected = np.random.default_rng(6), 0  # synthetic
    for _ in range(200):
        vi = source.uniform(0.05, 0.5, 6)
        found = permutation_test(source.normal(0.0, np.sqrt(vi + 0.2)), vi, method="DL", exact=True)
        rejected += found.p_value <= 0.125
    assert rejected / 200 == pytest.approx(0.125, abs=0.06)


def test_effects_that_agree_exactly() -> None:
    found = permutation_test([0.5, 0.5, 0.5], [0.1, 0.2, 0.3])
    assert np.isnan(found.p_value)
    assert permutation_test([0.5, 0.5, 0.5], [0.1, 0.2, 0.3], test="z").p_value == 0.25


def test_one_study() -> None:
    found = permutation_test([0.5], [0.1], test="z")
    assert found.p_value == 1.0
    assert found.permutations == 2
    assert np.isnan(permutation_test([0.5], [0.1]).p_value)


def test_an_interruption_passes() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        permutation_test(BCG["yi"], BCG["vi"], progress=stop)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "XX"}, "method='XX' is unknown"),
        ({"test": "t"}, "test='t' is unknown"),
        ({"permutations": 0}, "permutations=0 is not allowed"),
        ({"seed": "x", "exact": False}, "is no seed"),
        ({"mods": LATITUDE, "exact": True}, "has 389188800 arrangements, more than 5000000"),
    ],
)
def test_what_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        permutation_test(BCG["yi"], BCG["vi"], **options)


def test_the_most_an_exact_test_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 31)
    with pytest.raises(StatsError, match="32 arrangements, more than 31"):
        permutation_test(BCG["yi"][:5], BCG["vi"][:5], exact=True)
