"""The rows of a network: checked, gathered by study, and made independent.

Comparisons of a study with p arms are reduced to the p - 1 contrasts with its first arm and their
covariance, which the variances of all pairs determine. A rotation of these contrasts makes both
their sampling covariance and that of the random effects diagonal, so that a network becomes a
regression on independent rows: what weighs comparisons of many arms down in one formulation is
the covariance in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, TextArray, float_array

__all__ = ["IntArray", "Network", "Rows", "Study", "independent_rows", "labels", "read_network"]

IntArray: TypeAlias = NDArray[np.intp]

ROUNDING = 0.05  # disagreement of the effects of a study that passes, in standard errors
FLAT = 1e-10  # least share of the largest eigenvalue of a covariance that is not singular


@dataclass(frozen=True, slots=True)
class Study:
    """One study as contrasts with its first arm.

    Attributes
    ----------
    name : str
        Label of the study.
    arms : tuple of int
        Positions of its treatments among those of the network, ascending.
    y : ndarray, shape (p - 1,)
        Effects of the second to last arm relative to the first.
    v : ndarray, shape (p - 1, p - 1)
        Their sampling covariance.
    """

    name: str
    arms: tuple[int, ...]
    y: FloatArray
    v: FloatArray


@dataclass(frozen=True, slots=True)
class Network:
    """The studies of a connected network.

    Attributes
    ----------
    treatments : tuple of str
        Labels, sorted.
    studies : tuple of Study
        In the order of their first rows.
    comparisons : int
        Rows with an effect and a variance.
    """

    treatments: tuple[str, ...]
    studies: tuple[Study, ...]
    comparisons: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Independent rows: ``y = x theta + error``, with variance ``v + tau2``.

    Attributes
    ----------
    y, v : ndarray, shape (r,)
        Rotated effects and their sampling variances.
    x : ndarray, shape (r, t)
        Coefficients of the t treatments; each row sums to 0.
    study : ndarray of int, shape (r,)
        Position of the study.
    """

    y: FloatArray
    v: FloatArray
    x: FloatArray
    study: IntArray


def labels(name: str, values: ArrayLike | Sequence[Any]) -> TextArray:
    """Labels as a one-dimensional array of text.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    values : array_like of str
        Labels; numbers are written out.

    Raises
    ------
    StatsError
        If there is not one axis, or a label is empty or missing.

    Examples
    --------
    >>> labels("study", ["a", 2])
    array(['a', '2'], dtype=object)
    """
    given = np.asarray(values, dtype=object)
    if given.ndim != 1:
        raise StatsError(f"{name} has the shape {given.shape}; give one label per row")
    text = np.array([_label(value) for value in given], dtype=object)
    for row, value in enumerate(text):
        if value == "":
            raise StatsError(f"row {row}: {name}={given[row]!r} is no label; give a name")
    return text


def _label(value: object) -> str:
    """Text of a label; empty for what stands for a missing one."""
    missing = value is None or (isinstance(value, float | np.floating) and np.isnan(value))
    return "" if missing else str(value).strip()


