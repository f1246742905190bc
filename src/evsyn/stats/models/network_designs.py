"""Heterogeneity within designs and inconsistency between them: where Q of a network comes from.

A design is the set of treatments that a study compares. Studies of one design can only differ by
chance or heterogeneity; designs can also contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray, find_root
from evsyn.stats._special import chdtrc
from evsyn.stats.models.network_model import NetworkMeta
from evsyn.stats.models.network_rows import IntArray, Network, Rows, components, independent_rows

__all__ = ["NetworkDecomposition", "network_decomposition"]

GRID = 200  # points of the scan of a likelihood


@dataclass(frozen=True, slots=True)
class NetworkDecomposition:
    """Q of a network, in parts.

    Attributes
    ----------
    q, q_df, q_pvalue : float
        The whole network, under a common effect.
    q_within, q_within_df, q_within_pvalue : float
        Heterogeneity: differences of studies of the same design.
    q_between, q_between_df, q_between_pvalue : float
        Inconsistency: differences of designs.
    designs : tuple of tuple of str
        The d designs by their treatments.
    k : ndarray of int, shape (d,)
        Studies of each.
    q_design, q_design_df, q_design_pvalue : ndarray, shape (d,)
        Q within each; the p-value is ``nan`` for a single study.
    q_detached, q_detached_df, q_detached_pvalue : ndarray, shape (d,)
        Q between designs when this one may differ from the rest. A design that closes no loop
        changes nothing.
    tau2_within : float
        Tau² of the full design-by-treatment interaction model, by the method of the network;
        ``nan`` where no design has two studies.
    q_random, q_random_df, q_random_pvalue : float
        Q between designs with ``tau2_within`` added to each variance.
    reason : str
        What could not be estimated and why; empty if nothing.
    """

    q: float
    q_df: int
    q_pvalue: float
    q_within: float
    q_within_df: int
    q_within_pvalue: float
    q_between: float
    q_between_df: int
    q_between_pvalue: float
    designs: tuple[tuple[str, ...], ...]
    k: IntArray
    q_design: FloatArray
    q_design_df: FloatArray
    q_design_pvalue: FloatArray
    q_detached: FloatArray
    q_detached_df: FloatArray
    q_detached_pvalue: FloatArray
    tau2_within: float
    q_random: float
    q_random_df: int
    q_random_pvalue: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Design:
    """Pooled contrasts of one design with its first treatment."""

    arms: tuple[int, ...]
    rows: tuple[int, ...]
    k: int
    effect: FloatArray
    information: FloatArray
    q: float

    @property
    def df(self) -> int:
        return len(self.rows) - self.effect.size


def network_decomposition(fit: NetworkMeta) -> NetworkDecomposition:
    """Split Q of a network into heterogeneity within designs and inconsistency between them.

    Parameters
    ----------
    fit : NetworkMeta
        Result of `network`.

    Returns
    -------
    NetworkDecomposition
        Q of the whole, within and between designs, by design, and with each design detached.

    Notes
    -----
    Within design d the common effects of its studies are pooled to b_d with information I_d, and
    ``Q_d`` is what remains; ``Q_within`` is their sum. ``Q_between`` is
    ``sum (b_d - X_d theta)' I_d (b_d - X_d theta)`` and ``Q = Q_within + Q_between`` [1]_ (table
    1). Detaching a design leaves it out of the second sum and of theta. Q between designs mixes
    inconsistency with heterogeneity: the random version weighs with the tau² left in a model in
    which every design has effects of its own [2]_ [3]_. All have little power.

    References
    ----------
    .. [1] U. Krahn, H. Binder, J. König, "A graphical tool for locating inconsistency in network
       meta-analyses", BMC Med Res Methodol 13 (2013) 35.
    .. [2] J. P. T. Higgins et al., "Consistency and inconsistency in network meta-analysis:
       concepts and models for multi-arm studies", Res Synth Methods 3 (2012) 98-110.
    .. [3] D. Jackson, I. R. White, R. D. Riley, "Quantifying the impact of between-study
       heterogeneity in multivariate meta-analyses", Stat Med 31 (2012) 3805-3820.

    Examples
    --------
    Three of the trials of Senn et al. 2013, one loop of three designs:

    >>> from evsyn.stats.models.network_model import network
    >>> fit = network([-1.9, 0.16, -1.3], [0.0200, 0.0072, 0.0161], method="EE",
    ...               study=["De Fronzo 1995", "Hanefeld 2004", "Kipnes 2001"],
    ...               treat_e=["metformin", "pioglitazone", "pioglitazone"],
    ...               treat_c=["placebo", "metformin", "placebo"])
    >>> parts = network_decomposition(fit)
    >>> round(parts.q_between, 3), parts.q_between_df, parts.q_within
    (4.471, 1, 0.0)
    """
    rows, treatments = independent_rows(fit.studies), fit.treatments
    found = _designs(fit.studies, rows, 0.0)
    count = len(treatments)
    q_between, between_df = _between(found, count)
    q_within = float(sum(design.q for design in found))
    within_df = sum(design.df for design in found)
    detached = [
        _between([other for other in found if other is not design], count) for design in found
    ]
    tau2 = _tau2_within(rows, found, fit.method) if within_df else float("nan")
    q_random, reason = float("nan"), "no design has two studies: tau² within designs is unknown"
    if within_df:
        q_random, reason = _between(_designs(fit.studies, rows, tau2), count)[0], ""
    design_df = np.array([design.df for design in found], dtype=np.float64)
    design_q = np.array([design.q for design in found])
    detached_q, detached_df = (
        np.array(part, dtype=np.float64) for part in zip(*detached, strict=True)
    )
    return NetworkDecomposition(
        q=fit.q,
        q_df=fit.q_df,
        q_pvalue=fit.q_pvalue,
        q_within=q_within,
        q_within_df=within_df,
        q_within_pvalue=_p(q_within, within_df),
        q_between=q_between,
        q_between_df=between_df,
        q_between_pvalue=_p(q_between, between_df),
        designs=tuple(tuple(treatments[arm] for arm in design.arms) for design in found),
        k=np.array([design.k for design in found], dtype=np.intp),
        q_design=design_q,
        q_design_df=design_df,
        q_design_pvalue=_p_values(design_q, design_df),
        q_detached=detached_q,
        q_detached_df=detached_df,
        q_detached_pvalue=_p_values(detached_q, detached_df),
        tau2_within=tau2,
        q_random=q_random,
        q_random_df=between_df,
        q_random_pvalue=_p(q_random, between_df),
        reason=reason,
    )


def _designs(network: Network, rows: Rows, tau2: float) -> list[_Design]:
    """Pool the rows of each design, with tau² added to their variances."""
    members: dict[tuple[int, ...], list[int]] = {}
    for position, study in enumerate(network.studies):
        members.setdefault(study.arms, []).append(position)
    found = []
    for arms in sorted(members, key=lambda arms: (len(arms), arms)):
        at = np.flatnonzero(np.isin(rows.study, members[arms]))
        columns = np.array(arms[1:], dtype=np.intp)
        root = 1.0 / np.sqrt(rows.v[at] + tau2)
        x, y = rows.x[np.ix_(at, columns)] * root[:, None], rows.y[at] * root
        effect, residuals = _least_squares(x, y)
        q = float(residuals @ residuals) if at.size > effect.size else 0.0
        places = tuple(int(row) for row in at)
        found.append(_Design(arms, places, len(members[arms]), effect, x.T @ x, q))
    return found


def _least_squares(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients and residuals of a regression of full rank."""
    q, r = np.linalg.qr(x)
    coefficients = np.linalg.solve(r, q.T @ y)
    return coefficients, y - x @ coefficients


