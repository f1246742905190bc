"""Sandwich, its corrections and the moments that its tests need, against full matrices."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.clusters import CORRECTIONS, Bread, factor_of, sandwich

RNG = np.random.default_rng(9)
SIZES = (3, 1, 4, 2, 5)
K = sum(SIZES)
ROWS = tuple(np.split(np.arange(K), np.cumsum(SIZES)[:-1]))


def made(weighted: bool) -> tuple[Bread, np.ndarray, np.ndarray, np.ndarray]:
    """Bread of synthetic data, with its design, working covariance and hat matrix."""
    x = np.stack([np.ones(K), RNG.normal(size=K)], axis=1)
    y = RNG.normal(size=K)
    phi = np.zeros((K, K))
    for rows in ROWS:
        phi[np.ix_(rows, rows)] = 0.3 + np.diag(RNG.uniform(0.5, 2, len(rows)))
    w = np.diag(RNG.uniform(0.5, 2, K)) if weighted else np.linalg.inv(phi)
    inverse = np.linalg.inv(x.T @ w @ x)
    coef = inverse @ x.T @ w @ y
    parts = [[m[np.ix_(rows, rows)] for rows in ROWS] for m in (phi, w)]
    bread = Bread(
        rows=ROWS,
        x=tuple(x[rows] for rows in ROWS),
        working=tuple(parts[0]),
        weights=tuple(parts[1]),
        residuals=tuple((y - x @ coef)[rows] for rows in ROWS),
        coef=coef,
        inverse=inverse,
        noise=x.T @ w @ phi @ w @ x,
    )
    return bread, x, phi, x @ inverse @ x.T @ w


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("type_", CORRECTIONS)
def test_moments_are_those_of_full_matrices(type_: str, weighted: bool) -> None:
    bread, _, phi, hat = made(weighted)
    found = sandwich(bread, type_)
    factor = factor_of(type_, len(SIZES), K, 2)
    terms = np.zeros((len(SIZES), 2, K))
    for at, rows in enumerate(ROWS):
        adjust = np.eye(len(rows))
        left = (np.eye(K) - hat)[rows]
        if type_ == "CR3":
            adjust = np.linalg.inv(np.eye(len(rows)) - hat[np.ix_(rows, rows)])
        if type_ == "CR2":
            root = np.linalg.cholesky(bread.working[at]).T
            values, vectors = np.linalg.eigh(root @ left @ phi @ left.T @ root.T)
            good = values > 1e-9
            half = (vectors[:, good] / np.sqrt(values[good])) @ vectors[:, good].T
            adjust = root.T @ half @ root
        terms[at] = bread.inverse @ bread.x[at].T @ bread.weights[at] @ adjust @ left
    products = np.einsum("isa,ab,jtb->ijst", terms, phi, terms)
    expected = factor * np.einsum("iist->st", products)
    np.testing.assert_allclose(found.expected, expected, rtol=1e-9, atol=1e-12)
    for s in range(2):
        own = products[:, :, s, s]
        df = np.trace(own) ** 2 / (own**2).sum()
        assert found.satterthwaite()[s] == pytest.approx(df, rel=1e-9)
    total = 0.0
    for s in range(2):
        for t in range(2):
            total += (products[:, :, s, s] * products[:, :, t, t]).sum()
            total += (products[:, :, s, t] * products[:, :, t, s]).sum()
    assert found.total_variance() == pytest.approx(total, rel=1e-9)


def test_cr2_is_unbiased() -> None:
    bread, *_ = made(False)
    np.testing.assert_allclose(sandwich(bread, "CR2").expected, bread.inverse, rtol=1e-9)


def test_contrasts_are_linear() -> None:
    bread, *_ = made(True)
    turn = np.array([[1.0, 2.0]])
    found, whole = sandwich(bread, "CR1").contrasted(turn), sandwich(bread, "CR1")
    np.testing.assert_allclose(found.covariance, turn @ whole.covariance @ turn.T)
    np.testing.assert_allclose(found.expected, turn @ whole.expected @ turn.T)


def test_factors() -> None:
    assert factor_of("CR1", 5, 20, 2) == 1.25
    assert factor_of("CR1p", 5, 20, 2) == pytest.approx(5 / 3)
    assert factor_of("CR1S", 5, 20, 2) == pytest.approx(5 * 19 / (4 * 18))
    assert factor_of("CR0", 5, 20, 2) == factor_of("CR2", 5, 20, 2) == 1.0
    assert np.isnan(factor_of("CR1", 1, 4, 1))


def test_cr3_refuses_a_cluster_that_decides_a_coefficient() -> None:
    x = (np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]]))
    one = tuple(np.eye(1) for _ in x)
    whole = np.concatenate(x)
    bread = Bread(
        rows=tuple(np.array([at]) for at in range(3)),
        x=x,
        working=one,
        weights=one,
        residuals=tuple(np.zeros(1) for _ in x),
        coef=np.zeros(2),
        inverse=np.linalg.inv(whole.T @ whole),
        noise=whole.T @ whole,
    )
    with pytest.raises(StatsError, match="cluster 2 alone"):
        sandwich(bread, "CR3")
    assert np.isfinite(sandwich(bread, "CR2").covariance).all()
