"""What may be sent to a terminal: symbols where they show, control characters nowhere."""

from __future__ import annotations

import unicodedata

__all__ = ["SYMBOLS", "printable", "status_words"]

SYMBOLS = {
    "reported": "●",
    "derived": "◐",
    "assumed": "○",
    "ambiguous": "◌",
    "conflicting": "◇",
    "not found": "–",
    "not reported": "–",
}


def printable(text: str) -> str:
    r"""Text with its control characters made visible, on one line.

    Cells, quotes and file names come from other people's files: an escape sequence in one must
    not reach the terminal, nor may direction marks reorder what is read.

    Parameters
    ----------
    text : str
        Anything read from a file.

    Returns
    -------
    str
        The same with line ends and tabs as single spaces, other control and direction characters
        as ``\x1b`` or ``\u202e``.

    Examples
    --------
    >>> printable("a\x1b[2Jb\nc")
    'a\\x1b[2Jb c'
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if unicodedata.category(character) in {"Cc", "Cs"} or character in _DIRECTIONS:
        return character.encode("unicode_escape").decode("ascii")
    return character


_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def status_words(status: str, *, symbols: bool) -> str:
    """Status as words, with its symbol where symbols are shown.

    Examples
    --------
    >>> status_words("derived", symbols=True), status_words("derived", symbols=False)
    ('◐ derived', 'derived')
    """
    symbol = SYMBOLS.get(status, "") if symbols else ""
    return f"{symbol} {status}".strip()
