"""Many lines side by side: contrasts with two coefficients, and power sums instead of matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.pooling._design import Contrasts
from evsyn.stats.pooling._plane import STEEP, UNEQUAL, line_moments
from evsyn.stats.pooling._powers import Moments

__all__ = ["Lines", "lines_of"]


@dataclass(frozen=True, slots=True)
class Lines:
    """What the likelihoods of lines need of their contrasts.

    Attributes
    ----------
    v, pivot, k : ndarray, shape (k, n), (2, n) and (n,)
        As in `Contrasts`.
    products : ndarray, shape (6, k, n)
        Squares and products of the levers, these times the contrasts, the contrasts' squares.
    """

    v: FloatArray
    pivot: FloatArray
    k: FloatArray
    products: FloatArray

    def taken(self, columns: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Lines:
        """The same for some of the columns."""
        return Lines(
            self.v[:, columns],
            self.pivot[:, columns],
            self.k[columns],
            self.products[..., columns],
        )

    def moments(self, tau2: FloatArray) -> tuple[Moments, tuple[FloatArray, FloatArray]]:
        """Quantities of the likelihoods at tau², shape (n,), and the traces of W and WW."""
        w = 1.0 / (self.v + tau2)
        d = self.pivot + tau2
        sums, power, ones = [], w, np.ones(w.shape[0])
        for turn in range(3):
            power = power * w if turn else w
            sums.append((np.dot(ones, power), *np.einsum("qkn,kn->qn", self.products, power)))
        own = 1.0 / d
        traces = sums[0][0] + own[0] + own[1], sums[1][0] + own[0] ** 2 + own[1] ** 2
        return line_moments(sums, d), traces


def lines_of(data: Contrasts) -> Contrasts | Lines:
    """The same contrasts as lines, where there are two coefficients and sums of squares are safe.

    Parameters
    ----------
    data : Contrasts
        Any.

    Returns
    -------
    Lines or Contrasts
        The latter as given.

    Examples
    --------
    >>> from evsyn.stats.pooling._design import contrasts_of
    >>> y, v = np.array([[0.0], [2.0], [1.0]]), np.ones((3, 1))
    >>> z = np.array([[1.0, -1.0], [1.0, 0.0], [1.0, 1.0]])[..., None] / np.sqrt([[3.0], [2.0]])
    >>> type(lines_of(contrasts_of(y, v, z))).__name__
    'Lines'
    """
    if data.pivot.shape[0] != 2 or not data.e.size:
        return data
    if not (np.abs(data.lever).max() < STEEP and min(data.v.min(), data.pivot.min()) > UNEQUAL):
        return data
    first, second = data.lever[:, 0], data.lever[:, 1]
    products = np.empty((6, *data.e.shape))
    for out, (a, b) in zip(
        products,
        (
            *((first, first), (first, second), (second, second)),
            *((first, data.e), (second, data.e), (data.e, data.e)),
        ),
        strict=True,
    ):
        np.multiply(a, b, out=out)
    return Lines(data.v, data.pivot, data.k, products)
