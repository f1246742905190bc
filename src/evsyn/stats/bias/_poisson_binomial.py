"""Number of successes in trials that each have a probability of their own."""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray

__all__ = ["poisson_binomial"]


def poisson_binomial(probabilities: FloatArray) -> FloatArray:
    """Distribution of the number of successes.

    Parameters
    ----------
    probabilities : ndarray, shape (k,)
        Probability of success of each trial.

    Returns
    -------
    ndarray, shape (k + 1,)
        Probability of 0, 1, ..., k successes, by adding one trial after the other: all terms
        are positive, and small probabilities keep their digits.

    Examples
    --------
    >>> poisson_binomial(np.array([0.5, 0.5]))
    array([0.25, 0.5 , 0.25])
    """
    law = np.zeros(probabilities.size + 1)
    law[0] = 1.0
    for at, p in enumerate(probabilities, start=1):
        law[1 : at + 1] = law[1 : at + 1] * (1 - p) + law[:at] * p
        law[0] *= 1 - p
    return law
