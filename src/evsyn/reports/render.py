"""An executed notebook as one self-contained page: no request to any host, nothing that varies."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from evsyn.errors import ReportError
from evsyn.reports.fragments import Fragment
from evsyn.reports.layout import CONTENTS_FROM, with_bands
from evsyn.reports.numbers import PageNumbers
from evsyn.reports.outputs import LARGEST_PAGE
from evsyn.reports.page import Page, read_page
from evsyn.reports.popovers import popover
from evsyn.reports.references import Citations

__all__ = ["Link", "Rendered", "Setting", "render_index", "render_page"]

TEMPLATES = resources.files("evsyn.reports") / "templates"


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the site: its name and the words that lead to it."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What every page of a site shares.

    Attributes
    ----------
    review : str
        Title of the project.
    links : tuple of Link
        Pages in the order of the navigation.
    data : str
        SHA-256 of the evidence.
    version : str
        Version of evsyn.
    """

    review: str
    links: tuple[Link, ...]
    data: str
    version: str

    def label(self, name: str) -> str:
        """Words that lead to a page."""
        return next((link.label for link in self.links if link.name == name), name)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page and the numbers on it."""

    html: str
    numbers: PageNumbers


def render_page(
    executed: Path,
    *,
    name: str,
    notebook: str,
    parameters: Mapping[str, object],
    setting: Setting,
    cite: Callable[[str], str],
    title: str = "",
) -> Rendered:
    """Make the page of an executed notebook.

    Parameters
    ----------
    executed : Path
        Executed notebook.
    name : str
        Name of the report.
    notebook : str
        Source notebook as shown to the reader.
    parameters : mapping
        Every parameter of the run, defaults included.
    setting : Setting
        What every page shares.
    cite : callable
        From a citekey to the citation as plain text.
    title : str
        Heading of the page instead of the notebook's own.

    Returns
    -------
    Rendered
        HTML and numbers.

    Raises
    ------
    ReportError
        If a citation or a trace is unknown, a block malformed, or the page larger than
        ``LARGEST_PAGE``.
    """
    citations = Citations(cite)
    page = read_page(json.loads(executed.read_bytes()), citations, shown=notebook)
    if title:
        page.title = html.escape(title, quote=False)
    page.title = page.title or html.escape(setting.label(name), quote=False)
    used = tuple(dict.fromkeys(t for part in page.fragments for t in part.traces))
    numbers = PageNumbers.of(page, used, references=len(citations.entries))
    buttons = {trace for part in page.fragments for trace in part.buttons}
    text = _filled(
        "page.html.j2",
        _shared(setting, name),
        title=page.plain_title,
        description=page.answer[:300],
        heading=page.title,
        kicker=setting.label(name),
        page=page,
        sections=with_bands(page),
        contents=page.headings if len(page.headings) >= CONTENTS_FROM else {},
        references=citations.entries,
        notebook=notebook,
        parameters=[(key, _shown(value)) for key, value in parameters.items()],
        counts=_counts(numbers, len(citations.entries)),
        popovers=[popover(page.traces[trace], citations.text) for trace in used],
        only_drawn=lambda fragment: _only_drawn(fragment, page, buttons),
    )
    size = len(text.encode())
    if size > LARGEST_PAGE:
        raise ReportError(
            f"{notebook}: its page has {size:,} bytes; allowed are {LARGEST_PAGE:,}: display less"
        )
    return Rendered(text, numbers)


def render_index(reports: Sequence[tuple[str, PageNumbers]], *, setting: Setting) -> str:
    """Make the page that lists the reports.

    Parameters
    ----------
    reports : sequence of (str, PageNumbers)
        Name and numbers of each report, in order.
    setting : Setting
        What every page shares.

    Returns
    -------
    str
        HTML.
    """
    total = sum(len(numbers.numbers) for _, numbers in reports)
    return _filled(
        "index.html.j2",
        _shared(setting, ""),
        title=setting.review,
        description="",
        reports=[
            {
                "name": name,
                "label": setting.label(name),
                "title": numbers.title,
                "answer": _shortened(numbers.answer),
                "counts": f"{_several(len(numbers.numbers), 'number')} that can be followed, "
                f"{_several(numbers.references, 'reference')}",
            }
            for name, numbers in reports
        ],
        counts=f"{_several(len(reports), 'report')}, {_several(total, 'number')} that can be "
        "followed to a quote or a choice.",
    )


def _filled(template: str, shared: Mapping[str, object], **own: object) -> str:
    return str(_environment().get_template(template).render(shared, **own))


def _shared(setting: Setting, current: str) -> dict[str, object]:
    script = _asset("script.js").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "review": setting.review,
        "links": setting.links,
        "current": current,
        "data": setting.data,
        "version": setting.version,
        "style": _asset("style.css"),
        "script": script,
        "script_hash": f"sha256-{digest}",
    }


def _counts(numbers: PageNumbers, references: int) -> str:
    followed = len(numbers.numbers)
    sources = _several(references, "reference")
    return f"{_several(followed, 'number')} on this page can be followed; {sources}."


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value) or "none"
    return "“”" if value == "" else str(value)


def _shortened(answer: str, longest: int = 420) -> str:
    """First sentences of an answer, as many as fit."""
    if len(answer) <= longest:
        return answer
    kept = answer[:longest]
    end = max(kept.rfind(". "), kept.rfind("? "), kept.rfind("! "))
    return kept[: end + 1] if end > 0 else kept[: kept.rfind(" ")] + " …"


def _only_drawn(fragment: Fragment, page: Page, buttons: set[str]) -> list[dict[str, Any]]:
    """Traces of a drawing that no button on the page opens."""
    return [page.traces[trace] for trace in fragment.drawn if trace not in buttons]


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("evsyn.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
