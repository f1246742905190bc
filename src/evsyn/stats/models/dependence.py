"""Sampling covariances of effects that share participants, from what is known or assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, chosen, float_array
from evsyn.stats.models.dependent_rows import IntArray
from evsyn.stats.models.mixed_design import labelled

__all__ = ["sampling_covariance", "shared_control_covariance"]

_MEASURES = ("RR", "OR", "RD", "MD", "SMD", "ROM")
_DATA = {
    "RR": ("events_c", "n_c"),
    "OR": ("events_c", "n_c"),
    "RD": ("events_c", "n_c"),
    "MD": ("sd_c", "n_c"),
    "ROM": ("mean_c", "sd_c", "n_c"),
    "SMD": ("yi", "n_e", "n_c"),
}


def sampling_covariance(
    vi: ArrayLike,
    cluster: ArrayLike,
    *,
    r: ArrayLike | None = None,
    subgroup: ArrayLike | None = None,
    type: ArrayLike | None = None,
    obs: ArrayLike | None = None,
    time: ArrayLike | None = None,
    time_c: ArrayLike | None = None,
    phi: float | None = None,
    group_e: ArrayLike | None = None,
    group_c: ArrayLike | None = None,
    n_e: ArrayLike | None = None,
    n_c: ArrayLike | None = None,
) -> FloatArray:
    """Covariance matrix of effects from their variances and assumed correlations.

    Parameters
    ----------
    vi : array_like, shape (k,)
        Sampling variances.
    cluster : array_like of labels, shape (k,)
        Rows of different clusters (studies) are independent.
    r : float, (float, float) or array_like (J, J), optional
        Correlation of two effects of a cluster: of different ``obs``, of different ``type``, or,
        without either, of any two. With ``type`` and a pair: within a type, between types. A
        matrix gives it for each pair of labels of ``obs`` (or ``type``), in their sorted order.
    subgroup : array_like of labels, shape (k,), optional
        Rows of different subgroups of a cluster are independent too.
    type, obs : array_like of labels, shape (k,), optional
        Construct that was measured, and which observation of it.
    time : array_like, shape (k,), optional
        Time of measurement; of the experimental condition if the effect is a contrast.
    time_c : array_like, shape (k,), optional
        Time of measurement of the control condition; `time` by default.
    phi : float, optional
        Correlation of measurements one unit of time apart, 0 to 1; needed with times.
    group_e, group_c : array_like of labels, shape (k,), optional
        Groups that a contrast compares: effects that share a group are correlated.
    n_e, n_c : array_like, shape (k,), optional
        Sizes of these groups; equal sizes by default, so that a shared control means 0.5.

    Returns
    -------
    ndarray, shape (k, k)
        Covariance matrix.

    Raises
    ------
    StatsError
        If shapes do not fit, a variance is negative, a correlation is missing or outside -1 to 1,
        or the correlations of a cluster contradict each other (not positive semidefinite).

    Notes
    -----
    ``V_ij = R_ij T_ij sqrt(v_i v_j)`` within clusters, with ``R_ij`` from ``r`` and ``T_ij`` from
    times and groups: an effect is ``x(group_e, time) - x(group_c, time_c)``, ``x`` has variance
    proportional to ``1 / n`` and correlation ``phi^|t - t'|`` within a group, none between groups
    [1]_ [2]_. Correlations assumed are rarely known: follow with `robust`, and vary them.

    References
    ----------
    .. [1] L. J. Gleser, I. Olkin, "Stochastically dependent effect sizes", in H. Cooper,
       L. V. Hedges, J. C. Valentine (eds), The Handbook of Research Synthesis and Meta-Analysis,
       2nd ed (2009) 357-376.
    .. [2] J. E. Pustejovsky, E. Tipton, "Meta-analysis with robust variance estimation: expanding
       the range of working models", Prev Sci 23 (2022) 425-438.

    Examples
    --------
    Two outcomes of each of two trials, correlated by 0.6; then two arms against one control:

    >>> sampling_covariance([0.04, 0.09, 0.01, 0.01], ["a", "a", "b", "b"], r=0.6)
    array([[0.04 , 0.036, 0.   , 0.   ],
           [0.036, 0.09 , 0.   , 0.   ],
           [0.   , 0.   , 0.01 , 0.006],
           [0.   , 0.   , 0.006, 0.01 ]])
    >>> sampling_covariance([1, 1], [1, 1], group_e=["x", "y"], group_c=["c", "c"])
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    v = _variances(vi)
    k = len(v)
    codes = labelled("cluster", cluster, k)[0]
    together = codes[:, None] == codes
    if subgroup is not None:
        part = labelled("subgroup", subgroup, k)[0]
        together &= part[:, None] == part
    times = (time, time_c)
    groups = (group_e, group_c, n_e, n_c)
    plain = all(item is None for item in (*times, *groups))
    correlation = _assumed(r, type, obs, k, needed=plain)
    if not plain:
        correlation = correlation * _contrasts(_conditions(k, times, groups), phi)
    correlation = np.where(together, correlation, 0.0)
    np.fill_diagonal(correlation, 1.0)
    _refuse_contradictions(correlation, codes)
    sd = np.sqrt(v)
    covariance = np.where(correlation == 0, 0.0, correlation * sd[:, None] * sd)
    np.fill_diagonal(covariance, v)
    return np.asarray(covariance)


