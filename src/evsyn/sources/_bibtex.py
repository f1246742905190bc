"""Values of BibTeX fields: macros and concatenation, fields run together, lists of names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evsyn.sources._latex import closing_brace, decoded

__all__ = ["DEEPEST", "LONGEST", "MONTHS", "Name", "Value", "names", "value"]

LONGEST = 100_000
"""Characters that a field may have: macros made of macros grow without end."""

DEEPEST = 100
"""Braces within braces that a field may have."""

MONTHS = {
    "jan": "January",
    "feb": "February",
    "mar": "March",
    "apr": "April",
    "may": "May",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
_BARE = re.compile(r"[^\s{}\"#,=]+")
_NEXT_FIELD = re.compile(r"([A-Za-z][\w.:+-]*)\s*=\s*(?=\S)")
_INITIALS = re.compile(r"[A-Z]{1,3}")
_NAMED_PART = re.compile(r"\s*(family|given|prefix|suffix)(?:-i)?\s*=\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value with macros put in.

    Attributes
    ----------
    text : str
        Still LaTeX, without the outer delimiters.
    undefined : tuple of str
        Macros that nobody defined; they stand in the text as words.
    rest : str
        What follows the value though nothing may: a comma is missing before it.
    beyond : str
        Why the value is not read: too long or too deep; ``text`` is empty then.
    """

    text: str
    undefined: tuple[str, ...] = ()
    rest: str = ""
    beyond: str = ""

    @property
    def next_field(self) -> tuple[str, str] | None:
        """Name and raw value of the field that ran into this one, if ``rest`` is one."""
        found = _NEXT_FIELD.match(self.rest)
        return (found[1], self.rest[found.end() :]) if found else None


@dataclass(frozen=True, slots=True)
class Name:
    """A person or a body.

    Attributes
    ----------
    family, given, particle, suffix : str
        Parts of a person's name, as far as printed; ``particle`` is ``van der``, ``de`` ….
    literal : str
        Name of a body, printed as it is; the other parts are empty then.
    """

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def short(self) -> str:
        """The name as it stands in a label: ``van der Berg``."""
        return self.literal or " ".join(part for part in (self.particle, self.family) if part)

    @property
    def initials(self) -> str:
        """First letters of the given names without stops: ``JP`` of ``Jean-Pierre``.

        Examples
        --------
        >>> Name("Aust", "Matthias C.").initials, Name("Kaur", "PK").initials
        ('MC', 'PK')
        >>> Name("Asghar", "Mah-e-Neema").initials
        'MN'
        """
        if _INITIALS.fullmatch(self.given):
            return self.given
        letters = [word[0] for word in re.findall(r"[^\W\d_][^\s.\-–]*", self.given)]
        return "".join(letter for letter in letters if letter.isupper()) or "".join(letters).upper()


@dataclass(slots=True)
class _Reading:
    macros: Mapping[str, str]
    pieces: list[str] = field(default_factory=list)
    undefined: list[str] = field(default_factory=list)

    def operand(self, raw: str, position: int) -> int:
        """Read one operand; the position after it, or ``position`` where none stands."""
        if raw.startswith("{", position):
            end = closing_brace(raw, position)
            end = end if end > 0 else len(raw)
            self.pieces.append(raw[position + 1 : end])
            return end + 1
        if raw.startswith('"', position):
            end = _closing_quote(raw, position)
            self.pieces.append(raw[position + 1 : end])
            return end + 1
        if (bare := _BARE.match(raw, position)) is None:
            return position
        word = bare[0]
        if word.isdigit():
            self.pieces.append(word)
        elif (known := self.macros.get(word.lower(), MONTHS.get(word.lower()))) is not None:
            self.pieces.append(known)
        else:
            self.undefined.append(word)
            self.pieces.append(word)
        return bare.end()


def value(raw: str, macros: Mapping[str, str]) -> Value:
    """Put a field's value together.

    Parameters
    ----------
    raw : str
        As in the file: groups, quoted strings, numbers and macros joined by ``#``.
    macros : mapping of str to str
        Text of each ``@string``, by lower-case name; the months are known besides.

    Returns
    -------
    Value
        The text, the macros without definition and what followed without a comma.

    Examples
    --------
    >>> value('"Part " # jan # " end"', {}).text
    'Part January end'
    >>> value('{Title} year = {2016}', {}).next_field
    ('year', '{2016}')
    """
    reading = _Reading(macros)
    position = _blank(raw, 0)
    end = position
    while position < len(raw):
        end = reading.operand(raw, position)
        following = _blank(raw, end)
        if not raw.startswith("#", following):
            break
        position = end = _blank(raw, following + 1)
    beyond = _beyond(reading.pieces)
    text = "" if beyond else "".join(reading.pieces)
    return Value(text, tuple(reading.undefined), raw[end:].strip(), beyond)


