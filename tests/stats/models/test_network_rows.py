"""Rows of a network: what is refused, and that the rotation changes nothing but the form."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.network_rows import components, independent_rows, labels, read_network


def text(values):
    return labels("label", list(values))


def read(yi, vi, e, c, study):
    return read_network(yi, vi, text(e), text(c), text(study))


def multi_arm(rng, p):
    """All pairs of a synthetic study of p arms, their order and direction at random."""
    place, variance = rng.normal(size=p), rng.uniform(0.05, 1.0, size=p)
    rows = []
    for i, j in combinations(range(p), 2):
        e, c = (i, j) if rng.random() < 0.5 else (j, i)
        rows.append((place[e] - place[c], variance[i] + variance[j], f"T{e}", f"T{c}", "s"))
    order = rng.permutation(len(rows))
    return (
        place,
        variance,
        [list(column) for column in zip(*(rows[at] for at in order), strict=True)],
    )


@pytest.mark.parametrize("p", [2, 3, 4, 6])
def test_study_has_the_covariance_of_its_arms(p):
    place, variance, rows = multi_arm(np.random.default_rng(p), p)
    (study,) = read(*rows).studies
    np.testing.assert_allclose(study.y, place[1:] - place[0], rtol=1e-12, atol=1e-14)
    expected = np.diag(variance[1:]) + variance[0]
    np.testing.assert_allclose(study.v, expected, rtol=1e-12)


@pytest.mark.parametrize("p", [2, 3, 4, 6])
@pytest.mark.parametrize("tau2", [0.0, 0.3])
def test_independent_rows_carry_the_same_information(p, tau2):
    _, variance, given = multi_arm(np.random.default_rng(p), p)
    network = read(*given)
    rows = independent_rows(network)
    (study,) = network.studies
    contrast = np.hstack([-np.ones((p - 1, 1)), np.eye(p - 1)])
    inner = np.linalg.inv(study.v + tau2 * (np.eye(p - 1) + 1) / 2)
    w = 1 / (rows.v + tau2)
    information = contrast.T @ inner @ contrast
    np.testing.assert_allclose(rows.x.T @ (w[:, None] * rows.x), information, atol=1e-11)
    np.testing.assert_allclose(rows.x.T @ (w * rows.y), contrast.T @ inner @ study.y, atol=1e-11)
    assert rows.y @ (w * rows.y) == pytest.approx(study.y @ inner @ study.y, rel=1e-11)
    np.testing.assert_allclose(rows.x.sum(axis=1), 0, atol=1e-12)
    assert variance.size == p


def test_two_arm_study_keeps_its_row():
    rows = independent_rows(read([0.3], [0.04], ["B"], ["A"], ["s"]))
    assert (rows.y[0], rows.v[0], rows.x.tolist()) == (0.3, 0.04, [[-1.0, 1.0]])


def test_direction_of_a_row_does_not_matter():
    one, other = (
        read([y], [0.04], [e], [c], ["s"]) for y, e, c in ((0.3, "B", "A"), (-0.3, "A", "B"))
    )
    assert one.studies[0].y == other.studies[0].y


def test_rounded_effects_of_a_study_are_averaged():
    network = read([0.20, 1.30, 1.11], [0.04] * 3, ["B", "C", "C"], ["A", "A", "B"], ["s"] * 3)
    np.testing.assert_allclose(network.studies[0].y, [0.20 - 0.01 / 3, 1.30 + 0.01 / 3])


def test_components():
    assert components(6, [(0, 4), (1, 2), (2, 4)]) == [[0, 1, 2, 4], [3], [5]]
    assert components(3, []) == [[0], [1], [2]]


def test_labels():
    assert labels("x", np.array([1, 2])).tolist() == ["1", "2"]
    with pytest.raises(StatsError, match=r"x has the shape \(1, 2\)"):
        labels("x", [["a", "b"]])
    with pytest.raises(StatsError, match="row 1: x=nan is no label"):
        labels("x", ["a", float("nan")])


THREE = {"yi": [0.1, 0.3, 0.2], "vi": [0.04, 0.05, 0.05], "e": "BCC", "c": "AAB", "study": "sss"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"yi": [0.1, np.inf, 0.2]}, "row 1: yi=inf is not finite"),
        ({"vi": [0.1, 0.0, 0.2]}, "row 1: vi=0 is not above 0"),
        ({"vi": [0.1, 0.1, -1.0]}, "row 2: vi=-1 is not above 0"),
        ({"vi": [0.1, 0.1, np.inf]}, "row 2: vi=inf is not above 0"),
        ({"vi": [0.1, 0.1]}, r"shapes differ: yi \(3,\), vi \(2,\)"),
        ({"yi": [[0.1, 0.2, 0.3]]}, "shapes differ"),
        ({"yi": "abc"}, "not an array of numbers"),
        ({"e": "BAC"}, "row 1: 'A' is compared with itself"),
        (
            {"yi": [0.1, np.nan, 0.2]},
            "study 's': 2 rows for 3 treatments; all 3 pairs .* 'A' with 'C'",
        ),
        ({"c": "ABB", "e": "BAC"}, "study 's': rows 0 and 1 both compare 'A' with 'B'"),
        (
            {"yi": [0.1, 0.9, 0.2]},
            "effects contradict each other: '(B.* is 0.1, .* say 0.7|C.* is 0.9, .* say 0.3);",
        ),
        (
            {"vi": [0.2, 0.2, 2.0]},
            "cannot come from one study: A with B 0.2, A with C 0.2, B with C 2",
        ),
        ({"yi": [np.nan] * 3}, "no row has both"),
        ({"study": "rst", "e": "BDF", "c": "ACE"}, r"falls into 3 parts .*: A, B \| C, D \| E, F"),
    ],
)
def test_errors_say_where_and_what(change, message):
    given = THREE | change
    with pytest.raises(StatsError, match=message):
        read(*given.values())


def test_empty_network_is_refused():
    with pytest.raises(StatsError, match="yi is empty"):
        read([], [], [], [], [])


def test_two_of_three_messages_name_the_right_pair():
    # Of four arms one pair is off; the pair named is that pair.
    e, c = "BCDCDD", "AAABBC"
    yi = [1.0, 2.0, 3.0, 1.0, 2.0, 5.0]
    with pytest.raises(StatsError, match="'D' relative to 'C' is 5, its other pairs say 1;"):
        read(yi, [0.1] * 6, e, c, "s" * 6)
