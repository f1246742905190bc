"""One meta-regression in plain numbers: power sums of contrasts, for the search of `_single`.

The contrasts are those of `evsyn.stats.pooling._design`: distances ``e`` from the plane through p
pivots, which predict the other studies with the weights ``L``. With ``W`` the weights of these and
D the pivots' variances plus tau², all that a likelihood needs follows from
``L'W^j L, L'W^j e, e'W^j e`` for j = 1, 2, 3: one product of two small matrices. With
``O = (D^-1 + L'WL)^-1`` the covariance of the fitted pivots, ``N = D^-1 O`` and a fit that moves
the pivots by ``O L'We``, nothing cancels by more than the squares of ``L``; a plane is refused
where these are large, or the variances very different.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.pooling._powers import Moments
from evsyn.stats.pooling._single import Analysis, Found, Point, highest

__all__ = ["STEEP", "UNEQUAL", "Layout", "Plane", "layout", "line_moments", "solved"]

STEEP = 64.0  # weights of pivots above which the squares in power sums lose too many digits
UNEQUAL = 1e-12  # ratio of the variances below which they do so
COLLINEAR = 1e-10  # share of a column that the columns before it leave over


class Layout(NamedTuple):
    """The contrasts of one analysis with a design of full rank.

    Attributes
    ----------
    e, v : ndarray, shape (k,)
        Distances from the plane through the pivots, scaled, 0 for these; variances.
    lever : ndarray, shape (p, k)
        Weights by which the pivots predict the studies; for pivots columns of the identity.
    at : list of int
        Positions of the p pivots.
    base : ndarray, shape (p,)
        Their effects.
    back : ndarray, shape (p, p)
        Turns effects of the pivots into coefficients of the orthonormal design.
    z, r : ndarray, shape (p, k) and (p, p)
        Orthonormal columns, and the triangular factor.
    scale : float
        Power of two by which the effects were divided; variances by its square.
    """

    e: FloatArray
    v: FloatArray
    lever: FloatArray
    at: list[int]
    base: FloatArray
    back: FloatArray
    z: FloatArray
    r: FloatArray
    scale: float


def layout(yi: FloatArray, vi: FloatArray, design: FloatArray) -> Layout | None:
    """Choose pivots as `contrasts_of` does; ``None`` where plain sums would not do.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and variances, none missing and no variance 0.
    design : ndarray, shape (k, p)
        Finite, with fewer columns than rows.

    Returns
    -------
    Layout or None
        ``None`` where the columns are collinear, variances differ by more than twelve digits, the
        pivots predict a study with large weights, or no effect leaves the plane.

    Examples
    --------
    >>> design = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> layout(np.array([0.0, 2.0, 1.0]), np.array([1.0, 2.0, 1.0]), design).at
    [0, 2]
    """
    size = max(float(yi[yi.argmax()] - yi[yi.argmin()]), math.sqrt(vi[vi.argmax()]))
    scale = 2.0 ** (math.frexp(size)[1] - 1)
    y, v = yi / scale, vi / (scale * scale)
    if not v[v.argmin()] > UNEQUAL:
        return None
    found = _orthonormal(design)
    if found is None:
        return None
    z, r = found
    at, lever, back = _two_pivots(z, v) if len(z) == 2 else _pivots(z, v)
    if not _largest(lever) < STEEP:
        return None
    base = y[at]
    e = y - np.dot(base, lever)
    lever[:, at] = np.eye(len(z))
    e[at] = 0.0
    return Layout(e, v, lever, at, base, back, z, r, scale) if _largest(e) > 0 else None


def _largest(values: FloatArray) -> float:
    flat = np.abs(values).ravel()
    return float(flat[flat.argmax()])


def _orthonormal(design: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Orthonormal columns, as rows, and their factor; none where one depends on those before."""
    p = design.shape[1]
    z, r, dot = np.array(design.T, order="C"), np.zeros((p, p)), np.dot
    for j in range(p):
        largest = _largest(z[j])
        if not largest > 0:
            return None
        column, done = z[j] / largest, z[:j]
        before = float(dot(column, column))
        for _ in range(2 if j else 0):
            share = dot(done, column)
            column = column - dot(share, done)
            r[:j, j] += share * largest
        square = float(dot(column, column))
        if not square > 4 * COLLINEAR * COLLINEAR * before:
            return None
        norm = math.sqrt(square)
        np.divide(column, norm, out=z[j])
        r[j, j] = norm * largest
    return z, r


