"""Why effects differ between studies: meta-regression, and subgroups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from evsyn.errors import StatsError
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.regression import MetaRegression, meta_regression
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.effects import finite
from evsyn.synthesis.members import Member, column, numbers_or_words
from evsyn.synthesis.pooling import TEST_NAMES, fit_members
from evsyn.synthesis.scales import natural_scale

__all__ = ["Explained", "Record", "regression", "shown", "subgroups"]

Record = Mapping[str, Any]
"""One line of a result beside the pooled effect: numbers by name."""

_ENOUGH = 10
"""Studies for each moderator, below which the Handbook (10.11) would have none."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What explains the differences, or seems to.

    Attributes
    ----------
    rows : tuple of mapping
        One a coefficient, or one a group.
    fit : mapping
        The model as a whole, or the test between groups.
    columns : tuple of mapping
        For each study, the values that entered by name; empty where it was left out.
    notes : tuple of str
        What a reader must know.
    """

    rows: tuple[Record, ...] = ()
    fit: Record | None = None
    columns: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Design:
    """Moderators as numbers: names of the coefficients, one column each, and what was made."""

    terms: tuple[str, ...]
    values: NDArray[np.float64]
    references: Mapping[str, str]
    notes: tuple[str, ...]


def regression(members: Sequence[Member], analysis: Analysis, level: float) -> Explained:
    """Regress the effects on the columns that the analysis names.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled, each with effect and variance.
    analysis : Analysis
        Method, interval and moderators.
    level : float
        Confidence level.

    Returns
    -------
    Explained
        One row a coefficient, on the pooling scale. A column of words becomes one coefficient for
        each but its first value, the reference.

    Raises
    ------
    StatsError
        If a column is not there, holds one value only or both numbers and words, or there are not
        more studies than coefficients.
    """
    design = _design(members, analysis.mods)
    complete = np.asarray(~np.isnan(design.values).any(axis=1))
    k, p = int(complete.sum()), len(design.terms) + 1
    names = ",".join(analysis.mods)
    if k <= p:
        studies = "1 study has" if k == 1 else f"{k} studies have"
        raise StatsError(
            f"mods={names}: {studies} an effect and every moderator, and the regression has {p} "
            "coefficients; it needs more studies than coefficients"
        )
    yi = np.array([cast(float, member.yi) for member in members])[complete]
    vi = np.array([cast(float, member.variance) for member in members])[complete]
    mods = design.values[complete]
    test, why = _regression_test((yi, vi, mods), analysis, k - p)
    fit = meta_regression(
        yi, vi, mods, method=cast(Any, analysis.model), test=cast(Any, test), level=level
    )
    notes = [*design.notes]
    absent = [member.study for member, there in zip(members, complete, strict=True) if not there]
    if absent:
        notes.append(f"regression without {', '.join(absent)}: a moderator is missing.")
    if k < _ENOUGH * len(design.terms):
        notes.append(
            f"regression of {k} studies on {len(design.terms)} "
            f"{'term' if len(design.terms) == 1 else 'terms'}: fewer than ten studies each, so "
            "what it shows is a guess at best (Cochrane Handbook 10.11)."
        )
    if int(fit.n_modes) > 1:
        notes.append("regression: the likelihood of tau² has several maxima; the highest is taken.")
    if str(fit.reason):
        notes.append(f"regression: {fit.reason}.")
    columns = tuple(
        dict(zip(design.terms, map(float, values), strict=True)) if there else {}
        for values, there in zip(design.values, complete, strict=True)
    )
    about = _model(fit) | {"test": test, "reason": why, "left_out": absent}
    about |= {"references": dict(design.references), "terms": list(design.terms)}
    return Explained(_coefficients(fit, design.terms), about, columns, tuple(notes))


def _regression_test(
    data: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    analysis: Analysis,
    df: int,
) -> tuple[str, str]:
    """Interval of the coefficients: the rule for a mean, with the coefficients counted."""
    if analysis.test != "auto":
        return analysis.test, f"{TEST_NAMES[analysis.test]} intervals, as chosen"
    if analysis.model == "EE":
        return "z", "Wald intervals of common effects"
    if df <= 1:
        return "z", f"Wald intervals, because {df} degree of freedom is left"
    yi, vi, mods = data
    first = meta_regression(yi, vi, mods, method=cast(Any, analysis.model), test="z")
    if not float(first.tau2) > 0:
        return "z", "Wald intervals, because the residual tau² = 0"
    return "knha", "Knapp-Hartung intervals, because the residual tau² > 0"


def _coefficients(fit: MetaRegression, terms: tuple[str, ...]) -> tuple[Record, ...]:
    names = ("coef", "se", "statistic", "p_value", "ci_lb", "ci_ub")
    return tuple(
        {"term": term} | {name: finite(getattr(fit, name)[at]) for name in names}
        for at, term in enumerate(("intercept", *terms))
    )


def _model(fit: MetaRegression) -> dict[str, Any]:
    names = ("qm", "qm_df", "qm_df2", "qm_pvalue", "qe", "qe_df", "qe_pvalue", "tau2", "tau2_null")
    found: dict[str, Any] = {"k": int(fit.k), "n_modes": int(fit.n_modes)}
    return found | {name: finite(getattr(fit, name)) for name in (*names, "i2", "h2", "r2")}


def _design(members: Sequence[Member], names: Sequence[str]) -> _Design:
    terms: list[str] = []
    values: list[list[float]] = []
    references: dict[str, str] = {}
    notes: list[str] = []
    for asked in dict.fromkeys(name.strip() for name in names):
        own, cells = numbers_or_words(members, asked)
        known = list(dict.fromkeys(cell for cell in cells if cell is not None))
        if len(known) < 2:
            only = f'"{known[0]}"' if known else "nothing"
            raise StatsError(f"mods={asked}: every study has {only} there; nothing to compare")
        if all(isinstance(cell, float) for cell in known):
            terms.append(own)
            values.append([np.nan if cell is None else float(cell) for cell in cells])
            continue
        reference, *others = sorted(str(cell) for cell in known)
        references[own] = reference
        notes.append(f'regression: {own} is words; "{reference}" is what the others differ from.')
        for level in others:
            terms.append(f"{own}: {level}")
            values.append([np.nan if cell is None else float(cell == level) for cell in cells])
    return _Design(tuple(terms), np.array(values).T, references, tuple(notes))


def subgroups(members: Sequence[Member], analysis: Analysis, level: float) -> Explained:
    """Pool the studies of each value of a column apart, and test whether the means differ.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    analysis : Analysis
        Method, interval and the column of subgroups.
    level : float
        Confidence level.

    Returns
    -------
    Explained
        One row a group, each with a tau² of its own; ``fit`` is the test between groups, Q of
        the means weighted by their Wald variances (by those of the interval asked for).

    Raises
    ------
    StatsError
        If the column is not there.
    """
    own, cells = column(members, analysis.subgroup)
    groups: dict[str, list[Member]] = {}
    absent = []
    for member, cell in zip(members, cells, strict=True):
        if cell is None:
            absent.append(member.study)
        else:
            groups.setdefault(shown(cell), []).append(member)
    rows, means = [], []
    for name, some in sorted(groups.items(), key=lambda group: _order(group[0])):
        fit = fit_members(some, analysis, level)
        wald = fit
        if analysis.test == "auto" and fit.test != "z":
            wald = fit_members(some, _as_wald(analysis), level)
        numbers = {**fit.numbers, **_bare(fit.k)}
        rows.append(
            {"subgroup": name, "k": fit.k, "test": fit.test, "reason": fit.reason}
            | numbers
            | {"q_df": fit.q_df, "studies": [member.study for member in some]}
            | {"natural": natural_scale(_ends(numbers), analysis.measure, some)}
        )
        means.append((wald.numbers["estimate"], wald.numbers["se"]))
    notes = [f"subgroups without {', '.join(absent)}: no {own}."] if absent else []
    alone = [str(row["subgroup"]) for row in rows if row["k"] == 1]
    if alone:
        notes.append(f"subgroups of one study: {', '.join(alone)}.")
    columns = tuple({} if cell is None else {own: shown(cell)} for cell in cells)
    between = {"column": own, **_between(means)}
    return Explained(tuple(rows), between, columns, tuple(notes))


def _as_wald(analysis: Analysis) -> Analysis:
    """Return the same analysis with Wald's interval."""
    return replace(analysis, test="z")


