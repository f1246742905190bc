from __future__ import annotations

import pytest

from evsyn.figures.sheet import Column, Entry, Sheet, Words, entry_height, placed
from evsyn.figures.style import drawing

COLUMNS = (Column("Study", 100.0), Column("Rate", 60.0, "right"))
ENTRY = Entry((Words("A name"), Words("67%", mark="trace:t1")))


def test_columns_and_plot_do_not_overlap():
    places, area, total = placed(COLUMNS, [ENTRY], plot_after=1, plot=50.0)
    assert places[0].right < area.left
    assert area.right < places[1].left
    assert places[1].right < total
    assert area.right - area.left == 50.0


def test_column_is_no_wider_than_its_words_or_limit():
    long = Entry((Words("word " * 40), Words("67%")))
    places, _, _ = placed(COLUMNS, [long], plot_after=2, plot=10.0)
    assert places[0].right - places[0].left <= 101.0


def test_longer_words_need_a_higher_row():
    low = entry_height(ENTRY, COLUMNS, 300.0)
    high = entry_height(Entry((Words("word " * 40), Words(""))), COLUMNS, 300.0)
    below = entry_height(Entry((Words("A name", below="at 3 months"), Words(""))), COLUMNS, 300.0)
    assert low < below < high
    assert entry_height(Entry(heading="Outcome"), COLUMNS, 300.0) > low


def test_words_are_written_from_their_edge_with_their_mark():
    with drawing():
        sheet = Sheet((200.0, 40.0))
        places, _, _ = placed(COLUMNS, [ENTRY], plot_after=2, plot=10.0)
        for column, place, words in zip(COLUMNS, places, ENTRY.cells, strict=True):
            sheet.words(place, 0.0, words, column)
    first, second = sheet.ax.texts
    assert first.get_position()[0] == places[0].left
    assert second.get_position()[0] == places[1].right
    assert (second.get_ha(), second.get_gid()) == ("right", "trace:t1")


@pytest.mark.parametrize(
    ("status", "shapes", "lines"),
    [
        ("reported", ["Circle"], 0),
        ("derived", ["Circle", "Wedge"], 0),
        ("assumed", ["Circle"], 0),
        ("ambiguous", ["Circle"], 0),
        ("conflicting", ["Polygon"], 0),
        ("not found", [], 1),
        ("not reported", [], 1),
    ],
)
def test_every_status_has_a_shape(status, shapes, lines):
    sheet = Sheet((50.0, 50.0))
    sheet.status((20.0, 20.0), status)
    assert [type(patch).__name__ for patch in sheet.ax.patches] == shapes
    assert len(sheet.ax.lines) == lines


def test_shapes_of_circles_differ():
    looks = []
    for status in ("reported", "assumed", "ambiguous"):
        sheet = Sheet((50.0, 50.0))
        sheet.status((20.0, 20.0), status)
        circle = sheet.ax.patches[0]
        looks.append((circle.get_facecolor(), str(circle.get_linestyle())))
    assert len(set(looks)) == 3


def test_marks_are_drawn():
    sheet = Sheet((100.0, 100.0))
    sheet.line((0.0, 1.0), (9.0, 1.0), dashed=True)
    sheet.square((5.0, 5.0), 7.0, filled=False)
    sheet.bar(3.0, 9.0, 5.0)
    sheet.diamond((1.0, 9.0), 4.0, 5.0)
    sheet.arrow(9.0, 5.0, to_right=True)
    assert len(sheet.ax.patches) == 4
    assert sheet.ax.lines[0].is_dashed()


def test_empty_words_are_not_written():
    sheet = Sheet((100.0, 100.0))
    sheet.text((1.0, 1.0), "")
    assert not sheet.ax.texts
