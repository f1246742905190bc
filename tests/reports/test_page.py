"""What a notebook displays, sorted into places."""

from __future__ import annotations

from typing import Any

import pytest

from evsyn.errors import ReportError
from evsyn.reports.page import Page, read_page
from evsyn.reports.references import Citations
from evsyn.review.blocks import BLOCK_MIME, Block
from evsyn.tables.provenance import Trace

SYNTHETIC = Trace("7/16", values=(("rate", 0.4375),))
NUMBER = f'<data value="7" data-trace="{SYNTHETIC.trace_id}">7</data>'


def shown(slot: str, html: str, *, title: str = "", traces: tuple[Trace, ...] = ()) -> Any:
    data = Block(html, "", traces, slot, title)._repr_mimebundle_()
    return {"output_type": "display_data", "metadata": {}, "data": data}


def code(*outputs: Any, source: str = "x", tags: tuple[str, ...] = ()) -> dict[str, Any]:
    metadata = {"tags": list(tags)}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": list(outputs)}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def read(*cells: dict[str, Any], citations: Citations | None = None) -> Page:
    return read_page({"cells": list(cells)}, citations or Citations(str), shown="q.ipynb")


def test_places() -> None:
    page = read(
        text("# Does *it* work?\n\nFirst words."),
        code(shown("aside", "<p>rests</p>", title="What this rests on")),
        code(shown("lede", f"<p>Seven: {NUMBER}</p>", traces=(SYNTHETIC,))),
        code(shown("facts", "<ul></ul>")),
        code(shown("wide", "<table></table>"), shown("wide", "<figure></figure>")),
        code(shown("note", "<p>n</p>", title="Notes"), shown("main", "<p>m</p>")),
    )
    assert page.title == "Does <em>it</em> work?" and page.plain_title == "Does it work?"
    assert page.answer == "Seven: 7"
    assert len(page.lede) == len(page.facts) == 1
    assert [section.wide for section in page.sections] == [False, True, True, False]
    first, last = page.sections[0], page.sections[-1]
    assert first.asides[0].title == "What this rests on"
    assert "First words" in first.parts[0].fragment.html
    assert [(part.class_, part.title) for part in last.parts] == [("note", "Notes"), ("", "")]
    assert page.traces.keys() == {SYNTHETIC.trace_id}


def test_citations_are_numbered_as_the_page_shows_them() -> None:
    citations = Citations(str)
    read(
        text("# Q\n\nText [@later2002]."),
        code(shown("lede", '<p><a class="cite" data-cite="first2001">x</a></p>')),
        citations=citations,
    )
    assert [one.citekey for one in citations.entries] == ["first2001", "later2002"]


def test_code_is_kept_and_cells_can_be_hidden() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "seen"}
    page = read(code(stream, source="print('seen')"), code(stream, tags=("hide",), source="y"))
    assert page.code == ["print('seen')", "y"]
    assert len(page.sections) == 1 and page.sections[0].parts[0].class_ == "output"


def test_a_trace_that_no_block_brings_is_refused() -> None:
    with pytest.raises(ReportError, match=f'"{SYNTHETIC.trace_id}", which no block carries'):
        read(code(shown("main", NUMBER)))


def test_a_block_may_use_a_trace_that_another_brought() -> None:
    page = read(code(shown("main", NUMBER)), code(shown("wide", NUMBER, traces=(SYNTHETIC,))))
    assert len(page.fragments) == 2


@pytest.mark.parametrize("block", [{"slot": "left", "html": ""}, {"slot": "main"}, "text"])
def test_a_malformed_block_is_refused(block: object) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": {BLOCK_MIME: block}}
    with pytest.raises(ReportError, match=r"q\.ipynb, cell 1: a block for .*allowed: lede, facts"):
        read(code(output))


def test_untraced_digits_count_in_what_code_shows_only() -> None:
    page = read(text("# Q\n\nIn 2001."), code(shown("main", "<p>12 of <q>70</q></p>")))
    assert [digits for part in page.from_code for digits in part.untraced] == ["12"]


def test_headings_have_ids_of_their_own() -> None:
    page = read(text("# Q\n\n## Rates & <b>more</b>"), text("## Rates & more\n\n### Below"))
    assert page.headings == {
        "s-rates-more": "Rates & more",
        "s-rates-more-again": "Rates & more",
    }
    html = "".join(part.fragment.html for part in page.sections[0].parts)
    assert '<h3 id="s-below">Below</h3>' in html and html.count('id="s-rates-more"') == 1
