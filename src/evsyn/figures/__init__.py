"""Figures of a report: Matplotlib axes, and blocks with inline SVG that keeps every trace."""

from __future__ import annotations

from evsyn.figures.forest import draw_forest, forest_block
from evsyn.figures.pooled import pooled_block
from evsyn.figures.rates import draw_rates, rates_block

__all__ = ["draw_forest", "draw_rates", "forest_block", "pooled_block", "rates_block"]
