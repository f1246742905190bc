"""Residual heterogeneity of a meta-regression: the estimators of tau² given a design.

Moments of ``y'A y`` give DL, HE, HS and SJ in closed form; PM (= EB) and the two likelihoods are
roots. The likelihoods are searched until no further maximum can exist. With
``F = log(y'PPy) - log(tr P)`` (full likelihood ``tr W``), ``q = y'PPPy / y'PPy`` and
``H = tr PP / tr P``, on an interval from a to b the slope of F is at most
``1 / (x + eta) - 2 / (x + s)``, ``s = 1 / q(b) - b`` and ``eta = 1 / H(a) - a``: by the inequality
of Cauchy and Schwarz ``1 / q`` and ``1 / H`` grow at least as fast as tau². An interval in which
this neither excludes a maximum nor leaves room for one only is cut in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._design import Contrasts
from evsyn.stats.pooling._fitted import (
    Traces,
    Weighted,
    fitted,
    log_likelihood,
    traces,
    weighted,
)
from evsyn.stats.pooling._lines import Lines, lines_of
from evsyn.stats.pooling._score_roots import (
    ROUNDS,
    Place,
    cut_point,
    place_at,
    refined,
    some_places,
)

__all__ = [
    "ResidualTau2",
    "highest_likelihood",
    "profile_root",
    "residual_tau2",
]

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.intp]]
MARGIN = 1e-12  # rounding, as a share of tau², that the bounds allow for
WIDTH = 1e-13  # intervals narrower than this share of their end are cut no further
RELATIVE = 1e-14  # change of tau² + the sampling variance below which a root is found


@dataclass(frozen=True, slots=True)
class ResidualTau2:
    """Between-study variance that moderators leave, on the scale of the contrasts.

    Attributes
    ----------
    tau2, se : ndarray, shape (n,)
        Estimate and standard error.
    converged : ndarray of bool, shape (n,)
        Whether a root was found to rounding; true for closed forms.
    n_modes : ndarray of int, shape (n,)
        Maxima of the likelihood; 1 for other estimators.
    """

    tau2: FloatArray
    se: FloatArray
    converged: BoolArray
    n_modes: IntArray


class _Intervals(NamedTuple):
    """Intervals of tau² from ``a`` to ``b``, the column of each, and F at their ends."""

    column: IntArray
    a: FloatArray
    b: FloatArray
    lower: Place
    upper: Place

    def taken(self, at: IntArray) -> _Intervals:
        """Some of them."""
        ends = some_places(self.lower, at), some_places(self.upper, at)
        return _Intervals(self.column[at], self.a[at], self.b[at], *ends)


def residual_tau2(data: Contrasts, method: str, spread: FloatArray) -> ResidualTau2:
    """Estimate tau² by the method named.

    Parameters
    ----------
    data : Contrasts
        Effects, variances and designs.
    method : {"EE", "DL", "HE", "HS", "SJ", "PM", "EB", "ML", "REML"}
        Estimator.
    spread : ndarray, shape (n,)
        Mean square of the effects about their mean, where SJ starts.

    Returns
    -------
    ResidualTau2
        On the scale of ``data``.
    """
    n = data.k.size
    done, one = np.ones(n, dtype=bool), np.ones(n, dtype=np.intp)
    if method == "EE":
        return ResidualTau2(np.zeros(n), np.full(n, np.nan), done, one)
    if method in ("ML", "REML"):
        return highest_likelihood(data, full=method == "ML")
    if method in ("PM", "EB"):
        df = data.k - data.pivot.shape[0]
        tau2, converged = profile_root(data, df)
        weight = traces(data, weighted(data, tau2)).weight
        return ResidualTau2(tau2, data.k / weight * np.sqrt(2.0 / df), converged, one)
    closed = {"DL": _weighted_moment, "HS": _hunter_schmidt, "HE": _hedges}
    if method == "SJ":
        return ResidualTau2(*_sidik_jonkman(data, spread), done, one)
    return ResidualTau2(*closed[method](data), done, one)


def _weighted_moment(data: Contrasts) -> tuple[FloatArray, FloatArray]:
    at = weighted(data, 0.0)
    rss, trace = fitted(data, at).rss, traces(data, at)
    df = data.k - data.pivot.shape[0]
    tau2 = np.maximum(0.0, (rss - df) / trace.tr)
    return tau2, _spread_of_q(tau2, df, trace) / trace.tr


def _hunter_schmidt(data: Contrasts) -> tuple[FloatArray, FloatArray]:
    at = weighted(data, 0.0)
    rss, trace = fitted(data, at).rss, traces(data, at)
    tau2 = np.maximum(0.0, (rss - data.k) / trace.weight)
    return tau2, _spread_of_q(tau2, data.k - data.pivot.shape[0], trace) / trace.weight


def _spread_of_q(tau2: FloatArray, df: FloatArray, trace: Traces) -> FloatArray:
    """Standard deviation of Q, weighted by ``1 / v``, at tau²."""
    return np.sqrt(2.0 * df + 4.0 * tau2 * trace.tr + 2.0 * tau2**2 * trace.tr2)


def _hedges(data: Contrasts) -> tuple[FloatArray, FloatArray]:
    unweighted = _with_variances(data, 1.0)
    at = weighted(unweighted, 0.0)
    df = data.k - data.pivot.shape[0]
    first, second = _variance_traces(data, unweighted, at)
    tau2 = np.maximum(0.0, (fitted(unweighted, at).rss - first) / df)
    return tau2, np.sqrt(2.0 * second + 4.0 * tau2 * first + 2.0 * tau2**2 * df) / df


def _sidik_jonkman(data: Contrasts, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    at = weighted(data, spread)
    df = data.k - data.pivot.shape[0]
    tau2 = spread * fitted(data, at).rss / df
    # With V = D - spread, D the variances used: PVPV = PDPD - 2 spread PDP + spread² PP, PDP = P.
    trace, more = traces(data, at), tau2 - spread
    second = df + 2.0 * more * trace.tr + more**2 * trace.tr2
    return tau2, spread / df * np.sqrt(2.0 * np.maximum(second, 0.0))


def _with_variances(data: Contrasts, value: float) -> Contrasts:
    """The same studies with equal variances."""
    v = np.where(np.isfinite(data.v), value, np.inf)
    parts = {name: getattr(data, name) for name in Contrasts.__slots__}
    return Contrasts(**{**parts, "v": v, "pivot": np.full(data.pivot.shape, value)})


def _variance_traces(
    data: Contrasts, unweighted: Contrasts, at: Weighted
) -> tuple[FloatArray, FloatArray]:
    """``tr M V`` and ``tr M V M V`` with M the residual projection and V the variances."""
    own = at.inner  # with unit variances also the covariance of the fitted pivots
    v = np.where(np.isfinite(data.v), data.v, 0.0)
    hat = np.einsum("kan,abn,kbn->kn", data.lever, own, data.lever)
    pivots = np.einsum("aan->an", own)
    # Rows of an orthonormal basis are not needed: hat matrices of studies and pivots alone.
    inner = np.einsum("kan,kn,kbn->abn", data.lever, v, data.lever)
    inner = inner + np.eye(own.shape[0])[..., None] * data.pivot
    both = np.einsum("abn,bcn->acn", own, inner)
    first = (v * (1.0 - hat)).sum(axis=0) + (data.pivot * (1.0 - pivots)).sum(axis=0)
    second = (v**2 * (1.0 - 2.0 * hat)).sum(axis=0)
    second = second + (data.pivot**2 * (1.0 - 2.0 * pivots)).sum(axis=0)
    return first, second + np.einsum("abn,ban->n", both, both)


def profile_root(data: Contrasts, target: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Tau² at which the generalised Q equals the target, or 0 where it lies below throughout.

    ``1 / Q`` is concave in tau², so that Newton steps on it from 0 climb to the root and never
    pass it.

    Parameters
    ----------
    data : Contrasts
        Effects, variances and designs.
    target : ndarray, shape (n,)
        Value that Q is to take.

    Returns
    -------
    tau2 : ndarray, shape (n,)
        Root, at least 0.
    converged : ndarray of bool, shape (n,)
        Whether it was found to rounding.
    """
    tau2, converged = np.zeros(data.k.size), np.zeros(data.k.size, dtype=bool)
    active = np.flatnonzero(data.e.any(axis=0))
    converged[~data.e.any(axis=0)] = True
    x, part = tau2[active], data.taken(active)
    for _ in range(ROUNDS):
        if not active.size:
            break
        fit = fitted(part, weighted(part, x))
        step = fit.rss * (fit.rss / target[active] - 1.0) / fit.ypp
        going = step > 4.0 * RELATIVE * (x + fit.rss / fit.ypp)
        x = np.maximum(x + step, 0.0)
        tau2[active] = x
        converged[active[~going]] = True
        if not going.all():
            active, x = active[going], x[going]
            part = data.taken(active)
    return tau2, converged


