"""Markdown and outputs that are no blocks."""

from __future__ import annotations

from evsyn.reports.outputs import markdown_html, output_html


def test_markdown() -> None:
    html = markdown_html("## Rates\n\nA *word*, `code` and a [link](x.html).\n\n- one")
    assert "Rates</h2>" in html and "¶" not in html
    assert "<em>word</em>" in html and "<code>code</code>" in html
    assert '<a href="x.html">link</a>' in html and "<li>one</li>" in html


def test_text_and_tables() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "a < b\n"}
    html = output_html(stream)
    assert "a &lt; b" in html and 'id="' not in html
    table = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<b>x</b>"}}
    assert "<b>x</b>" in output_html(table)


def test_an_image_is_part_of_the_page_and_has_an_alternative() -> None:
    data = {"image/png": "aGVsbG8=", "text/plain": "<Figure>"}
    html = output_html({"output_type": "display_data", "metadata": {}, "data": data})
    assert 'src="data:image/png;base64,aGVsbG8="' in html and "alt=" in html
    assert "&lt;Figure&gt;" not in html
