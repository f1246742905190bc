"""CSV tables exactly as they stand on disk, each row with the line it starts on."""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evsyn.errors import Fault, SourceError
from evsyn.sources._text import physical_lines

__all__ = ["RawRow", "RawTable", "read_table", "write_table"]

_TO_QUOTE = re.compile(r'([^"]*+(?:""[^"]*+)*+)"')


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record of a table.

    Attributes
    ----------
    line : int
        Physical line (1-based) on which the record starts.
    cells : dict of str to str
        Cell by column name, untrimmed; a line end inside a quoted cell is one line feed.
    """

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class RawTable:
    """A CSV file as read.

    Attributes
    ----------
    path : Path
        The file.
    header : tuple of str
        Column names, trimmed, in the order of the file.
    rows : tuple of RawRow
        Records that have one cell a column. Undecodable bytes in them became U+FFFD, with a fault.
    faults : tuple of Fault
        Everything that was wrong with the file, sorted by line.
    refused : tuple of RawRow
        Records with too few or too many cells: the cells that could be named.
    """

    path: Path
    header: tuple[str, ...]
    rows: tuple[RawRow, ...]
    faults: tuple[Fault, ...]
    refused: tuple[RawRow, ...] = ()


@dataclass(slots=True)
class _Reader:
    """State of one reading: the name for messages and the faults so far."""

    name: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, rule: str, message: str, *, column: str = "") -> None:
        self.faults.append(Fault(self.name, line, column, message, rule))

    def records(self, lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        """Start line and cells of each record that holds anything."""
        index = 0
        while index < len(lines):
            end, cells = self._record(lines, index)
            if any(cell.strip() for cell in cells):
                yield index + 1, cells
            index = end

    def _record(self, lines: Sequence[str], start: int) -> tuple[int, list[str]]:
        """Index after the record that starts at ``start``, and its cells (none where broken)."""
        cells: list[str] = []
        index, position, text = start, 0, lines[start]
        while True:
            if text.startswith('"', position):
                parts, position = [], position + 1
                while (quoted := _TO_QUOTE.match(text, position)) is None:
                    parts.append(text[position:])
                    index, position = index + 1, 0
                    if index == len(lines):
                        return self._unclosed(start)
                    text = lines[index]
                cells.append("\n".join((*parts, quoted[1])).replace('""', '"'))
                position = quoted.end()
                if position < len(text) and text[position] != ",":
                    return self._misplaced(start, index, text[position : position + 20])
            else:
                comma = text.find(",", position)
                comma = len(text) if comma < 0 else comma
                cells.append(text[position:comma])
                position = comma
            if position == len(text):
                return index + 1, cells
            position += 1

    def _unclosed(self, start: int) -> tuple[int, list[str]]:
        self.fault(
            start + 1,
            "unclosed-quote",
            'a quotation mark (") is opened and not closed before the end of the file;'
            " close it, or double one that belongs to the text",
        )
        return start + 1, []

    def _misplaced(self, start: int, index: int, rest: str) -> tuple[int, list[str]]:
        where = f" on line {index + 1}" if index > start else ""
        self.fault(
            start + 1,
            "unclosed-quote",
            f"the quotation mark that closes a cell{where} is followed by {rest!r}, only a"
            ' comma or the line\'s end may follow; double a quotation mark ("") that belongs to'
            " the text",
        )
        return start + 1, []

    def header(self, line: int, cells: Sequence[str]) -> tuple[str, ...]:
        names = tuple(cell.strip() for cell in cells)
        firsts: dict[str, int] = {}
        for number, name in enumerate(names, start=1):
            if not name:
                self.fault(line, "no-header", f"column {number} has no name; give it one")
            elif (first := firsts.setdefault(name, number)) != number:
                self.fault(
                    line,
                    "duplicate-column",
                    f"column name stands twice, as columns {first} and {number}; the second is"
                    " not read; rename or remove it",
                    column=name,
                )
        if len(names) == 1 and (found := re.search(r"[;\t]", names[0])):
            separator = {";": "semicolons", "\t": "tabs"}[found[0]]
            self.fault(line, "separator", f"cells are separated by {separator}; use commas")
        return names


def read_table(path: Path, *, name: str | None = None) -> RawTable:
    """Read a comma-separated table without judging what its cells say.

    UTF-8 with or without byte-order mark; lines may end in LF, CRLF or CR. Lines without any
    content are passed over. Whatever else is wrong is a fault, and reading goes on: a broken
    record never takes the records after it along.

    Parameters
    ----------
    path : Path
        The file. A missing or unreadable one gives a table without rows and one fault.
    name : str, optional
        The file's name in messages; the path as given by default.

    Returns
    -------
    RawTable
        Rows with their lines, and every fault.

    Notes
    -----
    Quotation as in RFC 4180: a cell in quotation marks may hold commas and line ends, and two
    marks stand for one. A mark inside a cell that does not begin with one is text (``5" needle``).
    """
    reader = _Reader(name if name is not None else str(path))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        reader.fault(
            0, "missing-file", "file not found; add it, or restore it from version control"
        )
        return RawTable(path, (), (), tuple(reader.faults))
    except OSError as error:
        reader.fault(0, "unreadable-file", f"cannot be read: {error.strerror or error}")
        return RawTable(path, (), (), tuple(reader.faults))
    lines, faults = physical_lines(data, reader.name)
    reader.faults.extend(faults)
    if not lines:
        return RawTable(path, (), (), tuple(faults))
    return _table(reader, path, lines)


def _table(reader: _Reader, path: Path, lines: Sequence[str]) -> RawTable:
    records = reader.records(lines)
    try:
        line, cells = next(records)
    except StopIteration:
        reader.fault(0, "no-header", "is empty; the first line has to name the columns")
        return RawTable(path, (), (), tuple(sorted(reader.faults)))
    if any(fault.rule == "unclosed-quote" for fault in reader.faults):  # the header's own
        return RawTable(path, (), (), tuple(sorted(reader.faults)))
    header = reader.header(line, cells)
    rows: list[RawRow] = []
    refused: list[RawRow] = []
    for line, cells in records:
        named: dict[str, str] = {}
        for column, cell in zip(header, cells, strict=False):
            named.setdefault(column, cell)
        if len(cells) == len(header):
            rows.append(RawRow(line, named))
            continue
        reader.fault(
            line,
            "cell-count",
            f"{len(cells)} cells found, {len(header)} needed (one a column); put cells with commas"
            " or quotation marks into quotation marks",
        )
        refused.append(RawRow(line, named))
    return RawTable(path, header, tuple(rows), tuple(sorted(reader.faults)), tuple(refused))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a table as UTF-8 with LF line ends, all or nothing.

    The rows go into a file beside the target, which then takes its name: an interruption leaves
    the old file as it was.

    Parameters
    ----------
    path : Path
        The file to make or replace; its folder must exist.
    header : sequence of str
        Column names in order.
    rows : iterable of mapping
        Cell by column name; a column left out is written empty.

    Raises
    ------
    SourceError
        If a row has a column that the header lacks, or the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(header), restval="", lineterminator="\n")
            writer.writeheader()
            for number, row in enumerate(rows, start=1):
                if unknown := sorted(set(row) - set(header)):
                    raise SourceError(
                        f"{path}: row {number}: no column {', '.join(unknown)}; columns are"
                        f" {', '.join(header)}"
                    )
                writer.writerow(row)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
