"""Counts behind a printed percentage."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, TextArray, broadcast_counts, reasons, refuse, unwrapped
from evsyn.stats._faults import finite, refuse_outside
from evsyn.stats._options import label_array

__all__ = ["RoundedCounts", "counts_from_percentage"]

_PRINTED = re.compile(r"\s*(\d+)(?:[.,·](\d+))?\s*%?\s*")
_LARGEST = 10**12  # n beyond which the arithmetic in whole numbers of 64 bits would overflow


@dataclass(frozen=True, slots=True)
class RoundedCounts:
    """Every count of events whose percentage is printed as it was.

    Attributes
    ----------
    events : ndarray of float
        The count, where there is but one; a number where the arguments were scalars; ``nan``
        otherwise.
    lowest, highest : ndarray of float
        Smallest and largest count that round to the percentage; ``nan`` where none does.
    nearest : ndarray of float
        The whole number nearest to percentage times n, halves upwards; it need not round to the
        percentage.
    candidates : ndarray of float
        How many counts round to the percentage.
    decimals : ndarray of float
        Decimals taken as printed.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no single count; empty where there is one.
    """

    events: FloatArray
    lowest: FloatArray
    highest: FloatArray
    nearest: FloatArray
    candidates: FloatArray
    decimals: FloatArray
    assumes: str
    reason: TextArray


def counts_from_percentage(
    percentage: ArrayLike, n: ArrayLike, *, decimals: ArrayLike | None = None
) -> RoundedCounts:
    """All counts of events out of n that are printed as a percentage.

    Parameters
    ----------
    percentage : array_like of str or float
        Percentage, 0 to 100. As text its own decimals count ("43.0" has one); as a number the
        decimals have to be given. Broadcast with the others; ``nan`` or an empty text where
        missing.
    n : array_like of int
        Participants of which it is a percentage.
    decimals : array_like of int, optional
        Decimals printed, 0 to 6, where percentages are numbers.

    Returns
    -------
    RoundedCounts
        The count where it is certain, and the range of those possible.

    Raises
    ------
    StatsError
        If a text is no percentage, decimals are missing for numbers or given for texts or lie
        outside 0..6, a number has more decimals than given, a percentage lies outside 0..100, an
        n is negative or not whole or above 1e12, or shapes do not fit.

    Notes
    -----
    Rounding may have been to the nearest, with halves up or to even: all counts within half a
    unit of the last digit, both ends included, are possible. The comparison is exact, in whole
    numbers. Beyond n of about ``100 × 10^decimals`` several counts share a percentage.

    Examples
    --------
    >>> counts_from_percentage("43.75", 16).events
    np.float64(7.0)
    >>> found = counts_from_percentage(["44", "12"], [16, 250])
    >>> found.events, found.lowest, found.highest
    (array([ 7., nan]), array([ 7., 29.]), array([ 7., 31.]))
    """
    (size,) = broadcast_counts(n=n)
    value, places = _printed(percentage, decimals)
    value, places, size = finite(percentage=value, decimals=places, n=size)
    refuse_outside(0.0, 100.0, percentage=value)
    refuse_outside(0.0, 6.0, decimals=places)
    uneven = ~np.isnan(places) & (places != np.floor(places))
    refuse(uneven, "decimals={:g} is no whole number; give 0 to 6", places)
    refuse(size > _LARGEST, f"n={{:g}} is above {_LARGEST:g}, the largest taken", size)
    missing = np.isnan(value) | np.isnan(places) | np.isnan(size)
    tens = 10.0 ** np.where(missing, 0.0, places)
    units = np.where(missing, 0.0, value) * tens
    last = np.rint(units)
    refuse(
        np.abs(units - last) > 1e-6,
        "percentage={:g} has more than {:g} decimals; give all of them",
        value,
        places,
    )
    lowest, highest, nearest = _bounds(last, tens, np.where(missing, 0.0, size))
    candidates = np.maximum(highest - lowest + 1, 0)
    empty = size == 0
    none, single = missing | empty | (candidates < 1), candidates == 1
    several = np.array(
        [
            f"{int(c)} counts ({int(a)} to {int(b)}) are printed alike"
            for c, a, b in zip(candidates.ravel(), lowest.ravel(), highest.ravel(), strict=True)
        ],
        dtype=object,
    ).reshape(candidates.shape)
    why = reasons(
        size.shape,
        (missing, "the percentage, its decimals or n are missing"),
        (empty, "no participants"),
        (candidates < 1, "no count out of n is printed as this percentage"),
    )
    why = np.where(~none & ~single, several, why)
    return RoundedCounts(
        events=unwrapped(np.where(~none & single, lowest, np.nan)),
        lowest=unwrapped(np.where(none, np.nan, lowest)),
        highest=unwrapped(np.where(none, np.nan, highest)),
        nearest=unwrapped(np.where(missing | empty, np.nan, nearest)),
        candidates=unwrapped(np.where(missing | empty, 0.0, candidates)),
        decimals=unwrapped(places),
        assumes="the percentage is of these n participants, rounded and not cut off",
        reason=unwrapped(why),
    )


def _bounds(
    last: FloatArray, tens: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Smallest, largest and nearest count, in whole numbers without limit of size.

    ``last`` units of the last digit, ``tens`` of them in one percent: a count k is printed so
    where ``|100 tens k / n - last| <= 1/2``.
    """
    out = np.empty((3, last.size))
    rows = zip(last.ravel(), tens.ravel(), n.ravel(), strict=True)
    for at, row in enumerate(rows):
        digits, per, size = (int(x) for x in row)
        whole = 200 * per
        low = -((-size * (2 * digits - 1)) // whole)
        high = size * (2 * digits + 1) // whole
        near = (2 * size * digits + 100 * per) // whole
        out[:, at] = max(low, 0), min(high, size), near
    low_, high_, near_ = (x.reshape(last.shape) for x in out)
    return low_, high_, near_


def _printed(percentage: ArrayLike, decimals: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Percentages and their decimals, from texts or numbers."""
    raw = label_array("percentage", percentage)
    if raw.dtype.kind in "US" or (raw.dtype == object and _has_text(raw)):
        if decimals is not None:
            raise StatsError("decimals are given and percentages are texts; leave decimals out")
        pairs = [_parsed(str(text), at) for at, text in enumerate(raw.ravel())]
        table = np.array(pairs, dtype=np.float64).reshape(*raw.shape, 2)
        return table[..., 0], table[..., 1]
    if decimals is None:
        raise StatsError(
            "decimals are missing: numbers do not tell how many were printed; "
            'give percentages as text ("43.0") or decimals=1'
        )
    numbers: ArrayLike = raw
    value, places = finite(percentage=numbers, decimals=decimals)
    return value, places


def _has_text(raw: FloatArray) -> bool:
    return any(isinstance(item, str) for item in raw.ravel())


def _parsed(text: str, at: int) -> tuple[float, float]:
    """Value and decimals of a printed percentage."""
    if text.strip().lower() in ("", "nan", "none"):
        return np.nan, np.nan
    match = _PRINTED.fullmatch(text)
    if match is None:
        raise StatsError(f"study {at}: percentage={text!r} is no percentage; write it as 43.75")
    whole, rest = match.group(1), match.group(2) or ""
    return float(f"{whole}.{rest or 0}"), float(len(rest))
