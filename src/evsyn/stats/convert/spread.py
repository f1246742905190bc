"""Standard deviations of changes and of groups put together, and the correlations behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import FloatArray, TextArray, broadcast_counts, reasons, refuse, unwrapped
from evsyn.stats._faults import finite, refuse_negative, refuse_outside
from evsyn.stats._options import axis_of, number
from evsyn.stats.convert.results import Converted

__all__ = ["CombinedGroup", "combine_groups", "correlation_from_sds", "sd_of_change"]


@dataclass(frozen=True, slots=True)
class CombinedGroup:
    """Several groups of participants as one.

    Attributes
    ----------
    mean, sd, n : ndarray of float
        Mean, standard deviation and participants of all together, in the shape of the arguments
        without the axis of the groups; ``nan`` where undefined.
    groups : ndarray of float
        Groups that were there (those with participants).
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no number; empty where there is one.
    """

    mean: FloatArray
    sd: FloatArray
    n: FloatArray
    groups: FloatArray
    assumes: str
    reason: TextArray


def sd_of_change(sd_pre: ArrayLike, sd_post: ArrayLike, *, r: ArrayLike) -> Converted:
    """Standard deviation of the change from before to after.

    Parameters
    ----------
    sd_pre, sd_post : array_like
        Standard deviations before and after, in the same unit; broadcast with the others; ``nan``
        where missing.
    r : array_like
        Correlation of the two measurements of a participant, -1 to 1.

    Returns
    -------
    Converted
        ``sqrt(sd_pre² + sd_post² - 2 r sd_pre sd_post)``, in the unit of the arguments.

    Raises
    ------
    StatsError
        If a standard deviation is negative or infinite, r lies outside -1..1, or shapes do not
        fit.

    Notes
    -----
    Section 6.5.2.8 of [1]_. The correlation is hardly ever printed: borrow it from a trial that
    prints all three standard deviations (`correlation_from_sds`), and vary it.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), section
       6.5.2.8.

    Examples
    --------
    The cross-over trial of the Handbook's section 16.4.6.4 (version 5.1), 10 participants, whose
    mean difference has a standard error of 0.583:

    >>> print(f"{sd_of_change(2.38, 2.21, r=0.68).value / 10**0.5:.3f}")
    0.583
    """
    pre, post, rho = finite(sd_pre=sd_pre, sd_post=sd_post, r=r)
    refuse_negative(sd_pre=pre, sd_post=post)
    refuse_outside(-1.0, 1.0, r=rho)
    # A sum of squares, so that r = 1 with equal spreads is exactly 0.
    value = np.hypot(pre - post, np.sqrt(2 * (1 - rho)) * np.sqrt(pre) * np.sqrt(post))
    return Converted(
        value=unwrapped(value),
        assumes="the correlation between before and after is that of these participants",
        reason=unwrapped(
            reasons(value.shape, (np.isnan(value), "a spread or the correlation is missing"))
        ),
    )


def correlation_from_sds(
    sd_pre: ArrayLike, sd_post: ArrayLike, sd_change: ArrayLike, *, tolerance: float = 0.01
) -> Converted:
    """Correlation of before and after, from the three standard deviations.

    Parameters
    ----------
    sd_pre, sd_post, sd_change : array_like
        Standard deviations before, after and of the change, in the same unit and of the same
        participants; broadcast; ``nan`` where missing.
    tolerance : float, default 0.01
        How far beyond -1 or 1 the correlation may lie for rounded spreads; it is then the bound.

    Returns
    -------
    Converted
        ``(sd_pre² + sd_post² - sd_change²) / (2 sd_pre sd_post)``; ``nan`` where a spread is 0,
        or where the three cannot belong together.

    Raises
    ------
    StatsError
        If a standard deviation is negative or infinite, the tolerance is negative, or shapes do
        not fit.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), section
       6.5.2.8.

    Examples
    --------
    Both arms of the example of [1]_:

    >>> correlation_from_sds([6.4, 7.0], [7.1, 6.9], [4.5, 4.2]).value.round(2)
    array([0.78, 0.82])
    """
    tolerance = number("tolerance", tolerance, 0)
    pre, post, change = finite(sd_pre=sd_pre, sd_post=sd_post, sd_change=sd_change)
    refuse_negative(sd_pre=pre, sd_post=post, sd_change=change)
    none = (pre == 0) | (post == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (pre / post + post / pre - (change / pre) * (change / post)) / 2
    value = np.where(none, np.nan, value)
    impossible = np.abs(value) > 1 + tolerance
    bounded = np.where(impossible, np.nan, np.clip(value, -1.0, 1.0))
    return Converted(
        value=unwrapped(bounded),
        assumes="the three spreads are of the same participants",
        reason=unwrapped(
            reasons(
                value.shape,
                (none, "a spread of 0 leaves the correlation undefined"),
                (np.isnan(value), "a spread is missing"),
                (impossible, "no correlation within -1..1 gives these three spreads"),
            )
        ),
    )


def combine_groups(mean: ArrayLike, sd: ArrayLike, n: ArrayLike, *, axis: int = 0) -> CombinedGroup:
    """Mean, standard deviation and n of several groups put together.

    Parameters
    ----------
    mean, sd, n : array_like
        Mean, standard deviation (divisor n - 1) and participants of each group; broadcast. A
        group of nobody is passed over, whatever its mean; ``nan`` where missing.
    axis : int, default 0
        Axis that runs over the groups.

    Returns
    -------
    CombinedGroup
        Mean, standard deviation and n as if the groups had been one; the standard deviation is
        ``nan`` below two participants.

    Raises
    ------
    StatsError
        If a standard deviation is negative or infinite, an n is negative or not whole, shapes do
        not fit, there is no axis of groups, or no group.

    Notes
    -----
    The sums of squares within and between the groups are added, over N - 1. For two groups this
    is table 6.5.a of [1]_; for more it is the same formula in sequence, exact in any order. No
    assumption beyond distinct participants: it is arithmetic, not estimation.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), section
       6.5.2.10.

    Examples
    --------
    The values 1, 2, 3 and 5, 9 as two groups:

    >>> group = combine_groups([2.0, 7.0], [1.0, 8**0.5], [3, 2])
    >>> print(group.mean, group.sd.round(6), group.n)
    4.0 3.162278 5.0
    """
    (size,) = broadcast_counts(n=n)
    centre, spread, size = finite(mean=mean, sd=sd, n=size)
    axis = axis_of(axis, centre.shape, "groups")
    refuse_negative(sd=spread)
    refuse((size == 1) & (spread > 0), "sd={:g} of a single participant; give 0 or nan", spread)
    there = ~(size == 0)
    missing = (there & (np.isnan(centre) | np.isnan(size))).any(axis)
    no_spread = (there & (size > 1) & np.isnan(spread)).any(axis)
    size = np.where(there, size, 0.0)
    total = size.sum(axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = size / np.expand_dims(total, axis)
        overall = np.where(there, centre * shares, 0.0).sum(axis)
        apart = np.where(there, centre - np.expand_dims(overall, axis), 0.0)
        within = np.where(size > 1, spread * np.sqrt(np.maximum(size - 1, 0)), 0.0)
        scale = np.maximum(np.abs(apart), np.abs(within)).max(axis)
        scale = np.where(scale > 0, scale, 1.0)
        wide = np.expand_dims(scale, axis)
        squares = ((within / wide) ** 2 + size * (apart / wide) ** 2).sum(axis)
        pooled = np.where(total > 1, scale * np.sqrt(squares / (total - 1)), np.nan)
    empty = total == 0
    return CombinedGroup(
        mean=unwrapped(np.where(missing | empty, np.nan, overall)),
        sd=unwrapped(np.where(missing | no_spread, np.nan, pooled)),
        n=unwrapped(np.where(missing & np.isnan(total), np.nan, total)),
        groups=unwrapped(there.sum(axis).astype(np.float64)),
        assumes="no participant is in more than one of the groups",
        reason=unwrapped(
            reasons(
                total.shape,
                (missing, "a mean or an n is missing"),
                (empty, "no participants"),
                (no_spread, "a spread is missing"),
                (total < 2, "fewer than two participants have no spread"),
            )
        ),
    )
