"""Mean and standard deviation from medians, quartiles and ranges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import QuantileMethod, choices
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, chosen, reasons, unwrapped
from evsyn.stats._special import ndtri
from evsyn.stats.convert._quantile_fit import Summary, fitted_moments
from evsyn.stats.convert.skewness import five_numbers, quantile_skewness

__all__ = ["MeanSd", "mean_sd_from_quantiles"]


@dataclass(frozen=True, slots=True)
class MeanSd:
    """Mean and standard deviation estimated from a printed summary.

    Attributes
    ----------
    mean, sd : ndarray of float
        Estimates in the unit and broadcast shape of the arguments; numbers where those were
        scalars; ``nan`` where undefined.
    scenario : ndarray of str
        What was used: ``"S1"`` median and range, ``"S2"`` median and quartiles, ``"S3"`` all
        five; empty where neither is complete.
    distribution : ndarray of str
        Distribution on which the estimate rests: ``"normal"``, or the one that ``"qe"`` chose.
    distance : ndarray of float
        For ``"qe"``: root mean square distance of the printed numbers from the chosen
        distribution's quantiles, in the unit of the data; else ``nan``.
    skewed : ndarray of bool
        Whether `quantile_skewness` rejects normality: then estimates that rest on the normal
        distribution are not to be trusted.
    method : str
        Name of the method.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no estimate, or a warning where the data look skewed; empty otherwise.
    """

    mean: FloatArray
    sd: FloatArray
    scenario: TextArray
    distribution: TextArray
    distance: FloatArray
    skewed: BoolArray
    method: str
    assumes: str
    reason: TextArray


def mean_sd_from_quantiles(
    median: ArrayLike,
    n: ArrayLike,
    *,
    minimum: ArrayLike = np.nan,
    q1: ArrayLike = np.nan,
    q3: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
    method: QuantileMethod = "luo-shi",
) -> MeanSd:
    """Sample mean and standard deviation from the median and quartiles, range or both.

    Parameters
    ----------
    median, n : array_like
        Median and participants; broadcast with the others; ``nan`` where missing.
    minimum, q1, q3, maximum : array_like, optional
        The rest of the five numbers in the same unit; ``nan`` where not printed. Each study uses
        all that it has.
    method : {"luo-shi", "wan", "qe"}, default "luo-shi"
        The estimator, see Notes.

    Returns
    -------
    MeanSd
        Mean, standard deviation, what they rest on, and whether the data look skewed.

    Raises
    ------
    StatsError
        If the numbers are not in ascending order or infinite, an n is negative or not whole,
        shapes do not fit, or the method is unknown.

    Notes
    -----
    With a, q1, m, q3, b from minimum to maximum, ``E = ndtri((n - 0.375)/(n + 0.25))`` and
    ``H = ndtri((0.75 n - 0.125)/(n + 0.25))``:

    * ``luo-shi``: means of [1]_, weighted between mid-range, mid-quartile range and median: S1
      ``w = 4/(4 + n^0.75)`` on the mid-range; S2 ``w = 0.7 + 0.39/n`` on the mid-quartile range;
      S3 ``2.2/(2.2 + n^0.75)`` and ``0.7 - 0.72/n^0.55`` on both; the rest on the median.
      Standard deviations of [2]_ in S1, ``(b - a)/(2E)``, and S2, ``(q3 - q1)/(2H)``, and of
      [3]_ in S3, ``(b - a)/((2 + 0.14 n^0.6) E) + (q3 - q1)/((2 + 2/(0.07 n^0.6)) H)``.
    * ``wan``: standard deviations of [2]_, in S3 the mean of those of S1 and S2; means
      ``(a + 2m + b)/4``, ``(q1 + m + q3)/3`` and ``(a + 2 q1 + 2m + 2 q3 + b)/8``.
    * ``qe``: quantile estimation [4]_: normal, log-normal, gamma, Weibull and beta distributions
      are fitted by least squares to the printed numbers, taken as quantiles at 1/n, 1/4, 1/2,
      3/4 and 1 - 1/n; the nearest gives mean and standard deviation. All but the normal need
      numbers from 0, beta also up to 1. Scale parameters are solved for exactly and shapes
      sought over a wide range (log-normal sigma up to 12, gamma shape from 0.02, Weibull shape
      from 0.05); a distribution whose mean lies beyond the printed range, or that fits best at
      its most skewed end, is passed over.

    ``luo-shi`` and ``wan`` are for normal data. For skewed data no method recovers a mean well:
    ``skewed`` warns [5]_; consider a synthesis of medians, or of logarithms.

    References
    ----------
    .. [1] D. Luo, X. Wan, J. Liu and T. Tong, "Optimally estimating the sample mean from the
       sample size, median, mid-range, and/or mid-quartile range", Statistical Methods in Medical
       Research 27 (2018) 1785-1805, equations 7, 11 and 15.
    .. [2] X. Wan, W. Wang, J. Liu and T. Tong, "Estimating the sample mean and standard deviation
       from the sample size, median, range and/or interquartile range", BMC Medical Research
       Methodology 14 (2014) 135.
    .. [3] J. Shi, D. Luo, H. Weng et al., "Optimally estimating the sample standard deviation from
       the five-number summary", Research Synthesis Methods 11 (2020) 641-654.
    .. [4] S. McGrath, X. Zhao, R. Steele et al., "Estimating the sample mean and standard
       deviation from commonly reported quantiles in meta-analysis", Statistical Methods in
       Medical Research 29 (2020) 2520-2537.
    .. [5] J. Shi, D. Luo, X. Wan et al., "Detecting the skewness of data from the five-number
       summary and its application in meta-analysis", Statistical Methods in Medical Research 32
       (2023) 1338-1360.

    Examples
    --------
    The example of the authors' program for [4]_ (R package estmeansd, README):

    >>> arm = mean_sd_from_quantiles(4, 100, minimum=2, maximum=9, method="qe")
    >>> print(f"{arm.mean:.4f} {arm.sd:.4f} {arm.distribution} {arm.skewed}")
    4.3473 1.5022 lognormal True
    """
    name = chosen("method", method, choices(QuantileMethod))
    numbers, size = five_numbers(median, n, minimum=minimum, q1=q1, q3=q3, maximum=maximum)
    test = quantile_skewness(median, n, minimum=minimum, q1=q1, q3=q3, maximum=maximum)
    scenario = np.asarray(test.scenario, dtype=object)
    usable = (scenario != "") & (size >= 2)
    distribution = np.where(usable, "normal", "").astype(object)
    distance = np.full(size.shape, np.nan)
    mean, sd = distance.copy(), distance.copy()
    if name == "qe":
        fit = fitted_moments(Summary(tuple(x[usable] for x in numbers), size[usable]))
        mean[usable], sd[usable], distance[usable] = fit.mean, fit.sd, fit.distance
        distribution[usable] = fit.family
    else:
        with np.errstate(all="ignore"):
            found = (_luo(numbers, size), _shi(numbers, size))
            if name == "wan":
                found = (_wan_mean(numbers), _wan_sd(numbers, size))
        for target, by_scenario in zip((mean, sd), found, strict=True):
            for at, values in enumerate(by_scenario, start=1):
                here = usable & (scenario == f"S{at}")
                target[here] = values[here]
    why = _doubts(numbers, size, scenario, mean, np.asarray(test.skewed))
    return MeanSd(
        mean=unwrapped(mean),
        sd=unwrapped(sd),
        scenario=unwrapped(scenario),
        distribution=unwrapped(distribution),
        distance=unwrapped(distance),
        skewed=test.skewed,
        method=name,
        assumes=_ASSUMES[name],
        reason=unwrapped(why),
    )


def _doubts(
    numbers: tuple[FloatArray, ...],
    n: FloatArray,
    scenario: TextArray,
    mean: FloatArray,
    skewed: BoolArray,
) -> TextArray:
    """Why there is no mean, or why not to trust it."""
    return reasons(
        n.shape,
        (np.isnan(n), "n is missing"),
        (scenario == "", "neither quartiles nor range stand beside the median"),
        (n < 2, "fewer than two participants"),
        (np.isnan(mean), "too few participants to place the range"),
        (_outside(mean, numbers), "the fitted mean lies beyond the printed quartiles"),
        (skewed, "the data look skewed; a mean may not sum them up"),
    )


_ASSUMES = {
    "luo-shi": "the data are a sample from a normal distribution",
    "wan": "the data are a sample from a normal distribution",
    "qe": "the data are a sample from the nearest of normal, log-normal, gamma, Weibull and beta",
}


def _outside(mean: FloatArray, numbers: tuple[FloatArray, ...]) -> BoolArray:
    """Where the mean lies outside the quartiles, without a range that could bear it out."""
    low, first, _, third, high = numbers
    alone = np.isnan(low) | np.isnan(high)
    return np.asarray(alone & ((mean < first) | (mean > third)), dtype=np.bool_)


def _luo(numbers: tuple[FloatArray, ...], n: FloatArray) -> tuple[FloatArray, ...]:
    """Means of Luo et al. in the three scenarios."""
    low, first, middle, third, high = numbers
    # Differences from the median, so that far from 0 no digits are lost.
    ends = ((low - middle) + (high - middle)) / 2
    halves = ((first - middle) + (third - middle)) / 2
    power = n**0.75
    return (
        middle + 4 / (4 + power) * ends,
        middle + (0.7 + 0.39 / n) * halves,
        middle + 2.2 / (2.2 + power) * ends + (0.7 - 0.72 / n**0.55) * halves,
    )


def _extreme(n: FloatArray) -> FloatArray:
    """Expected maximum of n standard normal values, by Blom's approximation."""
    return np.asarray(ndtri((n - 0.375) / (n + 0.25)), dtype=np.float64)


