"""Checks of what a selection model is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import Alternative, SelectionPrecision, SelectionType, choices
from evsyn.stats._arrays import FloatArray, chosen, float_array
from evsyn.stats.bias._funnel import enough_studies
from evsyn.stats.bias.selection_weights import LARGEST, Rule, form_rule, step_rule
from evsyn.stats.pooling.studies import study_columns

__all__ = ["checked_delta", "checked_form", "checked_precision", "checked_studies"]

WITH_PRECISION = ("halfnorm", "negexp", "logistic", "power", "negexppow")


def checked_form(
    type: str, steps: Sequence[float] | None, alternative: str
) -> tuple[Rule, tuple[float, ...], float]:
    """Weight function, its steps with the last at 1, and the threshold of certain selection.

    Parameters
    ----------
    type, steps, alternative
        As of `selection_model`.

    Returns
    -------
    rule : Rule
        The weight function.
    steps : tuple of float
        Upper ends of intervals for ``step``; empty for the others.
    threshold : float
        P-value up to which selection is certain; 0 for none.

    Raises
    ------
    StatsError
        If a name is unknown, or a step is no p-value or one too many.

    Examples
    --------
    >>> checked_form("step", None, "two-sided")[1:]
    ((0.05, 1.0), 0.0)
    """
    chosen("type", type, choices(SelectionType))
    chosen("alternative", alternative, choices(Alternative))
    default = (0.05 if alternative == "two-sided" else 0.025,) if type == "step" else ()
    given = float_array("steps", default if steps is None else steps, may_be_empty=True)
    given = given.ravel()
    for at, step in enumerate(given):
        if not 0 < step <= 1 or (step == 1 and type != "step"):
            raise StatsError(f"steps[{at}]={step:g} is no p-value; give numbers between 0 and 1")
    ends = np.unique(given)
    if type != "step":
        if ends.size > 1:
            raise StatsError(
                f"steps={ends.tolist()}: type={type!r} takes one, up to which selection is certain"
            )
        if ends.size and type == "beta":
            raise StatsError(f"steps={ends.tolist()}: type='beta' takes none")
        threshold = float(ends[0]) if ends.size else 0.0
        return form_rule(type, threshold), (), threshold
    ends = np.unique(np.append(ends, 1.0))
    if ends.size < 2:
        raise StatsError("steps has no p-value below 1; give at least one")
    numbers = tuple(float(end) for end in ends)
    return step_rule(numbers), numbers, 0.0


def checked_studies(
    yi: ArrayLike, vi: ArrayLike, force: bool
) -> tuple[FloatArray, FloatArray, int]:
    """Effects and variances of the studies present, and how many rows are not.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effects and variances; ``nan`` where absent.
    force : bool
        Whether fewer than ten studies will do.

    Returns
    -------
    y, v : ndarray
        Those present.
    left_out : int
        Rows that are not.

    Raises
    ------
    StatsError
        If there are several columns, too few studies, or a variance is 0.

    Examples
    --------
    >>> checked_studies([1.0, np.nan, 2.0], [1.0, 1.0, 2.0], True)
    (array([1., 2.]), array([1., 2.]), 1)
    """
    columns = study_columns(yi, vi)
    if not columns.single:
        raise StatsError(
            f"yi has {columns.k.size} columns; a selection model takes one meta-analysis, (k,)"
        )
    present = columns.present[:, 0]
    y, v = columns.yi[present, 0], columns.vi[present, 0]
    zero = np.flatnonzero(columns.present[:, 0] & (columns.vi[:, 0] == 0))
    if zero.size:
        raise StatsError(f"study {zero[0]}: vi=0 gives no p-value; give a variance above 0")
    enough_studies(columns.k, force, "selection_model")
    if y.size < 2:
        raise StatsError(f"selection_model has k={y.size}; give at least 2 studies")
    return y, v, int(present.size - present.sum())


def checked_precision(type: str, precision: str) -> str:
    """Name of the measure of precision, if the weight function takes one.

    Parameters
    ----------
    type, precision : str
        As of `selection_model`.

    Raises
    ------
    StatsError
        If the name is unknown or does not go with the type.

    Examples
    --------
    >>> checked_precision("power", "sei")
    'sei'
    """
    chosen("precision", precision, choices(SelectionPrecision))
    if precision != "none" and type not in WITH_PRECISION:
        raise StatsError(
            f"precision={precision!r} does not go with type={type!r}; "
            f"it goes with {', '.join(WITH_PRECISION)}"
        )
    return precision


def checked_delta(delta: ArrayLike | None, rule: Rule) -> FloatArray:
    """Parameters of selection that are given, ``nan`` where not.

    Parameters
    ----------
    delta : array_like, shape (q,), or None
        As given.
    rule : Rule
        Weight function, whose bounds hold.

    Returns
    -------
    ndarray, shape (q,)
        The first is 1 where it is so by definition.

    Raises
    ------
    StatsError
        If there are too many or too few, or one is outside its bounds.

    Examples
    --------
    >>> checked_delta(None, step_rule((0.025, 1.0)))
    array([ 1., nan])
    """
    count = rule.parameters
    found = np.full(count, np.nan)
    if delta is not None:
        given = float_array("delta", delta, may_be_empty=True).ravel()
        if given.size != count:
            raise StatsError(
                f"delta has {given.size} values; give {count}, nan for those to estimate"
            )
        found = given.copy()
    if rule.fixed:
        if not (np.isnan(found[0]) or found[0] == 1):
            raise StatsError(f"delta[0]={found[0]:g}: the first interval has 1 by definition")
        found[0] = 1.0
    outside = np.flatnonzero((found < rule.least) | (found > LARGEST) | np.isinf(found))
    if outside.size:
        at = int(outside[0])
        raise StatsError(f"delta[{at}]={found[at]:g} lies outside {rule.least:g}..{LARGEST:g}")
    return found
