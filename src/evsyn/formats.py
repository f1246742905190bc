"""Numbers as printed strings: rounding half away from zero on decimals, never on binary floats."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["compact", "decimals", "interval", "p_value", "percent", "significant"]

MISSING = "\N{EN DASH}"


def decimals(value: float | None, digits: int) -> str:
    """Value with a fixed number of decimals, half away from zero, with a true minus sign.

    Parameters
    ----------
    value : float or None
        Number to print; None and nan give an en dash.
    digits : int
        Decimals kept.

    Returns
    -------
    str
        E.g. ``2.20``, ``−0.13``, ``∞``.

    Examples
    --------
    >>> decimals(2.675, 2), decimals(-0.125, 2), decimals(None, 1)
    ('2.68', '−0.13', '–')
    """
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{abs(exact):f}"
    return f"\N{MINUS SIGN}{text}" if exact < 0 else text


def percent(proportion: float | None, digits: int = 0) -> str:
    """Proportion in 0..1 as a percentage.

    Examples
    --------
    >>> percent(2 / 3), percent(0.1429, 1)
    ('67%', '14.3%')
    """
    if proportion is None or math.isnan(proportion):
        return MISSING
    return decimals(float(Decimal(repr(float(proportion))) * 100), digits) + "%"


def p_value(p: float | None) -> str:
    """Return a p value: two digits, three below 0.1, ``<0.001`` below that.

    Examples
    --------
    >>> p_value(0.0138), p_value(0.141), p_value(0.00002), p_value(0.9999)
    ('0.014', '0.14', '<0.001', '>0.99')
    """
    if p is None or math.isnan(p):
        return MISSING
    if p < 0.001:
        return "<0.001"
    if p > 0.99:
        return ">0.99"
    return decimals(p, 3 if p < 0.1 else 2)


def significant(value: float | None, digits: int = 3) -> str:
    """Value with a number of significant digits, but never fewer than its whole part.

    Examples
    --------
    >>> significant(0.04361), significant(12.345), significant(1234.5)
    ('0.0436', '12.3', '1235')
    """
    if value is None or math.isnan(value) or math.isinf(value):
        return decimals(value, 0)
    if value == 0:
        return decimals(0.0, digits - 1)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return decimals(value, max(places, 0))


def interval(lower: float | None, upper: float | None, digits: int) -> str:
    """Return the limits as ``1.27 to 3.81``.

    Examples
    --------
    >>> interval(1.134, 2.857, 2)
    '1.13 to 2.86'
    """
    return f"{decimals(lower, digits)} to {decimals(upper, digits)}"


def compact(value: float) -> str:
    """Return a value for a ``value`` attribute: 12 significant digits, no trailing zeros.

    Examples
    --------
    >>> compact(2 / 3), compact(15.0)
    ('0.666666666667', '15')
    """
    return f"{value:.12g}"
