"""Bytes to lines."""

from __future__ import annotations

import pytest

from evsyn.sources._text import physical_lines


@pytest.mark.parametrize("data", [b"a\nb", b"a\r\nb", b"a\rb", b"\xef\xbb\xbfa\nb"])
def test_line_ends_and_byte_order_mark(data: bytes) -> None:
    assert physical_lines(data, "f") == (["a", "b"], [])


def test_only_line_ends_end_lines() -> None:
    text = "a\N{LINE SEPARATOR}b\x0bc"
    assert physical_lines(text.encode(), "f") == ([text], [])


def test_each_undecodable_line_and_each_nul_is_a_fault() -> None:
    lines, faults = physical_lines(b"\xe9\xe8\nok\n\0", "f")
    assert lines == ["\N{REPLACEMENT CHARACTER}" * 2, "ok", "\0"]
    assert [(fault.line, fault.rule) for fault in faults] == [(1, "encoding"), (3, "nul-byte")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf16_with_mark(encoding: str) -> None:
    data = "\ufeffa".encode(encoding) if encoding.endswith("be") else "a".encode(encoding)
    lines, faults = physical_lines(data, "f")
    assert lines == []
    assert [fault.rule for fault in faults] == ["encoding"]
