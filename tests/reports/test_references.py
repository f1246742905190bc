"""Citations: numbered as they appear, listed once, unknown ones refused."""

from __future__ import annotations

import pytest

from evsyn.errors import ReportError, TableError
from evsyn.reports.references import Citations, linked

SYNTHETIC = {"a2001": "A synthetic title. doi:10.1234/ab.c", "b2002": "Another <title>. PMID 12"}


def cite(key: str) -> str:
    if key not in SYNTHETIC:
        raise TableError(f'"{key}" is not in references.bib')
    return SYNTHETIC[key]


def test_numbers_in_order_of_appearance() -> None:
    citations = Citations(cite)
    links = [citations.link(key) for key in ("b2002", "a2001", "b2002")]
    assert [link[link.index("<sup>") :] for link in links] == [
        "<sup>1</sup></a>",
        "<sup>2</sup></a>",
        "<sup>1</sup></a>",
    ]
    assert [(one.citekey, one.places) for one in citations.entries] == [
        ("b2002", ["cite-1-1", "cite-1-2"]),
        ("a2001", ["cite-2-1"]),
    ]
    assert 'id="cite-1-2" href="#ref-b2002"' in links[2]


def test_a_locator_is_shown() -> None:
    assert ' title="p. 3 &lt;x&gt;"' in Citations(cite).link("a2001", "p. 3 <x>")


def test_an_unknown_key_is_refused_with_its_place() -> None:
    citations = Citations(cite)
    citations.where = "notebooks/q.ipynb, cell 4"
    with pytest.raises(ReportError) as caught:
        citations.link("c2003")
    assert str(caught.value) == (
        'notebooks/q.ipynb, cell 4: cites "c2003": "c2003" is not in references.bib'
    )


def test_text_of_a_document_that_is_no_reference() -> None:
    citations = Citations(cite)
    assert citations.text("a2001") == SYNTHETIC["a2001"]
    assert citations.text("the blog") == ""
    assert citations.entries == ()


def test_links_escape_and_leave_the_full_stop_outside() -> None:
    assert linked(SYNTHETIC["b2002"]) == (
        'Another &lt;title&gt;. <a href="https://pubmed.ncbi.nlm.nih.gov/12/">PMID 12</a>'
    )
    assert linked("See https://example.org/a?b=1&c=2.") == (
        'See <a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a>.'
    )
    assert linked("doi:10.1234/ab(1)2.") == (
        '<a href="https://doi.org/10.1234/ab(1)2">doi:10.1234/ab(1)2</a>.'
    )
