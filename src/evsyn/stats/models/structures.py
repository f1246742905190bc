"""Covariance structures of random effects: G as a function of few parameters in a box.

A structure has, for the levels of the inner factor, the matrix ``G`` of covariances of the true
effects, its first and second derivatives in the parameters, and the bounds of the parameters.
Every bound that can be an estimate (a variance of 0, a correlation of 1) is a bound of the box, so
that an estimate on it is on it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray

__all__ = ["STRUCTURES", "Structure", "structure_of"]

STRUCTURES = ("ID", "DIAG", "CS", "HCS", "UN", "AR", "HAR", "CAR")
_HETERO = ("DIAG", "HCS", "HAR", "UN")
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Structure:
    """A parametrised covariance matrix.

    Attributes
    ----------
    name : str
        One of `STRUCTURES`.
    size : int
        Number of levels, J.
    lower, upper : ndarray, shape (q,)
        Bounds of the parameters.
    power : ndarray, shape (q,)
        2 for a variance, 1 for a standard deviation or an entry of the Cholesky factor, 0 for a
        correlation: how the parameter grows with the scale of the effects.
    lags : ndarray, shape (J, J)
        Exponents of the autocorrelation; 1 off the diagonal where the structure has none.
    unit : float
        Time that is one unit of `lags`.
    """

    name: str
    size: int
    lower: FloatArray
    upper: FloatArray
    power: FloatArray
    lags: FloatArray
    unit: float = 1.0

    @property
    def linear(self) -> bool:
        """Whether G is linear in the parameters, so that second derivatives vanish."""
        return self.name in ("ID", "DIAG")

    def matrix(self, theta: FloatArray) -> FloatArray:
        """G, shape (J, J)."""
        if self.name == "ID":
            return np.asarray(theta[0] * np.eye(self.size), dtype=np.float64)
        if self.name == "DIAG":
            return np.diag(theta)
        if self.name == "UN":
            factor = self._factor(theta)
            return np.asarray(factor @ factor.T, dtype=np.float64)
        return np.asarray(self._scale(theta)[0] * self._correlation(theta[-1])[0])

    def derivatives(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """First (q, J, J) and second (q, q, J, J) derivatives of G."""
        q, size = len(theta), self.size
        second = np.zeros((q, q, size, size))
        if self.name == "ID":
            return np.eye(size)[None], second
        if self.name == "DIAG":
            first = np.zeros((q, size, size))
            first[range(size), range(size), range(size)] = 1.0
            return first, second
        if self.name == "UN":
            return self._cholesky_derivatives(theta)
        scale, scale1, scale2 = self._scale(theta)
        r, r1, r2 = self._correlation(theta[-1])
        second[:-1, :-1] = scale2 * r
        second[:-1, -1] = second[-1, :-1] = scale1 * r1
        second[-1, -1] = scale * r2
        return np.concatenate([scale1 * r, (scale * r1)[None]]), second

    def _factor(self, theta: FloatArray) -> FloatArray:
        """Lower Cholesky factor of an unstructured G."""
        factor = np.zeros((self.size, self.size))
        factor[np.tril_indices(self.size)] = theta
        return factor

    def _cholesky_derivatives(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Derivatives of L L' in the entries of L."""
        rows, columns = np.tril_indices(self.size)
        q = len(theta)
        unit = np.zeros((q, self.size, self.size))
        unit[np.arange(q), rows, columns] = 1.0
        half = unit @ self._factor(theta).T
        pairs = np.einsum("aij,bkj->abik", unit, unit)
        return half + half.swapaxes(1, 2), pairs + pairs.swapaxes(2, 3)

    def _scale(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Products of standard deviations, with first and second derivatives."""
        size = self.size
        if self.name not in _HETERO:
            ones = np.ones((size, size))
            return theta[0] * ones, ones[None], np.zeros((1, 1, size, size))
        sd, eye = theta[:-1], np.eye(size)
        first = eye[:, :, None] * sd + eye[:, None, :] * sd[:, None]
        second = np.einsum("ar,bs->abrs", eye, eye)
        return np.outer(sd, sd), first, second + second.swapaxes(0, 1)

    def _correlation(self, rho: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Correlations with first and second derivatives in their parameter."""
        d = self.lags
        near = rho if abs(rho) > _TINY else _TINY
        first = np.where(d == 0, 0.0, d * _power(near, np.maximum(d - 1, 0)))
        d2 = d * (d - 1)
        low = max(near, 1e-8) if self.name == "CAR" else near
        second = np.where(d2 == 0, 0.0, d2 * _power(low, np.where(d2 == 0, 0.0, d - 2)))
        return _power(rho, d), first, second

    def natural_rho(self, theta: FloatArray) -> FloatArray:
        """Correlations as reported: one, or for UN one a pair, columns of the lower triangle."""
        if self.name == "UN":
            g = self.matrix(theta)
            sd = np.sqrt(np.diag(g))
            rows, columns = np.tril_indices(self.size, -1)
            order = np.lexsort((rows, columns))
            rows, columns = rows[order], columns[order]
            scale = np.where(sd[rows] * sd[columns] > 0, sd[rows] * sd[columns], np.nan)
            return np.asarray(g[rows, columns] / scale)
        if self.name in ("ID", "DIAG"):
            return np.zeros(0)
        rho = np.array([theta[-1]])
        if not np.any(self.matrix(theta)):
            return np.full(1, np.nan)  # without variance there is nothing to correlate
        if self.name == "CAR":
            return np.asarray(rho ** (1.0 / self.unit))
        return rho

    def natural_tau2(self, theta: FloatArray) -> FloatArray:
        """Variances as reported: one, or one a level."""
        diagonal = np.diag(self.matrix(theta))
        return diagonal if self.name in _HETERO else diagonal[:1]

    def starts(self, excess: float) -> list[FloatArray]:
        """Parameters to look at first, for a total variance between effects of about ``excess``."""
        scales = excess * np.array([0.03, 0.3, 1.0, 4.0])
        shares = (-0.4, 0.0, 0.5, 0.9)
        points: list[FloatArray] = []
        for scale in scales:
            if self.name in ("ID", "DIAG"):
                points.append(np.full(len(self.lower), scale))
                continue
            for share in shares:
                points.append(self._start(float(scale), share))
        if self.name in _HETERO:
            points += [self._uneven(point, turn) for point in points[::3] for turn in (0, 1)]
        return points

    def _start(self, scale: float, share: float) -> FloatArray:
        """Equal variances with one correlation, ``share`` of the way to its bound."""
        if self.name == "UN":
            rho = share if share >= 0 else share / max(self.size - 1, 1)
            equal = np.full((self.size, self.size), rho) + (1 - rho) * np.eye(self.size)
            factor = np.linalg.cholesky(scale * equal)
            return np.asarray(factor[np.tril_indices(self.size)])
        rho = share * float(self.upper[-1] if share > 0 else -self.lower[-1])
        variance = np.sqrt(scale) if self.name in _HETERO else scale
        return np.append(np.full(len(self.lower) - 1, variance), rho)

    def _uneven(self, point: FloatArray, turn: int) -> FloatArray:
        """The same with variances that alternate between large and small."""
        factor = np.where(np.arange(self.size) % 2 == turn, 2.0, 0.2)
        if self.name == "DIAG":
            return point * factor
        if self.name == "UN":
            rows = np.tril_indices(self.size)[0]
            return np.asarray(point * factor[rows])
        return np.append(point[:-1] * factor, point[-1])


def _power(base: float, exponent: FloatArray) -> FloatArray:
    """Power of a base that may be negative, for which the exponents are whole."""
    return np.asarray(np.power(base, exponent), dtype=np.float64)


def structure_of(name: str, times: FloatArray, together: int) -> Structure:
    """Structure for the levels of an inner factor.

    Parameters
    ----------
    name : str
        One of `STRUCTURES`.
    times : ndarray, shape (J,)
        Times of the levels, ascending; only CAR looks at them, AR and HAR at their order.
    together : int
        Most levels that occur together in one group: it bounds a common correlation from below.
    """
    size = len(times)
    lags = 1.0 - np.eye(size)
    if name in ("AR", "HAR"):
        places = np.arange(size, dtype=np.float64)
        lags = np.abs(places[:, None] - places)
    unit = 1.0
    if name == "CAR":
        distance = np.abs(times[:, None] - times)
        unit = float(distance[distance > 0].min())
        lags = distance / unit
    if name == "UN":
        q = size * (size + 1) // 2
        free, power = np.full(q, np.inf), np.ones(q)
        return Structure(name, size, -free, free, power, lags)
    count = size if name in _HETERO else 1
    lower, upper = np.zeros(count), np.full(count, np.inf)
    power = np.full(count, 2.0 if name in ("ID", "DIAG", "CS", "AR", "CAR") else 1.0)
    if name in ("ID", "DIAG"):
        return Structure(name, size, lower, upper, power, lags)
    lowest = {"CS": -1.0 / (together - 1), "HCS": -1.0 / (together - 1), "CAR": 0.0}.get(name, -1.0)
    lower, upper, power = np.append(lower, lowest), np.append(upper, 1.0), np.append(power, 0.0)
    return Structure(name, size, lower, upper, power, lags, unit)
