"""What a notebook displays: a fragment of a page with the traces of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evsyn.tables.provenance import Trace

__all__ = ["BLOCK_MIME", "SLOTS", "Block"]

BLOCK_MIME = "application/vnd.evsyn.block+json"
SLOTS = ("lede", "facts", "main", "wide", "aside", "note")


@dataclass(frozen=True, slots=True)
class Block:
    """A fragment of a report.

    Attributes
    ----------
    html : str
        Escaped, self-contained HTML. Numbers are ``<data value=… data-trace=…>``, citations
        ``<a class="cite" data-cite=KEY>``.
    plain : str
        The same for a terminal or a screen without HTML.
    traces : tuple of Trace
        Every trace the fragment refers to.
    slot : str
        Where it stands on the page: one of ``SLOTS``.
    title : str
        Heading of an aside section, else empty.
    """

    html: str
    plain: str
    traces: tuple[Trace, ...] = ()
    slot: str = "main"
    title: str = ""

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> Mapping[str, object]:
        return {
            "text/html": self.html,
            "text/plain": self.plain,
            BLOCK_MIME: {
                "slot": self.slot,
                "title": self.title,
                "html": self.html,
                "traces": [trace.as_dict() | {"id": trace.trace_id} for trace in self.traces],
            },
        }
