"""Effects from means and standard deviations of one group or of two independent ones.

Functions take rows: ``n_e, n_c, mean_e, sd_e, mean_c, sd_c``, or ``n, mean, sd``. They give ``yi``
and ``vi``.
"""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.effects._columns import check_counts, check_values
from evsyn.stats.effects.hedges import factor_of

__all__ = [
    "glass_difference",
    "log_mean",
    "log_mean_ratio",
    "log_variability_ratio",
    "log_variation_ratio",
    "mean",
    "mean_difference",
    "standardised_difference",
    "standardised_difference_unequal",
    "summary_rows",
]


def summary_rows(rows: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Sizes and what was measured, checked.

    Parameters
    ----------
    rows : ndarray of float, shape (len(names), ...)
        The sizes first.
    names : tuple of str
        Their names, for the message; those of sizes begin with ``n``.

    Raises
    ------
    StatsError
        If a size is not whole or below 1, a value infinite, a standard deviation negative or a
        correlation beyond -1..1.
    """
    sizes = sum(name.startswith("n") for name in names)
    check_counts(rows[:sizes], names[:sizes], least=1)
    check_values(rows[sizes:], names[sizes:])
    return rows


def mean_difference(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MD: ``mean_e - mean_c``, variance ``sd_e²/n_e + sd_c²/n_c``."""
    n1, n2, m1, s1, m2, s2 = rows
    return m1 - m2, s1**2 / n1 + s2**2 / n2


def standardised_difference(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """SMD: ``g = J (mean_e - mean_c)/s``, s pooled.

    Variance ``1/n_e + 1/n_c + g²/(2 (n_e + n_c))``; J on ``n_e + n_c - 2``.
    """
    n1, n2, m1, s1, m2, s2 = rows
    df = n1 + n2 - 2
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
    g = factor_of(df) * (m1 - m2) / pooled
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def standardised_difference_unequal(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """SMDH: ``g = J (mean_e - mean_c)/s``, ``s² = (sd_e² + sd_c²)/2``.

    Variance ``J² (g² (u_e²/(n_e - 1) + u_c²/(n_c - 1))/8 + u_e/(n_e - 1) + u_c/(n_c - 1))`` with
    ``u = sd²/s²``; J as for SMD.
    """
    n1, n2, m1, s1, m2, s2 = rows
    square = (s1**2 + s2**2) / 2
    factor = factor_of(n1 + n2 - 2)
    g = factor * (m1 - m2) / np.sqrt(square)
    u1, u2 = s1**2 / square, s2**2 / square
    spread = g**2 * (u1**2 / (n1 - 1) + u2**2 / (n2 - 1)) / 8
    return g, factor**2 * (spread + u1 / (n1 - 1) + u2 / (n2 - 1))


def glass_difference(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """SMD1: ``g = J (mean_e - mean_c)/sd_c``, variance ``1/n_e + 1/n_c + g²/(2 n_c)``.

    J is on ``n_c - 1`` degrees of freedom. Rows ``n_e, n_c, mean_e, mean_c, sd_c``.
    """
    n1, n2, m1, m2, s2 = rows[:5]
    g = factor_of(n2 - 1) * (m1 - m2) / s2
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * n2)


def log_mean_ratio(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """ROM: ``log(mean_e/mean_c)``, variance ``sd_e²/(n_e mean_e²) + sd_c²/(n_c mean_c²)``."""
    n1, n2, m1, s1, m2, s2 = rows
    return np.log(m1 / m2), (s1 / m1) ** 2 / n1 + (s2 / m2) ** 2 / n2


def log_variability_ratio(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """VR: ``log(sd_e/sd_c) + h_e - h_c`` with ``h = 1/(2 (n - 1))``, variance ``h_e + h_c``.

    Rows ``n_e, n_c, sd_e, sd_c``.
    """
    n1, n2, s1, s2 = rows[:4]
    h1, h2 = 0.5 / (n1 - 1), 0.5 / (n2 - 1)
    return np.log(s1 / s2) + h1 - h2, h1 + h2


def log_variation_ratio(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """CVR: as VR for ``sd/mean``, whose square over n of each group adds to the variance."""
    n1, n2, m1, s1, m2, s2 = rows
    h1, h2 = 0.5 / (n1 - 1), 0.5 / (n2 - 1)
    c1, c2 = s1 / m1, s2 / m2
    ratio = np.where((m1 > 0) & (m2 > 0), c1 / c2, np.nan)
    return np.log(ratio) + h1 - h2, h1 + h2 + c1**2 / n1 + c2**2 / n2


def mean(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MN: the mean, variance ``sd²/n``."""
    n, m, s = rows
    return m, s**2 / n


def log_mean(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MNLN: ``log(mean)``, variance ``sd²/(n mean²)``."""
    n, m, s = rows
    return np.log(m), (s / m) ** 2 / n
