from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from evsyn.text.plots import WIDTH, ShareScale

SCALE = ShareScale()


def shapes(svg):
    return [node.tag for node in ElementTree.fromstring(svg)]


def test_square_stands_at_the_rate_on_its_interval():
    svg = ElementTree.fromstring(SCALE.interval(0.5, 0.25, 0.75, filled=True))
    _, line, square = list(svg)
    assert (line.get("x1"), line.get("x2")) == ("62.0", "162.0")
    assert float(square.get("x")) + 5 == SCALE.position(0.5)


def test_no_limits_no_line():
    assert shapes(SCALE.interval(0.5, None, None, filled=True)) == ["line", "rect"]


def test_comparator_is_open():
    filled, opened = (SCALE.interval(0.5, None, None, filled=fill) for fill in (True, False))
    assert "var(--mark" in re.search('fill="([^"]+)"', filled)[1]
    assert "var(--paper" in re.search('fill="([^"]+)"', opened)[1]


def test_range_is_dashed_and_visible_when_narrow():
    svg = ElementTree.fromstring(SCALE.between(0.3, 0.3))
    bar = list(svg)[1]
    assert bar.get("stroke-dasharray")
    assert float(bar.get("width")) > 0


@pytest.mark.parametrize("proportion", [-0.1, 0.0, 0.4, 1.0, 1.2])
def test_everything_stays_within_the_drawing(proportion):
    assert 5 <= SCALE.position(proportion) <= WIDTH - 5


def test_head_is_named_and_in_the_same_place():
    head = SCALE.header()
    assert 'aria-label="Scale from 0 to 100 percent"' in head
    assert f'x="{SCALE.position(0.25):g}"' in head
