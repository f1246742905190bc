"""What the estimates of a network rest on: direct and indirect evidence, hat matrix, shares."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, normal_quantile, reasons
from evsyn.stats._special import ndtr
from evsyn.stats.models.network_model import NetworkMeta
from evsyn.stats.models.network_rows import IntArray, Study

__all__ = ["NetworkContributions", "NetworkSplits", "network_contributions", "network_splits"]

ALL_DIRECT = 1e-8  # share of indirect evidence below which there is none but rounding


@dataclass(frozen=True, slots=True)
class NetworkSplits:
    """Direct and indirect evidence on each pair of treatments.

    Attributes
    ----------
    treat_e, treat_c : tuple of str, length c
        The c = t (t - 1) / 2 pairs; effects are of ``treat_e`` relative to ``treat_c``.
    k : ndarray of int, shape (c,)
        Studies that compare the pair directly.
    share : ndarray, shape (c,)
        Share of the direct evidence in the network estimate, 0 to 1.
    estimate, se : ndarray, shape (c,)
        Network estimate and its standard error.
    direct, direct_se, direct_ci_lb, direct_ci_ub : ndarray, shape (c,)
        From the studies that compare the pair; ``nan`` where none does.
    indirect, indirect_se, indirect_ci_lb, indirect_ci_ub : ndarray, shape (c,)
        From all the rest; ``nan`` where there is none.
    difference, difference_se, difference_ci_lb, difference_ci_ub : ndarray, shape (c,)
        Direct minus indirect; ``nan`` where either is missing.
    statistic, p_value : ndarray, shape (c,)
        Test of the difference, two-sided.
    reason : ndarray of str, shape (c,)
        Why there is no difference; empty where there is one.
    """

    treat_e: tuple[str, ...]
    treat_c: tuple[str, ...]
    k: IntArray
    share: FloatArray
    estimate: FloatArray
    se: FloatArray
    direct: FloatArray
    direct_se: FloatArray
    direct_ci_lb: FloatArray
    direct_ci_ub: FloatArray
    indirect: FloatArray
    indirect_se: FloatArray
    indirect_ci_lb: FloatArray
    indirect_ci_ub: FloatArray
    difference: FloatArray
    difference_se: FloatArray
    difference_ci_lb: FloatArray
    difference_ci_ub: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    reason: TextArray


@dataclass(frozen=True, slots=True)
class NetworkContributions:
    """How the direct comparisons enter the network estimates.

    Attributes
    ----------
    treat_e, treat_c : tuple of str, length c
        The c = t (t - 1) / 2 pairs of treatments that the network estimates (rows).
    edge_e, edge_c : tuple of str, length e
        The pairs that studies compare directly (columns).
    edge_estimate, edge_weight : ndarray, shape (e,)
        Effect and weight of each edge, studies with more than two treatments weighed down.
    hat : ndarray, shape (c, e)
        Coefficients of the edges: ``hat @ edge_estimate`` are the network estimates.
    percent : ndarray, shape (c, e)
        Contribution of each edge in percent; each row sums to 100.
    reason : str
        Why ``percent`` is ``nan``; empty if it is not.
    """

    treat_e: tuple[str, ...]
    treat_c: tuple[str, ...]
    edge_e: tuple[str, ...]
    edge_c: tuple[str, ...]
    edge_estimate: FloatArray
    edge_weight: FloatArray
    hat: FloatArray
    percent: FloatArray
    reason: str


def network_splits(fit: NetworkMeta) -> NetworkSplits:
    """Split each network estimate into its direct and its indirect part (back-calculation).

    Parameters
    ----------
    fit : NetworkMeta
        Result of `network`.

    Returns
    -------
    NetworkSplits
        Both parts, their difference and its test, for every pair of treatments.

    Notes
    -----
    The direct estimate weighs the rows of the pair by ``1 / (v + tau2)``, with the tau² of the
    network [1]_ (section 3). Given a row, the rest of its study is independent of it, so that
    the network estimate is the mean of the direct and the indirect one, weighted by their
    inverse variances, also with studies of more than two treatments. The share of the direct
    evidence is hence ``p = se_network² / se_direct²`` [2]_, the indirect estimate
    ``(network - p direct) / (1 - p)`` and its variance ``se_network² / (1 - p)``. A large
    p-value is no proof of consistency.

    References
    ----------
    .. [1] S. Dias, N. J. Welton, D. M. Caldwell, A. E. Ades, "Checking consistency in mixed
       treatment comparison meta-analysis", Stat Med 29 (2010) 932-944.
    .. [2] J. König, U. Krahn, H. Binder, "Visualizing the flow of evidence in network
       meta-analysis and characterizing mixed treatment comparisons", Stat Med 32 (2013)
       5414-5429.

    Examples
    --------
    Three of the trials of Senn et al. 2013, one loop:

    >>> from evsyn.stats.models.network_model import network
    >>> fit = network([-1.9, 0.16, -1.3], [0.0200, 0.0072, 0.0161], method="EE",
    ...               study=["De Fronzo 1995", "Hanefeld 2004", "Kipnes 2001"],
    ...               treat_e=["metformin", "pioglitazone", "pioglitazone"],
    ...               treat_c=["placebo", "metformin", "placebo"])
    >>> splits = network_splits(fit)
    >>> splits.direct.round(2), splits.indirect.round(2), splits.p_value.round(4)
    (array([-0.16, -1.9 , -1.3 ]), array([-0.6 , -1.46, -1.74]), array([0.0345, 0.0345, 0.0345]))
    """
    pairs = np.array(list(combinations(range(len(fit.treatments)), 2)), dtype=np.intp)
    e, c = pairs.T
    k, direct, direct_var = _direct(fit, e, c)
    estimate, se = fit.estimate[e, c], fit.se[e, c]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(k > 0, np.minimum(se * se / direct_var, 1.0), 0.0)
        rest = np.where(share < 1 - ALL_DIRECT, 1 - share, np.nan)
        known = np.where(k > 0, direct, 0.0)
        indirect, indirect_se = (estimate - share * known) / rest, se / np.sqrt(rest)
        direct_se = np.sqrt(direct_var)
        difference = direct - indirect
        difference_se = np.sqrt(direct_var + indirect_se**2)
        statistic = difference / difference_se
    half = normal_quantile(fit.level)
    return NetworkSplits(
        treat_e=tuple(fit.treatments[at] for at in e),
        treat_c=tuple(fit.treatments[at] for at in c),
        k=k.astype(np.intp),
        share=share,
        estimate=estimate,
        se=se,
        direct=direct,
        direct_se=direct_se,
        direct_ci_lb=direct - half * direct_se,
        direct_ci_ub=direct + half * direct_se,
        indirect=indirect,
        indirect_se=indirect_se,
        indirect_ci_lb=indirect - half * indirect_se,
        indirect_ci_ub=indirect + half * indirect_se,
        difference=difference,
        difference_se=difference_se,
        difference_ci_lb=difference - half * difference_se,
        difference_ci_ub=difference + half * difference_se,
        statistic=statistic,
        p_value=2 * np.asarray(ndtr(-np.abs(statistic)), dtype=np.float64),
        reason=reasons(
            share.shape,
            (k == 0, "no study compares the pair directly"),
            (np.isnan(rest), "no indirect evidence"),
        ),
    )


def _direct(
    fit: NetworkMeta, e: IntArray, c: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Studies, pooled effect and variance of each pair, from the rows of the pair alone."""
    size = len(fit.treatments)
    k, total, weighted = (np.zeros((size, size)) for _ in range(3))
    for study in fit.studies.studies:
        y, variance = _all_pairs(study)
        at = np.ix_(study.arms, study.arms)
        w = 1.0 / (variance + fit.tau2)
        k[at] += 1
        total[at] += w
        weighted[at] += w * y
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(k > 0, 1.0 / total, np.nan)
        return k[e, c], (weighted * variance)[e, c], variance[e, c]


