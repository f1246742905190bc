"""Citations in a fragment: links that the page turns into numbers."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn.text.markup import Markup, element, escape, joined, span

__all__ = ["cite", "named"]


def cite(citekeys: Iterable[str]) -> Markup:
    """Return one link per source, as ``[key]`` until the page numbers them.

    Examples
    --------
    >>> cite(["doe2001"])
    '<a class="cite" data-cite="doe2001" href="#ref-doe2001">[doe2001]</a>'
    """
    return joined(
        element("a", escape(f"[{key}]"), class_="cite", data_cite=key, href=f"#ref-{key}")
        for key in dict.fromkeys(citekeys)
    )


def named(name: str, citekeys: Iterable[str]) -> Markup:
    """Return a study's name followed by its sources.

    Examples
    --------
    >>> named("Doe 2001", [])
    '<span class="name">Doe 2001</span>'
    """
    return joined([span("name", name), cite(citekeys)], "\N{NO-BREAK SPACE}")
