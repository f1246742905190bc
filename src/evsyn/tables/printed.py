"""What a cell prints: digits or words to a number with its rounding, and whether a quote has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from evsyn.tables.fields import SHARE_FIELDS, SHARE_WORDS, TEXT_FIELDS

__all__ = ["Printed", "number_words", "occurs_in", "read_printed"]

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = (
    {"no": 0, "none": 0, "nil": 0, "single": 1, "once": 1, "twice": 2, "hundred": 100}
    | {word: value for value, word in enumerate(ONES)}
    | {word: 10 * value for value, word in enumerate(TENS, 2)}
)
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
RELATION = re.compile(r"^(?:(<=|>=|<|≤|>|≥|~|[Aa]bout)\s*)?(.*?)\s*%?$")
SIGNS = {"<=": "≤", ">=": "≥", "~": "about", "About": "about"}


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed value.

    Attributes
    ----------
    value : Decimal
        The number, with the decimals that were printed.
    relation : str
        ``<``, ``≤``, ``>``, ``≥``, ``about`` or empty.
    exact : bool
        Whether it was printed in words that leave no rounding (``all``, ``none``, ``seven``).
    """

    value: Decimal
    relation: str
    exact: bool

    @property
    def half(self) -> Decimal:
        """Half a unit of the last decimal printed; 0 for words."""
        if self.exact:
            return Decimal(0)
        exponent = self.value.as_tuple().exponent
        return Decimal(1).scaleb(int(exponent)) / 2


def _plain(text: str) -> str:
    """One kind of minus, no thousands separators."""
    text = text.replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)


def number_words(text: str) -> list[Decimal]:
    """Values of the number words of a text, in order.

    Examples
    --------
    >>> number_words("Twenty-two of one hundred, none lost")
    [Decimal('22'), Decimal('100'), Decimal('0')]
    """
    found: list[int] = []
    before = ""
    for word in re.findall(r"[a-z]+", text.lower()):
        if before in TENS and word in ONES[1:10]:
            found[-1] += WORDS[word]
        elif word == "hundred" and before in ONES[1:10]:
            found[-1] *= 100
        elif word in WORDS:
            found.append(WORDS[word])
        before = word
    return [Decimal(value) for value in found]


@lru_cache(maxsize=65_536)
def read_printed(printed: str, field: str) -> Printed | None:
    """Read what a cell prints.

    Parameters
    ----------
    printed : str
        The value as printed: ``93.3``, ``seven``, ``<0.001``, ``All``.
    field : str
        What it is; words such as *all* are numbers for shares only.

    Returns
    -------
    Printed or None
        None where it is no single number, and for the fields whose value is words.

    Examples
    --------
    >>> read_printed("<0.001", "p")
    Printed(value=Decimal('0.001'), relation='<', exact=False)
    >>> read_printed("Twenty-two", "n_enrolled").value, read_printed("All", "percent").value
    (Decimal('22'), Decimal('100'))
    """
    if field in TEXT_FIELDS:
        return None
    match = RELATION.match(_plain(printed.strip()))
    if match is None:  # pragma: no cover - the pattern matches every line of text
        return None
    relation, text = SIGNS.get(match[1] or "", match[1] or ""), match[2]
    if NUMBER.fullmatch(text):
        return Printed(Decimal(text), relation, exact=False)
    if field in SHARE_FIELDS and text.lower() in SHARE_WORDS:
        return Printed(Decimal(SHARE_WORDS[text.lower()]), relation, exact=True)
    words = number_words(text)
    known = all(word in WORDS for word in re.findall(r"[a-z]+", text.lower()))
    if len(words) == 1 and known:
        return Printed(words[0], relation, exact=True)
    return None


def _numbers(text: str) -> set[Decimal]:
    """Every number of a text; a glued hyphen may be a dash or a minus, so both readings count."""
    found = set(number_words(text))
    plain = _plain(text)
    for match in NUMBER.finditer(plain):
        value = Decimal(match.group())
        found.add(value)
        if match.group()[0] == "-" and match.start() and plain[match.start() - 1].isalnum():
            found.add(-value)
    return found


def occurs_in(quote: str, printed: str, field: str) -> bool:
    """Whether a quote carries what a cell prints: the number in digits or words, or the words.

    Parameters
    ----------
    quote : str
        The verbatim quote.
    printed, field : str
        The printed value and what it is.

    Returns
    -------
    bool
        True where the quote holds the value.

    Examples
    --------
    >>> occurs_in("noted in seven (43.8%) patients", "7", "events")
    True
    >>> occurs_in("noted in seven (43.8%) patients", "43.9", "percent")
    False
    """
    read = read_printed(printed, field)
    words = re.sub(r"\s+", " ", quote.lower())
    if read is None or printed.strip().lower() in SHARE_WORDS:
        return re.search(rf"(?<!\w){re.escape(printed.lower())}(?!\w)", words) is not None
    return read.value in _numbers(quote)