def _all_pairs(study: Study) -> tuple[FloatArray, FloatArray]:
    """Effects and variances of all pairs of a study; the diagonal has no weight."""
    place = np.concatenate([[0.0], study.y])
    v = np.zeros((place.size, place.size))
    v[1:, 1:] = study.v
    own = np.diag(v)
    variance = own[:, None] + own - 2 * v
    np.fill_diagonal(variance, np.inf)
    return place[:, None] - place, variance


def network_contributions(fit: NetworkMeta) -> NetworkContributions:
    """Hat matrix of a network and the contribution of each direct comparison in percent.

    Parameters
    ----------
    fit : NetworkMeta
        Result of `network`.

    Returns
    -------
    NetworkContributions
        Edges with their effects and weights, hat matrix, contributions.

    Notes
    -----
    With L the Laplacian of the weighted graph of treatments, the row of a pair (a, b) of the hat
    matrix is ``(e_a - e_b)' L⁺ B' W``, B the incidence matrix and W the weights of the edges; its
    entries are a flow of evidence of 1 from a to b that no node keeps [1]_ [2]_. Percentages
    follow the walk that at each node takes an edge with the probability of its flow: an edge gets
    the probability of the paths through it, each divided by its number of edges [3]_. The sum is
    over all paths, without listing them. An edge of a study with more than two treatments may
    have a weight that is not positive; then there is no flow, and percentages are ``nan``.

    References
    ----------
    .. [1] G. Rücker, "Network meta-analysis, electrical networks and graph theory", Res Synth
       Methods 3 (2012) 312-324.
    .. [2] J. König, U. Krahn, H. Binder, Stat Med 32 (2013) 5414-5429.
    .. [3] A. L. Davies, T. Papakonstantinou, A. Nikolakopoulou, G. Rücker, T. Galla, "Network
       meta-analysis and random walks", Stat Med 41 (2022) 2091-2114.

    Examples
    --------
    Three of the trials of Senn et al. 2013, one loop:

    >>> from evsyn.stats.models.network_model import network
    >>> fit = network([-1.9, 0.16, -1.3], [0.0200, 0.0072, 0.0161], method="EE",
    ...               study=["De Fronzo 1995", "Hanefeld 2004", "Kipnes 2001"],
    ...               treat_e=["metformin", "pioglitazone", "pioglitazone"],
    ...               treat_c=["placebo", "metformin", "placebo"])
    >>> shares = network_contributions(fit)
    >>> shares.edge_e, shares.edge_c
    (('metformin', 'metformin', 'pioglitazone'), ('pioglitazone', 'placebo', 'placebo'))
    >>> shares.percent.round(1)
    array([[83.4,  8.3,  8.3],
           [23.1, 53.8, 23.1],
           [18.6, 18.6, 62.8]])
    """
    size = len(fit.treatments)
    weight, weighted, met = _edges(fit)
    pairs = np.array(list(combinations(range(size), 2)), dtype=np.intp)
    e, c = pairs.T
    edges = met[e, c]
    edge_e, edge_c = e[edges], c[edges]
    edge_weight = weight[edge_e, edge_c]
    spread = fit.covariance[e] - fit.covariance[c]
    hat = (spread[:, edge_e] - spread[:, edge_c]) * edge_weight
    positive = bool((edge_weight > 0).all())
    percent = np.full(hat.shape, np.nan)
    if positive:
        for row, (start, stop) in enumerate(pairs):
            percent[row] = _percent(hat[row], (edge_e, edge_c), (int(start), int(stop)), size)
    with np.errstate(invalid="ignore", divide="ignore"):
        effects = weighted[edge_e, edge_c] / edge_weight
    return NetworkContributions(
        treat_e=tuple(fit.treatments[at] for at in e),
        treat_c=tuple(fit.treatments[at] for at in c),
        edge_e=tuple(fit.treatments[at] for at in edge_e),
        edge_c=tuple(fit.treatments[at] for at in edge_c),
        edge_estimate=effects,
        edge_weight=edge_weight,
        hat=hat,
        percent=percent,
        reason="" if positive else "an edge of a multi-arm study has no positive weight",
    )


