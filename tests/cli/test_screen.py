"""Nothing from a file steers the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.cli.screen import SYMBOLS, printable, status_words
from evsyn.literals import Status, choices


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – text, é, 瘢", "plain – text, é, 瘢"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\tc\r\nd", "a b c  d"),
        ("x\u202ey", "x\\u202ey"),
        ("\x9b2J", "\\x9b2J"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_printable_leaves_no_control_character(text: str) -> None:
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in printable(text))


def test_every_status_has_a_symbol_and_keeps_its_word() -> None:
    assert set(SYMBOLS) == set(choices(Status))
    for status in choices(Status):
        assert status_words(status, symbols=True).endswith(f" {status}")
        assert status_words(status, symbols=False) == status
