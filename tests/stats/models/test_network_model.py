"""Network meta-analysis against R, against two slow ways of its own, and at the edges."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.literals import NetworkMethod, choices
from evsyn.stats import pool
from evsyn.stats.models.network_arms import contrasts
from evsyn.stats.models.network_model import network

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference/r_network.json").read_text(encoding="utf-8")
)
NETWORKS = [name for name in REFERENCE if name != "source"]
EFFECTS = ("estimate", "se", "statistic", "p_value", "ci_lb", "ci_ub", "pi_lb", "pi_ub")


def rows_of(name):
    case = REFERENCE[name]
    data = {
        key: np.array(values, dtype=float)
        for key, values in case["data"].items()
        if key not in ("study", "treatment")
    }
    return contrasts(
        case["measure"], study=case["data"]["study"], treatment=case["data"]["treatment"], **data
    )


def fitted(name, **options):
    rows = rows_of(name)
    return network(
        rows.yi, rows.vi, treat_e=rows.treat_e, treat_c=rows.treat_c, study=rows.study, **options
    )


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("method", choices(NetworkMethod))
def test_same_as_metafor(name, method):
    case, fit = REFERENCE[name], fitted(name, method=method)
    expected = case["fits"][method]
    assert list(fit.treatments) == case["treatments"]
    np.testing.assert_allclose(fit.versus.estimate[1:], expected["coef"], rtol=1e-10)
    np.testing.assert_allclose(fit.versus.se[1:], expected["se"], rtol=1e-10)
    np.testing.assert_allclose(fit.covariance[1:, 1:], expected["vcov"], rtol=1e-9)
    assert fit.tau2 == pytest.approx(expected["tau2"], rel=1e-10, abs=1e-10)
    assert fit.q == pytest.approx(case["q"], rel=1e-11)
    assert fit.q_df == case["q_df"]
    assert fit.converged
    # What rma.mv itself stops at: BFGS on log tau², some 1e-7 from the maximum.
    if expected["tau2_rma_mv"] is not None:
        assert fit.tau2 == pytest.approx(expected["tau2_rma_mv"], rel=1e-6, abs=1e-9)


def synthetic_network(seed, treatments=6, studies=14):
    """Rows of a synthetic connected network with studies of two to four arms."""
    rng = np.random.default_rng(seed)
    study, treatment, place, variance = [], [], [], []
    for s in range(studies):
        p = int(rng.choice([2, 2, 2, 3, 4]))
        first = s % treatments
        others = rng.permutation([t for t in range(treatments) if t != first])[: p - 1]
        arms = [first, *others] if s % 2 else [first, (first + 1) % treatments]
        for arm in arms:
            study.append(s)
            treatment.append(int(arm))
            place.append(0.3 * arm + rng.normal(0, 0.5))
            variance.append(rng.uniform(0.02, 0.6))
    return tuple(np.array(values) for values in (study, treatment, place, variance))


def as_rows(study, treatment, place, variance):
    rows = [
        (
            place[i] - place[j],
            variance[i] + variance[j],
            f"t{treatment[i]}",
            f"t{treatment[j]}",
            f"s{study[i]}",
        )
        for i, j in combinations(range(study.size), 2)
        if study[i] == study[j]
    ]
    y, v, e, c, s = zip(*rows, strict=True)
    return {"yi": y, "vi": v, "treat_e": e, "treat_c": c, "study": s}


def arm_based(study, treatment, place, variance, tau2):
    """Slow way 1: least squares on arms with a fixed effect per study, each arm + tau²/2."""
    x = np.zeros((study.size, study.max() + 1 + treatment.max()))
    x[np.arange(study.size), study] = 1.0
    for row, t in enumerate(treatment):
        if t:
            x[row, study.max() + t] = 1.0
    w = 1.0 / (variance + tau2 / 2)
    inverse = np.linalg.inv(x.T @ (w[:, None] * x))
    b = inverse @ (x.T @ (w * place))
    p = np.diag(w) - (w[:, None] * x) @ inverse @ (x.T * w)
    keep = slice(study.max() + 1, None)
    theta = np.concatenate([[0.0], b[keep]])
    cov = np.zeros((theta.size, theta.size))
    cov[1:, 1:] = inverse[keep, keep]
    return theta, cov, float(place @ p @ place), p


def electrical(study, treatment, place, variance, tau2):
    """Slow way 2: the graph with edges weighed down and the pseudo-inverse of its Laplacian."""
    count = treatment.max() + 1
    edges, weights, effects = [], [], []
    for s in np.unique(study):
        arms = np.flatnonzero(study == s)
        p = arms.size
        r = variance[arms][:, None] + variance[arms] + tau2
        np.fill_diagonal(r, 0.0)
        centre = np.eye(p) - 1 / p
        laplacian = np.linalg.pinv(-0.5 * centre @ r @ centre)
        for i, j in combinations(range(p), 2):
            edges.append((treatment[arms[i]], treatment[arms[j]]))
            weights.append(-laplacian[i, j])
            effects.append(place[arms[i]] - place[arms[j]])
    b = np.zeros((len(edges), count))
    for row, (e, c) in enumerate(edges):
        b[row, e], b[row, c] = 1.0, -1.0
    w, y = np.array(weights), np.array(effects)
    inner = np.linalg.pinv(b.T @ (w[:, None] * b))
    theta = inner @ (b.T @ (w * y))
    residuals = y - b @ theta
    return theta - theta[0], inner, float(residuals @ (w * residuals))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("method", ["EE", "DL"])
def test_same_as_two_slow_ways(seed, method):
    data = synthetic_network(seed)
    fit = network(**as_rows(*data), method=method)
    _, _, q, p = arm_based(*data, 0.0)
    assert fit.q == pytest.approx(q, rel=1e-9)
    # E Q = df + tau² tr(P)/2 with tau²/2 on each arm.
    tau2 = max(0.0, (q - fit.q_df) / (np.trace(p) / 2)) if method == "DL" else 0.0
    assert fit.tau2 == pytest.approx(tau2, rel=1e-9, abs=1e-14)
    theta, cov, _, _ = arm_based(*data, tau2)
    np.testing.assert_allclose(fit.versus.estimate, theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(fit.covariance, cov, rtol=1e-9, atol=1e-13)
    flow, resistance, q_flow = electrical(*data, tau2)
    np.testing.assert_allclose(fit.versus.estimate, flow, rtol=1e-8, atol=1e-10)
    own = np.diag(resistance)
    np.testing.assert_allclose(
        fit.se**2, own[:, None] + own - 2 * resistance, rtol=1e-8, atol=1e-12
    )
    if tau2 == 0:
        assert q_flow == pytest.approx(q, rel=1e-8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_tau2_is_where_a_dense_scan_of_the_likelihood_is_highest(seed, method):
    data = synthetic_network(seed)
    study, treatment, place, variance = data
    fit = network(**as_rows(*data), method=method)

    def likelihood(tau2):
        # Of contrasts with the first arm of each study, written out in full.
        total, info = 0.0, np.zeros((treatment.max(),) * 2)
        score = np.zeros(treatment.max())
        for s in np.unique(study):
            arms = np.flatnonzero(study == s)
            m = np.diag(variance[arms[1:]] + tau2 / 2) + variance[arms[0]] + tau2 / 2
            x = np.zeros((arms.size - 1, treatment.max() + 1))
            x[:, treatment[arms[0]]] -= 1
            x[np.arange(arms.size - 1), treatment[arms[1:]]] += 1
            x, y = x[:, 1:], place[arms[1:]] - place[arms[0]]
            inner = np.linalg.inv(m)
            info += x.T @ inner @ x
            score += x.T @ inner @ y
            total += np.linalg.slogdet(m)[1] + y @ inner @ y
        total -= score @ np.linalg.solve(info, score)
        return -0.5 * (total + (np.linalg.slogdet(info)[1] if method == "REML" else 0.0))

    grid = np.concatenate([[0.0], np.geomspace(1e-6, 20, 300)])
    scan = [likelihood(tau2) for tau2 in grid]
    assert likelihood(fit.tau2) >= max(scan) - 1e-10
    step = 1e-4 * max(fit.tau2, 1e-3)
    assert likelihood(fit.tau2) >= likelihood(fit.tau2 + step)
    assert likelihood(fit.tau2) >= likelihood(max(fit.tau2 - step, 0.0))


@pytest.mark.parametrize("method", choices(NetworkMethod))
@pytest.mark.parametrize("pi", ["test", "hts"])
def test_two_treatments_are_pooled_as_by_pool(method, pi):
    yi = [-0.89, -1.59, -1.35, -1.44, -0.22, 0.11]
    vi = [0.33, 0.19, 0.42, 0.02, 0.05, 0.01]
    fit = network(
        yi, vi, treat_e=["B"] * 6, treat_c=["A"] * 6, study=range(6), method=method, pi=pi
    )
    one = pool(yi, vi, method=method, test="z", pi=pi)
    for name in EFFECTS:
        expected = float(getattr(one, name))
        np.testing.assert_allclose(getattr(fit, name)[1, 0], expected, rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(getattr(fit.versus, name)[1], expected, rtol=1e-12)
    for name in ("tau2", "i2", "h2", "q", "q_df", "q_pvalue", "k"):
        assert getattr(fit, name) == pytest.approx(float(getattr(one, name)), rel=1e-12), name


@given(st.integers(0, 10_000), st.floats(1e-15, 1e15), st.permutations(range(6)))
def test_scale_names_and_directions_do_not_matter(seed, scale, order):
    data = as_rows(*synthetic_network(seed % 50))
    plain = network(**data, method="DL")
    renamed = {f"t{t}": f"x{order[t]}" for t in range(6)}
    swap = np.random.default_rng(seed).random(len(data["yi"])) < 0.5
    ends = np.array([data["treat_e"], data["treat_c"]], dtype=object)
    ends = np.where(swap, ends[::-1], ends)
    y = np.where(swap, -1, 1) * np.array(data["yi"]) * scale
    shuffle = np.random.default_rng(seed).permutation(y.size)
    other = network(
        y[shuffle],
        (np.array(data["vi"]) * scale**2)[shuffle],
        treat_e=[renamed[t] for t in ends[0][shuffle]],
        treat_c=[renamed[t] for t in ends[1][shuffle]],
        study=np.array(data["study"])[shuffle],
        method="DL",
    )
    at = [other.treatments.index(renamed[t]) for t in plain.treatments]
    tight = {"rtol": 1e-7, "atol": 1e-9}
    np.testing.assert_allclose(other.estimate[np.ix_(at, at)] / scale, plain.estimate, **tight)
    np.testing.assert_allclose(other.se[np.ix_(at, at)] / scale, plain.se, **tight)
    np.testing.assert_allclose(other.p_score[at], plain.p_score, **tight)
    assert other.tau2 / scale**2 == pytest.approx(plain.tau2, rel=1e-7, abs=1e-12)
    assert other.q == pytest.approx(plain.q, rel=1e-8)


@pytest.mark.parametrize("scale", [1e-15, 1e-6, 1e6, 1e15])
def test_restricted_likelihood_at_any_scale(scale):
    data = as_rows(*synthetic_network(3))
    plain = network(**data)
    data["yi"], data["vi"] = np.array(data["yi"]) * scale, np.array(data["vi"]) * scale**2
    other = network(**data)
    assert plain.tau2 > 0.01
    assert other.tau2 / scale**2 == pytest.approx(plain.tau2, rel=1e-9)
    np.testing.assert_allclose(other.se / scale, plain.se, rtol=1e-9)


def test_matrices_are_consistent():
    fit = fitted("linde2015", small_values="bad", reference="Placebo")
    t = len(fit.treatments)
    np.testing.assert_allclose(fit.estimate, -fit.estimate.T)
    np.testing.assert_allclose(
        fit.estimate, fit.estimate[:, [2]] + fit.estimate[[2], :], atol=1e-12
    )
    np.testing.assert_allclose(fit.ci_lb, -fit.ci_ub.T)
    np.testing.assert_allclose(fit.pi_lb, -fit.pi_ub.T)
    assert np.isnan(np.diag(fit.statistic)).all() and np.isnan(np.diag(fit.p_value)).all()
    assert (np.diag(fit.se) == 0).all()
    off = ~np.eye(t, dtype=bool)
    assert (fit.pi_ub - fit.pi_lb)[off].min() > (fit.ci_ub - fit.ci_lb)[off].min()
    assert fit.p_score.sum() == pytest.approx(t / 2)  # a zero-sum game
    at = fit.treatments.index("Placebo")
    assert fit.reference == "Placebo"
    for name in EFFECTS:
        np.testing.assert_array_equal(getattr(fit.versus, name), getattr(fit, name)[:, at])
    good = fitted("linde2015", small_values="good")
    np.testing.assert_allclose(good.p_score, 1 - fit.p_score, atol=1e-12)


def test_counts_and_what_is_left_out():
    rows = rows_of("dogliotti2014")
    fit = fitted("dogliotti2014")
    assert (fit.k, fit.comparisons, fit.designs) == (19, 27, 10)
    assert fit.left_out == tuple(np.flatnonzero(np.isnan(rows.yi)))
    assert len(fit.left_out) == 1 and "WASPO" in rows.study[fit.left_out[0]]
    assert fit.arms == 42


def test_inconsistent_loop_moves_every_estimate_alike():
    # A triangle of equal variances off by 0.3: each side takes a third.
    fit = network(
        [1.0, 1.0, 2.3],
        [0.1] * 3,
        treat_e=list("BCC"),
        treat_c=list("ABA"),
        study=range(3),
        method="EE",
    )
    np.testing.assert_allclose(fit.versus.estimate, [0, 1.1, 2.2])
    assert fit.q == pytest.approx(0.3**2 / 0.3)


def test_numbers_are_names():
    fit = network([1.0, 2.0], [0.1, 0.2], treat_e=[1, 2], treat_c=[0, 0], study=[1, 2], reference=2)
    assert fit.treatments == ("0", "1", "2") and fit.reference == "2"
    np.testing.assert_allclose(fit.versus.estimate, [-2.0, -1.0, 0.0])


def test_saturated_network_has_no_tau2():
    fit = network([1.0, 2.0], [0.1, 0.2], treat_e=["B", "C"], treat_c=["A", "A"], study=[1, 2])
    assert (fit.tau2, fit.i2, fit.h2, fit.q_df, fit.q_pvalue) == (0.0, 0.0, 1.0, 0, 1.0)
    assert fit.q == pytest.approx(0, abs=1e-20)
    assert "cannot be estimated" in fit.reason
    single = network([1.0], [0.1], treat_e=["B"], treat_c=["A"], study=["s"], method="EE")
    assert single.reason == "" and single.estimate[1, 0] == 1.0
    assert np.isnan(single.pi_lb).all()


def test_prediction_with_one_degree_of_freedom_has_no_t():
    fit = network(
        [1.0, 2.0], [0.1, 0.2], treat_e=["B"] * 2, treat_c=["A"] * 2, study=[1, 2], pi="hts"
    )
    assert np.isnan(fit.pi_lb).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "PM"}, "method='PM' is unknown; use one of EE, DL, REML, ML"),
        ({"reference": "Z"}, "reference='Z' is no treatment of the network; use one of A, B, C"),
        ({"small_values": "ugly"}, "small_values='ugly' is unknown"),
        ({"pi": "x"}, "pi='x' is unknown"),
        ({"level": 95}, "level=95"),
        ({"study": [1, 2, 3]}, r"shapes differ: .*study \(3,\)"),
        ({"treat_c": ["A", ""]}, "row 1: treat_c='' is no label"),
        ({"treat_c": ["A", "D"]}, r"falls into 2 parts .*: A, B \| C, D"),
        ({"yi": ["a", "b"]}, "not an array of numbers"),
        ({"vi": [-1, 1]}, "row 0: vi=-1 is not above 0"),
    ],
)
def test_errors_say_where_and_what(change, message):
    data = {
        "yi": [1.0, 2.0],
        "vi": [0.1, 0.2],
        "treat_e": ["B", "C"],
        "treat_c": ["A", "A"],
        "study": [1, 2],
    } | change
    with pytest.raises(StatsError, match=message):
        network(**data)
