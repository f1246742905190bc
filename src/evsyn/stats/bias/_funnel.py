"""What the tests of a funnel plot share: the weighted line, its result, and enough studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, reasons
from evsyn.stats._options import flag
from evsyn.stats._student import p_value, quantile

__all__ = [
    "FEWEST",
    "RegressionTest",
    "WeightedLine",
    "enough_studies",
    "line_result",
    "weighted_line",
]

FEWEST = 10  # studies from which a test of asymmetry has power to speak of

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class RegressionTest:
    """A test of funnel plot asymmetry by a straight line through the effects.

    For effect sizes of shape (k,) each value is a number, for (k, n) an array of shape (n,).

    Attributes
    ----------
    estimate, se, statistic, p_value : ndarray, shape () or (n,)
        Slope on the predictor, its standard error, their ratio and its two-sided p-value: the
        test of asymmetry.
    df : ndarray, shape () or (n,)
        Degrees of freedom of the t distribution; ``nan`` where the normal is used.
    limit, limit_ci_lb, limit_ci_ub : ndarray, shape () or (n,)
        Effect where the predictor is 0, that is of an infinitely precise study, with its
        confidence limits, on the scale of the effects; ``nan`` where the predictor grows with
        precision.
    tau2 : ndarray, shape () or (n,)
        Between-study variance about the line; ``nan`` for the weighted line with dispersion.
    k : ndarray of int, shape () or (n,)
        Studies used.
    left_out : ndarray of int, shape () or (n,)
        Rows not used: a value is missing, or the counts carry nothing on the odds ratio.
    reason : ndarray of str, shape () or (n,)
        Why values are missing; empty where none is.
    model : str
        ``"lm"``, weighted line with estimated dispersion, or ``"rma"``, meta-regression.
    predictor : str
        What the effects are regressed on.
    test : str
        ``"t"``, or the test of the meta-regression.
    level : float
        Confidence level, a share.
    """

    __test__ = False  # not a test class, whatever its name makes a test runner think

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    df: FloatArray
    limit: FloatArray
    limit_ci_lb: FloatArray
    limit_ci_ub: FloatArray
    tau2: FloatArray
    k: FloatArray
    left_out: FloatArray
    reason: TextArray
    model: str
    predictor: str
    test: str
    level: float


@dataclass(frozen=True, slots=True)
class WeightedLine:
    """Straight lines fitted by weighted least squares, the dispersion estimated.

    Attributes
    ----------
    slope, slope_se, intercept, intercept_se : ndarray, shape (n,)
        Coefficients and standard errors; ``nan`` where there is no line or no dispersion.
    df : ndarray, shape (n,)
        Residual degrees of freedom, points less two.
    reason : ndarray of str, shape (n,)
        Why a value is missing; empty where none is.
    """

    slope: FloatArray
    slope_se: FloatArray
    intercept: FloatArray
    intercept_se: FloatArray
    df: FloatArray
    reason: TextArray


def enough_studies(k: FloatArray, force: bool, name: str) -> None:
    """Refuse a test of asymmetry on fewer than ten studies, unless it is forced.

    Parameters
    ----------
    k : ndarray, shape (n,)
        Studies of each meta-analysis.
    force : bool
        Whether to go on all the same.
    name : str
        What was asked for, for the message.

    Raises
    ------
    StatsError
        If a meta-analysis has fewer than ten studies and ``force`` is false.

    References
    ----------
    J. A. C. Sterne et al., "Recommendations for examining and interpreting funnel plot asymmetry
    in meta-analyses of randomised controlled trials", BMJ 343 (2011) d4002.

    Examples
    --------
    >>> enough_studies(np.array([10.0]), False, "rank_test")
    """
    few = np.flatnonzero(k < FEWEST)
    if flag("force", force) or not few.size:
        return
    where = f"meta-analysis {few[0]}: " if k.size > 1 else ""
    count = int(k[few[0]])
    raise StatsError(
        f"{where}{name} has {count} {'study' if count == 1 else 'studies'}; below {FEWEST} its "
        "power is too low to tell chance from asymmetry (Sterne 2011, BMJ 343:d4002); "
        "force=True computes it all the same"
    )


def weighted_line(y: FloatArray, x: FloatArray, w: FloatArray, present: BoolArray) -> WeightedLine:
    """Fit a line to each column by weighted least squares.

    Parameters
    ----------
    y, x, w : ndarray, shape (k, n)
        Response, predictor and weight; all finite where present.
    present : ndarray of bool, shape (k, n)
        Points that count.

    Returns
    -------
    WeightedLine
        ``nan`` with a reason where points are fewer than three, a weight is infinite, the
        predictor does not vary, or the points lie on the line.

    Notes
    -----
    The variance of a point is ``phi / w`` with ``phi`` the weighted residual mean square on
    k - 2 degrees of freedom. A residual sum of squares within rounding of the sum of squares
    counts as 0.

    Examples
    --------
    >>> y, x = np.array([[1.0], [2.0], [2.0]]), np.array([[1.0], [2.0], [3.0]])
    >>> weighted_line(y, x, np.ones((3, 1)), np.ones((3, 1), dtype=bool)).slope
    array([0.5])
    """
    k = present.sum(axis=0)
    infinite = np.asarray((present & np.isinf(w)).any(axis=0))
    if not present.all() or infinite.any():
        used = present & ~infinite
        y, x, w = (np.where(used, values, 0.0) for values in (y, x, w))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total = w.sum(axis=0)
        x_mean, y_mean = (w * x).sum(axis=0) / total, (w * y).sum(axis=0) / total
        dx, dy = x - x_mean, y - y_mean
        wdx = w * dx
        spread = (wdx * dx).sum(axis=0)
        slope = (wdx * dy).sum(axis=0) / spread
        residual = dy - slope * dx
        rest, size = (w * residual * residual).sum(axis=0), (w * y * y).sum(axis=0)
        df = np.maximum(k - 2.0, 0.0)
        on_line = rest <= k * (16 * _EPS) ** 2 * size
        phi = np.where(on_line, 0.0, rest) / df
        slope_se = np.sqrt(phi / spread)
        intercept_se = np.sqrt(phi * (1.0 / total + x_mean * x_mean / spread))
    intercept = y_mean - slope * x_mean
    few, constant = k < 3, _constant(x, present)
    undefined = few | infinite | constant
    values = [slope, slope_se, intercept, intercept_se]
    if undefined.any():
        values = [np.where(undefined, np.nan, value) for value in values]
    why = reasons(
        k.shape,
        (few, "fewer than three studies"),
        (infinite, "a sampling variance is 0, its weight infinite"),
        (constant, "the predictor is the same in all studies"),
        (on_line, "the effects lie exactly on a line"),
    )
    return WeightedLine(values[0], values[1], values[2], values[3], df, why)


def _constant(x: FloatArray, present: BoolArray) -> BoolArray:
    """Whether the values of a column agree to rounding."""
    if not x.shape[0]:
        return np.ones(x.shape[1], dtype=bool)
    top, bottom = x, x
    if not present.all():
        top, bottom = np.where(present, x, -np.inf), np.where(present, x, np.inf)
    high, low = top.max(axis=0), bottom.min(axis=0)
    return np.asarray(high - low <= 8 * _EPS * np.maximum(np.abs(high), np.abs(low)))


def line_result(
    line: WeightedLine,
    shaped: Any,
    *,
    counts: tuple[FloatArray, FloatArray],
    predictor: str,
    level: float,
    limit: bool = True,
) -> RegressionTest:
    """Test of the slope of a weighted line.

    Parameters
    ----------
    line : WeightedLine
        The line.
    shaped : callable
        Gives an array of shape (n,) the shape of the result.
    counts : tuple of ndarray, shape (n,)
        Studies used, and rows left out.
    predictor : str
        Name of the predictor.
    level : float
        Confidence level.
    limit : bool
        Whether the intercept is the effect of an infinitely precise study.

    Returns
    -------
    RegressionTest
        With t on k - 2 degrees of freedom.

    Examples
    --------
    >>> y, x = np.array([[1.0], [2.0], [2.0]]), np.array([[1.0], [2.0], [3.0]])
    >>> line = weighted_line(y, x, np.ones((3, 1)), np.ones((3, 1), dtype=bool))
    >>> counts = (np.array([3]), np.array([0]))
    >>> line_result(line, lambda a: a[0], counts=counts, predictor="sei", level=0.95).limit.round(4)
    np.float64(0.6667)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(line.slope_se > 0, line.slope / line.slope_se, np.nan)
    df = np.where(line.df > 0, line.df, np.nan)
    half = quantile(line.df, level) * line.intercept_se
    end = line.intercept if limit else np.full(df.shape, np.nan)
    return RegressionTest(
        estimate=shaped(line.slope),
        se=shaped(line.slope_se),
        statistic=shaped(statistic),
        p_value=shaped(p_value(statistic, line.df)),
        df=shaped(df),
        limit=shaped(end),
        limit_ci_lb=shaped(end - half),
        limit_ci_ub=shaped(end + half),
        tau2=shaped(np.full(df.shape, np.nan)),
        k=shaped(counts[0].astype(int)),
        left_out=shaped(counts[1].astype(int)),
        reason=shaped(line.reason),
        model="lm",
        predictor=predictor,
        test="t",
        level=level,
    )