def highest_likelihood(data: Contrasts, *, full: bool) -> ResidualTau2:
    """Tau² at the highest maximum of the likelihood, restricted or full.

    Parameters
    ----------
    data : Contrasts
        Effects, variances and designs.
    full : bool
        Full instead of restricted likelihood.

    Returns
    -------
    ResidualTau2
        With the standard error of the expected information and the number of maxima.

    References
    ----------
    D. A. Harville, "Maximum likelihood approaches to variance component estimation and to related
    problems", J Am Stat Assoc 72 (1977) 320-338.
    """
    n = data.k.size
    column, roots, settled = _maxima(data, lines_of(data), full=full)
    modes = np.bincount(column, minlength=n)
    tau2 = np.zeros(n)
    tau2[column] = roots
    rival = np.flatnonzero(modes[column] > 1)
    column, roots = column[rival], roots[rival]
    if column.size:
        part = data.taken(column)
        at = weighted(part, roots)
        height = log_likelihood(part, at, fitted(part, at).rss, full=full)
        order = np.lexsort((-roots, height, column))
        tau2[column[order]] = roots[order]
    trace = traces(data, weighted(data, tau2))
    se = np.sqrt(2.0 / (trace.weight2 if full else trace.tr2))
    return ResidualTau2(tau2, se, settled, modes)


