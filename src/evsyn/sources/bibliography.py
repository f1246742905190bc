"""The bibliography: every entry of a BibTeX file, and everything that is wrong with it."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evsyn.errors import Fault, TableError, did_you_mean
from evsyn.sources._bibtex import names, value
from evsyn.sources._inheritance import Draft, DraftField, Inheritance
from evsyn.sources._latex import decoded
from evsyn.sources._text import physical_lines
from evsyn.sources.csl import csl_item
from evsyn.sources.reference import Name, Reference

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

__all__ = ["Bibliography", "FailedBlock", "Name", "Reference", "read_bibliography"]

_VERBATIM = frozenset(
    {"crossref", "doi", "entryset", "eprint", "file", "ids", "isbn", "issn", "pmcid", "pmid",
     "url", "xdata", "xref"}
)  # fmt: skip
_HINTS = 100  # nearest names are looked for so often: it is slow among many
_UNESCAPED = re.compile(r"\\([_%&#~])")
_KEYED_NAME = re.compile(r"([a-z]+)((?:19|20)\d\d)[a-z]?")
_LOOKS_LIKE_ENTRY = re.compile(r"^\s*@(?!comment\b)\w+", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FailedBlock:
    """Part of the file that is no reference though it should be.

    Attributes
    ----------
    line : int
        Physical line on which it starts.
    raw : str
        Its text, unchanged.
    reason : str
        What is wrong with it.
    """

    line: int
    raw: str
    reason: str


@dataclass(frozen=True)
class Bibliography:
    """A BibTeX file as read.

    Attributes
    ----------
    path : Path
        The file.
    entries : mapping of str to Reference
        References by key, in the order of the file.
    faults : tuple of Fault
        Everything that was wrong, sorted by line.
    failed : tuple of FailedBlock
        What could not be read as a reference, so that nothing is lost.
    """

    path: Path
    entries: Mapping[str, Reference]
    faults: tuple[Fault, ...] = ()
    failed: tuple[FailedBlock, ...] = ()

    def reference(self, citekey: str) -> Reference:
        """Return the reference of a key.

        Raises
        ------
        TableError
            If the bibliography has no such key; the message names the nearest one.
        """
        try:
            return self.entries[citekey]
        except KeyError:
            near = did_you_mean(citekey, self.entries)
            raise TableError(f'{self.path}: no entry "{citekey}"{near}') from None

    def label(self, citekey: str) -> str:
        """Short name of a reference for readers: ``Nassar 2016``.

        First author and year; a letter after the year tells equal ones apart. Without an author
        it is what the key says (``nassar2016``), else the registry number, the title or the key.

        Raises
        ------
        TableError
            If the bibliography has no such key.
        """
        self.reference(citekey)
        return self._labels[citekey]

    @cached_property
    def _labels(self) -> dict[str, str]:
        plain = {key: _label(reference) for key, reference in self.entries.items()}
        count = Counter(plain.values())
        used: Counter[str] = Counter()
        labels: dict[str, str] = {}
        for key, label in plain.items():
            if count[label] == 1:
                labels[key] = label
            elif re.search(r" \d{4}$", label) and count[label] <= 26:
                labels[key] = label + "abcdefghijklmnopqrstuvwxyz"[used[label]]
                used[label] += 1
            else:
                labels[key] = key
        return labels

    def csl_json(self) -> list[dict[str, Any]]:
        """Return every reference as CSL-JSON, in the order of the file."""
        return [csl_item(reference) for reference in self.entries.values()]


def _label(reference: Reference) -> str:
    if reference.is_registration:
        return reference.registry
    keyed = _KEYED_NAME.fullmatch(reference.citekey)
    year = str(reference.year or (keyed[2] if keyed else ""))
    people = reference.authors or reference.editors
    if people:
        name = people[0].short
    elif keyed:
        name = keyed[1].capitalize()
    elif reference.title:
        name = _shortened(reference.title)
    else:
        return reference.citekey
    return f"{name} {year}".strip()


def _shortened(title: str, width: int = 40) -> str:
    if len(title) <= width:
        return title
    return title[: width + 1].rpartition(" ")[0].rstrip(",;:") + " …"


@dataclass(slots=True)
class _Reader:
    """State of one reading."""

    name: str
    lines: list[str]
    faults: list[Fault] = field(default_factory=list)
    failed: list[FailedBlock] = field(default_factory=list)
    macros: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def fault(
        self, line: int, column: str, rule: str, message: str, *, severity: str = "error"
    ) -> None:
        self.faults.append(Fault(self.name, line, column, message, rule, severity))

    def fail(self, block: Block, rule: str, reason: str, *, raw: str | None = None) -> None:
        line = _line(block)
        self.fault(line, "", rule, reason)
        self.failed.append(FailedBlock(line, raw if raw is not None else block.raw or "", reason))

    def read(self) -> None:
        """Take every block of the file in; macros first, since any entry may use them."""
        from bibtexparser.model import (
            DuplicateBlockKeyBlock,
            DuplicateFieldKeyBlock,
            Entry,
            ImplicitComment,
            ParsingFailedBlock,
            String,
        )

        blocks = _blocks("\n".join(self.lines))
        for block in blocks:
            if isinstance(block, String):
                self._macro(block.key, block.value, _line(block))
        for number, block in enumerate(blocks):
            if isinstance(block, DuplicateFieldKeyBlock):
                if isinstance(block.ignore_error_block, Entry):
                    self._entry(block.ignore_error_block)
            elif isinstance(block, DuplicateBlockKeyBlock):
                again = block.ignore_error_block
                if isinstance(again, Entry):
                    self._entry(again)
                else:
                    self.fail(block, "duplicate-string", _second_string(block.key))
            elif isinstance(block, ParsingFailedBlock):
                raw = self._text_until_next(blocks, number)
                self.fail(block, "unreadable-entry", _reason(block.error), raw=raw)
            elif isinstance(block, Entry):
                self._entry(block)
            elif isinstance(block, ImplicitComment) and not self._follows_failure(blocks, number):
                self._comment(block)

    def _follows_failure(self, blocks: list[Block], number: int) -> bool:
        from bibtexparser.model import DuplicateBlockKeyBlock, ParsingFailedBlock

        before = blocks[number - 1] if number else None
        return isinstance(before, ParsingFailedBlock) and not isinstance(
            before, DuplicateBlockKeyBlock
        )

    def _text_until_next(self, blocks: list[Block], number: int) -> str:
        """Lines of a failed block up to the next block: the parser gives up inside of it."""
        from bibtexparser.model import ImplicitComment

        start = _line(blocks[number]) - 1
        following = (
            _line(b) - 1 for b in blocks[number + 1 :] if not isinstance(b, ImplicitComment)
        )
        end = next(following, len(self.lines))
        return "\n".join(self.lines[start : max(end, start + 1)]).rstrip()

    def _comment(self, block: Block) -> None:
        if found := _LOOKS_LIKE_ENTRY.search(block.raw or ""):
            line = _line(block) + (block.raw or "")[: found.start()].count("\n")
            word = found[0].strip()
            reason = f'"{word}" has no opening brace, so nothing is read; write {word}{{key, …}}'
            self.fault(line, "", "unreadable-entry", reason)
            self.failed.append(FailedBlock(line, block.raw or "", reason))

    def _macro(self, key: str, raw: str, line: int) -> None:
        self.macros[key.lower()] = self._value(raw, line, f"@string {key}")[0]

    def _value(self, raw: str, line: int, column: str) -> tuple[str, tuple[str, str] | None]:
        """Text of a value, and the field that ran into it for want of a comma."""
        read = value(raw, self.macros)
        for macro in read.undefined:
            near = did_you_mean(macro, self.macros) if len(self.faults) < _HINTS else ""
            message = f'no @string "{macro}"{near}; define it or put the word into braces'
            self.fault(line, column, "undefined-string", message)
        if read.beyond:
            message = f"{read.beyond}; shorten it, or take it out"
            self.fault(line, column, "beyond-bounds", message)
            self.failed.append(FailedBlock(line, raw, message))
        if read.rest:
            start = " ".join(read.rest.split())[:30]
            message = f'"{start}" follows the value; put a comma or # before it'
            self.fault(line, column, "missing-comma", message)
        return read.text, read.next_field

    def _entry(self, entry: Entry) -> None:
        key, line = entry.key, _line(entry)
        if not key:
            self.fail(entry, "empty-key", f"@{entry.entry_type} has no key; give it one")
            return
        if re.search(r"[\s{}\"#%~\\]", key):
            message = f'key "{key}" holds a space or one of {{}}"#%~\\; take it out'
            self.fault(line, "", "malformed-key", message)
        if first := self.drafts.get(key):
            reason = f'key "{key}" is that of line {first.line} already; that entry counts'
            self.fail(entry, "duplicate-key", f"{reason}; rename or remove this one")
            return
        if (other := self.keys.setdefault(key.lower(), key)) != key:
            where = self.drafts[other].line
            message = f'key "{key}" differs from "{other}" (line {where}) only in case'
            self.fault(line, "", "similar-key", message, severity="warning")
        if not entry.fields:
            self.fault(line, "", "no-fields", f'entry "{key}" has no fields', severity="warning")
        self.drafts[key] = Draft(key, entry.entry_type, line, entry.raw or "", self._fields(entry))

    def _fields(self, entry: Entry) -> dict[str, DraftField]:
        fields: dict[str, DraftField] = {}
        for found in entry.fields:
            line = found.start_line + 1
            following: tuple[str, str] | None = (found.key, str(found.value))
            while following is not None:
                printed, raw = following
                name = printed.lower()
                text, following = self._value(raw, line, name)
                if first := fields.get(name):
                    message = f"field stands twice; that of line {first.line} counts"
                    self.fault(line, name, "duplicate-field", f"{message}; remove one")
                    reason = f"{name} of {entry.key}, second time"
                    self.failed.append(FailedBlock(line, f"{printed} = {raw}", reason))
                    continue
                fields[name] = DraftField(text, line)
        return fields

    def references(self) -> Iterator[Reference]:
        """Every entry with what it takes over, as plain text."""
        inheritance = Inheritance(self.drafts)
        for draft in self.drafts.values():
            fields = inheritance.fields(draft)
            people = {role: self._people(fields, role, draft) for role in ("author", "editor")}
            yield Reference(
                citekey=draft.citekey,
                type=draft.type,
                fields={name: _plain(name, found.text) for name, found in fields.items()},
                authors=people["author"][0],
                editors=people["editor"][0],
                others=people["author"][1],
                line=draft.line,
            )
        for line, column, rule, message in inheritance.faults:
            self.fault(line, column, rule, message)

    def _people(
        self, fields: Mapping[str, DraftField], role: str, draft: Draft
    ) -> tuple[tuple[Name, ...], bool]:
        if role not in fields:
            return (), False
        people, others, unclear = names(fields[role].text)
        if role in draft.fields:
            for name in unclear:
                message = f'"{name}" has too many commas for a name; part names by "and"'
                line = fields[role].line
                self.fault(line, role, "unclear-name", message, severity="warning")
        return people, others


def _line(block: Block) -> int:
    return (block.start_line or 0) + 1


def _second_string(key: str) -> str:
    return f'@string "{key}" is defined before; the first counts; remove one'


def _reason(error: Exception) -> str:
    """Turn the parser's message into one that says what to do."""
    found = " ".join(str(getattr(error, "abort_reason", error)).split())
    if "Unexpected block start" in found or "end of file" in found:
        return "a brace or quotation mark is not closed before the next entry; close it"
    if "comma after entry key" in found:
        return "no comma after the key; put one"
    return f"cannot be read ({found}); mend its braces, commas and equals signs"