def _variances(vi: ArrayLike) -> FloatArray:
    """Variances, checked."""
    v = float_array("vi", vi)
    if v.ndim != 1:
        raise StatsError(f"vi has shape {v.shape}; give one variance a row, shape (k,)")
    wrong = (v < 0) | np.isinf(v)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise StatsError(f"row {row}: vi={v[row]:g}; give finite variances, 0 or more")
    return v


def _assumed(
    r: ArrayLike | None, kind: ArrayLike | None, obs: ArrayLike | None, k: int, *, needed: bool
) -> FloatArray:
    """Correlations of constructs and observations, (k, k)."""
    if r is None:
        if needed or kind is not None or obs is not None:
            raise StatsError("r is missing: give the correlation of effects of one cluster")
        return np.ones((k, k))
    given = float_array("r", r)
    if not ((given >= -1) & (given <= 1)).all():
        raise StatsError(f"r={r!r} lies outside -1..1")
    if given.ndim == 2:
        if (kind is None) == (obs is None):
            raise StatsError("r is a matrix: give either obs or type, whose labels it belongs to")
        name, labels = ("obs", obs) if obs is not None else ("type", kind)
        assert labels is not None
        return _by_label(given, *labelled(name, labels, k), name)
    if given.shape not in ((), (2,)):
        raise StatsError(f"r has shape {given.shape}; give a number, a pair or a matrix")
    if given.shape == (2,) and kind is None:
        raise StatsError("r is a pair (within a type, between types): give type")
    own = np.eye(k, dtype=bool)
    if obs is not None:
        seen = labelled("obs", obs, k)[0]
        own = seen[:, None] == seen
    if kind is None:
        return np.where(own, 1.0, given)
    of_type = labelled("type", kind, k)[0]
    same = of_type[:, None] == of_type
    if given.shape == (2,):
        return np.where(same, np.where(own, 1.0, given[0]), given[1])
    if obs is not None:
        raise StatsError("type and obs need r as a pair: within a type, between types")
    return np.where(same, 1.0, given)


def _by_label(
    matrix: FloatArray, codes: IntArray, labels: tuple[object, ...], name: str
) -> FloatArray:
    """Correlations from a matrix over labels."""
    size = len(labels)
    if matrix.shape != (size, size):
        raise StatsError(
            f"r has shape {matrix.shape}; {name} has {size} labels: give ({size}, {size})"
        )
    if not (np.allclose(matrix, matrix.T) and np.allclose(np.diagonal(matrix), 1.0)):
        raise StatsError("r is no correlation matrix; give a symmetric one with 1 on its diagonal")
    return np.asarray(matrix[codes[:, None], codes])


@dataclass(frozen=True, slots=True)
class _Conditions:
    """The two conditions of each contrast: group, time and 1 / n, each (k, 2)."""

    group: IntArray
    time: FloatArray
    noise: FloatArray
    sign: FloatArray


