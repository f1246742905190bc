"""Bytes to physical lines, with every byte that is not text as a fault."""

from __future__ import annotations

import codecs
import re

from evsyn.errors import Fault

__all__ = ["physical_lines"]

_LINE_END = re.compile(rb"\r\n|\n|\r")


def physical_lines(data: bytes, name: str) -> tuple[list[str], list[Fault]]:
    r"""Split a file into its lines and decode each by itself.

    Parameters
    ----------
    data : bytes
        The file: UTF-8, with or without byte-order mark; lines end in LF, CRLF or CR.
    name : str
        The file's name in the faults.

    Returns
    -------
    lines : list of str
        Without their ends. Bytes that are not UTF-8 became U+FFFD. A UTF-16 file has no lines.
    faults : list of Fault
        One a line that is not UTF-8 or holds a NUL byte.

    Examples
    --------
    >>> lines, faults = physical_lines(b"one\r\ntw\xf6", "a.csv")
    >>> print(faults[0])
    a.csv:2: byte 0xf6 at position 3 of the line is not UTF-8; save the file as UTF-8
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return [], [Fault(name, 0, "", "is UTF-16; save the file as UTF-8", "encoding")]
    lines: list[str] = []
    faults: list[Fault] = []
    for number, raw in enumerate(_LINE_END.split(data.removeprefix(codecs.BOM_UTF8)), start=1):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            text = raw.decode("utf-8", errors="replace")
            where = f"byte 0x{raw[error.start]:02x} at position {error.start + 1} of the line"
            message = f"{where} is not UTF-8; save the file as UTF-8"
            faults.append(Fault(name, number, "", message, "encoding"))
        if "\0" in text:
            message = f"NUL byte at position {text.index(chr(0)) + 1} of the line; remove it"
            faults.append(Fault(name, number, "", message, "nul-byte"))
        lines.append(text)
    return lines, faults
