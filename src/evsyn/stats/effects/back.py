"""Effect sizes on their natural scale, and how far that of the double arcsine can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import (
    FloatArray,
    TextArray,
    chosen,
    float_array,
    reasons,
    unwrapped,
)
from evsyn.stats._special import expit
from evsyn.stats.effects._columns import check_counts
from evsyn.stats.effects._measures import DEFINITIONS

__all__ = ["FreemanTukeyInverse", "back_transform", "freeman_tukey_inverse"]


@dataclass(frozen=True, slots=True)
class FreemanTukeyInverse:
    """Proportions back from the double arcsine scale, and what they hang on.

    Attributes
    ----------
    estimate : ndarray of float
        Proportion at the harmonic mean of n; a number where the value was.
    n : ndarray of float
        That harmonic mean.
    lower, upper : ndarray of float
        Values that a proportion of 0 and of 1 have at this n; a value beyond has no inverse.
    smallest_n, largest_n : ndarray of float
        Proportion at the smallest and the largest n; how far they lie apart is how much the
        answer hangs on the choice of an n.
    reason : ndarray of str
        Where the value has no inverse, at the harmonic mean or at any n of the studies, or its
        inverses part by more than a tenth of their mean; empty elsewhere.
    """

    estimate: FloatArray
    n: FloatArray
    lower: FloatArray
    upper: FloatArray
    smallest_n: FloatArray
    largest_n: FloatArray
    reason: TextArray


def back_transform(value: ArrayLike, measure: str, *, n: ArrayLike | None = None) -> FloatArray:
    """Effect sizes on their natural scale.

    Parameters
    ----------
    value : array_like
        Effect sizes, means or limits on the scale of ``effect_sizes``.
    measure : str
        Code of the measure.
    n : array_like, optional
        Sizes of the studies, for ``PFT``, which needs them and takes their harmonic mean over the
        first axis; other measures pay no heed to it.

    Returns
    -------
    ndarray of float
        Exponential of log ratios, log rates and logs of means and proportions; inverse logit of
        ``PLO``; ``sin²`` of ``PAS`` and the square of ``IRS``, a value below 0 counted as 0 and
        an angle above a right one as that; ``tanh`` of ``ZCOR``; of ``PFT`` Miller's inverse, a
        value beyond what a proportion can have as 0 or 1; else the values as they are: a
        difference of transformed proportions or rates (``AS``, ``IRSD``) has no inverse.

    Raises
    ------
    StatsError
        If the measure is unknown, something is no number, or for ``PFT`` ``n`` is not given,
        missing, not whole or below 1.

    Notes
    -----
    A mean on a transformed scale comes back as the median of the natural scale, or the geometric
    mean, not as its mean. The inverse of ``PFT`` for a mean over studies of unlike n can be
    seriously misleading: `freeman_tukey_inverse` tells when, and gives the method.

    Examples
    --------
    >>> back_transform(0.0, "RR"), back_transform(0.0, "PLO"), back_transform(0.25, "RD")
    (np.float64(1.0), np.float64(0.5), np.float64(0.25))
    """
    chosen("measure", measure, DEFINITIONS)
    if measure == "PFT":
        if n is None:
            raise StatsError("measure PFT needs n, the sizes of the studies")
        return freeman_tukey_inverse(value, n).estimate
    inverse = _INVERSES.get(measure, np.positive)
    with np.errstate(over="ignore"):
        natural: FloatArray = unwrapped(np.asarray(inverse(float_array("value", value))))
    return natural


def freeman_tukey_inverse(value: ArrayLike, n: ArrayLike) -> FreemanTukeyInverse:
    """Proportions back from the Freeman-Tukey double arcsine scale.

    Parameters
    ----------
    value : array_like
        Means or limits on the scale of the measure ``PFT`` (half the sum of the two arcsines).
    n : array_like, shape (k,) or (k, ...)
        Sizes of the studies; the harmonic mean is taken over the first axis. One number is the n
        of one study, whose proportion comes back exactly.

    Returns
    -------
    FreemanTukeyInverse
        Proportions at the harmonic mean of n, at the smallest and the largest, and a reason to
        doubt them.

    Raises
    ------
    StatsError
        If something is no number, no n is given, one is missing, not whole or below 1, or shapes
        do not fit.

    Notes
    -----
    Miller's inverse [1]_ ``(1 - sgn(c) sqrt(1 - (s + (s - 1/s)/n)²))/2`` with s and c the sine and
    cosine of twice the value, here as ``(1 - c sqrt(1 + 2/n - (c/(s n))²))/2``, which is the same
    without its loss of digits. It is exact for the value of one study at that study's n. A mean
    over studies has no n of its own; the harmonic mean is a convention, the answer can change with
    it by a factor, and even lie outside the proportions of all studies or have no inverse [2]_.
    Prefer the binomial-normal model or the logit.

    References
    ----------
    .. [1] J. J. Miller, "The inverse of the Freeman-Tukey double arcsine transformation", Am Stat
       32 (1978) 138.
    .. [2] G. Schwarzer, H. Chemaitelly, L. J. Abu-Raddad, G. Rücker, "Seriously misleading results
       using inverse of Freeman-Tukey double arcsine transformation in meta-analysis of single
       proportions", Res Synth Methods 10 (2019) 476-483.

    Examples
    --------
    The mean of the four proportions of Miller's note (1978, p. 138), and the mean that REML gives
    for the vaccinated of the BCG trials, whose sizes run from 123 to 88,391:

    >>> round(float(freeman_tukey_inverse(0.6131, [11, 17, 21, 6]).estimate), 4)
    0.3164
    >>> sizes = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> found = freeman_tukey_inverse(0.10573, sizes)
    >>> round(float(found.estimate), 4), found.reason
    (0.0105, 'the inverse hangs on n: 0.00753 at n = 123, 0.0111 at n = 88391')
    """
    values = float_array("value", value)
    sizes = np.atleast_1d(float_array("n", n))
    if np.isnan(sizes).any():
        raise StatsError(f"n={n!r} lacks the size of a study; give all of them")
    check_counts(sizes[np.newaxis], ("n",), least=1)
    low, high = sizes.min(axis=0), sizes.max(axis=0)
    try:
        ends = np.broadcast_arrays(values, 1 / np.mean(1 / sizes, axis=0), low, high)
    except ValueError as error:
        shapes = f"value {values.shape}, n {sizes.shape}"
        raise StatsError(f"shapes do not fit each other: {shapes}") from error
    values, middle, low, high = ends
    at = [_miller(values, size) for size in (middle, low, high)]
    lower = np.arctan(1 / np.sqrt(middle)) / 2
    upper = np.pi / 2 - lower
    return FreemanTukeyInverse(
        estimate=unwrapped(at[0]),
        n=unwrapped(np.array(middle)),
        lower=unwrapped(np.asarray(lower)),
        upper=unwrapped(np.asarray(upper)),
        smallest_n=unwrapped(at[1]),
        largest_n=unwrapped(at[2]),
        reason=unwrapped(_doubts(values, (middle, low, high), (lower, upper), at)),
    )


def _miller(values: FloatArray, n: FloatArray) -> FloatArray:
    """Proportion with these double arcsines at n; 0 or 1 beyond what a proportion can have."""
    edge = np.arctan(1 / np.sqrt(n)) / 2
    with np.errstate(all="ignore"):
        sine, cosine = np.sin(2 * values), np.cos(2 * values)
        root = np.sqrt(np.maximum(1 + 2 / n - (cosine / (sine * n)) ** 2, 0))
        inside = np.clip((1 - cosine * root) / 2, 0, 1)
    found = np.where(values <= edge, 0.0, np.where(values >= np.pi / 2 - edge, 1.0, inside))
    return cast(FloatArray, np.where(np.isnan(values), np.nan, found))


def _doubts(
    values: FloatArray,
    sizes: tuple[FloatArray, FloatArray, FloatArray],
    ends: tuple[FloatArray, FloatArray],
    at: list[FloatArray],
) -> TextArray:
    """Why an inverse is none, or what it hangs on."""
    middle, low, high = sizes
    slack = 1e-9
    beyond = (values < ends[0] * (1 - slack)) | (values > ends[1] * (1 + slack))
    apart = np.abs(at[1] - at[2]) > 0.05 * (np.abs(at[1]) + np.abs(at[2]))
    words = reasons(values.shape, (np.isnan(values), "the value is missing"))
    for index in np.argwhere(beyond | apart):
        i = tuple(int(j) for j in index)
        if beyond[i]:
            words[i] = (
                f"no proportion at n = {middle[i]:.6g} has this value: "
                f"its range is {ends[0][i]:.4g} to {ends[1][i]:.4g}"
            )
        else:
            words[i] = (
                f"the inverse hangs on n: {at[1][i]:.3g} at n = {low[i]:g}, "
                f"{at[2][i]:.3g} at n = {high[i]:g}"
            )
    return words


def _sine_squared(angle: FloatArray) -> FloatArray:
    return cast(FloatArray, np.sin(np.clip(angle, 0, np.pi / 2)) ** 2)


def _squared(root: FloatArray) -> FloatArray:
    return cast(FloatArray, np.maximum(root, 0) ** 2)


_LOGS = (
    "RR", "OR", "PETO", "MPRR", "MPOR", "MPORC", "PLN", "IRR", "IRLN", "ROM", "ROMC", "MNLN", "VR",
    "CVR",
)  # fmt: skip
_INVERSES: dict[str, Callable[[FloatArray], FloatArray]] = {
    **dict.fromkeys(_LOGS, np.exp),
    "PLO": expit,
    "PAS": _sine_squared,
    "IRS": _squared,
    "ZCOR": np.tanh,
}
