"""Sampling covariances against metafor's vcalc and by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.dependence import sampling_covariance, shared_control_covariance

FILE = Path(__file__).parents[2] / "reference" / "r_multilevel.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8"))["covariances"]

# the arguments of each matrix, in the order of the script that made them
GIVEN: dict[str, dict[str, Any]] = {
    "contrasts": {
        "vi": [1, 1, 2, 1],
        "group_e": list("abac"),
        "group_c": list("ccbd"),
        "n_e": [10, 20, 10, 7],
        "n_c": [7, 7, 20, 40],
    },
    "times": {
        "vi": [1, 2, 1, 3],
        "group_e": list("abab"),
        "group_c": list("cccc"),
        "time": [1, 1, 2, 2],
        "time_c": [1, 1, 2, 2],
        "n_e": [10, 20, 10, 20],
        "n_c": [7, 7, 7, 7],
        "phi": 0.6,
    },
    "kinds": {
        "vi": [1, 2, 3, 4],
        "obs": [1, 2, 1, 2],
        "type": [1, 1, 2, 2],
        "r": [0.6, 0.3],
        "time": [1, 2, 4, 4.5],
        "phi": 0.8,
    },
    "within": {
        "vi": [1, 1],
        "group_e": [1, 1],
        "group_c": [1, 1],
        "time": [2, 3],
        "time_c": [1, 1],
        "phi": 0.8,
    },
    "subgroups": {
        "vi": [1, 2, 3, 4],
        "cluster": [1, 1, 1, 2],
        "subgroup": [1, 1, 2, 1],
        "r": 0.5,
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_agrees_with_vcalc(name: str) -> None:
    given = dict(GIVEN[name])
    vi = given.pop("vi")
    cluster = given.pop("cluster", [1] * len(vi))
    found = sampling_covariance(vi, cluster, **given)
    np.testing.assert_allclose(found, EXPECTED[name], rtol=1e-12, atol=1e-15)


def test_a_matrix_gives_the_correlation_of_labels() -> None:
    r = [[1, 0.2, 0.3], [0.2, 1, 0.4], [0.3, 0.4, 1]]
    found = sampling_covariance([1, 1, 1], [1, 1, 1], obs=["c", "a", "b"], r=r)
    np.testing.assert_allclose(found, [[1, 0.3, 0.4], [0.3, 1, 0.2], [0.4, 0.2, 1]])


def test_variances_stay_and_clusters_are_independent() -> None:
    vi = np.array([1e-15, 3e15, 0.2, 0.0])
    found = sampling_covariance(vi, ["a", "a", "b", "b"], r=0.9)
    assert np.diagonal(found).tolist() == vi.tolist()
    assert not found[:2, 2:].any()
    assert found[0, 1] == pytest.approx(0.9 * np.sqrt(3.0))


def test_a_missing_variance_stays_in_its_row() -> None:
    found = sampling_covariance([1.0, np.nan, 1.0], [1, 1, 2], r=0.5)
    assert np.isnan(found[1, :2]).all()
    assert found[1, 2] == found[0, 2] == 0.0


def test_equal_groups_share_half() -> None:
    found = sampling_covariance([4, 1], [1, 1], group_e=[1, 2], group_c=[3, 3])
    np.testing.assert_allclose(found, [[4, 1], [1, 1]])


@pytest.mark.parametrize(
    ("measure", "data", "expected"),
    [
        ("RR", {"events_c": 5, "n_c": 20}, 1 / 5 - 1 / 20),
        ("OR", {"events_c": 5, "n_c": 20}, 1 / 5 + 1 / 15),
        ("RD", {"events_c": 5, "n_c": 20}, 0.25 * 0.75 / 20),
        ("MD", {"sd_c": 3, "n_c": 20}, 9 / 20),
        ("ROM", {"mean_c": 2, "sd_c": 3, "n_c": 20}, 9 / 80),
        ("SMD", {"yi": 0.5, "n_e": 30, "n_c": 20}, 1 / 20 + 0.25 / 160),
    ],
)
def test_shared_control_arm(measure: str, data: dict[str, float], expected: float) -> None:
    columns = {name: np.full(2, value) for name, value in data.items()}
    found = shared_control_covariance(measure, [1, 2], ["a", "a"], **columns)
    np.testing.assert_allclose(found, [[1, expected], [expected, 2]], rtol=1e-14)


def test_the_shared_part_is_the_control_arms_part_of_the_variance() -> None:
    # log odds ratios of two arms against one: their difference does not know the control arm
    a, b, c = (7, 13), (4, 16), (5, 15)
    vi = [sum(1 / x for x in (*arm, *c)) for arm in (a, b)]
    found = shared_control_covariance("OR", vi, [1, 1], events_c=[5, 5], n_c=[20, 20])
    contrast = np.array([1.0, -1.0])
    np.testing.assert_allclose(contrast @ found @ contrast, sum(1 / x for x in (*a, *b)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "r is missing"),
        ({"r": 1.5}, "outside -1..1"),
        ({"r": [0.1, 0.2, 0.3]}, "a number, a pair or a matrix"),
        ({"r": [0.1, 0.2]}, "give type"),
        ({"r": 0.1, "type": [1, 1, 2], "obs": [1, 2, 1]}, "need r as a pair"),
        ({"r": np.eye(2), "obs": [1, 2, 3]}, "obs has 3 labels"),
        ({"r": np.eye(3)}, "either obs or type"),
        ({"r": np.triu(np.ones((3, 3))), "obs": [1, 2, 3]}, "no correlation matrix"),
        ({"r": -0.9}, "contradict each other"),
        ({"time": [1, 2, 3]}, "phi is missing"),
        ({"time": [1, 2, 3], "phi": -0.4}, "phi=-0.4"),
        ({"time": [1, 2]}, "time has shape"),
        ({"time": [1, 2, np.nan], "phi": 0.4}, "row 2: time=nan"),
        ({"group_e": [1, 2, 3]}, "go together"),
        ({"n_e": [1, 2, 3]}, "belong to contrasts"),
        ({"group_e": [1, 2, 3], "group_c": [4, 4, 4], "n_c": [0, 1, 1]}, "row 0: n_c=0"),
        ({"group_e": [1, 2, 4], "group_c": [4, 4, 4]}, "row 2: the contrast"),
        ({"vi": [1, -1, 1], "r": 0.1}, "row 1: vi=-1"),
        ({"vi": []}, "vi is empty"),
        ({"vi": 0.1}, "one variance a row"),
        ({"cluster": [1, 1], "r": 0.1}, "cluster has shape"),
    ],
)
def test_refuses(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"vi": [1, 1, 1], "cluster": [1, 1, 1]} | change
    with pytest.raises(StatsError, match=words):
        sampling_covariance(given.pop("vi"), given.pop("cluster"), **given)


@pytest.mark.parametrize(
    ("measure", "data", "words"),
    [
        ("HR", {}, "measure='HR'"),
        ("MD", {"sd_c": [1, 1]}, "takes sd_c, n_c"),
        ("MD", {"sd_c": [1, 2], "n_c": [9, 9]}, "row 1: sd_c=2 differs from row 0"),
        ("RR", {"events_c": [0, 0], "n_c": [9, 9]}, "row 0: events_c=0"),
        ("OR", {"events_c": [9, 9], "n_c": [9, 9]}, "row 0: n_c - events_c=0"),
        ("RD", {"events_c": [11, 11], "n_c": [9, 9]}, "outside 0..9"),
        ("RD", {"events_c": [1, 1], "n_c": [0, 0]}, "row 0: n_c=0"),
        ("MD", {"sd_c": [9, 9], "n_c": [2, 2]}, "contradict"),
    ],
)
def test_shared_control_refuses(measure: str, data: dict[str, Any], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        shared_control_covariance(measure, [1, 1], ["a", "a"], **data)