def _maxima(
    data: Contrasts, view: Contrasts | Lines, *, full: bool
) -> tuple[IntArray, FloatArray, BoolArray]:
    """Every maximum, its column and its tau²; and which columns were searched to the end."""
    n = data.k.size
    settled = np.ones(n, dtype=bool)
    spread = data.e.any(axis=0)
    columns = np.flatnonzero(spread)
    every = columns.size == n
    part, b = view if every else view.taken(columns), np.zeros(columns.size)
    lower = place_at(part, b, full=full)
    b, far = _far(data if every else data.taken(columns), full=full)
    up = np.flatnonzero(lower.f > 0)
    flat = np.concatenate([np.flatnonzero(~spread), columns[lower.f <= 0]])
    found = [(flat, np.zeros(flat.size))]
    roots, at_root, done = refined(
        part if up.size == n else part.taken(up),
        (np.zeros(up.size), b[up]),
        some_places(lower, up),
        full,
    )
    found.append((columns[up], roots))
    settled[columns[up]] = done
    before = _Intervals(columns[up], np.zeros(up.size), roots, some_places(lower, up), at_root)
    a = np.zeros(columns.size)
    a[up] = roots
    after = _Intervals(columns, a, b, _replaced(lower, up, at_root), _beyond(far))
    todo = _joined(before, after)
    for _ in range(ROUNDS):
        one, none, narrow = _verdict(todo)
        falls = (todo.lower.f > 0) & (todo.upper.f < 0)
        take = np.flatnonzero((one | narrow) & falls & ~none)
        if take.size:
            here = todo.taken(take)
            roots, _, done = refined(view.taken(here.column), (here.a, here.b), here.lower, full)
            found.append((here.column, roots))
            settled[here.column] &= done
        cut = np.flatnonzero(~(one | none | narrow))
        if not cut.size:
            break
        todo = _halved(view, todo.taken(cut), full)
    else:
        settled[todo.column] = False
    return (*(np.concatenate(parts) for parts in zip(*found, strict=True)), settled)  # type: ignore[return-value]


