"""The page: self-contained, complete, the same each time."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evsyn.errors import ReportError, TableError
from evsyn.reports.render import Link, Rendered, Setting, render_index, render_page
from evsyn.review.blocks import Block
from evsyn.tables.provenance import Quote, Step, Trace

SYNTHETIC = Trace(
    "7/16 = 44%",
    ("Doe 2001",),
    (("rate", 0.4375),),
    (Step("Rate", "7 ÷ 16", "derived"),),
    (Quote("E1", "doe2001", "abstract", "7", "seven <of> sixteen improved", "events"),),
    status="derived",
)
DRAWN = Trace("drawn only", parameters=(("condition", "acne"),))
NAME = SYNTHETIC.trace_id
SETTING = Setting(
    "Synthetic review",
    (Link("rates", "Rates"), Link("claims", "Claims")),
    data="ab" * 32,
    version="0.0",
)


def cite(key: str) -> str:
    if key != "doe2001":
        raise TableError(f'"{key}" is not in references.bib')
    return "Doe J. A synthetic title. doi:10.1234/ab"


def cell(block: Block) -> dict[str, object]:
    output = {"output_type": "display_data", "metadata": {}, "data": block._repr_mimebundle_()}
    return {"cell_type": "code", "metadata": {}, "source": "show(1 < 2)", "outputs": [output]}


def number(text: str = "7") -> str:
    return f'<data value="7" data-trace="{NAME}">{text}</data>'


LEDE = Block(
    f'<p>{number()} of sixteen.<a class="cite" data-cite="doe2001" href="#">x</a></p>',
    "",
    (SYNTHETIC,),
    "lede",
)


def page(tmp_path: Path, *blocks: Block, title: str = "") -> Rendered:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "# How *many*?\n\n## Rates"}]
    executed = tmp_path / "q.ipynb"
    executed.write_text(json.dumps({"cells": [*cells, *map(cell, blocks or (LEDE,))]}))
    return render_page(
        executed,
        name="rates",
        notebook="notebooks/rates.ipynb",
        parameters={"condition": "acne", "ids": ["a", "b"], "none": []},
        setting=SETTING,
        cite=cite,
        title=title,
    )


class Tags(HTMLParser):
    """Checks that every element is closed where it should be, and collects ids and addresses."""

    VOID = frozenset({"meta", "br", "img", "hr", "link", "input", "col", "wbr"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.targets: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.targets += [given["popovertarget"]] if given.get("popovertarget") else []
        self.addresses += [value for key in ("src", "href") if (value := given.get(key))]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack.pop() == tag


def test_the_page_is_well_formed_and_every_target_exists(tmp_path: Path) -> None:
    tags = Tags(page(tmp_path).html)
    assert tags.stack == []
    assert len(tags.ids) == len(set(tags.ids))
    assert set(tags.targets) <= set(tags.ids)
    inner = {address[1:] for address in tags.addresses if address.startswith("#")}
    assert inner <= set(tags.ids)


def test_nothing_is_fetched(tmp_path: Path) -> None:
    html = page(tmp_path).html
    assert "default-src 'none'" in html
    assert not re.search(r"<link\b|<img[^>]+src=.https?:|@import|url\((?!.?data:)", html)
    script = re.search(r"script-src '(sha256-[^']+)'", html)
    assert script


def test_question_answer_reference_and_number(tmp_path: Path) -> None:
    rendered = page(tmp_path)
    html = rendered.html
    assert "<title>How many? · Synthetic review</title>" in html
    assert "<h1>How <em>many</em>?</h1>" in html
    assert f'<button type="button" class="n" popovertarget="{NAME}">' in html
    assert '<li id="ref-doe2001">Doe J. A synthetic title. <a href="https://doi.org/10.1' in html
    assert html.index('class="lede"') < html.index('id="s-rates"') < html.index('id="references"')
    assert rendered.numbers.title == "How many?" and rendered.numbers.references == 1
    assert rendered.numbers.numbers == [{"text": "7", "value": 7.0, "trace": NAME}]


def test_the_trace_stands_once_with_quote_and_citation(tmp_path: Path) -> None:
    again = Block(f"<p>{number()} and {number()}</p>", "", (SYNTHETIC,))
    html = page(tmp_path, LEDE, again).html
    assert html.count(f'<div id="{NAME}" popover') == 1
    card = html[html.index(f'<div id="{NAME}" popover') :]
    assert "“seven &lt;of&gt; sixteen improved”" in card
    assert '<span class="st st-derived">derived</span>' in card
    assert f"evsyn trace {NAME}" in card and "7 ÷ 16" in card


def test_foot_and_code(tmp_path: Path) -> None:
    html = page(tmp_path).html
    foot = html[html.index('<footer class="foot">') :]
    assert (
        "<code>notebooks/rates.ipynb</code> with condition = acne, ids = a, b, none = none" in foot
    )
    assert "Data <code>abababababababab</code>. evsyn 0.0." in foot
    assert "show(1 &lt; 2)" in html


def test_navigation(tmp_path: Path) -> None:
    html = page(tmp_path).html
    assert '<a href="rates.html" aria-current="page">Rates</a>' in html
    assert '<a href="claims.html">Claims</a>' in html


def test_a_declared_title_stands_for_the_notebooks_own(tmp_path: Path) -> None:
    assert "<h1>Is 5 &lt; 6?</h1>" in page(tmp_path, title="Is 5 < 6?").html


def test_marks_of_a_drawing_without_button_get_one_below(tmp_path: Path) -> None:
    marks = f'<g data-trace="{NAME}"/><g data-trace="{DRAWN.trace_id}"></g>'
    figure = Block(f"<svg>{marks}</svg>", "", (SYNTHETIC, DRAWN), "wide")
    html = page(tmp_path, LEDE, figure).html
    below = html[html.index('class="drawn"') :]
    below = below[: below.index("</details>")]
    assert DRAWN.trace_id in below and NAME not in below


def test_unknown_citation_is_refused(tmp_path: Path) -> None:
    block = Block('<p><a class="cite" data-cite="roe2002" href="#">x</a></p>', "", ())
    with pytest.raises(ReportError, match=r'rates\.ipynb, cell 2: cites "roe2002"'):
        page(tmp_path, block)


def test_a_page_without_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evsyn.reports.render.LARGEST_PAGE", 5000)
    with pytest.raises(ReportError, match=r"rates\.ipynb: its page has .* allowed are 5,000: disp"):
        page(tmp_path)


def test_the_same_notebook_gives_the_same_bytes(tmp_path: Path) -> None:
    assert page(tmp_path).html == page(tmp_path).html


def test_index_lists_question_answer_and_counts(tmp_path: Path) -> None:
    html = render_index([("rates", page(tmp_path).numbers)], setting=SETTING)
    assert '<a href="rates.html">How many?</a>' in html
    assert "<p>7 of sixteen.</p>" in html
    assert "1 number that can be followed, 1 reference" in html
    assert Tags(html).stack == []
    assert "<title>Synthetic review</title>" in html