def _between(found: list[_Design], count: int) -> tuple[float, int]:
    """Q between designs and its degrees of freedom, part by part of what they connect."""
    total, df = 0.0, 0
    for part in components(count, [design.arms for design in found]):
        inside = [design for design in found if design.arms[0] in part]
        contrasts = sum(design.effect.size for design in inside)
        parameters = len(part) - 1
        df += contrasts - parameters
        if contrasts > parameters:
            total += _part_q(inside, part)
    return total, df


def _part_q(inside: list[_Design], part: list[int]) -> float:
    """Weighted squared distance of the designs of a connected part from what they agree on."""
    column = {treatment: at - 1 for at, treatment in enumerate(part)}
    blocks, effects = [], []
    for design in inside:
        factor = np.linalg.cholesky(design.information).T
        x = np.zeros((design.effect.size, len(part)))  # the last column takes what is at 0
        x[:, column[design.arms[0]]] -= 1.0
        x[np.arange(design.effect.size), [column[arm] for arm in design.arms[1:]]] += 1.0
        blocks.append((factor @ x)[:, :-1])
        effects.append(factor @ design.effect)
    _, residuals = _least_squares(np.vstack(blocks), np.concatenate(effects))
    return float(residuals @ residuals)


def _tau2_within(rows: Rows, found: list[_Design], method: str) -> float:
    """Tau² when every design has effects of its own; by moments for a common-effect network.

    Orthonormal contrasts within a design that its effects do not touch can be turned until they
    are independent: they have the mean 0 and the variances ``spread + tau2``. Moments and the
    restricted likelihood need no more; the likelihood also has the variances of all rows.
    """
    parts = [_residual_contrasts(rows, design) for design in found if design.df]
    square = np.concatenate([z * z for z, _ in parts])
    spread = np.concatenate([values for _, values in parts])
    if method in ("EE", "DL"):
        excess = float((square / spread).sum()) - square.size
        return max(0.0, excess / float((1.0 / spread).sum()))
    held = rows.v if method == "ML" else spread

    def slope(tau2: FloatArray) -> FloatArray:
        at = tau2[:, None]
        rise = (square / (spread + at) ** 2).sum(axis=1) - (1.0 / (held + at)).sum(axis=1)
        return np.asarray(rise, dtype=np.float64)

    def height(tau2: FloatArray) -> FloatArray:
        at = tau2[:, None]
        fall = (square / (spread + at)).sum(axis=1) + np.log(held + at).sum(axis=1)
        return np.asarray(-fall, dtype=np.float64)

    # Above the largest square the slope is negative, whatever the variances.
    most, least = float(square.max()), float(min(spread.min(), held.min()))
    steps = np.geomspace(min(1e-3 * least, 1e-3 * most), most, GRID) if most > 0 else np.zeros(1)
    grid = np.concatenate([[0.0], steps])
    rising = slope(grid) > 0
    turns = np.flatnonzero(rising[:-1] & ~rising[1:])
    peaks = np.concatenate([[0.0], find_root(slope, grid[turns], grid[turns + 1])])
    return float(peaks[int(height(peaks).argmax())])


def _residual_contrasts(rows: Rows, design: _Design) -> tuple[FloatArray, FloatArray]:
    """Independent contrasts free of the effects of a design, and their sampling variances."""
    at = np.array(design.rows, dtype=np.intp)
    x = rows.x[np.ix_(at, np.array(design.arms[1:], dtype=np.intp))]
    free = np.linalg.qr(x, mode="complete")[0][:, x.shape[1] :]
    spread, turn = np.linalg.eigh(free.T @ (rows.v[at][:, None] * free))
    # None lies below the least variance of the rows, but for rounding.
    return turn.T @ (free.T @ rows.y[at]), np.maximum(spread, rows.v[at].min())


def _p(q: float, df: int) -> float:
    """Upper tail of chi-square; ``nan`` without degrees of freedom."""
    return float(chdtrc(df, q)) if df > 0 else float("nan")


def _p_values(q: FloatArray, df: FloatArray) -> FloatArray:
    """Upper tails of chi-square; ``nan`` without degrees of freedom."""
    return np.where(df > 0, chdtrc(np.maximum(df, 1), q), np.nan)
