"""Values as R writes them: names that came from files can be nothing but text there."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable

__all__ = ["r_comment", "r_number", "r_string", "r_vector"]


def r_string(text: str) -> str:
    r"""A text as an R string.

    Parameters
    ----------
    text : str
        Anything read from a file.

    Returns
    -------
    str
        In double quotes; backslash, quote, control characters and what is not ASCII are escaped,
        so that it ends where it ends. A zero byte, which R has no string with, becomes U+FFFD.

    Examples
    --------
    >>> print(r_string('Müller "A"\\'), r_string("a\n'); q()"))
    "M\u00fcller \"A\"\\" "a\u000a'); q()"
    """
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if 32 <= code < 127:
        return character
    if code == 0 or unicodedata.category(character) == "Cs":
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def r_comment(text: str) -> str:
    r"""A text as a comment: one line, in characters that show.

    Examples
    --------
    >>> r_comment("a\nq()"), r_comment("naïve")
    ('# a q()', '# na?ve')
    """
    shown = "".join(
        character if 32 <= ord(character) < 127 else " " if character.isspace() else "?"
        for character in text
    )
    return f"# {shown}"


def r_number(value: float | None) -> str:
    """A number with all its digits; ``NA`` where there is none.

    Examples
    --------
    >>> r_number(0.1), r_number(3), r_number(None), r_number(float("inf"))
    ('0.1', '3', 'NA', 'Inf')
    """
    if value is None or math.isnan(value):
        return "NA"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else repr(float(value))


def r_vector(values: Iterable[str | float | None]) -> str:
    """Values as an R vector, texts as strings.

    Examples
    --------
    >>> r_vector([1, 2.5, None]), r_vector(["a", None])
    ('c(1, 2.5, NA)', 'c("a", NA)')
    """
    cells = [r_string(value) if isinstance(value, str) else r_number(value) for value in values]
    return f"c({', '.join(cells)})"
