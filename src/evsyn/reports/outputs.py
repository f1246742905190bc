"""Markdown and outputs that are no blocks, as nbconvert shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from evsyn.reports.lean import defer_grammar

__all__ = ["LARGEST_PAGE", "LONGEST_TEXT", "markdown_html", "output_html"]

LONGEST_TEXT = 1_000_000
"""Characters that one output of a cell may have, if it is no block."""
LARGEST_PAGE = 20_000_000
"""Bytes that a page, and what its notebook displays, may have."""


_IMAGE = re.compile(r"<img\b(?![^>]*\balt=)")
_UNDESCRIBED = re.compile(r'alt="No description has been provided for this image"')


def markdown_html(source: str) -> str:
    """Return Markdown as HTML through nbconvert's renderer; headings have ids, no anchor signs.

    Parameters
    ----------
    source : str
        Source of a Markdown cell.

    Returns
    -------
    str
        HTML.
    """
    defer_grammar()
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def output_html(output: Mapping[str, Any]) -> str:
    """Return an output of a cell as HTML through nbconvert's ``basic`` template.

    Parameters
    ----------
    output : mapping
        An output in the form of nbformat 4.

    Returns
    -------
    str
        HTML; images are part of it.
    """
    from nbformat.notebooknode import from_dict

    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "c0",
        "metadata": {},
        "execution_count": None,
        "source": "",
        "outputs": [dict(output)],
    }
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    notebook = from_dict(document)  # type: ignore[no-untyped-call]
    body, _ = _exporter().from_notebook_node(notebook)
    body = _UNDESCRIBED.sub('alt=""', body)
    return _IMAGE.sub('<img alt=""', body).replace(' id="cell-id=c0"', "").strip()


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
    )
