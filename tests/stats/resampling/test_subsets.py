from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.pool import pool
from evsyn.stats.resampling import subsets as module
from evsyn.stats.resampling.subsets import SubsetEffects, gosh

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_resampling.json").read_text(encoding="utf-8")
)["gosh"]
RUNS = [(name, run["method"]) for name, data in REFERENCE.items() for run in data["runs"]]


def synthetic(k: int) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(k)
    vi = source.uniform(0.02, 0.5, k)
    return source.normal(0.3, np.sqrt(vi + 0.1)), vi


def likelihood(yi: np.ndarray, vi: np.ndarray, tau2: float) -> float:
    """Twice the full log likelihood, up to a constant."""
    w = 1 / (vi + tau2)
    return float(np.log(w).sum() - (w * (yi - (w * yi).sum() / w.sum()) ** 2).sum())


@pytest.mark.parametrize(("name", "method"), RUNS)
def test_all_subsets_against_metafor(name: str, method: str) -> None:
    data = REFERENCE[name]
    run: dict[str, Any] = next(run for run in data["runs"] if run["method"] == method)
    found: Any = gosh(data["yi"], data["vi"], method=method)
    assert found.complete
    np.testing.assert_array_equal(found.k, run["k"])
    held = found.members().T
    y, v = (np.where(held, np.array(data[key])[:, None], np.nan) for key in ("yi", "vi"))
    # metafor climbs to the nearest maximum: where it gives another, ours is higher.
    same = np.isclose(found.tau2, run["tau2"], rtol=1e-6, atol=1e-6)
    assert (~same).sum() <= 1
    for i in np.flatnonzero(~same):
        own, mine = held[:, i], found.tau2[i]
        assert pool(y[own, i], v[own, i], method=method).n_modes == 2  # type: ignore[call-overload]
        theirs = likelihood(y[own, i], v[own, i], run["tau2"][i])
        assert likelihood(y[own, i], v[own, i], mine) > theirs
    run = {
        key: np.array(values, dtype=float)[same] for key, values in run.items() if key != "method"
    }
    found = SimpleNamespace(**{key: getattr(found, key)[same] for key in run})
    many = found.k > 1
    tolerance = 1e-7 if method in ("PM", "ML", "REML") else 1e-8
    # metafor stops searches at an absolute change; the size of the variances is the scale.
    typical = float(np.median(data["vi"]))
    np.testing.assert_allclose(found.estimate, run["estimate"], rtol=tolerance)
    np.testing.assert_allclose(found.q, run["q"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.tau2, run["tau2"], rtol=tolerance, atol=1e-9 * typical)
    np.testing.assert_allclose(found.i2[many], run["i2"][many], rtol=tolerance, atol=1e-6)


@pytest.mark.parametrize("k", [1, 2, 5, 14])
@pytest.mark.parametrize("method", ["FE", "DL", "REML"])
def test_rows_are_binary_numbers(k: int, method: str) -> None:
    yi, vi = synthetic(k)
    found = gosh(yi, vi, method=method)
    assert (
        found.estimate.shape == found.tau2.shape == found.i2.shape == found.k.shape == (2**k - 1,)
    )
    members = found.members()
    np.testing.assert_array_equal(members @ (1 << np.arange(k)), np.arange(1, 2**k))
    np.testing.assert_array_equal(members.sum(axis=1), found.k)
    fit = pool(
        np.where(members.T, yi[:, None], np.nan),
        np.where(members.T, vi[:, None], np.nan),
        method=method,
    )  # type: ignore[call-overload]
    np.testing.assert_allclose(found.estimate, fit.estimate, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.tau2, np.nan_to_num(fit.tau2), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found.i2, fit.i2, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.q, fit.q, rtol=1e-9, atol=1e-12)


def test_subsets_of_one_size_come_as_combinations_do() -> None:
    yi, vi = synthetic(6)
    found = gosh(yi, vi, method="EE")
    order = np.argsort(found.k, kind="stable")
    pairs = [tuple(np.flatnonzero(row)) for row in found.members(order[6:21])]
    assert sorted(pairs) == list(combinations(range(6), 2))


def test_the_order_of_studies_is_of_no_consequence() -> None:
    yi, vi = synthetic(9)
    turn = np.random.default_rng(3).permutation(9)
    one, other = gosh(yi, vi), gosh(yi[turn], vi[turn])
    codes = other.members() @ (1 << turn) - 1
    np.testing.assert_allclose(other.estimate, one.estimate[codes], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(other.tau2, one.tau2[codes], rtol=1e-9, atol=1e-13)


def test_absent_studies_are_in_no_subset() -> None:
    yi, vi = synthetic(5)
    found = gosh([np.nan, *yi[:3], np.nan, *yi[3:]], [0.1, *vi[:3], 0.2, *vi[3:]])
    plain = gosh(yi, vi)
    np.testing.assert_array_equal(found.estimate, plain.estimate)
    assert found.members().shape == (31, 7)
    assert not found.members()[:, [0, 4]].any()
    assert found.studies == 7


@pytest.mark.parametrize(("k", "wanted"), [(4, 14), (7, 60), (10, 1000), (30, 3000), (70, 500)])
def test_random_subsets_differ_and_repeat(k: int, wanted: int) -> None:
    yi, vi = synthetic(k)
    found, again, other = (gosh(yi, vi, method="DL", subsets=wanted, seed=s) for s in (1, 1, 2))
    assert not found.complete
    members = found.members()
    assert members.shape == (wanted, k)
    assert len(np.unique(members, axis=0)) == wanted
    assert members.any(axis=1).all()
    np.testing.assert_array_equal(members.sum(axis=1), found.k)
    np.testing.assert_array_equal(found.estimate, again.estimate)
    assert not np.array_equal(found.members(), other.members())
    at = found.k.argmax()
    fit = pool(yi[members[at]], vi[members[at]], method="DL")
    np.testing.assert_allclose(found.estimate[at], fit.estimate, rtol=1e-10)
    np.testing.assert_array_equal(found.members([at, 0]), members[[at, 0]])


def test_random_subsets_hold_each_study_half_the_time() -> None:
    yi, vi = synthetic(30)
    members = gosh(yi, vi, method="EE", subsets=20_000, seed=5).members()
    np.testing.assert_allclose(members.mean(axis=0), 0.5, atol=0.02)


def test_as_many_as_there_are_means_all() -> None:
    yi, vi = synthetic(5)
    assert gosh(yi, vi, subsets=31).complete
    assert not gosh(yi, vi, subsets=30, seed=1).complete


@pytest.mark.parametrize("wanted", [None, 40_000])
def test_executors_change_nothing(wanted: int | None) -> None:
    yi, vi = synthetic(17)
    shares: list[float] = []
    plain = gosh(yi, vi, method="DL", subsets=wanted, seed=4, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 2
    with ThreadPoolExecutor(3) as executor:
        found = gosh(yi, vi, method="DL", subsets=wanted, seed=4, executor=executor)
    for name in ("estimate", "tau2", "i2", "q", "k"):
        np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_the_width_of_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    yi, vi = synthetic(14)
    plain: SubsetEffects = gosh(yi, vi, method="EE")
    monkeypatch.setattr(module, "PART", 1 << 12)
    np.testing.assert_array_equal(gosh(yi, vi, method="EE").estimate, plain.estimate)


def test_an_interruption_passes() -> None:
    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gosh(*synthetic(14), progress=stop)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"yi": [[1.0, 2.0]], "vi": [[1.0, 1.0]]}, r"shape \(1, 2\); give one analysis"),
        ({"yi": [np.nan], "vi": [1.0]}, "no study has an effect size"),
        ({"yi": [], "vi": []}, "yi is empty"),
        ({"yi": [1.0, 2.0], "vi": [1.0, -1.0]}, "study 1: vi=-1 is not"),
        ({"yi": [1.0], "vi": [1.0, 1.0]}, "both must be"),
        ({"yi": [1.0, 2.0], "vi": [1.0, 1.0], "subsets": 0}, "subsets=0 is not allowed"),
        ({"yi": [1.0, 2.0], "vi": [1.0, 1.0], "method": "XX"}, "method='XX' is unknown"),
        ({"yi": [1.0] * 40, "vi": [1.0] * 40, "subsets": 2**30}, "are more than"),
        ({"yi": ["a", "b"], "vi": [1.0, 1.0]}, "is not an array of numbers"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        gosh(**arguments)