def _conditions(
    k: int,
    times: tuple[ArrayLike | None, ArrayLike | None],
    groups: tuple[ArrayLike | None, ...],
) -> _Conditions:
    """Groups, times and sizes of the conditions; one condition where there are no groups."""
    group_e, group_c, n_e, n_c = groups
    if (group_e is None) != (group_c is None):
        raise StatsError("group_e and group_c go together; give both")
    if group_e is None and (n_e is not None or n_c is not None or times[1] is not None):
        raise StatsError("n_e, n_c and time_c belong to contrasts: give group_e and group_c")
    columns = {"time": times[0], "time_c": times[1], "n_e": n_e, "n_c": n_c}
    filled = {
        name: np.ones(k) if value is None else _column(name, value, k)
        for name, value in columns.items()
    }
    if times[1] is None:
        filled["time_c"] = filled["time"]
    for name in ("n_e", "n_c"):
        if not (filled[name] > 0).all():
            row = int(np.flatnonzero(~(filled[name] > 0))[0])
            raise StatsError(f"row {row}: {name}={filled[name][row]:g}; give sizes above 0")
    if group_e is None:
        one = np.zeros((k, 1), dtype=np.int64)
        return _Conditions(one, filled["time"][:, None], np.ones((k, 1)), np.ones(1))
    first, second = np.asarray(group_e), np.asarray(group_c)
    if first.shape != (k,) or second.shape != (k,):
        raise StatsError(f"group_e {first.shape}, group_c {second.shape}; give ({k},) each")
    both = labelled("group_e and group_c", np.concatenate([first, second]), 2 * k)[0]
    return _Conditions(
        group=both.reshape(2, k).T,
        time=np.stack([filled["time"], filled["time_c"]], axis=1),
        noise=1.0 / np.stack([filled["n_e"], filled["n_c"]], axis=1),
        sign=np.array([1.0, -1.0]),
    )


def _column(name: str, value: ArrayLike, k: int) -> FloatArray:
    """Finite numbers, one a row."""
    array = float_array(name, value)
    if array.shape != (k,):
        raise StatsError(f"{name} has shape {array.shape}; give ({k},)")
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array))[0])
        raise StatsError(f"row {row}: {name}={array[row]:g}; give finite numbers")
    return array


def _contrasts(conditions: _Conditions, phi: float | None) -> FloatArray:
    """Correlations of contrasts that share groups, at times apart, (k, k)."""
    times = conditions.time
    apart = bool((times != times[0, 0]).any())
    if phi is None and apart:
        raise StatsError("phi is missing: give the correlation of measurements one unit apart")
    share = 1.0 if phi is None else float(phi)
    if not 0.0 <= share <= 1.0:
        raise StatsError(f"phi={share:g} lies outside 0..1")
    k, parts = conditions.group.shape
    total = np.zeros((k, k))
    for one in range(parts):
        for other in range(parts):
            same = conditions.group[:, one, None] == conditions.group[:, other]
            lag = np.abs(times[:, one, None] - times[:, other])
            size = np.sqrt(conditions.noise[:, one, None] * conditions.noise[:, other])
            sign = conditions.sign[one] * conditions.sign[other]
            total += sign * np.where(same, size * share**lag, 0.0)
    variance = np.diagonal(total)
    if not (variance > 1e-12 * conditions.noise.max(axis=1)).all():
        row = int(np.flatnonzero(~(variance > 1e-12 * conditions.noise.max(axis=1)))[0])
        raise StatsError(f"row {row}: the contrast compares a group with itself at the same time")
    sd = np.sqrt(variance)
    return np.asarray(total / (sd[:, None] * sd))


def _refuse_contradictions(correlation: FloatArray, codes: IntArray) -> None:
    """Refuse correlations that no random variables can have."""
    for at in range(int(codes.max()) + 1):
        rows = np.flatnonzero(codes == at)
        if len(rows) < 2:
            continue
        lowest = float(np.linalg.eigvalsh(correlation[np.ix_(rows, rows)])[0])
        if lowest < -1e-8:
            named = ", ".join(str(int(row)) for row in rows)
            raise StatsError(
                f"the correlations of rows {named} contradict each other (not positive "
                "semidefinite); check r, phi and the labels"
            )