def read_network(
    yi: ArrayLike, vi: ArrayLike, treat_e: TextArray, treat_c: TextArray, study: TextArray
) -> Network:
    """Check the rows of a network and gather them by study.

    Parameters
    ----------
    yi, vi : array_like, shape (m,)
        Effects of ``treat_e`` relative to ``treat_c`` and their variances; ``nan`` in either
        leaves the row out.
    treat_e, treat_c, study : ndarray of str, shape (m,)
        Labels.

    Returns
    -------
    Network
        Its studies, each with the covariance of its contrasts.

    Raises
    ------
    StatsError
        If shapes differ, an effect is infinite, a variance is not above zero, a row compares a
        treatment with itself, a study lacks a pair or has one twice, its effects contradict each
        other, its variances cannot come from one study, no row is left, or the network falls
        into parts.

    Examples
    --------
    >>> both = np.array(["s", "t"], dtype=object)
    >>> e, c = np.array(["B", "C"], dtype=object), np.array(["A", "A"], dtype=object)
    >>> read_network([0.1, 0.3], [0.04, 0.09], e, c, both).treatments
    ('A', 'B', 'C')
    """
    y, v = float_array("yi", yi), float_array("vi", vi)
    shapes = {"yi": y.shape, "vi": v.shape, "treat_e": treat_e.shape, "treat_c": treat_c.shape}
    shapes["study"] = study.shape
    if y.ndim != 1 or len(set(shapes.values())) > 1:
        found = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise StatsError(f"shapes differ: {found}; give one value per comparison, (m,) alike")
    present = ~(np.isnan(y) | np.isnan(v))
    _check_rows(np.where(present, y, 0.0), np.where(present, v, 1.0), treat_e, treat_c)
    rows = np.flatnonzero(present)
    if not rows.size:
        raise StatsError("no row has both an effect and a variance; a network needs at least one")
    treatments = tuple(sorted({*treat_e[rows], *treat_c[rows]}))
    position = {name: at for at, name in enumerate(treatments)}
    members: dict[str, dict[tuple[int, int], int]] = {}
    for row in rows:
        e, c = position[treat_e[row]], position[treat_c[row]]
        pair, pairs = (min(e, c), max(e, c)), members.setdefault(study[row], {})
        if pair in pairs:
            raise StatsError(
                f"study {study[row]!r}: rows {pairs[pair]} and {row} both compare "
                f"{treat_e[row]!r} with {treat_c[row]!r}; give each pair once"
            )
        pairs[pair] = int(row)
    backwards = np.array([treat_e[row] < treat_c[row] for row in range(y.size)], dtype=np.bool_)
    upward = np.where(backwards, -y, y)  # effect of the later treatment relative to the earlier
    studies = tuple(_study(name, pairs, upward, v, treatments) for name, pairs in members.items())
    network = Network(treatments, studies, int(rows.size))
    _check_connected(network)
    return network


def _check_rows(y: FloatArray, v: FloatArray, treat_e: TextArray, treat_c: TextArray) -> None:
    """Refuse infinite effects, variances not above zero, and treatments against themselves."""
    for name, values, bad, allowed in (
        ("yi", y, np.isinf(y), "finite, or nan for an absent comparison"),
        ("vi", v, ~((v > 0) & np.isfinite(v)), "above 0 and finite, or nan if absent"),
    ):
        for row in np.flatnonzero(bad)[:1]:
            raise StatsError(f"row {row}: {name}={values[row]:g} is not {allowed}")
    for row in np.flatnonzero(treat_e == treat_c)[:1]:
        raise StatsError(f"row {row}: {treat_e[row]!r} is compared with itself")


def _study(
    name: str,
    pairs: dict[tuple[int, int], int],
    upward: FloatArray,
    vi: FloatArray,
    treatments: tuple[str, ...],
) -> Study:
    """Contrasts of a study with its first arm, from the rows of all its pairs."""
    arms = tuple(sorted({arm for pair in pairs for arm in pair}))
    p = len(arms)
    missing = [pair for pair in combinations(arms, 2) if pair not in pairs]
    if missing:
        a, b = (treatments[arm] for arm in missing[0])
        raise StatsError(
            f"study {name!r}: {len(pairs)} rows for {p} treatments; all {p * (p - 1) // 2} pairs "
            f"are needed to tell how they depend on each other: {a!r} with {b!r} is missing"
        )
    effect, variance = np.zeros((p, p)), np.zeros((p, p))
    for i, j in combinations(range(p), 2):
        row = pairs[arms[i], arms[j]]
        effect[j, i], effect[i, j] = upward[row], -upward[row]
        variance[i, j] = variance[j, i] = vi[row]
    place = effect.mean(axis=1)
    named = [treatments[arm] for arm in arms]
    if p > 2:
        _check_effects(name, effect, place, variance, named)
    v = (variance[0, 1:, None] + variance[0, None, 1:] - variance[1:, 1:]) / 2
    if p > 2:
        _check_covariance(name, v, variance, named)
    return Study(name, arms, place[1:] - place[0], v)


