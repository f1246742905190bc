from __future__ import annotations

from xml.etree import ElementTree

from evsyn.tables.provenance import Trace
from evsyn.text.markup import EMPTY, element, escape
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

ROW = element("tr", heading(escape("a")), cell(escape("1"), "r"))


def made(**options):
    sections = [Section(escape("Group"), [ROW]), Section(escape("Empty"), [])]
    return framed(
        escape("C & c"), headings("Name", "Value >"), sections, traces=[Trace("t")], **options
    )


def test_table_is_named_scoped_and_scrolls():
    root = ElementTree.fromstring(made().html)
    box = root.find("div")
    assert box.attrib == {
        "class": "scroll", "tabindex": "0", "role": "region", "aria-label": "C & c",
    }  # fmt: skip
    assert [node.get("scope") for node in root.iter("th")] == ["col", "col", "rowgroup", "row"]
    assert [node.get("class") for node in root.iter("th")][:2] == [None, "r"]
    assert root.find(".//caption").text == "C & c"


def test_groups_without_rows_are_left_out():
    assert "Empty" not in made().html
    assert len(ElementTree.fromstring(made().html).findall(".//tbody")) == 1


def test_notes_stand_below():
    assert made(notes=escape("A note.")).plain.endswith("A note.")
    assert "figcaption" not in made().html


def test_section_without_heading_has_rows_only():
    block = framed(escape("c"), headings("Name", "Value"), [Section(EMPTY, [ROW])], traces=[])
    assert "rowgroup" not in block.html


def test_nothing_beneath_nothing():
    assert beneath(EMPTY) == ""