def shared_control_covariance(
    measure: str, vi: ArrayLike, cluster: ArrayLike, **data: ArrayLike
) -> FloatArray:
    """Covariance matrix of effects of several arms against one control arm.

    Parameters
    ----------
    measure : {"RR", "OR", "RD", "MD", "SMD", "ROM"}
        Effect measure; RR, OR and ROM on the log scale.
    vi : array_like, shape (k,)
        Sampling variances.
    cluster : array_like of labels, shape (k,)
        Rows with the same label share their control arm.
    **data : array_like, shape (k,)
        Of the control arm, the same in all rows of a cluster: ``events_c, n_c`` for RR, OR and
        RD; ``sd_c, n_c`` for MD; ``mean_c, sd_c, n_c`` for ROM; for SMD the effects ``yi`` and
        the sizes ``n_e, n_c``.

    Returns
    -------
    ndarray, shape (k, k)
        Covariance matrix.

    Raises
    ------
    StatsError
        If data are missing, unknown, impossible, or differ within a cluster.

    Notes
    -----
    The covariance of two contrasts is the control arm's own part of their variances: RR
    ``1/events_c - 1/n_c``; OR ``1/events_c + 1/(n_c - events_c)``; RD
    ``events_c (n_c - events_c) / n_c³``; MD ``sd_c² / n_c``; ROM ``sd_c² / (n_c mean_c²)``; SMD
    ``1/n_c + d_i d_j / (2 N)`` with N the participants of the control and of all arms compared
    with it [1]_. With zero cells, give the corrected counts.

    References
    ----------
    .. [1] L. J. Gleser, I. Olkin, "Stochastically dependent effect sizes", in H. Cooper,
       L. V. Hedges, J. C. Valentine (eds), The Handbook of Research Synthesis and Meta-Analysis,
       2nd ed (2009) 357-376.

    Examples
    --------
    >>> shared_control_covariance("MD", [0.5, 0.6], ["a", "a"], sd_c=[2, 2], n_c=[20, 20])
    array([[0.5, 0.2],
           [0.2, 0.6]])
    """
    chosen("measure", measure, _MEASURES)
    needed = _DATA[measure]
    if set(data) != set(needed):
        raise StatsError(f"measure={measure!r} takes {', '.join(needed)}; got {', '.join(data)}")
    v = _variances(vi)
    codes = labelled("cluster", cluster, len(v))[0]
    columns = {name: _column(name, value, len(v)) for name, value in data.items()}
    for name in set(needed) - {"yi", "n_e"}:
        first = np.unique(codes, return_index=True)[1][codes]
        wrong = columns[name] != columns[name][first]
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise StatsError(
                f"row {row}: {name}={columns[name][row]:g} differs from row {first[row]} "
                "of the same control arm"
            )
    shared = _shared(measure, columns, codes)
    covariance = np.where(codes[:, None] == codes, shared, 0.0)
    np.fill_diagonal(covariance, v)
    sd = np.sqrt(np.where(v > 0, v, 1.0))
    _refuse_contradictions(covariance / (sd[:, None] * sd), codes)
    return np.asarray(covariance)


def _shared(measure: str, data: dict[str, FloatArray], codes: IntArray) -> FloatArray:
    """Variance of the control arm's part of each row, (k, 1); (k, k) for SMD."""
    n = data["n_c"]
    if not (n > 0).all():
        row = int(np.flatnonzero(~(n > 0))[0])
        raise StatsError(f"row {row}: n_c={n[row]:g}; give sizes above 0")
    if measure == "SMD":
        total = n + np.bincount(codes, data["n_e"])[codes]
        return 1.0 / n[:, None] + np.outer(data["yi"], data["yi"]) / (2.0 * total[:, None])
    if measure in ("MD", "ROM"):
        part = data["sd_c"] ** 2 / n
        if measure == "ROM":
            _refuse_zero("mean_c", data["mean_c"])
            part = part / data["mean_c"] ** 2
        return np.asarray(part[:, None])
    events = data["events_c"]
    others = n - events
    wrong = (events < 0) | (others < 0)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise StatsError(f"row {row}: events_c={events[row]:g} lies outside 0..{n[row]:g}")
    if measure == "RD":
        return np.asarray((events * others / n**3)[:, None])
    _refuse_zero("events_c", events)
    if measure == "RR":
        return np.asarray((1.0 / events - 1.0 / n)[:, None])
    _refuse_zero("n_c - events_c", others)
    return np.asarray((1.0 / events + 1.0 / others)[:, None])


def _refuse_zero(name: str, values: FloatArray) -> None:
    """Refuse zeros where a logarithm is taken."""
    if not values.all():
        row = int(np.flatnonzero(values == 0)[0])
        raise StatsError(f"row {row}: {name}=0 has no logarithm; give corrected data")