def _beyond(s: FloatArray) -> Place:
    """The end above which F is negative."""
    return Place(np.full(s.shape, -1.0), np.full(s.shape, np.nan), s, np.full(s.shape, np.inf), s)


def _verdict(part: _Intervals) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Where F falls throughout, where it has no maximum, where an interval is cut no further."""
    a, b, lower, upper = part.a, part.b, part.lower, part.upper
    s = np.maximum(upper.s, 0.0) + MARGIN * b
    eta = np.maximum(lower.eta - MARGIN * a, 0.0)
    falls = a + 2.0 * eta > s
    top = np.clip(s - 2.0 * eta, a, b)
    above = 2.0 * np.log((top + s) / (a + s)) - np.log((top + eta) / (a + eta))
    before = 2.0 * np.log((b + s) / (a + s)) - np.log((b + eta) / (a + eta))
    none = (lower.f - above < 0) & (lower.f < 0)
    none |= np.minimum(upper.f, upper.f + before) > 0
    none |= lower.s - MARGIN * a > b + 2.0 * upper.eta + MARGIN * b  # F rises throughout
    return falls, none, b - a <= WIDTH * (a + np.maximum(lower.eta, 0.0))


def _halved(data: Contrasts | Lines, part: _Intervals, full: bool) -> _Intervals:
    """Both parts of each interval."""
    middle = cut_point(part.a, part.b, part.lower.eta)
    between = place_at(data.taken(part.column), middle, full=full)
    return _joined(
        _Intervals(part.column, part.a, middle, part.lower, between),
        _Intervals(part.column, middle, part.b, between, part.upper),
    )


def likelihood_falls_above(data: Contrasts, *, full: bool) -> FloatArray:
    """Tau² above which neither likelihood rises any more; shape (n,).

    Since ``P <= M / tau²``, ``y'PPy <= y'My / tau⁴``; and ``tr P >= (k - p) / (tau² + max v)``.
    """
    return _far(data, full=full)[0]


def _far(data: Contrasts, *, full: bool) -> tuple[FloatArray, FloatArray]:
    """Tau² above which F is negative, and the bound ``s`` that holds up to there.

    As tau² grows ``1 / q - tau²`` rises to ``y'MVMy / y'My``.
    """
    unweighted = _with_variances(data, 1.0)
    fit = fitted(unweighted, weighted(unweighted, 0.0))
    p = data.pivot.shape[0]
    square = fit.rss / (data.k if full else data.k - p)
    v = np.where(np.isfinite(data.v), data.v, 0.0)
    most = np.maximum(v.max(axis=0), data.pivot.max(axis=0))
    s = (v * fit.rest**2).sum(axis=0) + (data.pivot * fit.pull**2).sum(axis=0)
    bound = 1.001 * (square + np.sqrt(square * (square + 4.0 * most))) / 2.0
    return bound, s / np.where(fit.ypp > 0, fit.ypp, 1.0)


def _replaced(place: Place, at: IntArray, other: Place) -> Place:
    parts = [part.copy() for part in place]
    for part, new in zip(parts, other, strict=True):
        part[at] = new
    return Place(*parts)


def _joined(first: _Intervals, second: _Intervals) -> _Intervals:
    def both(one: Any, other: Any) -> Any:
        return np.concatenate([one, other])

    return _Intervals(
        *(both(first.column, second.column), both(first.a, second.a), both(first.b, second.b)),
        Place(*map(both, first.lower, second.lower)),
        Place(*map(both, first.upper, second.upper)),
    )
