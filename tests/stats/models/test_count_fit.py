"""Maxima against a dense scan and an independent search, and what happens at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models._count_fit import fit_mixed
from evsyn.stats.models._count_likelihood import Design, Point, Rule, study_likelihoods
from evsyn.stats.models._count_terms import Binomial, Hypergeometric, Poisson

ONE = np.ones((1, 1))


def one_arm(terms, k):
    return Design((terms,), ONE, ONE), Point(np.zeros(k), np.zeros(1), np.ones(1))


def value(design, mean, scale):
    point = Point(np.zeros(design.arms[0].events.size), np.array([mean]), np.array([scale]))
    return float(study_likelihoods(design, point, Rule(201)).value.sum())


@pytest.mark.parametrize("seed", range(6))
def test_no_point_of_a_dense_scan_is_higher(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 12))
    n = rng.integers(3, 200, k).astype(float)
    risk = 1 / (1 + np.exp(1.5 - rng.normal(0, 1.5 * (seed % 3), k)))
    x = rng.binomial(n.astype(int), risk).astype(float)
    for terms in (Binomial(x, n, np.zeros(k)), Poisson(x, n)):
        design, start = one_arm(terms, k)
        fit = fit_mixed(design, start)
        assert fit.converged
        mean, scale = fit.point.fixed[0], fit.point.scale[0]
        np.testing.assert_allclose(fit.log_likelihood, value(design, mean, scale), rtol=1e-12)
        best = max(
            value(design, mean + a, s)
            for a in np.linspace(-1, 1, 15)
            for s in [*np.geomspace(0.01, 8, 25), 0.97 * scale, 1.03 * scale]
        )
        assert fit.log_likelihood >= best - 1e-10


def test_gradient_vanishes_and_covariance_is_the_inverse_information():
    x, n = np.array([2.0, 9.0, 1.0, 30.0, 4.0]), np.array([30.0, 40.0, 44.0, 60.0, 21.0])
    design, start = one_arm(Binomial(x, n, np.zeros(5)), 5)
    fit = fit_mixed(design, start)
    parts = study_likelihoods(design, fit.point, Rule(401))
    np.testing.assert_allclose(parts.gradient.sum(axis=1), 0.0, atol=1e-8)
    information = -parts.hessian.sum(axis=2)
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-8)


def test_parameters_of_single_studies_are_eliminated_rightly():
    rng = np.random.default_rng(3)
    k = 7
    n = rng.integers(10, 60, (2, k)).astype(float)
    x = rng.binomial(n.astype(int), [[0.2], [0.4]]).astype(float)
    half = np.array([[0.5], [-0.5]])
    arms = (Binomial(x[0], n[0], np.zeros(k)), Binomial(x[1], n[1], np.zeros(k)))
    design = Design(arms, half, half, np.ones(2))
    fit = fit_mixed(design, Point(np.zeros(k), np.zeros(1), np.ones(1)))
    assert fit.converged
    rule = Rule(201)
    parts = study_likelihoods(design, fit.point, rule)
    np.testing.assert_allclose(parts.gradient[0], 0.0, atol=1e-8)
    np.testing.assert_allclose(parts.gradient[1:].sum(axis=1), 0.0, atol=1e-8)
    whole = np.zeros((k + 2, k + 2))
    whole[np.arange(k), np.arange(k)] = -parts.hessian[0, 0]
    whole[:k, k:] = -parts.hessian[0, 1:].T
    whole[k:, :k] = whole[:k, k:].T
    whole[k:, k:] = -parts.hessian[1:, 1:].sum(axis=2)
    if fit.point.scale[0] > 0:
        np.testing.assert_allclose(fit.covariance, np.linalg.inv(whole)[k:, k:], rtol=1e-7)
    else:
        whole = whole[: k + 1, : k + 1]
        np.testing.assert_allclose(fit.covariance[0, 0], np.linalg.inv(whole)[k, k], rtol=1e-7)


def test_equal_studies_have_no_variance_between_them():
    design, start = one_arm(Binomial(np.full(6, 5.0), np.full(6, 20.0), np.zeros(6)), 6)
    fit = fit_mixed(design, start)
    assert fit.converged
    assert fit.point.scale[0] == 0.0
    np.testing.assert_allclose(fit.point.fixed[0], np.log(5 / 15), rtol=1e-12)
    np.testing.assert_allclose(fit.covariance[0, 0], 1 / (6 * 20 * 0.25 * 0.75), rtol=1e-12)
    assert np.isnan(fit.covariance[1, 1])


def test_likelihood_without_a_maximum_is_said():
    one = np.ones(2)
    tables = Hypergeometric(np.array([0.0, 40.0]), 50 * one, np.array([40.0, 0.0]), 50 * one)
    design = Design((tables,), ONE, ONE)
    fit = fit_mixed(design, Point(np.zeros(2), np.zeros(1), np.ones(1)))
    assert not (fit.bounded and fit.converged)


def test_single_persons_tell_no_variance():
    design, start = one_arm(Binomial(np.array([0.0, 1.0, 1.0]), np.ones(3), np.zeros(3)), 3)
    fit = fit_mixed(design, start)
    assert fit.point.scale[0] == 0.0
    np.testing.assert_allclose(fit.point.fixed[0], np.log(2), rtol=1e-10)


def test_given_nodes_maximise_the_likelihood_that_they_give():
    x, n = np.array([2.0, 9.0, 1.0, 30.0, 4.0]), np.array([30.0, 40.0, 44.0, 60.0, 21.0])
    design, start = one_arm(Binomial(x, n, np.zeros(5)), 5)
    for nodes in (1, 7):
        fit = fit_mixed(design, start, nodes)
        rule = Rule(nodes, gauss=True)
        assert fit.converged
        assert fit.nodes == nodes
        for move in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
            moved = Point(fit.point.own, fit.point.fixed + move[0], fit.point.scale + move[1])
            near = float(study_likelihoods(design, moved, rule).value.sum())
            assert near < fit.log_likelihood
