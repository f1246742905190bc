"""Fragments: what becomes a button, a citation, a box; which digits have no trace."""

from __future__ import annotations

import pytest

from evsyn.reports.fragments import Number, rewrite
from evsyn.reports.references import Citations

BUTTON = '<button type="button" class="n" popovertarget="t1">'


def changed(source: str) -> str:
    return rewrite(source, Citations(str)).html


def untraced(source: str) -> list[str]:
    return rewrite(source, Citations(str)).untraced


def test_a_number_becomes_a_button() -> None:
    page = rewrite('<data value="0.5" data-trace="t1">50%</data>', Citations(str))
    assert page.html == f'{BUTTON}<data value="0.5">50%</data></button>'
    assert page.numbers == [Number("50%", "0.5", "t1")]
    assert page.traces == ("t1",) and list(page.buttons) == ["t1"] and page.untraced == []


def test_numbers_read_as_one_are_one_button() -> None:
    source = (
        '<span class="nums" data-trace="t1"><data value="3" data-trace="t1">3</data> to '
        '<data value="5" data-trace="t1">5</data>/15</span>'
    )
    page = rewrite(source, Citations(str))
    assert page.html.count("<button") == 1 == page.html.count("</button>")
    assert page.html.startswith(f'{BUTTON}<span class="nums"><data value="3">3</data>')
    assert [number.text for number in page.numbers] == ["3", "5"]
    assert page.untraced == []  # the 15 belongs to the trace of the group


@pytest.mark.parametrize("outer", ["a href='#x'", "button", "summary"])
def test_no_button_inside_what_is_pressed_already(outer: str) -> None:
    tag = outer.split()[0]
    source = f'<{outer}><data value="1" data-trace="t1">1</data></{tag}>'
    assert changed(source) == f'<{outer}><data value="1">1</data></{tag}>'


def test_drawings_are_left_alone_and_their_traces_noted() -> None:
    source = (
        '<svg viewBox="0 0 9 9" role="img"><title>In 2001</title><desc>67 of 100</desc>'
        '<g data-trace="t1"><text>67%</text><path d="M1 1h7"/></g>'
        '<g class="axis"><text>25</text></g><text>33</text></svg>'
    )
    page = rewrite(source, Citations(str))
    assert page.html == source
    assert list(page.drawn) == ["t1"] and not page.buttons
    assert page.untraced == ["33"]
    assert page.text == ""


@pytest.mark.parametrize(
    "marked",
    ['<span class="name">Doe 2001</span>', "<q>90 %</q>", '<span class="param">95%</span>',
     "<cite>70 studies</cite>", '<i class="axis">25</i>', '<b class="x quote">1.5</b>',
     '<a class="cite" data-cite="doe2001" href="#">[doe2001]</a>', "<code>v1.2</code>"],
)  # fmt: skip
def test_names_quotes_parameters_and_citations_are_not_computed(marked: str) -> None:
    assert untraced(f"<p>word {marked} word</p>") == []


def test_every_other_digit_is_listed() -> None:
    source = "<p>12 of 1,234 (95.5%) <b>in <i>7</i></b> &#49; p = 0.05.</p>"
    assert untraced(source) == ["12", "1,234", "95.5", "7", "0.05"]


def test_citations_are_numbered_and_close_to_the_word() -> None:
    source = (
        '<th>Doe 2001&nbsp; <a class="cite" data-cite="doe2001" href="#ref-doe2001">[x]</a>'
        '<a class="cite" data-cite="roe2002" href="#ref-roe2002">[y]</a> and '
        '<a class="cite" data-cite="doe2001" href="#ref-doe2001">[x]</a></th>'
    )
    page = rewrite(source, Citations(str))
    assert page.html.startswith('<th>Doe 2001<a class="cite" id="cite-1-1"')
    assert "</sup></a><sup>,</sup><a" in page.html
    assert page.html.count("<sup>,</sup>") == 1
    assert "[x]" not in page.html
    assert page.text == "Doe 2001 and"


def test_bracketed_citations_in_text() -> None:
    citations = Citations(str)
    html = rewrite("<p>As shown [@a2001, p. 3; @b2002]. Mail x@y.z [sic].</p>", citations).html
    assert [one.citekey for one in citations.entries] == ["a2001", "b2002"]
    assert html.startswith('<p>As shown<a class="cite"') and ' title="p. 3"' in html
    assert html.endswith("</a>. Mail x@y.z [sic].</p>")
    assert changed("<code>[@a2001]</code>") == "<code>[@a2001]</code>"


def test_a_table_gets_a_box_that_scrolls_unless_it_has_one() -> None:
    assert changed("<table><tr><td>a</td></tr></table>") == (
        '<div class="scroll" tabindex="0"><table><tr><td>a</td></tr></table></div>'
    )
    boxed = '<div class="scroll" role="group"><table></table></div>'
    assert changed(boxed) == boxed == changed(boxed.replace("group", "region"))


def test_everything_else_is_copied_as_it_stands() -> None:
    source = '<p CLASS="A">a&amp;b &#x2014; <br><img src="data:,"/>&nbsp;<!-- c --><b>d</b></p>'
    assert changed(source) == source


def test_words_without_citation_numbers_with_quotation_marks() -> None:
    page = rewrite("<p>Not <q>90%</q> but <b>a</b>.</p><p>Next&nbsp;one</p>", Citations(str))
    assert page.text == "Not “90%” but a. Next one"


def test_values_as_numbers() -> None:
    assert Number("67%", "0.666666666667", "t").as_dict()["value"] == 0.666666666667
    assert Number("?", "", "t").as_dict()["value"] is None


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("(N), p", '<span class="nb">(N),</span> p'),
        ("a N. B", 'a <span class="nb">N.</span> B'),
        ("N% of", '<span class="nb">N%</span> of'),
        ("N/50", '<span class="nb">N/</span>50'),
        ("(N to 3)", "(N to 3)"),
        ("N of 15", "N of 15"),
    ],
)
def test_a_button_stays_with_the_marks_around_it(source: str, shown: str) -> None:
    number = '<data value="7" data-trace="t1">7</data>'
    button = f'{BUTTON}<data value="7">7</data></button>'
    page = rewrite(f"<p>{source.replace('N', number)}</p>", Citations(str))
    assert page.html == f"<p>{shown.replace('N', button)}</p>"
    assert page.text == source.replace("N", "7")


def test_a_button_stays_with_its_citation() -> None:
    source = '<data value="7" data-trace="t1">7</data> <a class="cite" data-cite="a2001">x</a>.'
    html = rewrite(source, Citations(str)).html
    assert html.startswith(f'<span class="nb">{BUTTON}') and html.endswith("</sup></a></span>.")
