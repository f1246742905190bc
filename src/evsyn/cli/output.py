"""One answer in three forms: a table for people, JSON and CSV for machines."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from evsyn import __version__
from evsyn.cli.options import Settings
from evsyn.cli.screen import printable
from evsyn.cli.sheet import Sheet, sheet_text
from evsyn.errors import ConfigurationError

if TYPE_CHECKING:
    from evsyn.synthesis.results import Result

__all__ = ["Answer", "csv_text", "deliver", "json_text"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb found.

    Attributes
    ----------
    command : str
        The verb.
    rows : sequence of mapping
        Rows of the JSON and CSV forms.
    sheet : callable
        Makes the table for people; told whether symbols may be shown.
    settings : mapping
        Options in force.
    notes : sequence of str
        What a reader must know beyond the rows.
    assumptions : sequence of str
        Ids of the accepted assumptions.
    summary : mapping or None
        Counts, where the verb has them.
    lines : sequence of mapping or None
        Rows of the CSV form where they differ from those of JSON, which may be nested.
    below : str
        Text below the table, printed as it is.
    extra : mapping
        Further entries of the JSON object.
    text : str or None
        What is printed in place of a table: a file in a format of its own.
    """

    command: str
    rows: Sequence[Mapping[str, Any]]
    sheet: Callable[[bool], Sheet]
    settings: Mapping[str, object] = field(default_factory=dict)
    notes: Sequence[str] = ()
    assumptions: Sequence[str] = ()
    summary: Mapping[str, object] | None = None
    lines: Sequence[Mapping[str, Any]] | None = None
    below: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    text: str | None = None

    @classmethod
    def of(cls, result: Result[Any], sheet: Callable[[bool], Sheet]) -> Answer:
        """Make the answer of a result of the library: its rows as they are, and its sheet."""
        return cls(
            result.command,
            result.records(),
            sheet,
            result.settings,
            result.notes,
            result.assumptions,
        )


def deliver(settings: Settings, answer: Answer) -> None:
    """Print an answer, or write it to the file the user named, all or nothing.

    Parameters
    ----------
    settings : Settings
        Form, file and loudness.
    answer : Answer
        What was found.
    """
    if settings.output is not None:
        _write(settings.output, _text(settings, answer, terminal=False))
        return
    stream = sys.stdout
    _speak_utf8(stream, strict=settings.format != "table")
    click.echo(_text(settings, answer, terminal=stream.isatty()), nl=False, color=True)


def _text(settings: Settings, answer: Answer, *, terminal: bool) -> str:
    if settings.format == "json":
        return json_text(answer)
    if settings.format == "csv":
        return csv_text(answer.rows if answer.lines is None else answer.lines)
    if answer.text is not None:
        return answer.text
    sheet = answer.sheet(terminal)
    told = sheet_text(sheet, terminal=terminal, quiet=settings.quiet)
    return f"{told}\n{_printable_lines(answer.below)}" if answer.below else told


def _printable_lines(text: str) -> str:
    return "".join(f"{printable(line)}\n" for line in text.splitlines())


def _speak_utf8(stream: IO[str], *, strict: bool) -> None:
    """Machine forms are UTF-8 wherever they go; a table may lose a symbol but never fails."""
    if isinstance(stream, io.TextIOWrapper):
        if strict:
            stream.reconfigure(encoding="utf-8")
        else:
            stream.reconfigure(errors="replace")


def _write(path: Path, text: str) -> None:
    """Replace a file as a whole; a link stays a link, a device or a pipe is written to."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if (path.exists() and not path.is_file()) or path.absolute().is_relative_to("/dev"):
            with path.open("a", encoding="utf-8", newline="") as stream:
                stream.write(text)
            return
        draft.write_text(text, encoding="utf-8", newline="")
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError(f"{path}: cannot be written: {reason}; name another") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def json_text(answer: Answer) -> str:
    """Return the answer as one JSON object; a number that is none is ``null``.

    Parameters
    ----------
    answer : Answer
        What was found.

    Returns
    -------
    str
        ``{"evsyn", "command", "settings", "rows", "notes", "assumptions"}`` and ``summary`` where
        there is one; full precision. JSON knows no infinity: a limit without end is ``null``, and
        a note says so.
    """
    endless = [
        f"row {number}: {name} is {'' if value > 0 else 'minus '}infinity, which JSON has no"
        " number for: null"
        for number, row in enumerate(answer.rows, start=1)
        for name, value in row.items()
        if isinstance(value, float) and math.isinf(value)
    ]
    content: dict[str, object] = {
        "evsyn": __version__,
        "command": answer.command,
        "settings": dict(answer.settings),
        "rows": [dict(row) for row in answer.rows],
        "notes": [*answer.notes, *endless],
        "assumptions": list(answer.assumptions),
    }
    if answer.summary is not None:
        content["summary"] = dict(answer.summary)
    content |= answer.extra
    return json.dumps(_finite(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Iterable):
        return [_finite(item) for item in value]
    return str(value)


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV that a spreadsheet can open without running anything.

    Parameters
    ----------
    rows : sequence of mapping
        Rows; lists become ``a;b``, a mapping one column an entry.

    Returns
    -------
    str
        CSV with a header. A cell that is no number and begins with ``=``, ``+``, ``-``, ``@``,
        tab or carriage return gets an apostrophe before it.

    Examples
    --------
    >>> print(csv_text([{"study": "=1+1", "rate": -0.5, "citekeys": ["a", "b"]}]), end="")
    study,rate,citekeys
    '=1+1,-0.5,a;b
    """
    flat = [_flat(row) for row in rows]
    header = list(dict.fromkeys(name for row in flat for name in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, header, restval="", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(flat)
    return stream.getvalue()


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            cells |= {f"{name}_{inner}": text for inner, text in _flat(value).items()}
        else:
            cells[name] = _cell(value)
    return cells


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return _safe(";".join(_plain(item) for item in value))
    return _safe(str(value))


def _plain(value: object) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(_finite(value), ensure_ascii=False)
    return "" if value is None else str(value)


def _safe(text: str) -> str:
    guard = "'" if text.startswith(_FORMULA) and not _is_number(text) else ""
    return guard + text.replace("\r\n", "\n").replace("\r", "\n")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return not text.startswith(("\t", "\r"))
