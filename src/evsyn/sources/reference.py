"""One reference: its fields, who wrote it, its identifiers, its citation as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evsyn.sources._bibtex import MONTHS, Name

__all__ = ["Name", "Reference"]

_REGISTRIES = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|DRKS\d{8}|PACTR\d{15,16}|IRCT\d{8,}(?:N\d+)?"
    r"|UMIN\d{9}|KCT\d{7}|ChiCTR[A-Z0-9-]*\d{8,}|CTRI/\d{4}/\d{2,3}/\d+|TCTR\d{11}"
    r"|EUCTR\d{4}-\d{6}-\d{2}|CRD\d{10,12})\b"
)
_CLEARANCE = re.compile(r"(?:K\d{6}|DEN\d{6}|P\d{6}(?:/S\d{3})?)")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_CONTAINERS = ("journal", "journaltitle", "booktitle", "maintitle")
_PUBLISHERS = ("publisher", "institution", "school", "organization", "howpublished")
_SHOWN_AUTHORS = 6


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of the bibliography.

    Attributes
    ----------
    citekey : str
        Its key.
    type : str
        Entry type in lower case: ``article``, ``misc`` ….
    fields : mapping of str to str
        Plain text by lower-case field name: macros, inheritance and LaTeX resolved.
    authors, editors : tuple of Name
        People and bodies in order.
    others : bool
        Whether the list of authors ends in ``and others``.
    line : int
        Physical line on which the entry starts.
    """

    citekey: str
    type: str
    fields: Mapping[str, str]
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    others: bool = False
    line: int = 0

    def _first(self, *names: str) -> str:
        return next((self.fields[name] for name in names if self.fields.get(name)), "")

    @property
    def title(self) -> str:
        """Title with its subtitle."""
        parts = (self.fields.get("title", ""), self.fields.get("subtitle", ""))
        return ": ".join(part for part in parts if part)

    @property
    def container(self) -> str:
        """Journal, book or proceedings that holds it."""
        return self._first(*_CONTAINERS)

    @property
    def publisher(self) -> str:
        """Publisher, institution or whoever else brought it out."""
        return self._first(*_PUBLISHERS)

    @property
    def dates(self) -> tuple[tuple[int, ...], ...]:
        """Date of issue as (year, month, day) as far as printed; two for a range."""
        if date := self.fields.get("date"):
            found = re.findall(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", date)
            return tuple(tuple(int(part) for part in parts if part) for parts in found[:2])
        year = re.search(r"\b\d{4}\b", self.fields.get("year", ""))
        if year is None:
            return ()
        date_parts = [int(year[0])]
        if month := _month(self.fields.get("month", "")):
            date_parts.append(month)
            if (day := self.fields.get("day", "")).isdigit():
                date_parts.append(int(day))
        return (tuple(date_parts),)

    @property
    def year(self) -> int | None:
        """Year of issue, None where none is printed."""
        return self.dates[0][0] if self.dates else None

    @property
    def doi(self) -> str:
        """DOI alone, without address or ``doi:`` before it."""
        found = _DOI.fullmatch(self.fields.get("doi", "").strip())
        return found[1] if found else self.fields.get("doi", "").strip()

    @property
    def pmid(self) -> str:
        """PubMed number."""
        if pmid := self.fields.get("pmid"):
            return pmid
        return self.fields.get("eprint", "") if self._eprint_type == "pubmed" else ""

    @property
    def _eprint_type(self) -> str:
        return self._first("eprinttype", "archiveprefix").lower()

    @property
    def registry(self) -> str:
        """Number in a registry of trials or reviews, or of a device clearance."""
        if named := self._first("registry", "registration"):
            return named
        number = self.fields.get("number", "")
        if _CLEARANCE.fullmatch(number):
            return number
        found = _REGISTRIES.search(f"{number} {self.fields.get('note', '')}")
        return found[0] if found else ""

    @property
    def is_registration(self) -> bool:
        """Whether it is a registry record or a clearance itself, and no article about one."""
        own = {self.fields.get(name) for name in ("registry", "registration", "number")}
        return self.type != "article" and bool(self.registry) and self.registry in own

    @property
    def url(self) -> str:
        """Address on the web."""
        return self.fields.get("url", "")

    @property
    def pages(self) -> str:
        """Page range with an en dash, or an article number."""
        pages = self._first("pages", "eid")
        return re.sub(r"(?<=\w)\s*-+\s*(?=\w)", "–", pages)

    def citation(self) -> str:
        """Citation as plain text in the order of the AMA manual, of the printed fields only.

        Returns
        -------
        str
            ``Authors. Title. Container. Year;volume(issue):pages. doi:… PMID …``; an address
            only where there is neither DOI nor PubMed number. The note stands for a missing title
            where no author is known either, the key where nothing else is.

        Examples
        --------
        >>> fields = {"title": "A synthetic title", "journal": "J Ex", "year": "2016",
        ...           "volume": "18", "number": "6", "pages": "330-4", "doi": "10.1234/ab"}
        >>> Reference("a2016", "article", fields, (Name("Doe", "Jane B."),)).citation()
        'Doe JB. A synthetic title. J Ex. 2016;18(6):330–4. doi:10.1234/ab'
        """
        container = self.container
        publisher = "" if container else self.publisher
        people = self._people()
        title = self.title or ("" if people else self.fields.get("note", ""))
        parts = [people, title, container, publisher, self._issue()]
        if self.registry and self.registry not in f"{title} {self._issue()}":
            parts.append(self.registry)
        sentences = [part if part[-1] in ".?!" else f"{part}." for part in parts if part]
        identifiers = [
            f"doi:{self.doi}" if self.doi else "",
            f"PMID {self.pmid}" if self.pmid else "",
        ]
        if not any(identifiers):
            identifiers.append(self.url)
        text = " ".join([*sentences, *(found for found in identifiers if found)])
        return text or self.citekey

    def _people(self) -> str:
        people = self.authors or self.editors
        shown = people if len(people) <= _SHOWN_AUTHORS else people[:3]
        listed = [
            " ".join(part for part in (name.short, name.initials, name.suffix) if part)
            for name in shown
        ]
        if listed and (self.others or len(shown) < len(people)):
            listed.append("et al")
        return ", ".join(listed) + (", ed" if listed and not self.authors else "")

    def _issue(self) -> str:
        volume = self.fields.get("volume", "")
        number = "" if self.fields.get("number") == self.registry else self.fields.get("number")
        issue = self.fields.get("issue") or number
        numbers = f"{volume}({issue})" if issue and volume else volume or issue or ""
        year = str(self.year) if self.year is not None else self.fields.get("year", "")
        when = ";".join(part for part in (year, numbers) if part)
        if self.pages:
            return (
                f"{when}:{self.pages}" if numbers else ". ".join(filter(None, [when, self.pages]))
            )
        return when


def _month(text: str) -> int:
    """Number of a month given as number or English name, 0 where it is neither."""
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else 0
    found = [name for name in MONTHS if text[:3].lower() == name]
    return list(MONTHS).index(found[0]) + 1 if found else 0
