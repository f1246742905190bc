from __future__ import annotations

import matplotlib as mpl
from hypothesis import given
from hypothesis import strategies as st

from evsyn.figures.style import drawing, width, wrapped

LINE = st.text(alphabet="abcdefgh WMil-é", max_size=80)


@given(LINE, st.floats(20.0, 200.0))
def test_no_line_is_wider_than_the_limit(text, limit):
    for line in wrapped(text, limit, lines=99):
        assert width(line) <= limit or len(line) == 1


@given(LINE)
def test_wrapping_keeps_every_letter(text):
    lines = wrapped(text, 60.0, lines=99)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_what_does_not_fit_ends_in_an_ellipsis():
    lines = wrapped("word " * 50, 60.0, lines=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert width(lines[1]) <= 60.0


def test_width_grows_with_size_and_weight():
    assert width("Wide", 18.0) == 2 * width("Wide", 9.0)
    assert width("Wide", bold=True) > width("Wide")


def test_settings_hold_inside_only():
    before = mpl.rcParams["svg.fonttype"]
    mpl.rcParams["font.size"] = 33.0
    try:
        with drawing():
            assert mpl.rcParams["svg.fonttype"] == "none"
            assert mpl.rcParams["font.size"] == 9.0
        assert mpl.rcParams["svg.fonttype"] == before
        assert mpl.rcParams["font.size"] == 33.0
    finally:
        mpl.rcParams["font.size"] = mpl.rcParamsDefault["font.size"]
