"""HTML fragments as a type of their own: only what was escaped or built here is ``Markup``."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import NewType

__all__ = ["EMPTY", "Markup", "element", "escape", "joined", "listed", "plain_text", "span"]
__all__ += ["words"]

Markup = NewType("Markup", str)
EMPTY = Markup("")

_BLOCKS = frozenset({"caption", "dd", "dt", "figcaption", "h2", "h3", "li", "p", "tr", "ul"})
_CELLS = frozenset({"td", "th"})
_SILENT = frozenset({"script", "style", "svg"})


def escape(text: str) -> Markup:
    """Text as HTML, quotation marks included.

    Examples
    --------
    >>> escape('5 < 6 & "so on"')
    '5 &lt; 6 &amp; &quot;so on&quot;'
    """
    return Markup(html.escape(text))


def element(tag: str, *children: Markup, **attributes: str | None) -> Markup:
    """Return an element; ``class_`` gives ``class``, other underscores become hyphens.

    Parameters
    ----------
    tag : str
        Name of the element.
    *children : Markup
        Content, already escaped.
    **attributes : str or None
        Attributes in the order written; None leaves one out, an empty string stays.

    Returns
    -------
    Markup
        The element as HTML.

    Examples
    --------
    >>> element("td", escape("a & b"), class_="r")
    '<td class="r">a &amp; b</td>'
    """
    pairs = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{pairs}>{''.join(children)}</{tag}>")


def span(class_: str, text: str) -> Markup:
    """Text in a ``span`` of a class; nothing for no text.

    Examples
    --------
    >>> span("name", "Doe 2001")
    '<span class="name">Doe 2001</span>'
    """
    return element("span", escape(text), class_=class_) if text else EMPTY


def words(text: str, names: Iterable[str] = ()) -> Markup:
    """Free words of the ledger, as they stand there; names in them, such as ids, set as code.

    Examples
    --------
    >>> words("6 of 15, see synthetic-1", ["synthetic-1"])
    '<span class="words">6 of 15, see <code>synthetic-1</code></span>'
    """
    known = sorted({name for name in names if name}, key=len, reverse=True)
    if not text:
        return EMPTY
    if not known:
        return span("words", text)
    parts = re.split(f"({'|'.join(map(re.escape, known))})", text)
    marked = (element("code", escape(part)) if part in known else escape(part) for part in parts)
    return element("span", *marked, class_="words")


def joined(parts: Iterable[Markup], separator: str = "") -> Markup:
    """Fragments one after the other, empty ones left out.

    Examples
    --------
    >>> joined([escape("a"), EMPTY, escape("b")], ", ")
    'a, b'
    """
    return Markup(html.escape(separator).join(part for part in parts if part))


def listed(parts: Iterable[Markup], last: str = "and") -> Markup:
    """Fragments as an enumeration in a sentence.

    Examples
    --------
    >>> listed([escape("a"), escape("b"), escape("c")])
    'a, b and c'
    """
    kept = [part for part in parts if part]
    if len(kept) < 2:
        return joined(kept)
    return Markup(f"{', '.join(kept[:-1])} {html.escape(last)} {kept[-1]}")


def plain_text(fragment: str) -> str:
    """Return the words of a fragment for a terminal: one line a paragraph or table row.

    Examples
    --------
    >>> print(plain_text("<p>one <b>two</b></p><table><tr><th>a</th><td>b</td></tr></table>"))
    one two
    a | b
    """
    reader = _Words()
    reader.feed(fragment)
    reader.close()
    text = "".join(reader.parts)
    lines = (re.sub(r"[ \t]+", " ", line).strip(" |") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    """Collects text, breaking lines at block elements and cells with a bar."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "q" and not self.silent:
            self.parts.append("“")
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("br", "small"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent -= 1
        elif tag == "q" and not self.silent:
            self.parts.append("”")
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" | ")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data.replace("\n", " "))
