"""Fragments as they stand on a page: numbers become buttons, citations numbers, tables scroll.

A fragment arrives as it is shown in a notebook (``<data data-trace>``, ``<a class="cite">``) and
is copied token by token; only what is named here changes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from evsyn.reports.references import Citations

__all__ = ["Fragment", "Number", "rewrite"]

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr"}
)
_NOT_COMPUTED = frozenset({"name", "quote", "param", "axis", "ref", "words"})
_VERBATIM = frozenset({"q", "blockquote", "cite", "code", "pre", "kbd"})
_SILENT = frozenset({"script", "style", "title", "desc", "metadata"})
_DIGITS = re.compile(r"\d(?:[\d.,\u00a0\u202f]*\d)?")
_BRACKETED = re.compile(r"\[(@[\w:./-]+(?:,[^\]@;]*)?(?:;\s*@[\w:./-]+(?:,[^\]@;]*)?)*)\]")
_CLINGS = re.compile(r"[^\s\w(\[“‘@]{1,4}")
_BEFORE_CITE = re.compile(r"(?:\s|&nbsp;|&#160;)+\Z")


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a page: its words, its value as printed in the attribute, its trace."""

    text: str
    value: str
    trace: str

    def as_dict(self) -> dict[str, object]:
        """Plain mapping for JSON."""
        try:
            value: float | None = float(self.value)
        except ValueError:
            value = None
        return {"text": self.text, "value": value, "trace": self.trace}


@dataclass(slots=True)
class Fragment:
    """A rewritten fragment.

    Attributes
    ----------
    html : str
        What goes on the page.
    text : str
        Its words, citation numbers left out.
    numbers : list of Number
        Every number with a trace, in order.
    untraced : list of str
        Every sequence of digits that neither has a trace nor is marked as name, quote, words of
        the ledger, parameter, axis or reference.
    buttons : dict
        Traces that a button of the fragment opens (as keys, in order).
    drawn : dict
        Traces of marks in drawings (as keys, in order).
    """

    html: str = ""
    text: str = ""
    numbers: list[Number] = field(default_factory=list)
    untraced: list[str] = field(default_factory=list)
    buttons: dict[str, None] = field(default_factory=dict)
    drawn: dict[str, None] = field(default_factory=dict)

    @property
    def traces(self) -> tuple[str, ...]:
        """Every trace that the fragment refers to, in order of first use."""
        named = [number.trace for number in self.numbers]
        return tuple(dict.fromkeys([*named, *self.buttons, *self.drawn]))


def rewrite(source: str, citations: Citations) -> Fragment:
    """Make a fragment ready for a page.

    Parameters
    ----------
    source : str
        HTML as displayed by a notebook.
    citations : Citations
        The page's citations; they are numbered as they come.

    Returns
    -------
    Fragment
        The rewritten HTML and what it refers to.

    Raises
    ------
    ReportError
        If a citation key is not in the bibliography.

    Examples
    --------
    >>> page = rewrite('<p><data value="10" data-trace="t1">10</data> of 15</p>', Citations(str))
    >>> page.html
    '<p><button type="button" class="n" popovertarget="t1"><data value="10">10</data></button> of
    15</p>'
    >>> page.untraced
    ['15']
    """
    writer = _Writer(citations)
    writer.feed(source)
    writer.close()
    writer.fragment.html = "".join(writer.out)
    writer.fragment.text = " ".join("".join(writer.words).split())
    return writer.fragment


@dataclass(slots=True)
class _Open:
    """An element that is open: what closes with it and what holds inside it."""

    tag: str
    after: str = ""
    start: int = 0
    traced: bool = False
    verbatim: bool = False
    button: bool = False
    link: bool = False
    drawing: bool = False
    scroll: bool = False
    silent: bool = False


