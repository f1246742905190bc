"""Functions of tau² that are positive below their root and fall through it.

Each is the logarithm of a ratio of two positive, falling functions of tau²; on this scale a
Newton step is exact where all sampling variances are equal. For the two likelihoods
``F = log(y'PPy) - log(tr P)`` (full likelihood: ``tr W``), the sign of the score. With
``q = y'PPPy / y'PPy`` and ``H = tr PP / tr P`` its slope is ``H - 2 q``, and by the inequality of
Cauchy and Schwarz both ``1 / q`` and ``1 / H`` grow at least as fast as tau². So on an interval
from a to b, with ``s = 1 / q(b) - b`` and ``eta = 1 / H(a) - a``,

    slope of F at x  <=  1 / (x + eta) - 2 / (x + s).

Two things follow. Where ``a + 2 eta > s`` F falls throughout and has one root at most; and F stays
below 0 where ``F(a) - 2 log((x + s) / (a + s)) + log((x + eta) / (a + eta))`` does so at its
highest point ``x = s - 2 eta``. Turned round, with ``s`` taken at a and ``eta`` at b, the slope is
at least ``1 / (x + eta) - 2 / (x + s)``, which tells where F cannot yet have come down to 0.
And by Kantorovich's inequality s grows by ``3 ((1 + r)² / (4 r) - 1)`` times tau² at most, with r
the ratio of the largest to the smallest of the variances plus tau². That is how a search can prove
that it has seen every maximum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from evsyn.stats.pooling._powers import Moments, moments

__all__ = [
    "Criterion",
    "Place",
    "full_likelihood",
    "generalised_q",
    "moments",
    "restricted_likelihood",
]


class Place(NamedTuple):
    """A criterion at one value of tau²; floats, or arrays alike.

    Attributes
    ----------
    ratio : float or ndarray
        Ratio whose logarithm is F: above 1 below the root.
    slope : float or ndarray
        Derivative of F by tau².
    z : float or ndarray
        Scale of the Newton step: tau² plus the sampling variance that counts here.
    s, eta : float or ndarray
        Constants of the bounds, see above.
    se2 : float or ndarray
        Variance of tau², where this is the root.
    """

    ratio: Any
    slope: Any
    z: Any
    s: Any
    eta: Any
    se2: Any


Criterion: TypeAlias = Callable[[Any, Moments, Any, Any], Place]


def restricted_likelihood(sums: Any, found: Moments, x: Any, k: Any) -> Place:
    """Score of the restricted likelihood.

    Parameters
    ----------
    sums : array_like, shape (9,) or (9, n)
        Power sums at ``x``.
    found : Moments
        Quantities at ``x``.
    x, k : float or ndarray
        Tau² and number of studies.

    Returns
    -------
    Place
        The criterion there.

    References
    ----------
    W. Viechtbauer, "Bias and efficiency of meta-analytic variance estimators in the
    random-effects model", J Educ Behav Stat 30 (2005) 261-293, eq. 15; standard error from the
    expected information.

    Examples
    --------
    >>> sums = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0]
    >>> restricted_likelihood(sums, moments(sums, 1.0), 0.0, 2).ratio
    2.0
    """
    return _likelihood(found, x, (found.tr, found.tr2), k - 1)


def full_likelihood(sums: Any, found: Moments, x: Any, k: Any) -> Place:
    """Score of the full likelihood; arguments and result as `restricted_likelihood`.

    References
    ----------
    W. Viechtbauer, J Educ Behav Stat 30 (2005) 261-293, eq. 13.

    Examples
    --------
    >>> sums = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0]
    >>> full_likelihood(sums, moments(sums, 1.0), 0.0, 2).ratio
    1.0
    """
    own = found.share / found.variance
    return _likelihood(found, x, (sums[0] + own, sums[1] + own * own), k)


def generalised_q(sums: Any, found: Moments, x: Any, k: Any) -> Place:
    """Generalised Q against k - 1, which has one root: Paule and Mandel's estimate.

    Arguments and result as `restricted_likelihood`; the bounds are those of a function that falls.

    References
    ----------
    R. C. Paule, J. Mandel, "Consensus values and weighting factors", J Res Natl Bur Stand 87
    (1982) 377-385.

    Examples
    --------
    >>> sums = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0]
    >>> generalised_q(sums, moments(sums, 1.0), 0.0, 2).ratio
    2.0
    """
    z = found.rss / found.ypp
    se2 = 2.0 * k * k / (k - 1) * found.variance * found.variance
    return Place(found.rss / (k - 1), -1.0 / z, z, z - x, z - x, se2)


def _likelihood(found: Moments, x: Any, traces: tuple[Any, Any], df: Any) -> Place:
    spread, typical = found.ypp / found.yppp, traces[0] / traces[1]
    slope = 1.0 / typical - 2.0 / spread
    ratio, z = found.ypp / traces[0], df / traces[0]
    return Place(ratio, slope, z, spread - x, typical - x, 2.0 / traces[1])
