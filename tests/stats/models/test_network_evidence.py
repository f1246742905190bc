"""Direct and indirect evidence and contributions: against slow ways, and by their laws."""

from __future__ import annotations

import json
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats import pool
from evsyn.stats.models.network_arms import contrasts
from evsyn.stats.models.network_evidence import network_contributions, network_splits
from evsyn.stats.models.network_model import network

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference/r_network.json").read_text(encoding="utf-8")
)


def rows_of(name):
    case = REFERENCE[name]
    data = {
        key: np.array(values, dtype=float)
        for key, values in case["data"].items()
        if key not in ("study", "treatment")
    }
    rows = contrasts(
        case["measure"], study=case["data"]["study"], treatment=case["data"]["treatment"], **data
    )
    return {
        "yi": rows.yi,
        "vi": rows.vi,
        "treat_e": rows.treat_e,
        "treat_c": rows.treat_c,
        "study": rows.study,
    }


@pytest.mark.parametrize("name", ["senn2013", "hasselblad1998", "linde2015", "stowe2010"])
@pytest.mark.parametrize("method", ["EE", "DL"])
def test_direct_estimate_pools_the_rows_of_the_pair(name, method):
    rows = rows_of(name)
    fit = network(**rows, method=method)
    splits = network_splits(fit)
    for at, (e, c) in enumerate(zip(splits.treat_e, splits.treat_c, strict=True)):
        forward = (rows["treat_e"] == e) & (rows["treat_c"] == c)
        backward = (rows["treat_e"] == c) & (rows["treat_c"] == e)
        keep = (forward | backward) & ~np.isnan(rows["yi"])
        assert splits.k[at] == keep.sum()
        if keep.any():
            y = np.where(backward, -1, 1)[keep] * rows["yi"][keep]
            one = pool(y, rows["vi"][keep] + fit.tau2, method="EE", test="z")
            assert splits.direct[at] == pytest.approx(float(one.estimate), rel=1e-9, abs=1e-12)
            assert splits.direct_se[at] == pytest.approx(float(one.se), rel=1e-9)
        else:
            assert np.isnan(splits.direct[at]) and splits.share[at] == 0
            assert splits.indirect[at] == splits.estimate[at]
            assert splits.reason[at] == "no study compares the pair directly"


@pytest.mark.parametrize("name", ["senn2013", "linde2015"])
def test_parts_make_up_the_whole(name):
    splits = network_splits(network(**rows_of(name), level=0.9))
    both = np.isfinite(splits.difference)
    assert both.sum() >= 7
    share = splits.share[both]
    np.testing.assert_allclose(
        share * splits.direct[both] + (1 - share) * splits.indirect[both],
        splits.estimate[both],
        rtol=1e-9,
        atol=1e-12,
    )
    precision = 1 / splits.direct_se[both] ** 2 + 1 / splits.indirect_se[both] ** 2
    np.testing.assert_allclose(precision, 1 / splits.se[both] ** 2, rtol=1e-9)
    z = 1.6448536269514722
    np.testing.assert_allclose(
        splits.difference_ci_ub - splits.difference, z * splits.difference_se, rtol=1e-12
    )


def test_indirect_estimate_of_a_loop_is_bucher_s():
    fit = network(
        [1.0, 1.0, 2.3],
        [0.1, 0.2, 0.4],
        treat_e=list("BCC"),
        treat_c=list("ABA"),
        study=range(3),
        method="EE",
    )
    splits = network_splits(fit)
    at = list(zip(splits.treat_e, splits.treat_c, strict=True)).index(("A", "C"))
    assert splits.indirect[at] == pytest.approx(-2.0)
    assert splits.indirect_se[at] == pytest.approx(np.sqrt(0.3))
    assert splits.share[at] == pytest.approx((1 / 0.4) / (1 / 0.4 + 1 / 0.3))
    np.testing.assert_allclose(np.abs(splits.statistic), 0.3 / np.sqrt(0.7))


