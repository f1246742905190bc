"""Which counts and totals a printed percentage admits, as rounded or as truncated."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from evsyn.tables.printed import Printed

__all__ = ["fits", "possible_counts", "possible_sizes"]

MOST = 100_000
"""Largest total searched where nothing bounds it."""


Bands = tuple[tuple[int, int, int, bool], ...]


def _bands(percent: Printed, *, truncated: bool) -> Bands:
    """Shares that print as the percentage: low, high, their denominator, whether high counts.

    Whole numbers, so that no share is rounded: the shares are ``low / unit`` to ``high / unit``.
    """
    return _bands_of(percent.value, percent.half, truncated and not percent.exact)


@lru_cache(maxsize=65_536)
def _bands_of(value: Decimal, half: Decimal, truncated: bool) -> Bands:
    share, margin = Fraction(value) / 100, Fraction(half) / 100
    limits = [(share - margin, share + margin, True)]
    if truncated:
        limits.append((share, share + 2 * margin, False))
    bands = []
    for low, high, closed in limits:
        unit = low.denominator * high.denominator
        bands.append((int(low * unit), int(high * unit), unit, closed))
    return tuple(bands)


def _totals(band: tuple[int, int, int, bool], most: int) -> Iterator[int]:
    """Totals up to a largest one of which some count's share lies in a band."""
    low, high, unit, closed = band
    if high < 0 or low > unit:
        return
    short = 0 if closed else 1
    always = most if low == high else -(-unit // (high - low))  # from here on a whole number fits
    for n in range(1, min(most, always) + 1):
        if (high * n - short) // unit >= -(-low * n // unit):
            yield n
    yield from range(always + 1, most + 1)


def _ranges(bands: Bands, n: int) -> Iterator[range]:
    """Counts of a total whose share lies in a band, one range a band."""
    for low, high, unit, closed in bands:
        first = max(0, -(-low * n // unit))
        last = (high * n if closed else high * n - 1) // unit
        yield range(first, min(n, last) + 1)


def fits(count: int, n: int, percent: Printed, *, truncated: bool = False) -> bool:
    """Whether a count of a total prints as a percentage.

    Parameters
    ----------
    count, n : int
        Participants with the event, and the total; ``0 <= count <= n``, ``n >= 1``.
    percent : Printed
        The percentage; both ends of its rounding are admitted.
    truncated : bool, default False
        Admit truncation besides rounding.

    Returns
    -------
    bool
        True where it does.

    Examples
    --------
    >>> from evsyn.tables.printed import read_printed
    >>> printed = read_printed("86.6", "percent")
    >>> fits(13, 15, printed), fits(13, 15, printed, truncated=True)
    (False, True)
    """
    return any(count in counts for counts in _ranges(_bands(percent, truncated=truncated), n))


def possible_counts(percent: Printed, n: int, *, truncated: bool = False) -> tuple[int, ...]:
    """Return every count of a total that prints as a percentage.

    Parameters
    ----------
    percent : Printed
        The percentage.
    n : int
        The total, at least 1.
    truncated : bool, default False
        Admit truncation besides rounding.

    Returns
    -------
    tuple of int
        Ascending; empty where no count fits.

    Examples
    --------
    >>> from evsyn.tables.printed import read_printed
    >>> possible_counts(read_printed("71", "percent"), 43)
    ()
    >>> possible_counts(read_printed("73.3", "percent"), 15)
    (11,)
    """
    ranges = _ranges(_bands(percent, truncated=truncated), n)
    return tuple(sorted({x for counts in ranges for x in counts}))


def possible_sizes(
    percent: Printed, count: int | None, most: int | None, *, truncated: bool = False
) -> frozenset[int] | None:
    """Return every total that admits a percentage.

    Parameters
    ----------
    percent : Printed
        The percentage.
    count : int or None
        The count printed with it, if any.
    most : int or None
        Largest total possible, if known.
    truncated : bool, default False
        Admit truncation besides rounding.

    Returns
    -------
    frozenset of int or None
        The totals; None where nothing bounds them (a percentage alone, a count of 0).

    Examples
    --------
    >>> from evsyn.tables.printed import read_printed
    >>> sorted(possible_sizes(read_printed("43.8", "percent"), 7, None))
    [16]
    >>> sorted(possible_sizes(read_printed("13.6", "percent"), None, 46))
    [22, 44]
    """
    return _sizes(_bands(percent, truncated=truncated), count, most)


@lru_cache(maxsize=16_384)
def _sizes(bands: Bands, count: int | None, most: int | None) -> frozenset[int] | None:
    if not count:
        if count == 0 and not any(0 in counts for counts in _ranges(bands, 1)):
            return frozenset()
        if most is None:
            return None
        if count == 0:
            return frozenset(range(1, most + 1))
        return frozenset().union(*(_totals(band, most) for band in bands))
    found: set[int] = set()
    for low, high, unit, closed in bands:
        if high <= 0:
            continue
        first = -(-count * unit // high) if closed else count * unit // high + 1
        last = MOST if low <= 0 else count * unit // low
        found.update(range(max(count, first), min(last, MOST if most is None else most) + 1))
    return frozenset(found)
