"""Effects from two measurements of the same people: after less before.

Functions take rows: ``n, mean_pre, mean_post, sd_pre, sd_post, r``. They give ``yi`` and ``vi``.
"""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.effects.hedges import factor_of

__all__ = [
    "log_mean_change",
    "mean_change",
    "standardised_change",
    "standardised_raw_change",
]


def mean_change(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MC: ``mean_post - mean_pre``, variance ``(sd_pre² + sd_post² - 2 r sd_pre sd_post)/n``."""
    n, m1, m2, s1, s2, r = rows
    return m2 - m1, _difference_variance(s1, s2, r) / n


def standardised_change(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """SMCC: ``g = J change/sd_change``, variance ``1/n + g²/(2 n)``; J on n - 1."""
    n, m1, m2, s1, s2, r = rows
    g = factor_of(n - 1) * (m2 - m1) / np.sqrt(_difference_variance(s1, s2, r))
    return g, 1 / n + g**2 / (2 * n)


def standardised_raw_change(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """SMCR: ``g = J change/sd_pre``, variance ``2 (1 - r)/n + g²/(2 n)``; J on n - 1.

    Rows ``n, mean_pre, mean_post, sd_pre, r``.
    """
    n, m1, m2, s1, r = rows[:5]
    g = factor_of(n - 1) * (m2 - m1) / s1
    return g, 2 * (1 - r) / n + g**2 / (2 * n)


def log_mean_change(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """ROMC: ``log(mean_post/mean_pre)``.

    Variance ``(c_pre² + c_post² - 2 r c_pre c_post)/n`` with ``c = sd/mean``.
    """
    n, m1, m2, s1, s2, r = rows
    return np.log(m2 / m1), _difference_variance(s1 / m1, s2 / m2, r) / n


def _difference_variance(s1: FloatArray, s2: FloatArray, r: FloatArray) -> FloatArray:
    """Variance of a difference, as a sum of squares, so that r = 1 is exact."""
    return (s1 - s2) ** 2 + 2 * (1 - r) * s1 * s2
