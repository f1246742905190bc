"""The model of `multilevel` from its arguments: checked, complete rows only, in one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, float_array
from evsyn.stats._options import flag, label_array
from evsyn.stats.models.dependent_rows import IntArray, MixedModel, arranged
from evsyn.stats.models.structures import STRUCTURES, Structure, structure_of

__all__ = [
    "Groupings",
    "RandomPart",
    "Rows",
    "complete_rows",
    "labelled",
    "mixed_model",
    "orthonormal",
    "random_part",
]

Groupings = ArrayLike | Sequence[ArrayLike] | Mapping[str, ArrayLike]

_SYMMETRY = 1e-8


@dataclass(frozen=True, slots=True)
class Rows:
    """Effects, sampling (co)variances and design of the complete rows.

    Attributes
    ----------
    yi : ndarray, shape (k,)
        Effects.
    sampling : ndarray, shape (k,) or (k, k)
        Sampling variances or covariances.
    design : ndarray, shape (k, p)
        Design, the intercept first.
    kept : ndarray of bool, shape (rows,)
        Rows without a missing value.
    """

    yi: FloatArray
    sampling: FloatArray
    design: FloatArray
    kept: BoolArray


@dataclass(frozen=True, slots=True)
class RandomPart:
    """Groups of the complete rows.

    Attributes
    ----------
    names : tuple of str
        Names of the random intercepts.
    intercepts : tuple of ndarray of int, each (k,)
        Their groups.
    inner, outer : ndarray of int, shape (k,), or None
        Levels and groups of the structure.
    levels : tuple
        Labels of the inner levels.
    structure : Structure or None
        Covariance structure of the levels.
    """

    names: tuple[str, ...]
    intercepts: tuple[IntArray, ...]
    inner: IntArray | None = None
    outer: IntArray | None = None
    levels: tuple[Any, ...] = ()
    structure: Structure | None = None


def complete_rows(
    yi: ArrayLike, sampling: ArrayLike, mods: ArrayLike | None, intercept: bool
) -> Rows:
    """Effects, sampling (co)variances and design, without the rows that miss a value.

    Raises
    ------
    StatsError
        If shapes do not fit, a value is infinite, a variance negative, the matrix not symmetric,
        nothing is left, or columns of the design repeat each other.
    """
    y, v = float_array("yi", yi), float_array("V", sampling)
    if y.ndim != 1:
        raise StatsError(f"yi has shape {y.shape}; give one effect a row, shape (k,)")
    if v.shape not in ((len(y),), (len(y), len(y))):
        raise StatsError(
            f"V has shape {v.shape}; give ({len(y)},) variances or a "
            f"({len(y)}, {len(y)}) covariance matrix, as yi has {len(y)} rows"
        )
    design = _design(mods, len(y), flag("intercept", intercept))
    variances = v if v.ndim == 1 else np.diagonal(v)
    kept = ~(np.isnan(y) | np.isnan(variances) | np.isnan(design).any(axis=1))
    for name, values in (("yi", y), ("V", variances)):
        wrong = kept & (np.isinf(values) | ((values < 0) if name == "V" else False))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            allowed = "finite variances, 0 or more" if name == "V" else "finite effects"
            raise StatsError(f"row {row}: {name}={values[row]:g}; give {allowed}")
    if not kept.any():
        raise StatsError(f"none of {len(y)} rows has an effect, a variance and its moderators")
    if kept.sum() < design.shape[1]:
        raise StatsError(f"{kept.sum()} rows for {design.shape[1]} coefficients; give more rows")
    if v.ndim == 1:
        return Rows(y[kept], v[kept], design[kept], kept)
    return Rows(y[kept], _covariances(v, kept), design[kept], kept)


def _covariances(v: FloatArray, kept: BoolArray) -> FloatArray:
    """Covariances of the kept rows, as a diagonal where nothing else is in them."""
    full = v[np.ix_(kept, kept)]
    sd = np.sqrt(np.diagonal(full))
    with np.errstate(invalid="ignore"):
        uneven = np.abs(full - full.T) > _SYMMETRY * np.outer(sd, sd)
    wrong = ~np.isfinite(full) | uneven
    if wrong.any():
        rows = np.flatnonzero(kept)
        row, column = (int(rows[at]) for at in np.argwhere(wrong)[0])
        raise StatsError(
            f"V[{row}, {column}]={v[row, column]:g} and V[{column}, {row}]={v[column, row]:g}; "
            "give a symmetric matrix of finite numbers"
        )
    even = 0.5 * (full + full.T)
    return np.asarray(even if np.any(np.triu(even, 1)) else np.diagonal(even).copy())


def _design(mods: ArrayLike | None, rows: int, intercept: bool) -> FloatArray:
    """Design matrix, the intercept first."""
    columns = np.zeros((rows, 0)) if mods is None else float_array("mods", mods, may_be_empty=True)
    if columns.ndim == 1:
        columns = columns[:, None]
    if columns.ndim != 2 or len(columns) != rows:
        raise StatsError(f"mods has shape {columns.shape}; give ({rows},) or ({rows}, p)")
    if np.isinf(columns).any():
        row, column = (int(at) for at in np.argwhere(np.isinf(columns))[0])
        raise StatsError(f"row {row}: mods[{row}, {column}] is infinite; give finite numbers")
    if intercept:
        columns = np.concatenate([np.ones((rows, 1)), columns], axis=1)
    if not columns.shape[1]:
        raise StatsError("intercept=False without mods leaves nothing to estimate; give mods")
    return np.asarray(columns)


def labelled(name: str, labels: ArrayLike, rows: int) -> tuple[IntArray, tuple[Any, ...]]:
    """Labels of rows as numbers from 0, and the labels in their order.

    Raises
    ------
    StatsError
        If there is not one label a row, or one is missing.
    """
    array = label_array(name, labels)
    if array.shape != (rows,):
        raise StatsError(f"{name} has shape {array.shape}; give one label a row, ({rows},)")
    missing = [
        at
        for at, label in enumerate(array.tolist())
        if label is None or label != label or label == ""
    ]
    if missing:
        raise StatsError(f"row {missing[0]}: {name} has no label; give one for every row")
    if array.dtype == object:
        array = array.astype(str) if any(isinstance(x, str) for x in array) else array
    try:
        values, codes = np.unique(array, return_inverse=True)
    except TypeError as error:
        raise StatsError(f"{name}: labels cannot be ordered: {error}") from error
    return np.asarray(codes.ravel(), dtype=np.int64), tuple(values.tolist())


def random_part(
    groups: Groupings,
    kept: BoolArray,
    *,
    structure: str,
    inner: ArrayLike | None,
    intercepts: Groupings | None,
) -> RandomPart:
    """Groups of the complete rows, and the structure of the inner factor.

    Raises
    ------
    StatsError
        If labels do not fit the rows, or components cannot be told apart.
    """
    named = _named("groups", groups)
    if structure in ("nested", "crossed"):
        if inner is not None or intercepts is not None:
            given = "inner" if inner is not None else "intercepts"
            raise StatsError(f"{given} goes with structure {', '.join(STRUCTURES)}")
        return _intercepts(named, kept, nested=structure == "nested")
    if inner is None:
        raise StatsError(f"structure={structure!r} needs inner: the level of each row")
    if len(named) != 1:
        raise StatsError(f"structure={structure!r} takes one grouping, groups has {len(named)}")
    others = _named("intercepts", intercepts) if intercepts is not None else {}
    plain = _intercepts(others, kept, nested=False)
    outer = labelled(next(iter(named)), next(iter(named.values())), len(kept))[0][kept]
    levels, labels = labelled(
        "inner", np.asarray(inner)[kept] if _fits(inner, kept) else inner, int(kept.sum())
    )
    together = _together(levels, outer, len(labels))
    made = _structure(structure, labels, together)
    return replace(
        plain,
        inner=levels,
        outer=np.asarray(np.unique(outer, return_inverse=True)[1].ravel(), dtype=np.int64),
        levels=labels,
        structure=made,
    )


def _fits(inner: ArrayLike, kept: BoolArray) -> bool:
    """Whether there is a label for every row."""
    return np.asarray(inner).shape == kept.shape


def _named(name: str, groups: Groupings) -> dict[str, ArrayLike]:
    """Groupings by name."""
    if isinstance(groups, Mapping):
        return dict(groups)
    if isinstance(groups, str) or not isinstance(groups, Sequence | np.ndarray):
        array = np.asarray(groups)
        if array.ndim != 1:
            raise StatsError(f"{name}={groups!r} is no grouping; give one label a row")
        return {name: array}
    if not len(groups) or isinstance(groups[0], str) or not np.ndim(groups[0]):
        return {name: np.asarray(groups)}
    return {f"{name}[{at}]": labels for at, labels in enumerate(groups)}


def _intercepts(named: dict[str, ArrayLike], kept: BoolArray, *, nested: bool) -> RandomPart:
    """Random intercepts; nested ones number the groups within those before."""
    names: list[str] = []
    codes: list[IntArray] = []
    for name, labels in named.items():
        own = labelled(name, labels, len(kept))[0][kept]
        if nested and codes:
            own = codes[-1] * (int(own.max()) + 1) + own
            name = f"{names[-1]}/{name}"
        own = np.asarray(np.unique(own, return_inverse=True)[1].ravel(), dtype=np.int64)
        for before, other in zip(names, codes, strict=True):
            if _same_partition(own, other):
                raise StatsError(
                    f"{before} and {name} group the rows alike: "
                    "their variances cannot be told apart; leave one out"
                )
        names.append(name)
        codes.append(own)
    return RandomPart(tuple(names), tuple(codes))


def _same_partition(one: IntArray, other: IntArray) -> bool:
    """Whether two groupings have the same groups."""
    pairs = len(np.unique(one * (int(other.max()) + 1) + other))
    return pairs == int(one.max()) + 1 == int(other.max()) + 1


def _together(levels: IntArray, outer: IntArray, size: int) -> BoolArray:
    """Which levels occur in one group of which other, (groups, J)."""
    seen = np.zeros((int(np.unique(outer).size), size), dtype=bool)
    seen[np.unique(outer, return_inverse=True)[1].ravel(), levels] = True
    return seen


def _structure(name: str, labels: tuple[Any, ...], seen: BoolArray) -> Structure:
    """Structure for the levels, refused where a correlation cannot be told."""
    size, together = len(labels), int(seen.sum(axis=1).max())
    if name not in ("ID", "DIAG") and together < 2:
        raise StatsError(
            f"no group has two levels of inner: structure={name!r} has no correlation "
            "to estimate; use ID or DIAG"
        )
    if name in ("CS", "HCS", "UN") and len(seen) < 2:
        raise StatsError(
            f"groups has one group: structure={name!r} cannot tell a correlation within it from "
            "the mean; use ID or DIAG"
        )
    if name == "UN":
        both = seen.astype(int).T @ seen.astype(int)
        if not both.all():
            one, other = (labels[int(at)] for at in np.argwhere(both == 0)[0])
            raise StatsError(
                f"levels {one!r} and {other!r} of inner share no group: their correlation cannot "
                "be estimated; use CS, HCS or DIAG"
            )
    times = np.arange(size, dtype=np.float64)
    if name == "CAR":
        times = float_array("inner", labels)
    return structure_of(name, times, together)


def mixed_model(rows: Rows, part: RandomPart, restricted: bool) -> MixedModel:
    """Model in units of the effects' spread, with its blocks.

    Raises
    ------
    StatsError
        If columns of the design repeat each other, or V is not positive semidefinite.
    """
    design, triangle = orthonormal(rows.design)
    residual = rows.yi - design @ (design.T @ rows.yi)
    variances = rows.sampling if rows.sampling.ndim == 1 else np.diagonal(rows.sampling)
    unit = float(np.sqrt(np.mean(variances) + np.mean(residual**2)))
    unit = unit if unit > 0 else 1.0
    alone = len(rows.yi) <= design.shape[1]
    if alone and part.structure is not None:
        raise StatsError(
            f"{len(rows.yi)} rows for {design.shape[1]} coefficients leave nothing "
            f"to estimate a structure from"
        )
    held = np.array([alone or codes.max() == 0 for codes in part.intercepts], dtype=bool)
    model = MixedModel(
        yi=rows.yi / unit,
        sampling=rows.sampling / unit**2,
        design=design,
        triangle=triangle,
        intercepts=part.intercepts,
        inner=part.inner,
        outer=part.outer,
        structure=part.structure,
        stacks=(),
        restricted=restricted,
        scale=unit,
        held=held,
    )
    model = replace(model, stacks=arranged(model))
    _refuse_indefinite(model, rows)
    return model


def orthonormal(design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Orthonormal columns and the triangle that gives the design back."""
    length = np.sqrt((design**2).sum(axis=0))
    safe = np.where(length > 0, length, 1.0)
    basis, triangle = np.linalg.qr(design / safe)
    flat = np.abs(np.diagonal(triangle)) < 1e-10
    if flat.any():
        column = int(np.flatnonzero(flat)[0])
        raise StatsError(
            f"column {column} of the design (the intercept first) follows from those before it; "
            "leave it out"
        )
    return basis, np.asarray(triangle * safe)


def _refuse_indefinite(model: MixedModel, rows: Rows) -> None:
    """Refuse sampling covariances that no errors can have."""
    if rows.sampling.ndim == 1:
        return
    at = np.flatnonzero(rows.kept)
    for stack in model.stacks:
        sd = np.sqrt(np.diagonal(stack.sampling, axis1=1, axis2=2))
        sd = np.where(sd > 0, sd, 1.0)
        values = np.linalg.eigvalsh(stack.sampling / (sd[:, :, None] * sd[:, None, :]))
        wrong = values[:, 0] < -1e-8
        if wrong.any():
            block = int(np.flatnonzero(wrong)[0])
            named = ", ".join(str(int(at[row])) for row in stack.rows[block] if row < len(at))
            raise StatsError(f"V of rows {named} is not positive semidefinite")
