"""Margins as long as their text at most."""

from __future__ import annotations

from evsyn.reports.fragments import Fragment
from evsyn.reports.layout import with_bands
from evsyn.reports.page import Aside, Page, Part, Section


def words(count: int) -> Fragment:
    return Fragment("<p>x</p>", "x" * count)


def section(length: int, *margin: int) -> Section:
    asides = [Aside(f"aside {position}", words(size)) for position, size in enumerate(margin)]
    return Section(False, [Part(words(length))], asides)


TABLE = Section(True, [Part(words(10))])


def shape(page: Page) -> list[tuple[bool, int, list[str]]]:
    return [
        (one.wide, len(one.parts), [aside.title for aside in one.asides])
        for one in with_bands(page)
    ]


def test_a_short_margin_stays() -> None:
    page = Page("T", sections=[section(800, 100, 100), TABLE])
    assert shape(page) == [(False, 1, ["aside 0", "aside 1"]), (True, 1, [])]


def test_what_finds_no_room_goes_below_the_tables_that_follow() -> None:
    page = Page("T", sections=[section(80, 300, 2000), TABLE, TABLE, section(80)])
    assert shape(page) == [
        (False, 1, ["aside 0"]),
        (True, 1, []),
        (True, 1, []),
        (True, 0, ["aside 1"]),
        (False, 1, []),
    ]


def test_at_the_end_of_the_page_too_and_the_first_always_stays() -> None:
    page = Page("T", sections=[section(10, 5000, 100)])
    assert shape(page) == [(False, 1, ["aside 0"]), (True, 0, ["aside 1"])]


def test_the_answer_makes_room() -> None:
    margin = section(80, 300, 600)
    assert len(with_bands(Page("T", sections=[margin]))) == 2
    assert len(with_bands(Page("T", lede=[words(900)], sections=[margin]))) == 1


def test_nothing_is_lost() -> None:
    page = Page("T", sections=[section(10, 900, 900, 900), section(10, 900, 900)])
    assert sum(len(one.asides) for one in with_bands(page)) == 5