def test_indirect_estimate_is_that_of_the_network_without_the_pair():
    # Two-arm studies only: node-splitting and leaving the pair out are the same.
    rows = rows_of("senn2013")
    two = rows["study"] != "Willms (1999)"
    rows = {key: np.asarray(values)[two] for key, values in rows.items()}
    fit = network(**rows, method="EE")
    splits = network_splits(fit)
    checked = 0
    for at, (e, c) in enumerate(zip(splits.treat_e, splits.treat_c, strict=True)):
        if not np.isfinite(splits.difference[at]):
            continue
        keep = np.array(
            [{a, b} != {e, c} for a, b in zip(rows["treat_e"], rows["treat_c"], strict=True)]
        )
        rest = network(**{key: values[keep] for key, values in rows.items()}, method="EE")
        i, j = rest.treatments.index(e), rest.treatments.index(c)
        assert splits.indirect[at] == pytest.approx(rest.estimate[i, j], rel=1e-8)
        assert splits.indirect_se[at] == pytest.approx(rest.se[i, j], rel=1e-8)
        checked += 1
    assert checked == 10


@pytest.mark.parametrize("method", ["EE", "DL"])
def test_indirect_estimate_is_what_the_rest_of_multi_arm_studies_says(method):
    # Contrasts with the pair's own taken out by regression: independent of it, and all the rest.
    rows = rows_of("hasselblad1998")
    fit = network(**rows, method=method)
    splits = network_splits(fit)
    count = len(fit.treatments)
    for at, (e, c) in enumerate(combinations(range(count), 2)):
        information, score = np.zeros((count, count)), np.zeros(count)
        for study in fit.studies.studies:
            p = len(study.arms)
            m = study.v + fit.tau2 * (np.eye(p - 1) + 1) / 2
            x = np.zeros((p - 1, count))
            x[:, study.arms[0]] = -1
            x[np.arange(p - 1), list(study.arms[1:])] = 1
            y = study.y
            if e in study.arms and c in study.arms:
                pair = np.linalg.lstsq(x.T, np.eye(count)[e] - np.eye(count)[c], rcond=None)[0]
                slope = m @ pair / (pair @ m @ pair)
                keep = np.eye(p - 1) - np.outer(slope, pair)
                basis = np.linalg.svd(keep)[0][:, : p - 2]
                x, y, m = (
                    basis.T @ keep @ x,
                    basis.T @ keep @ y,
                    basis.T @ keep @ m @ keep.T @ basis,
                )
            information += x.T @ np.linalg.solve(m, x) if y.size else 0
            score += x.T @ np.linalg.solve(m, y) if y.size else 0
        inverse = np.linalg.inv(information[1:, 1:])
        theta = np.concatenate([[0], inverse @ score[1:]])
        difference = (np.eye(count)[e] - np.eye(count)[c])[1:]
        assert splits.indirect[at] == pytest.approx(theta[e] - theta[c], rel=1e-7)
        se = np.sqrt(difference @ inverse @ difference)
        assert splits.indirect_se[at] == pytest.approx(se, rel=1e-7)


def test_only_direct_evidence():
    fit = network([1.0, 1.4], [0.1, 0.3], treat_e=["B"] * 2, treat_c=["A"] * 2, study=[1, 2])
    splits = network_splits(fit)
    assert splits.share.tolist() == [1.0]
    assert np.isnan(splits.indirect).all() and np.isnan(splits.p_value).all()
    assert splits.reason.tolist() == ["no indirect evidence"]


