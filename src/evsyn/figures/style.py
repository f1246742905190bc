"""How figures look: sizes, inks and the words' measures, in one place.

Text stays text in the SVG and takes the page's own sans serif. It is laid out with the measures of
DejaVu Sans, which is wider than the usual interface typefaces, so that nothing collides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags

__all__ = ["ACCENT", "INK", "PAPER", "ROW", "RULE", "SIZE", "SOFT", "drawing", "width", "wrapped"]

INK = "#1c1b19"
SOFT = "#5b5750"
RULE = "#ddd7cb"
ACCENT = "#1d4f76"
PAPER = "#fffefb"
"""Inks of the light page; in the SVG they become variables that a dark page redefines."""

SIZE = 9.0
"""Size of the text in points."""

ROW = 15.0
"""Height of a line of text in points."""

_SETTINGS: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": SIZE,
    "svg.fonttype": "none",
    "svg.hashsalt": "evsyn",
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "path.simplify": False,
    "text.parse_math": False,
    "text.usetex": False,
    "figure.dpi": 72.0,
    "savefig.dpi": 72.0,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Settings of a figure, the same whatever the user's own Matplotlib settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def width(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Width of a line of text in points.

    Parameters
    ----------
    text : str
        One line.
    size : float
        Type size in points.
    bold : bool
        Whether the bold cut is meant.

    Returns
    -------
    float
        Sum of the advances in DejaVu Sans, which Matplotlib brings along.

    Examples
    --------
    >>> width("wide") > width("w")
    True
    """
    return size * sum(_advance(letter, bold) for letter in text)


@lru_cache(maxsize=4096)
def _advance(letter: str, bold: bool) -> float:
    """Advance of a letter as a share of the type size."""
    font = _font(bold)
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536.0 / 100.0


@lru_cache(maxsize=2)
def _font(bold: bool) -> FT2Font:
    name = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = FT2Font(findfont(name, fallback_to_default=False))  # Matplotlib resizes its own
    font.set_size(100.0, 72.0)
    return font


def wrapped(
    text: str, limit: float, *, size: float = SIZE, lines: int = 4, bold: bool = False
) -> list[str]:
    """Break a text into lines no wider than a limit, long words where they must.

    Parameters
    ----------
    text : str
        The text.
    limit : float
        Widest line in points.
    size : float
        Type size in points.
    lines : int
        Most lines; what is left over ends in an ellipsis.
    bold : bool
        Whether the bold cut is meant.

    Returns
    -------
    list of str
        At least one line.

    Examples
    --------
    >>> wrapped("one two", 1000.0)
    ['one two']
    """
    done: list[str] = []
    line = ""
    for word in _pieces(text, limit, size, bold):
        longer = f"{line} {word}".strip()
        if line and width(longer, size, bold=bold) > limit:
            done.append(line)
            line = word
        else:
            line = longer
    done.append(line)
    if len(done) <= lines:
        return done
    last = done[lines - 1]
    while last and width(f"{last}…", size, bold=bold) > limit:
        last = last[:-1].rstrip()
    return [*done[: lines - 1], f"{last}…"]


def _pieces(text: str, limit: float, size: float, bold: bool) -> Iterator[str]:
    for word in text.split():
        rest = word
        while width(rest, size, bold=bold) > limit and len(rest) > 1:
            cut = len(rest) - 1
            while cut > 1 and width(rest[:cut], size, bold=bold) > limit:
                cut -= 1
            yield rest[:cut]
            rest = rest[cut:]
        yield rest
