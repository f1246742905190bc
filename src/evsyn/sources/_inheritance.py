"""What a BibTeX entry takes over from the entries it points to (``crossref``, ``xdata``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evsyn.errors import did_you_mean

__all__ = ["Draft", "DraftField", "Inheritance"]

# What tells one document from another is never taken over.
_OWN = frozenset(
    {"abstract", "annote", "crossref", "doi", "entryset", "eprint", "file", "ids", "keywords",
     "label", "note", "pages", "pmcid", "pmid", "shorthand", "sortkey", "url", "urldate", "xdata",
     "xref"}
)  # fmt: skip
_TITLES = ("title", "subtitle", "titleaddon")
_PARTS = frozenset({"suppbook", "suppcollection"})
_VOLUMES = frozenset({"mvbook", "mvcollection", "mvproceedings", "mvreference"})


@dataclass(frozen=True, slots=True)
class DraftField:
    """A field still in LaTeX, and the physical line of its ``=``."""

    text: str
    line: int


@dataclass(slots=True)
class Draft:
    """An entry whose macros are put in, and nothing else done."""

    citekey: str
    type: str
    line: int
    raw: str
    fields: dict[str, DraftField] = field(default_factory=dict)


@dataclass(slots=True)
class Inheritance:
    """Resolves the pointers between entries.

    Attributes
    ----------
    drafts : mapping of str to Draft
        Every entry by key.
    faults : list of (line, field, rule, message)
        Pointers to nothing or in a circle; filled while resolving.
    """

    drafts: Mapping[str, Draft]
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)

    def fields(self, draft: Draft) -> dict[str, DraftField]:
        """Fields of an entry with those it takes over; its own always win."""
        return self._fields(draft, (draft.citekey,))

    def _fields(self, draft: Draft, path: tuple[str, ...]) -> dict[str, DraftField]:
        found = dict(draft.fields)
        for pointer in ("xdata", "crossref"):
            if pointer not in draft.fields:
                continue
            for key in draft.fields[pointer].text.split(","):
                parent = self._parent(draft, pointer, key.strip(), path)
                if parent is None:
                    continue
                inherited = self._fields(parent, (*path, parent.citekey))
                for name, value in inherited.items():
                    taken = name if pointer == "xdata" else _taken_as(name, draft, parent)
                    if taken:
                        found.setdefault(taken, value)
        return found

    def _parent(self, draft: Draft, pointer: str, key: str, path: tuple[str, ...]) -> Draft | None:
        line = draft.fields[pointer].line
        parent = self.drafts.get(key)
        if parent is None:
            parent = next((d for k, d in self.drafts.items() if k.lower() == key.lower()), None)
        if parent is None:
            near = did_you_mean(key, self.drafts)
            message = f'no entry "{key}"{near}; add it or remove the {pointer}'
            self.faults.append((line, pointer, "unknown-crossref", message))
        elif parent.citekey in path:
            if parent.citekey == path[0] == min(path):  # each circle is told once
                circle = " → ".join((*path, parent.citekey))
                message = f"{circle} is a circle; remove one {pointer}"
                self.faults.append((line, pointer, "crossref-loop", message))
            return None
        return parent


def _taken_as(name: str, draft: Draft, parent: Draft) -> str:
    """Name under which a parent's field is taken over by crossref; empty if it is not."""
    if name in _OWN:
        return ""
    is_part = draft.type.startswith("in") or draft.type in _PARTS
    if name in _TITLES:
        if parent.type in _VOLUMES:
            return f"main{name}"
        if is_part:
            return f"book{name}"
        return "" if draft.type == "article" else name
    if name == "author" and is_part and "author" in draft.fields:
        return "bookauthor"
    return name
