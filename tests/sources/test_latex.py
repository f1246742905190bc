"""LaTeX to plain text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.sources._latex import closing_brace, decoded

DECODED = {
    r"{\'\i}": "í",
    r"\'{\i}": "í",
    r"\'{i}": "í",
    r"\'i": "í",
    r"{\'{E}}tude": "Étude",
    r"M{\"u}ller and M\"uller": "Müller and Müller",
    r"\v{S}koda \v s \c{c}a \c ca": "Škoda š ça ça",
    r"Erd\H{o}s, \k{a}, \r{a}, \u{g}, \d{u}, \=a, \.z": "Erdős, ą, å, ğ, ụ, ā, ż",
    r"\aa\ \AA{} \o{} \O, \l{}, \ss": "å Å ø Ø, ł, ß",
    r"\'{ea}": "éa",
    r"\~{}/home": "~/home",
    "100% of 20 (5%)": "100% of 20 (5%)",
    r"5\% \& more \$ \# \_ \{x\}": "5% & more $ # _ {x}",
    "{CO$_2$} laser, 10$^{-3}$": "CO₂ laser, 10⁻³",
    r"CO\textsubscript{2}, m\textsuperscript{2}, 1\textsuperscript{st}": "CO₂, m², 1st",
    r"$p \le 0.05$, $\alpha$ and $\tau^2$": "p ≤ 0.05, α and τ²",
    "costs $5 and $7": "costs $5 and $7",
    "pp. 92--99 --- or ``so''": "pp. 92–99 — or “so”",
    "5'' needle": "5'' needle",
    "Tina~S. Alster": "Tina S. Alster",
    r"\emph{all} \textbf{bold {nested}} {\em slanted}": "all bold nested slanted",
    r"\noopsort{1973b}1973": "1973",
    r"\unknown{kept} \unknowntoo": r"kept \unknowntoo",
    "two\n  lines": "two lines",
    r"trailing \\ break": "trailing break",
    "unbalanced {": "unbalanced",
    "e\u0301": "é",
    "ends in \\": "ends in \\",
}


@pytest.mark.parametrize(("latex", "plain"), DECODED.items(), ids=DECODED)
def test_decoded(latex: str, plain: str) -> None:
    assert decoded(latex) == plain


@given(st.text())
def test_any_text_is_decoded_and_composed(text: str) -> None:
    plain = decoded(text)
    assert unicodedata.is_normalized("NFC", plain)
    assert plain == plain.strip()


@pytest.mark.parametrize(
    ("text", "end"), [("{}", 1), ("{a{b}}c", 5), (r"{\}}", 3), ("{a", -1), ("{a\\", -1)]
)
def test_closing_brace(text: str, end: int) -> None:
    assert closing_brace(text, 0) == end