def _two_pivots(z: FloatArray, v: FloatArray) -> tuple[list[int], FloatArray, FloatArray]:
    """As `_pivots`, for two columns."""
    first, second = z
    i = int(((first * first + second * second) / v).argmax())
    a, b = float(first[i]), float(second[i])
    across = a * second - b * first
    across[i] = 0.0
    j = int((across * across / v).argmax())
    c, d, size = float(first[j]), float(second[j]), float(across[j])
    lever = np.empty_like(z)
    np.divide(d * first - c * second, size, out=lever[0])
    np.divide(across, size, out=lever[1])
    return [i, j], lever, np.array([[d / size, -b / size], [-c / size, a / size]])


def _pivots(z: FloatArray, v: FloatArray) -> tuple[list[int], FloatArray, FloatArray]:
    """Positions of the pivots, their weights for all studies, inverse of their rows."""
    rows, at, ones = z, [], np.ones(len(z))
    for _ in range(len(z)):
        at.append(int((np.dot(ones, rows * rows) / v).argmax()))
        direction = rows[:, at[-1]]
        along = np.dot(direction, rows) / np.dot(direction, direction)
        rows = rows - direction[:, None] * along
        rows[:, at] = 0.0
    back = np.linalg.inv(z[:, at].T)
    lever: FloatArray = np.dot(back.T, z)
    return at, lever, np.asarray(back, dtype=np.float64)


class Plane(Analysis):
    """The studies of one meta-regression, with what is known at any tau².

    Parameters
    ----------
    found : Layout
        Contrasts.
    method : str
        ``ML``, ``PM`` or ``EB``; else the restricted likelihood.

    Examples
    --------
    >>> design = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> three = layout(np.array([0.0, 2.0, 1.0]), np.ones(3), design)
    >>> round(Plane(three, "REML").at(0.0).moments.rss, 12)
    1.5
    """

    __slots__ = ("_lines", "_open", "_pivots", "_powers", "method", "size")

    def __init__(self, found: Layout, method: str) -> None:
        p, k = found.lever.shape
        self.size, self.k = k, k - p + 1  # one more than the degrees of freedom, as for a mean
        self.method, self.v, self.pivot = method, found.v, float(found.v[found.v.argmin()])
        self._open = found.v.copy()
        self._open[found.at] = math.inf
        self._pivots = found.v[found.at]
        lever, e, squares = found.lever, found.e, 3 if p == 2 else p * p
        lines = np.empty((2 + squares + p, k))
        lines[0] = 1.0
        if p == 2:
            np.multiply(lever[0], lever, out=lines[1:3])
            np.multiply(lever[1], lever[1], out=lines[3])
        else:
            np.multiply(lever[:, None], lever, out=lines[1 : 1 + squares].reshape(p, p, k))
        np.multiply(lever, e, out=lines[1 + squares : -1])
        np.multiply(e, e, out=lines[-1])
        self._lines = lines.T
        powers = np.empty((3, k))
        self._powers = (powers, *powers)

    def sums(self, x: float) -> Any:
        """Power sums at tau² = ``x``, shape (3, q)."""
        powers, w, square, cube = self._powers
        np.divide(1.0, self._open + x, out=w)
        np.multiply(w, w, out=square)
        np.multiply(square, w, out=cube)
        return np.dot(powers, self._lines)

    def at(self, x: float, *, root: bool = False) -> Point:
        """All that is known at tau² = ``x``."""
        sums, d = self.sums(x), self._pivots + x
        found = line_moments(sums.tolist(), d.tolist()) if d.size == 2 else _any(sums, d)
        df, traces = self.k - 1, (found.tr, found.tr2)
        if self.method in ("PM", "EB"):
            ratio, z = found.rss / df, found.rss / found.ypp
            slope, s, eta, se2 = -1.0 / z, z - x, z - x, math.nan
        else:
            if self.method == "ML":
                w = 1.0 / (self.v + x)
                df, traces = self.size, (float(np.dot(w, np.ones(w.size))), float(np.dot(w, w)))
            spread, typical = found.ypp / found.yppp, traces[0] / traces[1]
            ratio, slope = found.ypp / traces[0], 1.0 / typical - 2.0 / spread
            z, s, eta, se2 = df / traces[0], spread - x, typical - x, 2.0 / traces[1]
        height = math.log(ratio) if ratio > 0 else -math.inf
        return Point(x, height, slope, z, s, eta, se2, found, root)

    def height(self, point: Point) -> float:
        """Twice the log likelihood, up to a constant."""
        logs = float(np.log(self.v + point.x).sum())
        if self.method != "ML":  # the determinant of X'WX, up to a constant
            d = self._pivots + point.x
            logs += math.log(self._determinant(point, d)) - float(np.log(d).sum())
        return -logs - float(point.moments.rss)

    def _determinant(self, point: Point, d: FloatArray) -> float:
        """Determinant of ``I + D L'WL``."""
        share, p, root = float(point.moments.share), d.size, np.sqrt(d)
        if math.isnan(share):
            gram = self.sums(point.x)[0, 1 : 1 + p * p].reshape(p, p)
            share = float(np.linalg.det(np.eye(p) + root[:, None] * gram * root))
        return share


