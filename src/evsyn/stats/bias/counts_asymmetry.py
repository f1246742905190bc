"""Funnel plot asymmetry of odds ratios, from the counts: Harbord's and Peters' tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, arm_counts, checked_level
from evsyn.stats.bias._funnel import RegressionTest, enough_studies, line_result, weighted_line
from evsyn.stats.effects.effect_sizes import effect_sizes

__all__ = ["harbord_test", "peters_test"]


def harbord_test(
    events_e: ArrayLike,
    n_e: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    level: float = 0.95,
    force: bool = False,
) -> RegressionTest:
    """Harbord's test: Egger's regression on the score of the log odds ratio.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : array_like of int, shape (k,) or (k, n)
        Events and participants of the experimental and the comparator arm; broadcast against
        each other. ``nan`` marks an absent study.
    level : float, default 0.95
        Confidence level of the limit.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    RegressionTest
        ``estimate``: coefficient of bias, ``limit``: log odds ratio at infinite information.
        Studies without events, or with nothing but events, have no information: they are counted
        in ``left_out``.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their total, shapes do not fit, or
        there are fewer than ten studies and ``force`` is false.

    Notes
    -----
    With N participants, of them m with the event, ``Z = events_e - n_e m / N`` is the score and
    ``V = n_e n_c m (N - m) / (N² (N - 1))`` its variance without an effect, both free of zero-cell
    corrections. ``Z / sqrt(V)`` is regressed on ``sqrt(V)`` by least squares, and its intercept
    tested by t on k - 2; written as a line, ``Z / V = limit + estimate / sqrt(V)`` with weights V.
    For effects that are large, Z / V understates the log odds ratio.

    References
    ----------
    R. M. Harbord, M. Egger, J. A. C. Sterne, "A modified test for small-study effects in
    meta-analyses of controlled trials with binary endpoints", Stat Med 25 (2006) 3443-3457.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702):

    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> test = harbord_test(cases_e, n_e, cases_c, n_c)
    >>> print(f"{test.estimate:.3f} (p = {test.p_value:.3f})")
    -2.093 (p = 0.235)
    """
    level = checked_level(level)
    (a, n1, c, n2), present, shaped = _tables(events_e, n_e, events_c, n_c)
    total, m = n1 + n2, a + c
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (a * n2 - c * n1) / total
        information = n1 / total * (n2 / total) * m * (total - m) / (total - 1)
        used = present & (information > 0)
        y, x = score / information, 1.0 / np.sqrt(information)
    k = used.sum(axis=0).astype(float)
    enough_studies(k, force, "harbord_test")
    y, x, w = (np.where(used, values, 0.0) for values in (y, x, information))
    line = weighted_line(y, x, w, used)
    counts = (k, used.shape[0] - k)
    return line_result(line, shaped, counts=counts, predictor="1/sqrt(V)", level=level)


def peters_test(
    events_e: ArrayLike,
    n_e: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    level: float = 0.95,
    force: bool = False,
) -> RegressionTest:
    """Peters' test: regression of the log odds ratio on the reciprocal of the sample size.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : array_like of int, shape (k,) or (k, n)
        Events and participants of the experimental and the comparator arm; broadcast against
        each other. ``nan`` marks an absent study.
    level : float, default 0.95
        Confidence level of the limit.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    RegressionTest
        ``estimate``: slope on 1 / N, ``limit``: log odds ratio of an infinitely large study.
        Studies without events, or with nothing but events, have the weight 0: they are counted
        in ``left_out``.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their total, shapes do not fit, or
        there are fewer than ten studies and ``force`` is false.

    Notes
    -----
    With N participants, of them m with the event, the weight is ``1 / (1/m + 1/(N - m))``, the
    reciprocal variance of the average logit; the dispersion is estimated and the slope tested by
    t on k - 2. The log odds ratio has 1/2 added to each cell where one is empty; the weight
    has not.

    References
    ----------
    J. L. Peters, A. J. Sutton, D. R. Jones, K. R. Abrams, L. Rushton, "Comparison of two methods
    to detect publication bias in meta-analysis", JAMA 295 (2006) 676-680.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702):

    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> test = peters_test(cases_e, n_e, cases_c, n_c)
    >>> print(f"t = {test.statistic:.3f} (p = {test.p_value:.3f})")
    t = -1.362 (p = 0.200)
    """
    level = checked_level(level)
    (a, n1, c, n2), present, shaped = _tables(events_e, n_e, events_c, n_c)
    total, m = n1 + n2, a + c
    used = present & (m > 0) & (m < total) & (n1 > 0) & (n2 > 0)
    k = used.sum(axis=0).astype(float)
    enough_studies(k, force, "peters_test")
    a, n1, c, n2, total, m = (np.where(used, item, 1.0) for item in (a, n1, c, n2, total, m))
    y = effect_sizes("OR", events_e=a, n_e=n1, events_c=c, n_c=n2).yi
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.where(used, m * (total - m) / total, 0.0)
    line = weighted_line(y, 1.0 / total, w, used)
    counts = (k, used.shape[0] - k)
    return line_result(line, shaped, counts=counts, predictor="1/n", level=level)


def _tables(*arms: ArrayLike) -> tuple[tuple[FloatArray, ...], BoolArray, Any]:
    """Counts as columns, where none is missing, and what gives a result its shape."""
    names = ("events_e", "n_e", "events_c", "n_c")
    counts = arm_counts(**dict(zip(names, arms, strict=True)))
    shape = counts[0].shape
    if len(shape) not in (1, 2):
        raise StatsError(f"the counts have the shape {shape}; they must be (k,) or (k, n)")
    single = len(shape) == 1
    columns = tuple(array[:, None] if single else array for array in counts)
    present = np.asarray(~np.isnan(np.stack(columns)).any(axis=0))

    def shaped(values: Any) -> Any:
        return values[0] if single else values

    return columns, present, shaped
