"""What an executed notebook puts on a page, sorted into places, before it becomes HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evsyn.errors import ReportError
from evsyn.reports.fragments import Fragment, rewrite
from evsyn.reports.outputs import markdown_html, output_html
from evsyn.reports.references import Citations
from evsyn.review.blocks import BLOCK_MIME, SLOTS

__all__ = ["Aside", "Page", "Part", "Section", "read_page"]

_HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>\s*", re.DOTALL)
_SUBHEADING = re.compile(r"<(h[23])>(.*?)</\1>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")
_HIDDEN = frozenset({"hide", "remove-cell", "remove_cell"})


@dataclass(slots=True)
class Part:
    """A fragment on the page with the class of the element around it."""

    fragment: Fragment
    class_: str = ""
    title: str = ""


@dataclass(slots=True)
class Aside:
    """A section of the margin."""

    title: str
    fragment: Fragment


@dataclass(slots=True)
class Section:
    """Parts below each other with what stands beside them; or one part over the full width."""

    wide: bool = False
    parts: list[Part] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """Everything that a notebook says.

    Attributes
    ----------
    title : str
        The question: first heading of the notebook, as HTML.
    lede, facts : list of Fragment
        The answer and the facts under it.
    sections : list of Section
        The rest, in order.
    code : list of str
        Sources of the code cells, in order.
    traces : dict
        Every trace that a block brought along, by id.
    from_code : list of Fragment
        Those that the notebook's code displays.
    headings : dict
        Second-level headings of the Markdown by id, as plain text.
    """

    title: str = ""
    lede: list[Fragment] = field(default_factory=list)
    facts: list[Fragment] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    from_code: list[Fragment] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)

    def section(self, *, wide: bool) -> Section:
        """Section to which the next part is added; a new one after or for full width."""
        if wide or not self.sections or self.sections[-1].wide:
            self.sections.append(Section(wide))
        return self.sections[-1]

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        """Every fragment, top to bottom."""
        inside = [
            fragment
            for section in self.sections
            for fragment in (
                *(part.fragment for part in section.parts),
                *(aside.fragment for aside in section.asides),
            )
        ]
        return (*self.lede, *self.facts, *inside)

    @property
    def plain_title(self) -> str:
        """The title without markup."""
        return " ".join(_TAGS.sub("", self.title).split())

    @property
    def answer(self) -> str:
        """The lede as plain text."""
        return " ".join(fragment.text for fragment in self.lede)


def read_page(notebook: Mapping[str, Any], citations: Citations, *, shown: str) -> Page:
    """Sort what an executed notebook displays.

    Parameters
    ----------
    notebook : mapping
        Executed notebook, nbformat 4.
    citations : Citations
        The page's citations; numbered in the order of the page.
    shown : str
        The notebook's name for messages.

    Returns
    -------
    Page
        Markdown and blocks by place.

    Raises
    ------
    ReportError
        If a block is malformed, cites what is not in the bibliography, or refers to a trace that
        no block brought along.
    """
    page = Page()
    items = _items(notebook, page, shown)
    for wanted in (("lede",), ("facts",), ()):  # citations are numbered from top to bottom
        for where, slot, title, source in items:
            early = slot in ("lede", "facts")
            if (slot in wanted) if wanted else not early:
                citations.where = where
                _place(page, slot, title, rewrite(source, citations))
    known = set(page.traces)
    for fragment in page.fragments:
        for trace in fragment.traces:
            if trace not in known:
                raise ReportError(
                    f'{shown}: a number refers to trace "{trace}", which no block carries; '
                    "give the trace to the block that shows the number"
                )
    return page


def _items(notebook: Mapping[str, Any], page: Page, shown: str) -> list[tuple[str, str, str, str]]:
    """Fragments of a notebook in order: where, slot, title, HTML."""
    items = []
    used: set[str] = set()
    for position, cell in enumerate(notebook["cells"], start=1):
        where = f"{shown}, cell {position}"
        tags = cell.get("metadata", {}).get("tags", ())
        source = _text(cell.get("source", ""))
        if cell["cell_type"] == "code" and source.strip():
            page.code.append(source)
        if _HIDDEN.intersection(tags):
            continue
        if cell["cell_type"] == "markdown":
            body = markdown_html(source)
            if not page.title and (heading := _HEADING.search(body)):
                page.title = heading.group(1).strip()
                body = body[: heading.start()] + body[heading.end() :]
            if body.strip():
                items.append((where, "markdown", "", _anchored(body, page, used)))
        elif cell["cell_type"] == "code":
            for output in cell.get("outputs", ()):
                items.append((where, *_output(output, page, where)))
    return items


def _anchored(body: str, page: Page, used: set[str]) -> str:
    """Give the headings of a Markdown cell ids, and note the second-level ones."""

    def anchor(match: re.Match[str]) -> str:
        tag, inner = match.groups()
        words = " ".join(html.unescape(_TAGS.sub("", inner)).split())
        slug = re.sub(r"\W+", "-", words.lower()).strip("-") or "section"
        name = f"s-{slug}"
        while name in used:
            name += "-again"
        used.add(name)
        if tag == "h2":
            page.headings[name] = words
        return f'<{tag} id="{name}">{inner}</{tag}>'

    return _SUBHEADING.sub(anchor, body)


def _output(output: Mapping[str, Any], page: Page, where: str) -> tuple[str, str, str]:
    block = output.get("data", {}).get(BLOCK_MIME)
    if block is None:
        return "output", "", output_html(output)
    slot = block.get("slot") if isinstance(block, dict) else None
    if slot not in SLOTS or not isinstance(block.get("html"), str):
        raise ReportError(f"{where}: a block for {slot!r}; allowed: {', '.join(SLOTS)}")
    for trace in block.get("traces", ()):
        page.traces.setdefault(str(trace["id"]), trace)
    return slot, str(block.get("title", "")), block["html"]


def _place(page: Page, slot: str, title: str, fragment: Fragment) -> None:
    if slot != "markdown":
        page.from_code.append(fragment)
    if slot == "lede":
        page.lede.append(fragment)
    elif slot == "facts":
        page.facts.append(fragment)
    elif slot == "aside":
        page.section(wide=False).asides.append(Aside(title, fragment))
    else:
        wide = slot == "wide"
        class_ = slot if slot in ("note", "output") else ""
        page.section(wide=wide).parts.append(Part(fragment, class_, title))


def _text(source: str | list[str]) -> str:
    return "".join(source) if isinstance(source, list) else source
