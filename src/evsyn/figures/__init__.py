"""Figures of a report: Matplotlib axes, and blocks with inline SVG that keeps every trace."""

from __future__ import annotations

from evsyn.figures.rates import draw_rates, rates_block

__all__ = ["draw_rates", "rates_block"]
