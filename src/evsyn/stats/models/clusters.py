"""What a cluster contributes to a sandwich covariance, and its small-sample corrections.

With the working covariance ``Phi`` of the effects (block diagonal by cluster), weights ``W``,
``M = (X' W X)^-1`` and residuals ``e``, the sandwich is ``sum_i E_i E_i'`` of
``E_i = M X_i' W_i A_i e_i``. The adjustment ``A_i`` is 1 for CR0. For CR2 it is
``D_i' B_i^(+1/2) D_i`` with the upper Cholesky factor ``D_i`` of ``Phi_i`` and
``B_i = D_i ((I - H) Phi (I - H)')_ii D_i'``, which makes the sandwich unbiased where Phi is true;
for CR3 it is ``(I - H_ii)^-1``, nearly the jackknife.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray
from evsyn.stats.models.dependent_rows import IntArray

__all__ = ["CORRECTIONS", "Bread", "Sandwich", "factor_of", "sandwich"]

CORRECTIONS = ("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")
_ZERO = 1e-10


@dataclass(frozen=True, slots=True)
class Bread:
    """A weighted least squares fit by cluster.

    Attributes
    ----------
    rows : tuple of ndarray of int
        Rows of each cluster.
    x, working, weights : tuple of ndarray
        Design (n, p), working covariance (n, n) and weights (n, n) of each cluster.
    residuals : tuple of ndarray
        ``y - X b`` of each cluster.
    coef : ndarray, shape (p,)
        Coefficients.
    inverse : ndarray, shape (p, p)
        M.
    noise : ndarray, shape (p, p)
        ``X' W Phi W X``.
    """

    rows: tuple[IntArray, ...]
    x: tuple[FloatArray, ...]
    working: tuple[FloatArray, ...]
    weights: tuple[FloatArray, ...]
    residuals: tuple[FloatArray, ...]
    coef: FloatArray
    inverse: FloatArray
    noise: FloatArray


@dataclass(frozen=True, slots=True)
class Sandwich:
    """Sandwich covariance and what its tests need.

    The sandwich sums over clusters the products of terms ``g_si' y`` for the coefficients s, with
    ``g_si = (I - H)_i' A_i' W_i X_i M_s``. Where Phi is true, two terms have the covariance
    ``g_si' Phi g_tj = [i = j] own_i[s, t] + reach_i[s] middle reach_j[t]'``.

    Attributes
    ----------
    covariance : ndarray, shape (p, p)
        Of the coefficients, times `factor`.
    own : ndarray, shape (m, p, p)
        Part of the covariance that a cluster has with itself alone.
    reach : ndarray, shape (m, p, 2 p)
        Part that goes through the coefficients.
    middle : ndarray, shape (2 p, 2 p)
        What links it.
    factor : float
        Factor on the sum.
    """

    covariance: FloatArray
    own: FloatArray
    reach: FloatArray
    middle: FloatArray
    factor: float

    def contrasted(self, contrast: FloatArray) -> Sandwich:
        """The same for ``contrast @ coef``, shape (q, p)."""
        return Sandwich(
            covariance=contrast @ self.covariance @ contrast.T,
            own=contrast @ self.own @ contrast.T,
            reach=contrast @ self.reach,
            middle=self.middle,
            factor=self.factor,
        )

    @property
    def expected(self) -> FloatArray:
        """Expectation of the covariance where the working covariance is true, (q, q)."""
        through = np.einsum("isa,ab,itb->st", self.reach, self.middle, self.reach, optimize=True)
        return np.asarray(self.factor * (self.own.sum(axis=0) + through))

    def satterthwaite(self) -> FloatArray:
        """Degrees of freedom of each coefficient: twice the squared mean over the variance."""
        q = self.own.shape[1]
        mean = np.diagonal(self.expected) / self.factor
        square = np.array([self._overlap((s, s), (s, s)) for s in range(q)])
        return np.asarray(mean**2 / np.where(square > 0, square, np.nan))

    def total_variance(self) -> float:
        """Sum of the variances of all entries of the covariance, divided by `factor` squared."""
        q = self.own.shape[1]
        pairs = ((s, t) for s in range(q) for t in range(q))
        return sum(self._overlap((s, s), (t, t)) + self._overlap((s, t), (t, s)) for s, t in pairs)

    def _overlap(self, one: tuple[int, int], other: tuple[int, int]) -> float:
        """Sum over all pairs of clusters of two covariances of terms, multiplied."""
        (a, b), (c, d) = one, other
        u = self.reach.swapaxes(0, 1)
        own1, own2 = self.own[:, a, b], self.own[:, c, d]
        through1 = ((u[a] @ self.middle) * u[b]).sum(axis=1)
        through2 = ((u[c] @ self.middle) * u[d]).sum(axis=1)
        chain = self.middle @ (u[b].T @ u[d]) @ self.middle.T @ (u[c].T @ u[a])
        return float(own1 @ own2 + own1 @ through2 + own2 @ through1 + np.trace(chain))


def factor_of(correction: str, clusters: int, rows: int, columns: int) -> float:
    """Factor on the sandwich."""
    m, k, p = clusters, rows, columns
    if correction == "CR1":
        return m / (m - 1) if m > 1 else np.nan
    if correction == "CR1p":
        return m / (m - p) if m > p else np.nan
    if correction == "CR1S":
        return m * (k - 1) / ((m - 1) * (k - p)) if m > 1 and k > p else np.nan
    return 1.0


def sandwich(bread: Bread, correction: str) -> Sandwich:
    """Sandwich with a correction.

    Raises
    ------
    StatsError
        If CR3 is asked for and a cluster alone decides a coefficient.
    """
    p, m = len(bread.coef), len(bread.rows)
    factor = factor_of(correction, m, sum(len(rows) for rows in bread.rows), p)
    terms, own = np.zeros((m, p)), np.zeros((m, p, p))
    reach = np.zeros((m, p, 2 * p))
    for at in range(m):
        x, phi, w = bread.x[at], bread.working[at], bread.weights[at]
        half = _adjusted(bread, at, correction) @ (w @ x @ bread.inverse)
        terms[at] = half.T @ bread.residuals[at]
        own[at] = half.T @ phi @ half
        reach[at] = half.T @ np.concatenate([x, phi @ w @ x], axis=1)
    middle = np.zeros((2 * p, 2 * p))
    middle[:p, :p] = bread.inverse @ bread.noise @ bread.inverse
    middle[:p, p:] = middle[p:, :p] = -bread.inverse
    return Sandwich(factor * terms.T @ terms, own, reach, middle, factor)


def _adjusted(bread: Bread, at: int, correction: str) -> FloatArray:
    """Transpose of the adjustment matrix of a cluster."""
    x, phi, w = bread.x[at], bread.working[at], bread.weights[at]
    size = len(x)
    if correction not in ("CR2", "CR3"):
        return np.eye(size)
    hat = x @ bread.inverse @ x.T @ w
    if correction == "CR3":
        try:
            return np.asarray(np.linalg.inv(np.eye(size) - hat).T)
        except np.linalg.LinAlgError as error:
            raise StatsError(
                f"cluster {at} alone decides a coefficient: CR3 is not defined; use CR2"
            ) from error
    root = np.linalg.cholesky(phi).T
    cross = hat @ phi
    spread = phi - cross - cross.T + x @ bread.inverse @ bread.noise @ bread.inverse @ x.T
    values, vectors = np.linalg.eigh(root @ spread @ root.T)
    limit = _ZERO * max(float(values.max(initial=0.0)), float(np.trace(phi @ phi)) / size)
    inverse = np.where(values > limit, 1.0 / np.sqrt(np.where(values > limit, values, 1.0)), 0.0)
    return np.asarray(root.T @ (vectors * inverse @ vectors.T) @ root)
