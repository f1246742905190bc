"""How much goes into the margin: what is longer than the text beside it moves below the tables."""

from __future__ import annotations

import math

from evsyn.reports.fragments import Fragment
from evsyn.reports.page import Aside, Page, Section

__all__ = ["CONTENTS_FROM", "with_bands"]

CONTENTS_FROM = 3  # headings from which a page gets a list of them
_TEXT, _LEDE, _TITLE, _MARGIN = 78, 60, 34, 48  # characters in a line, about
_SLACK = 6.0  # lines that the margin may be longer


def with_bands(page: Page) -> list[Section]:
    """Sections of a page in which no margin is much longer than its text.

    Parameters
    ----------
    page : Page
        A page as read.

    Returns
    -------
    list of Section
        The sections in order. Parts of a margin that found no room stand in a wide section
        without parts of its own, after the tables and figures that follow.
    """
    arranged: list[Section] = []
    waiting = Section(wide=True)
    for position, section in enumerate(page.sections):
        if section.wide:
            arranged.append(section)
            continue
        if waiting.asides:
            arranged.append(waiting)
            waiting = Section(wide=True)
        room = _left(section) + _SLACK
        if position == 0:
            room += _intro(page)
            room -= _contents(page)
        kept, moved = _divided(section, room)
        arranged.append(Section(False, section.parts, kept))
        waiting.asides.extend(moved)
    return [*arranged, waiting] if waiting.asides else arranged


def _divided(section: Section, room: float) -> tuple[list[Aside], list[Aside]]:
    used = 0.0
    for position, aside in enumerate(section.asides):
        used += 3 + _lines(aside.fragment, _MARGIN)
        if position and used > room:
            return section.asides[:position], section.asides[position:]
    return section.asides, []


def _intro(page: Page) -> float:
    title = 2.2 * math.ceil(len(page.plain_title) / _TITLE)
    lede = sum(1.3 * _lines(fragment, _LEDE) for fragment in page.lede)
    facts = sum(2 + _lines(fragment, _TEXT) / 2 for fragment in page.facts)
    return 2 + title + lede + facts


def _contents(page: Page) -> float:
    return 2 + len(page.headings) if len(page.headings) >= CONTENTS_FROM else 0


def _left(section: Section) -> float:
    return sum(1 + _lines(part.fragment, _TEXT) for part in section.parts)


def _lines(fragment: Fragment, width: int) -> float:
    """Lines that a fragment takes, about: its words, and what starts a new line."""
    breaks = sum(fragment.html.count(tag) for tag in ("<li", "<p", "<h2", "<h3", "<tr"))
    return len(fragment.text) / width + 0.8 * breaks
