r"""LaTeX in bibliography fields as plain text: accents, symbols, sub- and superscripts.

Only what stands in bibliographies is understood. A command that is not known keeps its text
(``\foo{bar}`` gives ``bar``) or, without any, stays as it is. ``%`` is an ordinary character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["closing_brace", "decoded"]

_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
    "t": "\u0361",
}
_SYMBOLS = {
    "aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł", "ss": "ß", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ",
    "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ", "S": "§", "P": "¶", "dag": "†",
    "ddag": "‡", "copyright": "©", "textcopyright": "©", "textregistered": "®",
    "texttrademark": "™", "textdegree": "°", "degree": "°", "textmu": "µ", "pounds": "£",
    "texteuro": "€", "euro": "€", "dots": "…", "ldots": "…", "textellipsis": "…",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'",
    "textquotedbl": '"', "textasciitilde": "~", "textasciicircum": "^",
    "textbackslash": "\\", "textbar": "|", "textless": "<", "textgreater": ">",
    "textbullet": "•", "textperiodcentered": "·", "textonehalf": "½", "textonequarter": "¼",
    "textthreequarters": "¾", "guillemotleft": "«", "guillemotright": "»", "glqq": "„",
    "grqq": "“", "TeX": "TeX", "LaTeX": "LaTeX", "pm": "±", "textpm": "±", "times": "×",
    "texttimes": "×", "div": "÷", "cdot": "·", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼", "infty": "∞", "circ": "°",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "prime": "′", "sqrt": "√", "sum": "∑",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_LEVELS = {"^": _RAISED, "textsuperscript": _RAISED, "_": _LOWERED, "textsubscript": _LOWERED}
_SILENT = frozenset(
    {"em", "it", "bf", "sc", "sf", "tt", "rm", "sl", "itshape", "bfseries", "scshape", "upshape",
     "normalfont", "selectfont", "textstyle", "displaystyle", "relax", "protect"}
)  # fmt: skip
_WITHOUT_ARGUMENT_TEXT = frozenset({"noopsort", "SortNoop"})
_SPACES = {" ": " ", "\n": " ", "\t": " ", ",": "\u2009", ";": " ", ":": " ", "quad": " "}
_NAME = re.compile(r"[A-Za-z]+\*?|.", re.DOTALL)
_LIGATURE = re.compile(r"---|--|``|''")
_LIGATURES = {"---": "—", "--": "–", "``": "“", "''": "”"}
_MATH = re.compile(r"(?<!\\)\$([^$]*+)(?<!\\)\$")
_MATH_SIGN = re.compile(r"[\\_^{]")


def closing_brace(text: str, start: int) -> int:
    r"""Position of the brace that closes the one at ``start``, or -1; ``\{`` does not count.

    Examples
    --------
    >>> closing_brace("{a{b}c} d", 0)
    6
    >>> closing_brace("{a{b}", 0)
    -1
    """
    depth = 0
    position = start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1


def decoded(text: str) -> str:
    r"""Plain text of a field, composed (NFC), without the braces that only group.

    Parameters
    ----------
    text : str
        Field value as printed in the file, outer delimiters removed.

    Returns
    -------
    str
        Text with runs of white space as one space.

    Examples
    --------
    >>> decoded(r"Th{\'\i}s na\"{\i}ve {CO$_2$} laser, 5% of \emph{all} --- \c{C}a \v s")
    'Thís naïve CO₂ laser, 5% of all — Ça š'
    """
    plain = _walked(text, _ordinary)
    return unicodedata.normalize("NFC", re.sub(" {2,}", " ", plain)).strip()


def _walked(text: str, ordinary: Callable[[str, int], tuple[str, int]]) -> str:
    pieces: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            piece, position = _command(text, position + 1, in_text=ordinary is _ordinary)
        elif character in "{}":
            piece, position = "", position + 1
        elif character.isspace() and character != "\u00a0":
            piece = "" if pieces and pieces[-1] == " " else " "
            position += 1
        else:
            piece, position = ordinary(text, position)
        if piece:
            pieces.append(piece)
    return "".join(pieces)


def _ordinary(text: str, position: int) -> tuple[str, int]:
    """Text outside of commands: ligatures, ties and the start of mathematics."""
    if text[position] == "~":
        return " ", position + 1
    math = _MATH.match(text, position) if text[position] == "$" else None
    if math and _MATH_SIGN.search(math[1]):
        return _walked(math[1], _mathematics), math.end()
    if ligature := _LIGATURE.match(text, position):
        if ligature[0] == "''" and "``" not in text[:position]:
            return "''", ligature.end()
        return _LIGATURES[ligature[0]], ligature.end()
    return text[position], position + 1


def _mathematics(text: str, position: int) -> tuple[str, int]:
    if text[position] in "^_":
        argument, end = _argument(text, position + 1)
        return _shifted(_walked(argument, _mathematics), text[position]), end
    return text[position], position + 1


def _shifted(text: str, level: str) -> str:
    moved = text.translate(_LEVELS[level])
    unmoved = any(a == b for a, b in zip(text, moved, strict=True))
    return text if unmoved else moved


def _command(text: str, position: int, *, in_text: bool) -> tuple[str, int]:
    """Text of the command whose name starts at ``position``, and the position after it.

    In text the name of a command takes the space after it along; in mathematics it stays.
    """
    match = _NAME.match(text, position)
    name = match[0].rstrip("*") or "*" if match else ""
    end = match.end() if match else position
    if name in _SPACES:
        return _SPACES[name], end
    if not name.isalpha() and name not in _ACCENTS:
        return {"-": "", "/": "", "\\": " ", "@": ""}.get(name, name), end
    if name in _ACCENTS:
        argument, after = _argument(text, end)
        return _accented(argument, name), after
    if name in _WITHOUT_ARGUMENT_TEXT:
        return "", _argument(text, end)[1]
    if name in _SILENT:
        return "", _past_space(text, end)
    if name in _SYMBOLS:
        return _SYMBOLS[name], _past_space(text, end) if in_text else end
    if name in _LEVELS:
        argument, after = _argument(text, end)
        return _shifted(decoded(argument), name), after
    if text.startswith("{", end):  # unknown: its text stays, the braces fall with the others
        return "", end
    return f"\\{name}", end


def _past_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\n":
        position += 1
    return position


def _argument(text: str, position: int) -> tuple[str, int]:
    """Argument of a command: a group, a command or one character."""
    start = _past_space(text, position)
    if start >= len(text) or text[start] == "}":
        return "", position
    if text[start] == "{":
        end = closing_brace(text, start)
        return (text[start + 1 : end], end + 1) if end > 0 else (text[start + 1 :], len(text))
    if text[start] == "\\" and (match := _NAME.match(text, start + 1)):
        return text[start : match.end()], match.end()
    return text[start], start + 1


def _accented(argument: str, accent: str) -> str:
    base = decoded(argument)
    if not base:
        return accent if accent in "~^" else ""  # the way to print these characters themselves
    mark = _ACCENTS[accent]
    above = unicodedata.combining(mark) in {230, 234}
    first = {"ı": "i", "ȷ": "j"}.get(base[0], base[0]) if above else base[0]
    return unicodedata.normalize("NFC", first + mark) + base[1:]