class _Writer(HTMLParser):
    """Copies a fragment, changing numbers, citations and tables."""

    def __init__(self, citations: Citations) -> None:
        super().__init__(convert_charrefs=False)
        self.citations = citations
        self.fragment = Fragment()
        self.out: list[str] = []
        self.words: list[str] = []
        self.open: list[_Open] = []
        self.number: tuple[dict[str, str], list[str]] | None = None
        self.citing: list[str] | None = None
        self.after_citation = False
        self.closed: int | None = None  # where the button began that was closed just now

    @property
    def inside(self) -> _Open:
        return self.open[-1] if self.open else _Open("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if self.citing is not None:
            return
        if tag == "a" and "cite" in classes and given.get("data-cite"):
            self._cite(given["data-cite"])
            self.citing = []
            return
        self.after_citation = False
        self.closed = None
        raw = self.get_starttag_text() or ""
        if tag in _VOID:
            self.out.append(raw)
            return
        here = self._inherit(tag, classes)
        trace = given.get("data-trace", "")
        if trace and tag == "data":
            self.number = (given, [])
        if trace and here.drawing:
            here.traced = True
            self.fragment.drawn[trace] = None
        elif trace:
            raw = self._button(here, raw, given)
        elif tag == "table" and not here.scroll:
            raw = '<div class="scroll" tabindex="0">' + raw
            here.after, here.scroll = "</div>", True
        elif "scroll" in classes:  # a group: pages have too many of them for landmarks
            raw = raw.replace('role="region"', 'role="group"')
        if tag == "q" and not here.drawing:
            self.words.append("“")
        here.start = len(self.out)
        self.open.append(here)
        self.out.append(raw)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.citing is None:
            self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if self.citing is not None:
            if tag == "a":
                self.citing = None
                self.after_citation = True
            return
        self.after_citation = False
        self.closed = None
        if tag in _VOID or not any(element.tag == tag for element in self.open):
            return
        while self.open:
            element = self.open.pop()
            if element.tag == "data" and self.number is not None:
                self._finish_number()
            if element.tag == "q" and not element.drawing:
                self.words.append("”")
            self.out.append(f"</{element.tag}>{element.after}")
            if element.after == "</button>":
                self.closed = element.start
            if element.tag == tag:
                break
        if tag not in ("data", "span", "sup", "sub", "b", "i", "em", "strong", "a", "q"):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.citing is not None:
            return
        if data.strip():
            self.after_citation = False
        if self.closed is not None and (clinging := _CLINGS.match(data)):
            self._hold_together(clinging.group())
            data = data[clinging.end() :]
        elif data.strip():
            self.closed = None
        if self.inside.silent:
            self.out.append(data)
            return
        if self.number is not None:
            self.number[1].append(data)
        elif not (self.inside.traced or self.inside.verbatim):
            plain = _BRACKETED.sub("", data)
            self.fragment.untraced.extend(match.group() for match in _DIGITS.finditer(plain))
        if self.inside.drawing:
            self.out.append(data)
            return
        self.words.append(_BRACKETED.sub("", data))
        if self.inside.verbatim or self.inside.link or "[@" not in data:
            self.out.append(data)
        else:
            self._bracketed(data)

    def handle_entityref(self, name: str) -> None:
        self._character(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._character(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        if self.citing is None:
            self.out.append(f"<!--{data}-->")

    def _character(self, reference: str) -> None:
        if self.citing is not None:
            return
        character = html.unescape(reference)
        if not character.isspace():
            self.closed = None
        if self.number is not None:
            self.number[1].append(character)
        if not self.inside.silent and not self.inside.drawing:
            self.words.append(character)
        self.out.append(reference)

    def _inherit(self, tag: str, classes: set[str]) -> _Open:
        outer = self.inside
        return _Open(
            tag,
            traced=outer.traced,
            verbatim=outer.verbatim or tag in _VERBATIM | _SILENT or bool(classes & _NOT_COMPUTED),
            button=outer.button or tag in ("button", "summary"),
            link=outer.link or tag == "a",
            drawing=outer.drawing or tag == "svg",
            scroll=outer.scroll or "scroll" in classes,
            silent=outer.silent or tag in _SILENT,
        )

    def _button(self, here: _Open, raw: str, given: dict[str, str]) -> str:
        """Put an element that has a trace into a button that opens it."""
        trace = given["data-trace"]
        here.traced = True
        kept = "".join(
            f' {name}="{html.escape(value)}"'
            for name, value in given.items()
            if name not in ("data-trace",)
        )
        raw = f"<{here.tag}{kept}>"
        if here.button or here.link:
            return raw
        here.button = True
        here.after = "</button>"
        self.fragment.buttons[trace] = None
        return f'<button type="button" class="n" popovertarget="{html.escape(trace)}">{raw}'

    def _finish_number(self) -> None:
        assert self.number is not None
        given, words = self.number
        text = " ".join("".join(words).split())
        self.fragment.numbers.append(Number(text, given.get("value", ""), given["data-trace"]))
        self.number = None

    def _hold_together(self, after: str) -> None:
        """Keep the last button on one line with the bracket before and the mark after it."""
        assert self.closed is not None
        before = ""
        if self.closed and (last := self.out[self.closed - 1]).endswith(("(", "[", "“", "‘")):
            self.out[self.closed - 1], before = last[:-1], last[-1]
        self.out.insert(self.closed, f'<span class="nb">{before}')
        self.out.append(f"{after}</span>")
        self.words.append(after)
        self.closed = None

    def _cite(self, keys: str, locator: str = "") -> None:
        """Put citations in the place of what named them, close to the word before."""
        while self.out and (stripped := _BEFORE_CITE.sub("", self.out[-1])) != self.out[-1]:
            self.out[-1] = stripped
            if stripped:
                break
            self.out.pop()
        for key in keys.split():
            comma = "<sup>,</sup>" if self.after_citation else ""
            link = comma + self.citations.link(key, locator)
            if self.closed is None:
                self.out.append(link)
            else:
                self._hold_together(link)
                self.words.pop()
            self.after_citation = True

    def _bracketed(self, data: str) -> None:
        """Write text in which ``[@key, p. 3; @key2]`` cites."""
        end = 0
        for match in _BRACKETED.finditer(data):
            self.out.append(data[end : match.start()])
            for part in match.group(1).split(";"):
                key, _, locator = part.strip().partition(",")
                self._cite(key.removeprefix("@"), locator.strip())
            self.after_citation = False
            end = match.end()
        self.out.append(data[end:])