def _edges(fit: NetworkMeta) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Weights, weighted effects, and where studies meet, as matrices of treatments."""
    size = len(fit.treatments)
    weight, weighted = np.zeros((size, size)), np.zeros((size, size))
    met = np.zeros((size, size), dtype=np.bool_)
    for study in fit.studies.studies:
        p = len(study.arms)
        contrast = np.hstack([np.full((p - 1, 1), -1.0), np.eye(p - 1)])
        inner = study.v + fit.tau2 * (np.eye(p - 1) + 1) / 2
        laplacian = contrast.T @ np.linalg.solve(inner, contrast)
        y, _ = _all_pairs(study)
        at = np.ix_(study.arms, study.arms)
        weight[at] -= laplacian
        weighted[at] -= laplacian * y
        met[at] = True
    return weight, weighted, met


def _percent(
    flow: FloatArray, edges: tuple[IntArray, IntArray], ends: tuple[int, int], size: int
) -> FloatArray:
    """Contribution of each edge to one estimate, from the flow of evidence between its ends."""
    start, stop = ends
    e, c = edges
    least = 1e-12 * np.abs(flow).max()
    moving = np.abs(flow) > least
    tail, head = np.where(flow > 0, e, c)[moving], np.where(flow > 0, c, e)[moving]
    move = np.zeros((size, size))
    move[tail, head] = np.abs(flow[moving])
    out = move.sum(axis=1, keepdims=True)
    move = np.divide(move, out, out=np.zeros_like(move), where=out > 0)
    move[stop] = 0.0
    arrive, leave = np.zeros((size, size)), np.zeros((size, size))
    arrive[0, start] = leave[0, stop] = 1.0
    for step in range(1, size):
        arrive[step] = arrive[step - 1] @ move
        leave[step] = move @ leave[step - 1]
    steps = np.arange(size)
    length = 1.0 / (steps[:, None] + steps + 1)
    reach = np.einsum("am,ab,bm->m", arrive[:, tail], length, leave[:, head])
    share = np.zeros(flow.shape)
    share[moving] = 100 * reach * move[tail, head]
    return share
