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
_HINTS = 100  # nearest names are looked for so often: it is slow among many
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
    """Resolves the pointers between entries, each entry once.

    Attributes
    ----------
    drafts : mapping of str to Draft
        Every entry by key.
    faults : list of (line, field, rule, message)
        Pointers to nothing or in a circle; filled while resolving.
    """

    drafts: Mapping[str, Draft]
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)
    _folded: dict[str, Draft] = field(default_factory=dict)
    _pointers: dict[str, list[tuple[str, Draft]]] = field(default_factory=dict)
    _resolved: dict[str, dict[str, DraftField]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, draft in self.drafts.items():
            self._folded.setdefault(key.lower(), draft)

    def fields(self, draft: Draft) -> dict[str, DraftField]:
        """Fields of an entry with those it takes over; its own always win."""
        if draft.citekey not in self._resolved:
            self._resolve(draft)
        return self._resolved[draft.citekey]

    def _resolve(self, draft: Draft) -> None:
        """Resolve the parents first, on a list of its own: no chain is too long for it."""
        path = {draft.citekey: iter(self._parents(draft))}
        while path:
            key = next(reversed(path))
            pointer, parent = next(path[key], ("", None))
            if parent is None:
                self._resolved[key] = self._merged(self.drafts[key])
                del path[key]
            elif parent.citekey in path:
                keys = list(path)[list(path).index(parent.citekey) :]
                first = keys.index(min(keys))
                circle = " → ".join((*keys[first:], *keys[:first], keys[first]))
                line = self.drafts[key].fields[pointer].line
                message = f"{circle} is a circle; remove one {pointer}"
                self.faults.append((line, pointer, "crossref-loop", message))
            elif parent.citekey not in self._resolved:
                path[parent.citekey] = iter(self._parents(parent))

    def _merged(self, draft: Draft) -> dict[str, DraftField]:
        """Own fields and those of the parents; in a circle no more than the parents' own."""
        found = dict(draft.fields)
        for pointer, parent in self._pointers[draft.citekey]:
            for name, value in self._resolved.get(parent.citekey, parent.fields).items():
                taken = name if pointer == "xdata" else _taken_as(name, draft, parent)
                if taken:
                    found.setdefault(taken, value)
        return found

    def _parents(self, draft: Draft) -> list[tuple[str, Draft]]:
        """Entries that an entry points to, with the field that does."""
        found: list[tuple[str, Draft]] = []
        for pointer in ("xdata", "crossref"):
            if pointer not in draft.fields:
                continue
            for word in dict.fromkeys(draft.fields[pointer].text.split(",")):
                key = word.strip()
                parent = self.drafts.get(key) or self._folded.get(key.lower())
                if parent is None:
                    near = did_you_mean(key, self.drafts) if len(self.faults) < _HINTS else ""
                    message = f'no entry "{key}"{near}; add it or remove the {pointer}'
                    line = draft.fields[pointer].line
                    self.faults.append((line, pointer, "unknown-crossref", message))
                else:
                    found.append((pointer, parent))
        self._pointers[draft.citekey] = found
        return found


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