def _beyond(pieces: Sequence[str]) -> str:
    """Say which bound a value breaks, before it is put together."""
    length = sum(map(len, pieces))
    if length > LONGEST:
        return f"{length:,} characters, at most {LONGEST:,} are read"
    depth = deepest = 0
    for brace in re.findall(r"[{}]", "".join(pieces)):
        depth += 1 if brace == "{" else -1
        deepest = max(deepest, depth)
    return f"braces {deepest:,} deep, at most {DEEPEST} are read" if deepest > DEEPEST else ""


def _blank(raw: str, position: int) -> int:
    while position < len(raw) and raw[position].isspace():
        position += 1
    return position


def _closing_quote(raw: str, start: int) -> int:
    position = start + 1
    while position < len(raw):
        if raw[position] == "\\":
            position += 1
        elif raw[position] == "{" and (end := closing_brace(raw, position)) > 0:
            position = end
        elif raw[position] == '"':
            return position
        position += 1
    return len(raw)


def _outside_braces(text: str, separator: str) -> Iterator[str]:
    """Split at a pattern, but not inside of groups."""
    pattern = re.compile(separator)
    start = position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == "{" and (end := closing_brace(text, position)) > 0:
            position = end + 1
        elif match := pattern.match(text, position):
            yield text[start:position]
            start = position = match.end()
        else:
            position += 1
    yield text[start:]


def names(text: str) -> tuple[tuple[Name, ...], bool, tuple[str, ...]]:
    """People and bodies of an ``author`` or ``editor`` field.

    Understood are ``First von Last``, ``von Last, First``, ``von Last, Jr, First``, a body in
    braces, biblatex's ``family=…, given=…`` and, since bibliographic databases print it,
    ``Last AB`` with bare initials at the end.

    Parameters
    ----------
    text : str
        The field, still LaTeX: braces decide what is one name.

    Returns
    -------
    people : tuple of Name
        In order.
    others : bool
        Whether ``and others`` ends the list.
    unclear : tuple of str
        Names with more commas than a name can have; they are kept as bodies.

    Examples
    --------
    >>> people, others, unclear = names("{The ABC Consortium} and Kaur PK and de la Cruz, Ana")
    >>> [person.short for person in people]
    ['The ABC Consortium', 'Kaur', 'de la Cruz']
    """
    people: list[Name] = []
    unclear: list[str] = []
    others = False
    for part in _outside_braces(" ".join(text.split()), r"(?i:\s+and\s+)"):
        part = part.strip()
        if part.lower() in {"others", "et al", "et al."}:
            others = True
        elif part:
            person = _name(part)
            if person is None:
                person = Name(literal=decoded(part))
                unclear.append(person.literal)
            people.append(person)
    return tuple(people), others, tuple(unclear)


def _name(text: str) -> Name | None:
    if text.startswith("{") and closing_brace(text, 0) == len(text) - 1:
        return Name(literal=decoded(text))
    parts = [part.strip() for part in _outside_braces(text, ",")]
    named = [_NAMED_PART.fullmatch(part) for part in parts]
    if any(named):
        found = {match[1]: decoded(match[2]) for match in named if match}
        return Name(
            found.get("family", ""),
            found.get("given", ""),
            found.get("prefix", ""),
            found.get("suffix", ""),
        )
    if len(parts) == 1:
        return _without_comma(_words(parts[0]))
    if len(parts) > 3:
        return None
    particle, family = _particle(_words(parts[0]))
    suffix = decoded(parts[1]) if len(parts) == 3 else ""
    return Name(" ".join(family), decoded(parts[-1]), " ".join(particle), suffix)


def _words(text: str) -> list[str]:
    return [word for word in _outside_braces(text, r"[\s~]+") if word]


def _particle(words: list[str]) -> tuple[list[str], list[str]]:
    """Particle and family of ``von Last``: lower-case words in front, the last word never."""
    count = 0
    while count < len(words) - 1 and _lower(words[count]):
        count += 1
    return [decoded(word) for word in words[:count]], [decoded(word) for word in words[count:]]


def _lower(word: str) -> bool:
    return not word.startswith("{") and decoded(word)[:1].islower()


def _without_comma(words: list[str]) -> Name:
    if len(words) > 1 and _INITIALS.fullmatch(words[-1]) and not _initial(words[0]):
        particle, family = _particle(words[:-1])
        return Name(" ".join(family), words[-1], " ".join(particle))
    start = next((i for i, word in enumerate(words[:-1]) if _lower(word)), len(words) - 1)
    particle, family = _particle(words[start:])
    given = " ".join(decoded(word) for word in words[:start])
    return Name(" ".join(family), given, " ".join(particle))


def _initial(word: str) -> bool:
    return word.endswith(".") or _INITIALS.fullmatch(word) is not None
