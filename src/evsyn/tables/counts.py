"""Which counts and totals a printed percentage admits, as rounded or as truncated."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from evsyn.tables.printed import Printed

__all__ = ["fits", "possible_counts", "possible_sizes"]

MOST = 100_000
"""Largest total searched where nothing bounds it."""


def _band(percent: Printed, *, truncated: bool) -> tuple[Decimal, Decimal, bool]:
    """Shares (0..1) that print as the percentage: low, high, whether high itself is admitted."""
    if percent.exact:
        share = percent.value / 100
        return share, share, True
    if truncated:
        return percent.value / 100, (percent.value + 2 * percent.half) / 100, False
    return (percent.value - percent.half) / 100, (percent.value + percent.half) / 100, True


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
    if not 0 <= count <= n:
        return False
    for mode in (False, True) if truncated else (False,):
        low, high, closed = _band(percent, truncated=mode)
        if low * n <= count and (count <= high * n if closed else count < high * n):
            return True
    return False


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
    low = _band(percent, truncated=False)[0]
    high = _band(percent, truncated=truncated)[1]
    first = int((low * n).to_integral_value(ROUND_FLOOR))
    last = int((high * n).to_integral_value(ROUND_CEILING))
    return tuple(x for x in range(first, last + 1) if fits(x, n, percent, truncated=truncated))


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
    if count is None:
        if most is None:
            return None
        return frozenset(
            n for n in range(1, most + 1) if possible_counts(percent, n, truncated=truncated)
        )
    if count == 0:
        whole = fits(0, 1, percent, truncated=truncated)
        if not whole:
            return frozenset()
        return None if most is None else frozenset(range(1, most + 1))
    low = _band(percent, truncated=False)[0]
    high = _band(percent, truncated=truncated)[1]
    if high <= 0:
        return frozenset()
    first = max(count, int((count / high).to_integral_value(ROUND_FLOOR)))
    last = MOST if low <= 0 else int((count / low).to_integral_value(ROUND_CEILING))
    last = min(last, MOST if most is None else most)
    return frozenset(
        n for n in range(first, last + 1) if fits(count, n, percent, truncated=truncated)
    )
