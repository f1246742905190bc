"""Small interval plots for a table cell: inline SVG, drawn in the page's own ink."""

from __future__ import annotations

from dataclasses import dataclass

from evsyn.text.markup import EMPTY, Markup

__all__ = ["WIDTH", "ShareScale"]

WIDTH = 224
HEIGHT = 30
LEFT = 12.0
RIGHT = 212.0


@dataclass(frozen=True, slots=True)
class ShareScale:
    """A scale from 0 to 100 percent, the same in every row of a table."""

    left: float = LEFT
    right: float = RIGHT

    def position(self, proportion: float) -> float:
        """Horizontal place of a proportion in 0..1, in pixels.

        Examples
        --------
        >>> ShareScale().position(0.5)
        112.0
        """
        return self.left + (self.right - self.left) * min(max(proportion, 0.0), 1.0)

    def header(self) -> Markup:
        """Return the labelled scale for the head of the column."""
        labels = "".join(
            f'<text x="{self.position(tick / 100):g}" y="14">{tick}{"%" * (tick == 100)}</text>'
            for tick in (0, 25, 50, 75)
        )
        last = f'<text x="{WIDTH - 1}" y="14" text-anchor="end">100%</text>'
        return Markup(
            f'<svg class="axis" width="{WIDTH}" height="20" viewBox="0 0 {WIDTH} 20" role="img" '
            'aria-label="Scale from 0 to 100 percent"><g font-size="11" fill="currentColor" '
            f'fill-opacity=".75" text-anchor="middle">{labels}{last}</g></svg>'
        )

    def interval(
        self, rate: float, ci_lb: float | None, ci_ub: float | None, *, filled: bool
    ) -> Markup:
        """Return a square at the rate on the line of its interval.

        Parameters
        ----------
        rate, ci_lb, ci_ub : float
            Proportions in 0..1; without limits only the square is drawn.
        filled : bool
            Filled for the experimental arm, open for the comparator.

        Returns
        -------
        Markup
            An SVG that repeats what stands in the cells, hidden from readers of speech.
        """
        middle = self.position(rate)
        line = ""
        if ci_lb is not None and ci_ub is not None:
            line = (
                f'<line x1="{self.position(ci_lb):.1f}" x2="{self.position(ci_ub):.1f}" y1="15" '
                'y2="15" stroke="currentColor" stroke-width="1.6"/>'
            )
        fill = "var(--mark,currentColor)" if filled else "var(--paper,white)"
        square = (
            f'<rect x="{middle - 5:.1f}" y="10" width="10" height="10" fill="{fill}" '
            'stroke="var(--mark,currentColor)" stroke-width="1.6"/>'
        )
        return self._drawn(line + square)

    def between(self, low: float, high: float) -> Markup:
        """Return a dashed bar for a rate that lies between two values."""
        start, end = self.position(low), self.position(high)
        return self._drawn(
            f'<rect x="{start:.1f}" y="11" width="{max(end - start, 2):.1f}" height="8" '
            'fill="none" stroke="var(--mark,currentColor)" stroke-width="1.4" '
            'stroke-dasharray="3 2"/>'
        )

    def nothing(self) -> Markup:
        """Return an empty cell's content."""
        return EMPTY

    def _drawn(self, shapes: str) -> Markup:
        middle = self.position(0.5)
        return Markup(
            f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'aria-hidden="true" focusable="false">'
            f'<line x1="{middle:g}" x2="{middle:g}" y1="0" y2="{HEIGHT}" stroke="currentColor" '
            f'stroke-opacity=".15"/>{shapes}</svg>'
        )
