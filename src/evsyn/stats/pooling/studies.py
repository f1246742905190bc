"""Effect sizes and variances as the engine holds them: study by study, analysis by analysis.

Arrays are study-major: ``yi`` and ``vi`` have shape (k,) for one meta-analysis or (k, n) for n of
them side by side, ``nan`` where a study is absent. Inside, an absent study has an infinite
variance, hence no weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, float_array, unwrapped

__all__ = ["HUGE", "TINY", "VANISHING", "Studies", "study_columns"]

MOST = 1e150  # effect whose square still has a value
VANISHING = 1e-90  # of the square of the largest effect: such a variance counts as 0
TINY, HUGE = 1e-60, 1e60  # within these the sixth power of a weight has a value


@dataclass(frozen=True, slots=True)
class Studies:
    """Effect sizes and variances as columns, one meta-analysis each.

    Attributes
    ----------
    yi : ndarray, shape (k, n)
        Effect sizes; 0 where absent.
    vi : ndarray, shape (k, n)
        Sampling variances; ``inf`` where absent.
    present : ndarray of bool, shape (k, n)
        Where a study has both.
    k : ndarray, shape (n,)
        Studies present.
    single : bool
        Whether the input had the shape (k,).
    regular : bool
        Whether every study is present, with a variance that is neither 0 nor of a scale at which
        powers of weights overflow.
    """

    yi: FloatArray
    vi: FloatArray
    present: BoolArray
    k: FloatArray
    single: bool
    regular: bool

    def shaped(self, values: NDArray[Any]) -> Any:
        """Give results of shape (..., n) the shape of the input: without n for one analysis."""
        return unwrapped(values[..., 0]) if self.single else values


def study_columns(yi: ArrayLike, vi: ArrayLike) -> Studies:
    """Check effect sizes and variances and lay them out as columns.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes and sampling variances; ``nan`` in either marks an absent study.

    Returns
    -------
    Studies
        Both as (k, n).

    Raises
    ------
    StatsError
        If the arrays are empty, their shapes differ or have neither one nor two axes, an effect is
        infinite, or a variance is negative or infinite; the message gives the position.

    Examples
    --------
    >>> study_columns([0.1, float("nan")], [0.2, 0.3]).k
    array([1.])
    """
    y, v = float_array("yi", yi), float_array("vi", vi)
    if y.shape != v.shape or y.ndim not in (1, 2):
        raise StatsError(
            f"yi has the shape {y.shape} and vi {v.shape}; both must be (k,) or (k, n) alike"
        )
    single = y.ndim == 1
    if single:
        y, v = y[:, None], v[:, None]
    with np.errstate(over="ignore"):
        usual = v.min() > TINY and v.sum() < HUGE and np.vdot(y, y) < HUGE * HUGE
    if usual:
        present = np.ones(y.shape, dtype=np.bool_)
        return Studies(y, v, present, np.full(y.shape[1], float(y.shape[0])), single, True)
    present = ~(np.isnan(y) | np.isnan(v))
    for name, values, allowed, bad in (
        ("yi", y, f"within ±{MOST:g}, or nan for an absent study", np.abs(y) > MOST),
        ("vi", v, "0 or above and finite, or nan for an absent study", (v < 0) | (v > MOST**2)),
    ):
        wrong = np.argwhere(present & bad)
        if wrong.size:
            at = tuple(int(i) for i in wrong[0])
            where = f"study {at[0]}" + ("" if single else f", analysis {at[1]}")
            raise StatsError(f"{where}: {name}={values[at]:g} is not {allowed}")
    y, v = np.where(present, y, 0.0), np.where(present, v, np.inf)
    return Studies(y, v, present, present.sum(axis=0).astype(float), single, False)
