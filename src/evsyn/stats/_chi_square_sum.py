"""Distribution of a weighted sum of chi-square variables, such as Cochran's Q."""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats._special import chdtrc

__all__ = ["chi_square_sum_tail"]

_TERMS = 20_000
_LEAST = -690.0  # logarithm below which the first coefficient would underflow


def chi_square_sum_tail(weights: FloatArray, x: float) -> float:
    """P(sum of weights times chi-square variables on 1 degree of freedom > x).

    Parameters
    ----------
    weights : ndarray
        Weights, above 0, (m,).
    x : float
        Point, 0 or more.

    Returns
    -------
    float
        The probability; ``nan`` where the series would need more than 20,000 terms or starts too
        small, as for thousands of very unequal weights.

    Notes
    -----
    Ruben's series of chi-square distributions on m + 2j degrees of freedom, with the smallest
    weight as its scale, so that all coefficients are positive and sum to 1 [1]_.

    References
    ----------
    .. [1] H. Ruben, "Probability content of regions under spherical normal distributions, IV",
       Annals of Mathematical Statistics 33 (1962) 542-570.

    Examples
    --------
    >>> print(f"{chi_square_sum_tail(np.array([1.0, 1.0]), 5.991464547107979):.6f}")
    0.050000
    """
    if not weights.size:
        return 0.0
    scale = float(weights.min())
    rest = 1 - scale / weights
    first = 0.5 * float(np.log(scale / weights).sum())
    if first < _LEAST:
        return float("nan")
    size = 64
    while size <= _TERMS:
        powers = 0.5 * (rest[:, None] ** np.arange(1, size + 1)).sum(axis=0)
        terms = np.empty(size + 1)
        terms[0] = np.exp(first)
        for j in range(1, size + 1):
            terms[j] = powers[:j] @ terms[:j][::-1] / j
        if 1 - terms.sum() < 1e-12:
            tails = chdtrc(weights.size + 2 * np.arange(size + 1.0), x / scale)
            return float(np.clip((terms * tails).sum() + max(1 - terms.sum(), 0.0), 0.0, 1.0))
        size *= 4
    return float("nan")
