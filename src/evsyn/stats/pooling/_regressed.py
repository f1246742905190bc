"""What one meta-regression gives, from its contrasts and tau²; much of it only when asked for."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray, normal_quantile
from evsyn.stats._special import stdtrit
from evsyn.stats.pooling._plane import Layout, layout, solved
from evsyn.stats.pooling.between_studies import solve_one

__all__ = ["CLOSED", "Model", "Remainder", "regressed"]

CLOSED = ("HE", "SJ")  # estimators that do not rest on the sums of a plane
EXACT = 1e25  # a Q above this comes from variances of 0 that the design cannot meet


class Model(NamedTuple):
    """What is fitted.

    Attributes
    ----------
    method, test : str
        Estimator of tau² and test.
    level : float
        Confidence level.
    intercept : bool
        Whether the first column of the design is constant.
    """

    method: str
    test: str
    level: float
    intercept: bool


class Remainder:
    """Values of one regression that are computed when they are first asked for, by name.

    Parameters
    ----------
    found : Layout
        Contrasts.
    tau2 : float
        Between-study variance, on their scale.
    fit : tuple
        Shift of the pivots, covariance of the fitted pivots, factor of the test.
    zero : tuple of float
        Generalised Q at tau² = 0, and its degrees of freedom.
    model : Model
        What was fitted.
    """

    __slots__ = ("_fit", "_found", "_known", "_model", "_tau2", "_zero")

    def __init__(
        self,
        found: Layout,
        tau2: float,
        fit: tuple[FloatArray, FloatArray, float],
        zero: tuple[float, int],
        model: Model,
    ) -> None:
        self._found, self._tau2, self._fit, self._zero = found, tau2, fit, zero
        self._model, self._known = model, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known.update(_GROUPS[name](self))
        return self._known[name]

    def _studywise(self) -> dict[str, Any]:
        """Fitted effects, what they leave, leverages."""
        found, (shift, own, _) = self._found, self._fit
        lever = found.lever
        hat = (lever * np.dot(own, lever)).sum(axis=0) / (found.v + self._tau2)
        residuals = found.e - np.dot(shift, lever)
        return {
            "fitted": np.dot(found.base + shift, lever) * found.scale,
            "residuals": residuals * found.scale,
            "hat": hat,
        }

    def _omnibus(self) -> dict[str, Any]:
        """Weighted sum of squares of the fitted effects, about their mean with an intercept."""
        found, (shift, _, factor) = self._found, self._fit
        w = 1.0 / (found.v + self._tau2)
        plane = found.base + shift
        tested = plane.size - self._model.intercept
        if not tested or not factor > 0:
            return {"qm": np.float64(math.nan)}
        if self._model.intercept:
            plane = plane - plane[found.v[found.at].argmin()]
        effects = np.dot(plane, found.lever)
        if self._model.intercept:
            effects -= np.dot(w, effects) / w.sum()
        qm = np.dot(w, effects * effects) / factor
        return {"qm": np.float64(qm if self._model.test == "z" else qm / tested)}

    def _null(self) -> dict[str, Any]:
        """Tau² of the same studies without moderators, and the share that these explain."""
        found, model = self._found, self._model
        y = found.e + np.dot(found.base, found.lever)
        null = solve_one(y - y[0], found.v, model.method)
        after, before = self._tau2, float(null.tau2)
        if model.method == "EE":
            q, df = self._zero
            after, before = q / df, float(null.q) / (y.size - 1)
        total = found.z.sum(axis=1)
        constant = abs(float(np.dot(total, total)) - y.size) < 1e-8 * y.size
        r2 = 100.0 * max(0.0, 1.0 - after / before) if constant and before > 0 else math.nan
        return {"tau2_null": np.float64(null.tau2 * found.scale**2), "r2": np.float64(r2)}

    def _reason(self) -> dict[str, Any]:
        """Why the coefficients have no standard error."""
        why = "the effects are fitted exactly: Knapp-Hartung gives no standard error"
        return {"reason": "" if self._fit[2] > 0 else why}


_GROUPS = {
    **dict.fromkeys(("fitted", "residuals", "hat"), Remainder._studywise),
    **dict.fromkeys(("tau2_null", "r2"), Remainder._null),
    "qm": Remainder._omnibus,
    "reason": Remainder._reason,
}


def regressed(
    yi: FloatArray, vi: FloatArray, design: FloatArray, model: Model
) -> tuple[Any, ...] | None:
    """Fit one regression in plain numbers; ``None`` where only the arrays' way is safe.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and variances, none missing and no variance 0.
    design : ndarray, shape (k, p)
        Finite.
    model : Model
        What is fitted.

    Returns
    -------
    tuple or None
        Fields of `MetaRegression`, the last a `Remainder`.

    Examples
    --------
    >>> design = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> model = Model("EE", "z", 0.95, True)
    >>> regressed(np.array([0.0, 2.0, 1.0]), np.ones(3), design, model)[0].round(6)
    array([0.5, 0.5])
    """
    k, p = design.shape
    found = layout(yi, vi, design) if k > p > 0 and model.method not in CLOSED else None
    if found is None:
        return None
    best, zero = solved(found, model.method)
    df, x, scale = k - p, best.point.x, found.scale
    square = scale * scale
    shift, own, rss = _fitted(found, x)
    factor = 1.0 if model.test == "z" else rss / df
    factor = max(factor, 1.0) if model.test == "adhoc" else factor
    coef, covariance = _coefficients(found, shift, own, model.intercept)
    covariance *= factor * square
    se = np.sqrt(covariance.diagonal()) if factor > 0 else np.full(p, math.nan)
    tail = (1.0 + model.level) / 2.0
    crit = normal_quantile(model.level) if model.test == "z" else float(stdtrit(df, tail))
    half, number, q = crit * se, np.float64, float(zero.moments.rss)
    common = model.method == "EE"
    h2 = q / df if common else 1.0 + x * zero.moments.tr / df
    return (
        *(coef, se, coef - half, coef + half, covariance),
        *(number(q if q <= EXACT else math.inf), number(df)),
        *(number(x * square), number(math.sqrt(best.point.se2) * square)),
        *(number(100.0 * max(0.0, 1.0 - 1.0 / h2) if h2 > 0 else 0.0), number(h2)),
        *(np.intp(k), np.bool_(best.converged), np.intp(best.modes), *model),
        Remainder(found, x, (shift, own, factor), (q, df), model),
    )


def _fitted(found: Layout, x: float) -> tuple[FloatArray, FloatArray, float]:
    """Shift of the pivots, covariance of the fitted pivots, and the generalised Q at tau²."""
    w = 1.0 / (found.v + x)
    d = found.v[found.at] + x
    w[found.at] = 0.0
    weighted = found.lever * w
    gram, right = np.dot(weighted, found.lever.T), np.dot(weighted, found.e)
    if d.size == 2:
        (a, b), (_, c) = gram.tolist()
        d1, d2 = d.tolist()
        m1, m2, both = 1.0 + d1 * a, 1.0 + d2 * c, d1 * d2
        size = m1 + d2 * c + both * (a * c - b * b)
        cross = -both * b / size
        own = np.array([[d1 * m2 / size, cross], [cross, d2 * m1 / size]])
    else:
        root = np.sqrt(d)
        own = root[:, None] * np.linalg.inv(np.eye(d.size) + root[:, None] * gram * root) * root
    shift = np.dot(own, right)
    left = found.e - np.dot(shift, found.lever)
    return shift, own, float(np.dot(w, left * left) + np.dot(shift, shift / d))


def _coefficients(
    found: Layout, shift: FloatArray, own: FloatArray, intercept: bool
) -> tuple[FloatArray, FloatArray]:
    """Coefficients, and their covariance but for the square of the scale, through the pivots."""
    start = found.base[0] if intercept else 0.0
    turn = _inverse(found.r)
    coef = np.dot(turn, np.dot(found.back, found.base - start + shift))
    coef[0] += start
    back = np.dot(turn, found.back)
    return coef * found.scale, np.dot(np.dot(back, own), back.T)


def _inverse(r: FloatArray) -> FloatArray:
    """Inverse of an upper triangular matrix."""
    if len(r) != 2:
        return np.asarray(np.linalg.inv(r))
    (a, b), (_, c) = r.tolist()
    return np.array([[1.0 / a, -b / (a * c)], [0.0, 1.0 / c]])