def _plain(name: str, text: str) -> str:
    if name in _VERBATIM:
        return _UNESCAPED.sub(r"\1", " ".join(text.split()).strip("{}"))
    return decoded(text)


def _blocks(text: str) -> list[Block]:
    """Split a file into blocks; the parser's warnings are faults here, so its log stays quiet."""
    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
    return list(parse_string(text, parse_stack=[]).blocks)


def read_bibliography(path: Path, *, name: str | None = None) -> Bibliography:
    """Read a BibTeX or biblatex file as far as it can be read.

    Macros (``@string``, months), concatenation with ``#``, ``crossref`` and ``xdata`` are
    resolved, LaTeX becomes plain text (not in addresses and identifiers). A broken entry never
    takes the entries after it along: it is a fault, and its text is kept in ``failed``.

    Parameters
    ----------
    path : Path
        The file: UTF-8 with or without byte-order mark, any line ends. A missing one gives an
        empty bibliography with one fault.
    name : str, optional
        The file's name in messages; the path as given by default.

    Returns
    -------
    Bibliography
        References, faults and what failed.
    """
    shown = name if name is not None else str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        fault = Fault(shown, 0, "", "file not found; add it or restore it", "missing-file")
        return Bibliography(path, {}, (fault,))
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        return Bibliography(path, {}, (Fault(shown, 0, "", message, "unreadable-file"),))
    lines, faults = physical_lines(data, shown)
    reader = _Reader(shown, lines, faults)
    reader.read()
    entries = {reference.citekey: reference for reference in reader.references()}
    failed = tuple(sorted(reader.failed, key=lambda block: block.line))
    return Bibliography(path, entries, tuple(sorted(reader.faults)), failed)
