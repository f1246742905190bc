"""Numbers as printed strings: rounding half away from zero on decimals, never on binary floats."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

__all__ = [
    "MISSING",
    "compact",
    "decimals",
    "interval",
    "lowered",
    "p_value",
    "percent",
    "plural",
    "ratio",
    "setting",
    "significant",
    "whole",
]

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
_LARGE = 1e15


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
    >>> decimals(2.675, 2), decimals(-0.125, 2), decimals(None, 1), decimals(1e30, 2)
    ('2.68', '−0.13', '–', '1.00e30')
    """
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    if abs(value) >= _LARGE:
        return f"{value:.2e}".replace("e+", "e").replace("-", MINUS)
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
    return decimals(p, 3 if p < 0.0995 else 2)


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


def whole(value: float | None) -> str:
    """Return a whole number, thousands set apart by a comma from 10,000 on.

    Examples
    --------
    >>> whole(1845), whole(12345)
    ('1845', '12,345')
    """
    text = decimals(value, 0)
    if value is None or not math.isfinite(value) or not 9999.5 <= abs(value) < _LARGE:
        return text
    return f"{int(text.replace(MINUS, '-')):,}".replace("-", MINUS)


def ratio(value: float | None) -> str:
    """Return an effect size: two decimals, fewer for large values, two digits for tiny ones.

    Examples
    --------
    >>> ratio(1.8), ratio(13.81), ratio(133.2), ratio(0.0345), ratio(-0.0345), ratio(0.0)
    ('1.80', '13.8', '133', '0.035', '−0.035', '0.00')
    """
    if value is None or not math.isfinite(value):
        return decimals(value, 2)
    size = abs(value)
    if size >= 9.995:
        return decimals(value, 1 if size < 99.95 else 0)
    if 0 < size < 0.0995:
        return significant(value, 2) if size >= 0.000095 else decimals(value, 4)
    return decimals(value, 2)


def plural(count: float, one: str, many: str = "") -> str:
    """Return the noun that goes with a count.

    Examples
    --------
    >>> plural(1, "study", "studies"), plural(0, "study", "studies"), plural(3, "rate")
    ('study', 'studies', 'rates')
    """
    return one if count == 1 else many or f"{one}s"


def lowered(label: str) -> str:
    """Return a label for use within a sentence: a capital that only opens the label is dropped.

    Examples
    --------
    >>> lowered("Needling therapy"), lowered("PRP alone"), lowered("Jessner's peel")
    ('needling therapy', 'PRP alone', "Jessner's peel")
    """
    first = label.partition(" ")[0]
    word = first.strip(",;:").replace("-", "")
    if len(word) > 1 and word.isalpha() and first[0].isupper() and first[1:].islower():
        return label[0].lower() + label[1:]
    return label


def setting(value: object) -> str:
    """Return an option as text: lists with commas, None and an empty text as ``none``.

    Examples
    --------
    >>> setting(("a", "b")), setting(None), setting(0.95)
    ('a, b', 'none', '0.95')
    """
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(part) for part in value) or "none"
    return "none" if value is None or value == "" else str(value)
