from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from evsyn.text.markup import EMPTY, element, escape, joined, listed, plain_text, span

PRINTABLE = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C",)))


@given(PRINTABLE)
def test_what_goes_in_comes_out_as_text_and_never_as_markup(text):
    made = ElementTree.fromstring(element("p", escape(text), title=text))
    assert (made.text or "") == text
    assert len(made) == 0


def test_attributes_keep_their_names_and_none_is_left_out():
    assert (
        element("a", class_="x", data_trace="t1", href=None) == '<a class="x" data-trace="t1"></a>'
    )


def test_lists_in_sentences():
    words = [escape(word) for word in ("a", "b", "c")]
    assert listed(words[:1]) == "a"
    assert listed(words[:2]) == "a and b"
    assert listed(words, "or") == "a, b or c"
    assert listed([]) == ""


def test_empty_parts_leave_no_separator():
    assert joined([escape("a"), EMPTY, escape("b")], "; ") == "a; b"
    assert span("name", "") == EMPTY


def test_plain_text_has_rows_quotes_and_no_drawings():
    table = (
        "<table><caption>C</caption><tr><th>a</th><td><q>b</q><br><small>c</small></td></tr>"
        "</table><svg><text>no</text></svg><p>x &amp; y</p>"
    )
    assert plain_text(table) == "C\na | “b” c\nx & y"