@pytest.mark.parametrize("name", ["senn2013", "hasselblad1998", "linde2015", "dogliotti2014"])
@pytest.mark.parametrize("method", ["EE", "REML"])
def test_hat_matrix_gives_the_network_estimates(name, method):
    fit = network(**rows_of(name), method=method)
    shares = network_contributions(fit)
    pairs = list(combinations(range(len(fit.treatments)), 2))
    expected = [fit.estimate[i, j] for i, j in pairs]
    np.testing.assert_allclose(shares.hat @ shares.edge_estimate, expected, rtol=1e-9, atol=1e-11)
    named = [(fit.treatments[i], fit.treatments[j]) for i, j in pairs]
    assert list(zip(shares.treat_e, shares.treat_c, strict=True)) == named
    # A flow of 1 from one end to the other that no node keeps.
    for row, (e, c) in zip(shares.hat, named, strict=True):
        kept = dict.fromkeys(fit.treatments, 0.0)
        for value, a, b in zip(row, shares.edge_e, shares.edge_c, strict=True):
            kept[a] += value
            kept[b] -= value
        assert kept.pop(e) == pytest.approx(1, abs=1e-9)
        assert kept.pop(c) == pytest.approx(-1, abs=1e-9)
        np.testing.assert_allclose(list(kept.values()), 0, atol=1e-9)
    np.testing.assert_allclose(shares.percent.sum(axis=1), 100, rtol=1e-9)
    assert (shares.percent >= 0).all()
    assert shares.reason == ""


def test_hat_values_of_two_arm_edges_are_the_shares_of_direct_evidence():
    rows = rows_of("senn2013")
    two = rows["study"] != "Willms (1999)"
    fit = network(**{key: np.asarray(values)[two] for key, values in rows.items()})
    shares, splits = network_contributions(fit), network_splits(fit)
    edges = list(zip(shares.edge_e, shares.edge_c, strict=True))
    for at, pair in enumerate(zip(splits.treat_e, splits.treat_c, strict=True)):
        if splits.k[at]:
            assert shares.hat[at, edges.index(pair)] == pytest.approx(splits.share[at], rel=1e-8)


@pytest.mark.parametrize("name", ["hasselblad1998", "dogliotti2014"])
def test_contributions_are_those_of_all_paths_listed(name):
    fit = network(**rows_of(name), method="EE")
    shares = network_contributions(fit)
    names = fit.treatments
    for row, (e, c) in enumerate(zip(shares.treat_e, shares.treat_c, strict=True)):
        flow = {}
        for value, a, b in zip(shares.hat[row], shares.edge_e, shares.edge_c, strict=True):
            flow[(a, b) if value > 0 else (b, a)] = abs(value)
        out = {a: sum(v for (s, _), v in flow.items() if s == a) for a in names}
        expected = dict.fromkeys(flow, 0.0)
        others = [name for name in names if name not in (e, c)]
        for length in range(len(others) + 1):
            for inner in permutations(others, length):
                steps = list(zip((e, *inner), (*inner, c), strict=True))
                if any(step not in flow or flow[step] < 1e-12 for step in steps):
                    continue
                chance = np.prod([flow[step] / out[step[0]] for step in steps])
                for step in steps:
                    expected[step] += 100 * chance / len(steps)
        found = {
            (a, b) if (a, b) in flow else (b, a): value
            for value, a, b in zip(shares.percent[row], shares.edge_e, shares.edge_c, strict=True)
        }
        for step, value in expected.items():
            assert found[step] == pytest.approx(value, rel=1e-7, abs=1e-9)


def test_weights_that_are_not_positive_give_no_flow():
    # Synthetic three-arm study whose variances leave one pair less than nothing to add.
    fit = network(
        [1.0, 2.0, 1.0],
        [0.2, 0.2, 0.7],
        treat_e=list("BCC"),
        treat_c=list("AAB"),
        study=["s"] * 3,
        method="EE",
    )
    shares = network_contributions(fit)
    assert (shares.edge_weight <= 0).any()
    assert np.isnan(shares.percent).all() and "no positive weight" in shares.reason
    np.testing.assert_allclose(shares.hat @ shares.edge_estimate, [-1.0, -2.0, -1.0], atol=1e-12)