def line_moments(sums: Any, d: Any) -> Moments:
    """Quantities of a line from its power sums: matrices of two rows written out.

    Parameters
    ----------
    sums : sequence
        For w, w² and w³ each: its sum, those of ``L'W^j L`` (11, 12, 22), ``L'W^j e`` (1, 2) and
        ``e'W^j e``; floats, or arrays alike.
    d : sequence
        Variances of both pivots plus tau².

    Returns
    -------
    Moments
        ``share`` is the determinant of ``I + D L'WL``; what belongs to a mean is 0.

    Examples
    --------
    Effects 0, 2, 0 at -1, 0, 1 with unit variances; the outer ones are the pivots:

    >>> found = line_moments([(1.0, 0.25, 0.25, 0.25, 1.0, 1.0, 4.0)] * 3, (1.0, 1.0))
    >>> round(found.rss, 9), round(found.tr, 9)
    (2.666666667, 1.0)
    """
    (t1, a1, b1, c1, g1, h1, e1), (t2, a2, b2, c2, g2, h2, e2), (_, a3, b3, c3, g3, h3, e3) = sums
    d1, d2 = d
    m1, m2 = 1.0 + d1 * a1, 1.0 + d2 * c1
    share = m1 + d2 * c1 + d1 * d2 * (a1 * c1 - b1 * b1)
    n11, n12, n21, n22 = m2 / share, -d2 * b1 / share, -d1 * b1 / share, m1 / share
    o11, o12, o22 = d1 * n11, d1 * n12, d2 * n22
    pull1, pull2 = -(n11 * g1 + n12 * h1), -(n21 * g1 + n22 * h1)
    s1, s2 = -d1 * pull1, -d2 * pull2
    r1, r2 = g2 - a2 * s1 - b2 * s2, h2 - b2 * s1 - c2 * s2
    ypp = e2 - s1 * (g2 + r1) - s2 * (h2 + r2) + pull1 * pull1 + pull2 * pull2
    # L'K L, of which both halves are the same
    l11, l12, l22 = n11 * a1 + n12 * b1, n11 * b1 + n12 * c1, n21 * b1 + n22 * c1
    yppp = e3 - 2.0 * (s1 * g3 + s2 * h3) + s1 * (a3 * s1 + 2.0 * b3 * s2) + c3 * s2 * s2
    yppp += pull1 * (l11 * pull1 + 2.0 * l12 * pull2) + l22 * pull2 * pull2
    yppp -= 2.0 * (pull1 * (n11 * r1 + n12 * r2) + pull2 * (n21 * r1 + n22 * r2))
    yppp -= r1 * (o11 * r1 + 2.0 * o12 * r2) + o22 * r2 * r2
    p11, p12 = o11 * a2 + o12 * b2, o11 * b2 + o12 * c2
    p21, p22 = o12 * a2 + o22 * b2, o12 * b2 + o22 * c2
    tr = t1 - p11 - p22 + l11 + l22
    tr2 = t2 - 2.0 * (o11 * a3 + 2.0 * o12 * b3 + o22 * c3)
    tr2 += p11 * p11 + 2.0 * p12 * p21 + p22 * p22 + l11 * l11 + 2.0 * l12 * l12 + l22 * l22
    tr2 += 2.0 * (n11 * (n11 * a2 + 2.0 * n12 * b2) + n12 * n12 * c2)
    tr2 += 2.0 * (n21 * (n21 * a2 + 2.0 * n22 * b2) + n22 * n22 * c2)
    return Moments(0.0, 0.0, share, e1 - g1 * s1 - h1 * s2, ypp, yppp, tr, tr2, 0.0, 0.0)


