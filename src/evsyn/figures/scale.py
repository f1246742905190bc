"""Axes of effects: log for ratios, linear for differences, ticks that a reader can divide by."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evsyn import formats

__all__ = ["RATIOS", "Scale", "effect_scale"]

RATIOS = frozenset({"RR", "OR", "ROM"})
"""Measures that are drawn on a logarithmic axis around 1."""

_FAR = 30.0
_MOST = 7
_GRIDS = tuple(
    tuple(step * 10.0**power for power in range(-12, 13, every) for step in steps)
    for every, steps in ((1, (1.0, 2.0, 5.0)), (1, (1.0, 3.0)), (1, (1.0,)), (2, (1.0,)))
)
_DOUBLES = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an effect lies on the plot.

    Attributes
    ----------
    low, high : float
        Effects at the left and right edge, natural scale.
    logarithmic : bool
        Whether distances are ratios.
    ticks : tuple of float
        Values that are labelled.
    left, right : float
        Edges in points.
    """

    low: float
    high: float
    logarithmic: bool
    ticks: tuple[float, ...]
    left: float = 0.0
    right: float = 1.0

    @property
    def neutral(self) -> float:
        """The value of no effect."""
        return 1.0 if self.logarithmic else 0.0

    def x(self, value: float) -> float:
        """Place of an effect in points, held within the edges."""
        share = (self._at(value) - self._at(self.low)) / (self._at(self.high) - self._at(self.low))
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def beyond(self, value: float) -> int:
        """Return -1 left of the axis, 1 right of it, 0 on it."""
        if value < self.low * (1 - 1e-9 if self.low > 0 else 1 + 1e-9):
            return -1
        return 1 if value > self.high * (1 + 1e-9 if self.high > 0 else 1 - 1e-9) else 0

    def _at(self, value: float) -> float:
        if not self.logarithmic:
            return value
        return math.log(value) if value > 0 else math.log(self.low) - 1.0


def effect_scale(
    estimates: Iterable[float], limits: Iterable[float], *, logarithmic: bool
) -> Scale:
    """Choose the axis for some effects and their limits.

    Parameters
    ----------
    estimates : iterable of float
        Effects; all of them fit on the axis.
    limits : iterable of float
        Limits of intervals; those far out are cut off (drawn as arrows).
    logarithmic : bool
        True for ratios.

    Returns
    -------
    Scale
        With at most seven ticks, the value of no effect among them.

    Examples
    --------
    >>> effect_scale([1.8], [1.13, 2.86], logarithmic=True).ticks
    (0.5, 1.0, 2.0)
    >>> effect_scale([0.2], [-0.1, 0.5], logarithmic=False).ticks
    (0.0, 0.2, 0.4)
    """
    centers = [value for value in estimates if math.isfinite(value)]
    ends = [value for value in limits if math.isfinite(value)]
    if logarithmic:
        return _log_scale([v for v in centers if v > 0], [v for v in ends if v > 0])
    return _linear_scale([*centers, *ends])


def _log_scale(centers: list[float], ends: list[float]) -> Scale:
    smallest, largest = min([*centers, 1.0]), max([*centers, 1.0])
    low = max(min([*ends, smallest]), smallest / _FAR)
    high = min(max([*ends, largest]), largest * _FAR)
    low, high = min(low, 0.5) / 1.12, max(high, 2.0) * 1.12
    grids = (_DOUBLES, *_GRIDS) if low > 0.15 and high < 7.0 else _GRIDS
    kept = [tuple(_clean(tick) for tick in grid if low <= tick <= high) for grid in grids]
    ticks = next((found for found in kept if len(found) <= _MOST), kept[-1])
    return Scale(low, high, True, ticks)


def _linear_scale(values: list[float]) -> Scale:
    low, high = min([*values, 0.0]), max([*values, 0.0])
    if high == low:
        low, high = -1.0, 1.0
    room = 0.06 * (high - low)
    low, high = low - room, high + room
    step = _nice((high - low) / 5.0)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = tuple(_clean(index * step) for index in range(first, last + 1))
    return Scale(low, high, False, ticks)


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return float(next(size * power for size in (1.0, 2.0, 5.0, 10.0) if size * power >= step * 0.8))


def _clean(value: float) -> float:
    return float(f"{value:.10g}") + 0.0


def tick_label(value: float, *, percent: bool = False) -> str:
    """Return a tick's label.

    Examples
    --------
    >>> tick_label(0.5), tick_label(10.0), tick_label(-0.2, percent=True)
    ('0.5', '10', '−20%')
    """
    if percent:
        return formats.compact(100 * value).replace("-", "−") + "%"
    return formats.compact(value).replace("-", "−")