def _bare(k: int) -> dict[str, None]:
    """Columns that say nothing of a single study."""
    return dict.fromkeys(("tau2_ci_lb", "tau2_ci_ub", "i2", "h2", "q", "q_pvalue")) if k < 2 else {}


def _ends(numbers: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: numbers[name] for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")}


def shown(cell: str | float) -> str:
    """Value of a column as words: a whole number without its point.

    Examples
    --------
    >>> shown(3.0), shown(0.5), shown("random")
    ('3', '0.5', 'random')
    """
    return cell if isinstance(cell, str) else f"{cell:.12g}"


def _order(name: str) -> tuple[bool, float, str]:
    try:
        return False, float(name), name
    except ValueError:
        return True, 0.0, name


def _between(means: list[tuple[float | None, float | None]]) -> dict[str, Any]:
    """Q between the means of the groups, and its p-value."""
    known = [(yi, se) for yi, se in means if yi is not None and se]
    if len(known) < len(means) or len(means) < 2:
        why = "fewer than two groups" if len(means) < 2 else "a group has no mean"
        return {"q": None, "q_df": None, "q_pvalue": None, "reason": why}
    yi, vi = [yi for yi, _ in known], [se**2 for _, se in known]
    found = pool(yi, vi, method="EE", test="z")
    q, p = finite(found.q), finite(found.q_pvalue)
    return {"q": q, "q_df": len(known) - 1, "q_pvalue": p, "reason": ""}
