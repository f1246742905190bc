from __future__ import annotations

from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from evsyn.figures.style import ACCENT, INK, drawing
from evsyn.figures.svg import as_svg, figure_block
from evsyn.tables.provenance import Trace

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def figure():
    with drawing():
        made = Figure(figsize=(2.0, 1.0))
        axes = made.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        number = axes.text(0.5, 0.5, "67%", color=INK)
        number.set_gid("trace:t123")
        axes.text(0.1, 0.1, "5 < 6 & 7").set_gid("class:axis")
        axes.plot([0.0, 1.0], [0.0, 1.0], color=ACCENT)
    return made


@pytest.fixture
def root(figure):
    return ElementTree.fromstring(as_svg(figure, title="A & B", description="What it shows"))


def test_text_stays_text_and_carries_its_marks(root):
    words = {node.text: parent for parent in root.iter() for node in parent if node.text}
    assert words["67%"].get("data-trace") == "t123"
    assert words["5 < 6 & 7"].get("class") == "axis"


def test_inks_follow_the_page(figure):
    svg = as_svg(figure, title="t", description="d")
    assert INK not in svg
    assert f"var(--mark,{ACCENT})" in svg
    assert "currentColor" in svg


def test_name_and_description_come_first(root):
    title, description = list(root)[:2]
    assert (title.tag, title.text) == (f"{SVG}title", "A & B")
    assert (description.tag, description.text) == (f"{SVG}desc", "What it shows")
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert root.get("role") == "img"


def test_nothing_reaches_outside_the_figure(figure):
    svg = as_svg(figure, title="t", description="d")
    assert "<style" not in svg
    assert "<metadata" not in svg
    assert svg.count("http") == svg.count("http://www.w3.org/")


def test_ids_differ_between_figures(figure):
    first = ElementTree.fromstring(as_svg(figure, title="one", description="d"))
    second = ElementTree.fromstring(as_svg(figure, title="two", description="d"))
    ids = [{node.get("id") for node in root.iter()} - {None} for root in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_same_figure_same_bytes(figure):
    assert as_svg(figure, title="t", description="d") == as_svg(figure, title="t", description="d")


def test_narrow_screens_scroll_instead_of_shrinking(root):
    assert "min-width:144pt" in root.get("style")


def test_block_escapes_and_drops_repeated_traces():
    trace = Trace("synthetic")
    block = figure_block("<svg/>", title="A & B", caption="5 < 6", traces=[trace, trace])
    assert block.traces == (trace,)
    assert 'aria-label="A &amp; B"' in block.html
    assert "5 &lt; 6" in block.html
    assert block.plain == "A & B. 5 < 6"
