"""Status of a value and verdict on a claim: always a word beside the shape."""

from __future__ import annotations

from evsyn.literals import Status, choices
from evsyn.review.blocks import Block
from evsyn.tables.provenance import Trace
from evsyn.text.markup import Markup, element, escape, joined, plain_text

__all__ = ["MEANINGS", "VERDICTS", "status_legend", "status_mark", "traced_status"]
__all__ += ["verdict_mark"]

MEANINGS = {
    "reported": "printed in the source as it stands here",
    "derived": "follows from printed values, without an assumption",
    "assumed": "follows only if a named assumption is accepted",
    "conflicting": "sources disagree and nothing chooses between them",
    "ambiguous": "several values fit what is printed",
    "not found": "not in what was read of the source",
    "not reported": "the full text was read and does not give it",
}
"""What each status says, in the order of :data:`evsyn.literals.Status`."""

_RING = '<circle cx="5" cy="5" r="4.1" fill="none" stroke="currentColor" stroke-width="1.4"/>'
_TICK = '<path d="M1.5 5.4 4 8 8.6 2.4" fill="none" stroke="currentColor" stroke-width="1.7"/>'
_CROSS = '<path d="M2 2l6 6M8 2l-6 6" fill="none" stroke="currentColor" stroke-width="1.7"/>'
_HALF = '<path d="M5 .9a4.1 4.1 0 0 1 0 8.2z" fill="currentColor"/>'
_UNEQUAL = (
    '<path d="M1 3.6h8M1 6.6h8M6.8 1 3.2 9" fill="none" stroke="currentColor" stroke-width="1.3"/>'
)
_DASH = '<path d="M1.5 5h7" stroke="currentColor" stroke-width="1.7"/>'

VERDICTS = {
    "supported": (_TICK, "the sources print it"),
    "supported with assumption": (
        _TICK.replace("/>", ' stroke-dasharray="2 1.4"/>'),
        "it follows if a named assumption is accepted",
    ),
    "partly supported": (_RING + _HALF, "some slots of the claim fit the sources, others do not"),
    "contradicted": (_CROSS, "the sources print otherwise"),
    "internally inconsistent": (_UNEQUAL, "the text disagrees with itself"),
    "not verifiable": (_DASH, "no source at hand settles it"),
}
"""Shape and meaning of each verdict."""


def status_mark(status: str) -> Markup:
    """Return the status as a word whose class gives the page the shape.

    Examples
    --------
    >>> status_mark("not found")
    '<span class="st st-not-found">not found</span>'
    """
    if status not in choices(Status):
        return escape(status)
    return element("span", escape(status), class_=f"st st-{status.replace(' ', '-')}")


def traced_status(status: str, trace: Trace) -> Markup:
    """Return the status so that it opens the trace of its row."""
    return element("span", status_mark(status), data_trace=trace.trace_id)


def verdict_mark(verdict: str) -> Markup:
    """Return a verdict as shape and word."""
    shape, _ = VERDICTS.get(verdict, (_DASH, ""))
    icon = (
        '<svg viewBox="0 0 10 10" width="0.85em" height="0.85em" aria-hidden="true" '
        f'focusable="false">{shape}</svg> '
    )
    name = verdict.replace(" ", "-") or "none"
    return element("span", Markup(icon), escape(verdict or "no verdict"), class_=f"vd vd-{name}")


def status_legend() -> Block:
    """Return what each status means, for the notes of a page.

    Returns
    -------
    Block
        One paragraph in the slot ``note``.
    """
    items = [
        joined([status_mark(name), escape(f": {meaning}")]) for name, meaning in MEANINGS.items()
    ]
    fragment = element("p", joined([*items[:-1]], "; "), escape("; "), items[-1], escape("."))
    return Block(fragment, plain_text(fragment), slot="note")