def _check_effects(
    name: str, effect: FloatArray, place: FloatArray, variance: FloatArray, named: list[str]
) -> None:
    """Refuse effects of a study that do not add up round a circle of treatments."""
    off = np.abs(np.tril(effect - (place[:, None] - place)))
    if off.max() > ROUNDING * np.sqrt(variance.max()):
        j, i = np.unravel_index(int(off.argmax()), off.shape)
        raise StatsError(
            f"study {name!r}: its effects contradict each other: {named[j]!r} relative to "
            f"{named[i]!r} is {effect[j, i]:g}, its other pairs say "
            f"{(place[j] - place[i] - effect[j, i] * 2 / len(named)) / (1 - 2 / len(named)):g}; "
            "give differences of the same arms"
        )


def _check_covariance(name: str, v: FloatArray, variance: FloatArray, named: list[str]) -> None:
    """Refuse variances of pairs that no covariance of the arms can have."""
    values = np.linalg.eigvalsh(v)
    if values[0] <= FLAT * values[-1]:
        listed = ", ".join(
            f"{named[i]} with {named[j]} {variance[i, j]:g}"
            for i, j in combinations(range(len(named)), 2)
        )
        raise StatsError(
            f"study {name!r}: the variances of its pairs cannot come from one study: {listed}; "
            "check that they are variances (not standard errors) of all pairs"
        )


def _check_connected(network: Network) -> None:
    """Refuse a network that falls into parts."""
    parts = components(len(network.treatments), [study.arms for study in network.studies])
    if len(parts) > 1:
        told = " | ".join(", ".join(network.treatments[at] for at in part) for part in parts)
        raise StatsError(
            f"the network falls into {len(parts)} parts without a comparison between them: "
            f"{told}; analyse each by itself"
        )


def components(size: int, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Parts of a graph whose edges join the members of each group.

    Parameters
    ----------
    size : int
        Number of nodes.
    groups : sequence of sequence of int
        Nodes that belong together.

    Returns
    -------
    list of list of int
        Nodes of each part, ascending, the part with the lowest node first.

    Examples
    --------
    >>> components(5, [(0, 1), (3, 4), (1, 2)])
    [[0, 1, 2], [3, 4]]
    """
    root = list(range(size))
    for group in groups:
        joined = {root[node] for node in group}
        least = min(joined)
        root = [least if at in joined else at for at in root]
    return [[node for node in range(size) if root[node] == at] for at in sorted(set(root))]


def independent_rows(network: Network) -> Rows:
    """Rotate the contrasts of each study so that their errors are independent.

    Parameters
    ----------
    network : Network
        Studies with the covariances of their contrasts.

    Returns
    -------
    Rows
        As many as there are contrasts. A study with two arms keeps its effect and variance.

    Notes
    -----
    The random effects of a study have the covariance ``tau2 B`` with ones on the diagonal of B
    and one half off it, which gives each pair the variance tau2. With the Cholesky factor L of
    the sampling covariance and ``L⁻¹ B L⁻ᵀ = U D Uᵀ``, the rows ``D^(-1/2) Uᵀ L⁻¹ y`` have the
    covariance ``D⁻¹ + tau2 I``.

    Examples
    --------
    >>> study = Study("s", (0, 1, 2), np.array([1.0, 3.0]), np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> independent_rows(Network(("A", "B", "C"), (study,), 3)).v.round(6)
    array([2., 2.])
    """
    count = len(network.treatments)
    y, v, x, at = [], [], [], []
    for position, study in enumerate(network.studies):
        size = study.y.size
        design = np.zeros((size, count))
        design[:, study.arms[0]] = -1.0
        design[np.arange(size), list(study.arms[1:])] = 1.0
        if size == 1:
            y.append(study.y)
            v.append(study.v[0])
        else:
            lower = np.linalg.cholesky(study.v)
            half = np.linalg.solve(lower, (np.eye(size) + 1) / 2)
            scale, turn = np.linalg.eigh(np.linalg.solve(lower, half.T))
            turned = np.linalg.solve(lower.T, turn).T / np.sqrt(scale)[:, None]
            y.append(turned @ study.y)
            v.append(1.0 / scale)
            design = turned @ design
        x.append(design)
        at.append(np.full(size, position, dtype=np.intp))
    return Rows(np.concatenate(y), np.concatenate(v), np.vstack(x), np.concatenate(at))