def _any(sums: FloatArray, d: FloatArray) -> Moments:
    """Quantities of a plane of any number of coefficients, without ``share``."""
    p, dot, vdot = d.size, np.dot, np.vdot
    gram1, gram2, gram3 = sums[:, 1 : 1 + p * p].reshape(3, p, p)
    right1, right2, right3 = sums[:, 1 + p * p : -1]
    (t1, t2, _), (e1, e2, e3) = sums[:, 0].tolist(), sums[:, -1].tolist()
    root = np.sqrt(d)
    column = root[:, None]
    system = column * gram1 * root
    system.ravel()[:: p + 1] += 1.0
    half = np.linalg.inv(system) * root
    own, turned = column * half, half / column
    pull = -dot(turned, right1)
    shift = -d * pull
    rest = right2 - dot(gram2, shift)
    low, product = dot(turned, gram1), dot(own, gram2)
    ypp = e2 - float(dot(shift, right2 + rest)) + float(dot(pull, pull))
    yppp = e3 + float(
        dot(shift, dot(gram3, shift) - 2.0 * right3)
        + dot(pull, dot(low, pull) - 2.0 * dot(turned, rest))
        - dot(rest, dot(own, rest))
    )
    tr = t1 + float(vdot(turned, gram1) - vdot(own, gram2))
    tr2 = t2 + float(vdot(low, low) + vdot(product, product.T) - 2.0 * vdot(own, gram3))
    tr2 += 2.0 * float(vdot(dot(turned, gram2), turned))
    share, rss = math.nan, e1 - float(dot(right1, shift))
    return Moments(0.0, 0.0, share, rss, ypp, yppp, tr, tr2, 0.0, 0.0)


def solved(found: Layout, method: str) -> tuple[Found, Point]:
    """Estimate tau².

    Parameters
    ----------
    found : Layout
        Contrasts.
    method : {"REML", "ML", "PM", "EB", "EE", "DL", "HS"}
        Estimator of tau².

    Returns
    -------
    Found
        The fit, on the scale of the contrasts; ``se2`` is the variance of tau².
    Point
        What is known at tau² = 0.

    Examples
    --------
    >>> design = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> three = layout(np.array([0.0, 3.0, 0.0]), np.ones(3), design)
    >>> round(solved(three, "REML")[0].point.x * three.scale**2, 12)
    5.0
    """
    plane = Plane(found, method)
    zero = plane.at(0.0)
    if method in ("REML", "ML"):
        best = highest(plane, zero, far=_far(found))
        x = best.point.x
        return (best._replace(point=plane.at(x, root=True)) if x > 0 else best), zero
    if method in ("PM", "EB"):
        return _profiled(plane, zero), zero
    if method == "EE":
        return Found(zero._replace(se2=math.nan), True, 1), zero
    df, at, weight = plane.k - 1, zero.moments, float((1.0 / plane.v).sum())
    excess, trace = (at.rss - df, at.tr) if method == "DL" else (at.rss - plane.size, weight)
    tau2 = max(0.0, excess / trace)
    se2 = (2.0 * df + 4.0 * tau2 * at.tr + 2.0 * tau2 * tau2 * at.tr2) / (trace * trace)
    return Found(zero._replace(x=tau2, se2=se2), True, 1), zero


def _profiled(plane: Plane, point: Point) -> Found:
    """Root of the generalised Q: ``1 / Q`` is concave, so Newton steps on it never pass it."""
    for _ in range(200):
        step = point.z * math.expm1(point.log_ratio)
        if step <= 4e-14 * point.z:
            break
        point = plane.at(point.x + step)
    else:
        return Found(point, False, 1)
    weight = float((1.0 / (plane.v + point.x)).sum())
    se2 = 2.0 * plane.size * plane.size / ((plane.k - 1) * weight * weight)
    return Found(point._replace(se2=se2), True, 1)


def _far(found: Layout) -> float:
    """Bound ``s`` that holds up to infinity: ``y'MVMy / y'My``, M the unweighted projection."""
    rest = found.e - np.dot(np.dot(found.z, found.e), found.z)
    return float((1.0 + 1e-9) * np.dot(found.v, rest * rest) / np.dot(rest, rest))
