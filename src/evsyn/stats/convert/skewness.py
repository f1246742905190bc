"""Whether medians, quartiles and ranges come from data too skewed for a mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    broadcast_counts,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._faults import finite

__all__ = ["QuantileSkewness", "five_numbers", "quantile_skewness"]


@dataclass(frozen=True, slots=True)
class QuantileSkewness:
    """Test of skewness from a printed summary of up to five numbers.

    Attributes
    ----------
    statistic : ndarray of float
        Test statistic, 0 for a symmetric summary; a number where the arguments were scalars;
        ``nan`` where undefined.
    critical : ndarray of float
        Value beyond which data from a normal distribution lie in 5 % of samples.
    skewed : ndarray of bool
        Whether the statistic lies beyond it.
    direction : ndarray of float
        1 for a longer tail to the right, -1 to the left, 0 for neither.
    scenario : ndarray of str
        ``"S1"`` median and range, ``"S2"`` median and quartiles, ``"S3"`` all five.
    reason : ndarray of str
        Why there is no test; empty where there is one.
    """

    statistic: FloatArray
    critical: FloatArray
    skewed: BoolArray
    direction: FloatArray
    scenario: TextArray
    reason: TextArray


def quantile_skewness(
    median: ArrayLike,
    n: ArrayLike,
    *,
    minimum: ArrayLike = np.nan,
    q1: ArrayLike = np.nan,
    q3: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
) -> QuantileSkewness:
    """Test, at 5 %, whether a summary of quantiles fits data from a normal distribution.

    Parameters
    ----------
    median, n : array_like
        Median and participants; broadcast with the others; ``nan`` where missing.
    minimum, q1, q3, maximum : array_like, optional
        The rest of the five numbers in the same unit; ``nan`` where not printed. Each study uses
        all that it has.

    Returns
    -------
    QuantileSkewness
        Statistic, critical value and verdict.

    Raises
    ------
    StatsError
        If the numbers are not in ascending order or infinite, an n is negative or not whole, or
        shapes do not fit.

    Notes
    -----
    With a, q1, m, q3, b from minimum to maximum [1]_: S1 rejects for ``|a + b - 2m|/(b - a)``
    above ``1/ln(n + 9) + 2.5/(n + 1)``; S2 for ``|q1 + q3 - 2m|/(q3 - q1)`` above
    ``2.65/sqrt(n) - 6/n²``; S3 for the larger of the S2 statistic and
    ``2.65 ln(0.6 n)/sqrt(n)`` times that of S1 above ``3/sqrt(n) - 40/n³``. The critical values
    are fits to simulated samples of n = 5 and more. A test that does not reject is no proof of
    symmetry, least of all in a small study.

    References
    ----------
    .. [1] J. Shi, D. Luo, X. Wan et al., "Detecting the skewness of data from the five-number
       summary and its application in meta-analysis", Statistical Methods in Medical Research 32
       (2023) 1338-1360.

    Examples
    --------
    >>> test = quantile_skewness(4.0, 100, minimum=2.0, maximum=9.0)
    >>> print(f"{test.statistic:.3f} {test.critical:.3f} {test.skewed} {test.direction:.0f}")
    0.429 0.238 True 1
    """
    numbers, size = five_numbers(median, n, minimum=minimum, q1=q1, q3=q3, maximum=maximum)
    low, first, middle, third, high = numbers
    scenario = _scenario(numbers)
    signed, critical = _statistics(
        _bowley(low, middle, high), _bowley(first, middle, third), size, scenario
    )
    few, flat = size < 5, (third == first) | (high == low)
    signed, critical = (np.where(few | flat, np.nan, x) for x in (signed, critical))
    with np.errstate(invalid="ignore"):
        skewed = np.asarray(np.abs(signed) > critical)
    why = reasons(
        size.shape,
        (np.isnan(size), "n is missing"),
        (scenario == "", "neither quartiles nor range stand beside the median"),
        (few, "fewer than five participants"),
        (flat, "the numbers do not differ"),
    )
    return QuantileSkewness(
        statistic=unwrapped(np.abs(signed)),
        critical=unwrapped(critical),
        skewed=unwrapped(skewed),
        direction=unwrapped(np.sign(signed)),
        scenario=unwrapped(scenario),
        reason=unwrapped(why),
    )


def five_numbers(
    median: ArrayLike,
    n: ArrayLike,
    *,
    minimum: ArrayLike,
    q1: ArrayLike,
    q3: ArrayLike,
    maximum: ArrayLike,
) -> tuple[tuple[FloatArray, ...], FloatArray]:
    """Check that printed quantiles ascend, and broadcast them.

    Parameters
    ----------
    median, n : array_like
        Median and participants.
    minimum, q1, q3, maximum : array_like
        The rest of the five numbers; ``nan`` where not printed.

    Returns
    -------
    tuple
        The five arrays from minimum to maximum, and n.

    Raises
    ------
    StatsError
        If they do not ascend or are infinite, an n is negative or not whole, or shapes do not
        fit.
    """
    (size,) = broadcast_counts(n=n)
    *numbers, size = finite(minimum=minimum, q1=q1, median=median, q3=q3, maximum=maximum, n=size)
    names = ("minimum", "q1", "median", "q3", "maximum")
    for i, smaller in enumerate(names):
        for j in range(i + 1, 5):
            refuse(
                numbers[i] > numbers[j],
                f"{smaller}={{:g}} exceeds {names[j]}={{:g}}; check the order of the numbers",
                numbers[i],
                numbers[j],
            )
    return tuple(numbers), size


def _bowley(low: FloatArray, middle: FloatArray, high: FloatArray) -> FloatArray:
    """Bowley's skewness: -1 to 1, 0 for a middle halfway."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(((high - middle) - (middle - low)) / (high - low), dtype=np.float64)


def _scenario(numbers: tuple[FloatArray, ...]) -> TextArray:
    """Which of the summaries is complete: S3 before S2 before S1."""
    low, first, middle, third, high = (~np.isnan(number) for number in numbers)
    ends, halves = middle & low & high, middle & first & third
    text = np.full(ends.shape, "", dtype=object)
    text[ends] = "S1"
    text[halves] = "S2"
    text[ends & halves] = "S3"
    return text


def _statistics(
    ends: FloatArray, halves: FloatArray, n: FloatArray, scenario: TextArray
) -> tuple[FloatArray, FloatArray]:
    """Statistic with the sign of the longer tail, and critical value, of each scenario."""
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = 2.65 * np.log(0.6 * n) / np.sqrt(n) * ends
        both = np.where(np.abs(halves) > np.abs(weighted), halves, weighted)
        cases = [
            (ends, 1 / np.log(n + 9) + 2.5 / (n + 1)),
            (halves, 2.65 / np.sqrt(n) - 6 / n**2),
            (both, 3 / np.sqrt(n) - 40 / n**3),
        ]
    found = [scenario == f"S{at}" for at in (1, 2, 3)]
    signed, critical = (np.select(found, [case[at] for case in cases], np.nan) for at in (0, 1))
    return signed, critical
