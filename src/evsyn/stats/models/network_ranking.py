"""How likely each treatment of a network is to have each rank, by simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats._options import whole
from evsyn.stats.models.network_model import NetworkMeta

__all__ = ["NetworkRanks", "network_ranks"]

CHUNK = 1_000_000  # numbers drawn at once


@dataclass(frozen=True, slots=True)
class NetworkRanks:
    """Ranks of treatments, 1 the best.

    Attributes
    ----------
    treatments : tuple of str
        The t treatments.
    probability : ndarray, shape (t, t)
        Share of the draws in which a treatment (row) has a rank (column).
    cumulative : ndarray, shape (t, t)
        Share of the draws in which it has that rank or a better one.
    mean_rank : ndarray, shape (t,)
        Mean rank.
    sucra : ndarray, shape (t,)
        Surface under the cumulative ranking curve, 0 to 1.
    draws : int
        Draws made.
    seed : int or None
        Seed of the draws.
    """

    treatments: tuple[str, ...]
    probability: FloatArray
    cumulative: FloatArray
    mean_rank: FloatArray
    sucra: FloatArray
    draws: int
    seed: int | None


def network_ranks(
    fit: NetworkMeta, *, draws: int = 100_000, seed: int | None = None
) -> NetworkRanks:
    """Probabilities of ranks, from draws of the joint normal distribution of the effects.

    Parameters
    ----------
    fit : NetworkMeta
        Result of `network`; its ``small_values`` says which end is best.
    draws : int, default 100,000
        Number of draws.
    seed : int, optional
        Seed; without one the result changes from call to call.

    Returns
    -------
    NetworkRanks
        Probabilities of ranks, mean ranks and SUCRA.

    Raises
    ------
    StatsError
        If ``draws`` is not a whole number of at least 1, or ``seed`` none of at least 0.

    Notes
    -----
    SUCRA is ``(t - mean rank) / (t - 1)`` [1]_. Its expectation over the draws is the P-score of
    `network`, which needs no simulation [2]_; the probabilities of single ranks do. The standard
    error of a probability p is ``sqrt(p (1 - p) / draws)``. The most probable best treatment is
    often the one least is known of: read ranks with the intervals of the effects.

    References
    ----------
    .. [1] G. Salanti, A. E. Ades, J. P. A. Ioannidis, "Graphical methods and numerical summaries
       for presenting results from multiple-treatment meta-analysis: an overview and tutorial",
       J Clin Epidemiol 64 (2011) 163-171.
    .. [2] G. Rücker, G. Schwarzer, BMC Med Res Methodol 15 (2015) 58.

    Examples
    --------
    Three of the trials of Senn et al. 2013, one loop:

    >>> from evsyn.stats.models.network_model import network
    >>> fit = network([-1.9, 0.16, -1.3], [0.0200, 0.0072, 0.0161], method="EE",
    ...               study=["De Fronzo 1995", "Hanefeld 2004", "Kipnes 2001"],
    ...               treat_e=["metformin", "pioglitazone", "pioglitazone"],
    ...               treat_c=["placebo", "metformin", "placebo"])
    >>> ranks = network_ranks(fit, seed=1)
    >>> fit.p_score.round(2), ranks.sucra.round(2)
    (array([1. , 0.5, 0. ]), array([1. , 0.5, 0. ]))
    """
    draws = whole("draws", draws, 1)
    seed = None if seed is None else whole("seed", seed, 0)
    size = len(fit.treatments)
    sign = 1.0 if fit.small_values == "good" else -1.0
    base = fit.treatments.index(fit.reference)
    others = np.delete(np.arange(size), base)
    lower = np.linalg.cholesky(fit.covariance[np.ix_(others, others)])
    generator = np.random.default_rng(seed)
    counts = np.zeros((size, size))
    width = max(1, CHUNK // size)
    for start in range(0, draws, width):
        drawn = np.zeros((min(width, draws - start), size))
        noise = generator.standard_normal((len(drawn), others.size))
        drawn[:, others] = fit.versus.estimate[others] + noise @ lower.T
        ranks = np.argsort(np.argsort(sign * drawn, axis=1), axis=1)
        for treatment in range(size):
            counts[treatment] += np.bincount(ranks[:, treatment], minlength=size)
    probability = counts / draws
    mean_rank = probability @ np.arange(1, size + 1)
    return NetworkRanks(
        treatments=fit.treatments,
        probability=probability,
        cumulative=np.cumsum(probability, axis=1),
        mean_rank=mean_rank,
        sucra=(size - mean_rank) / (size - 1),
        draws=draws,
        seed=seed,
    )