def _upper_quartile(n: FloatArray) -> FloatArray:
    """Expected upper quartile of n standard normal values, by the same."""
    return np.asarray(ndtri((0.75 * n - 0.125) / (n + 0.25)), dtype=np.float64)


def _shi(numbers: tuple[FloatArray, ...], n: FloatArray) -> tuple[FloatArray, ...]:
    """Standard deviations of Wan et al. (S1, S2) and Shi et al. (S3)."""
    low, first, _, third, high = numbers
    extreme, quartile, power = _extreme(n), _upper_quartile(n), n**0.6
    by_range, by_quartiles, _ = _wan_sd(numbers, n)
    both = (high - low) / ((2 + 0.14 * power) * extreme)
    both = both + (third - first) / ((2 + 2 / (0.07 * power)) * quartile)
    return by_range, by_quartiles, both


def _wan_mean(numbers: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    """Means used by Wan et al. in the three scenarios."""
    low, first, middle, third, high = numbers
    ends = (low - middle) + (high - middle)
    halves = (first - middle) + (third - middle)
    return middle + ends / 4, middle + halves / 3, middle + (ends + 2 * halves) / 8


def _wan_sd(numbers: tuple[FloatArray, ...], n: FloatArray) -> tuple[FloatArray, ...]:
    """Standard deviations of Wan et al. in the three scenarios."""
    low, first, _, third, high = numbers
    by_range = (high - low) / (2 * _extreme(n))
    by_quartiles = (third - first) / (2 * _upper_quartile(n))
    return by_range, by_quartiles, (by_range + by_quartiles) / 2
