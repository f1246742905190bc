"""Citations of a page: numbers in order of appearance, and the list of what was cited."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from evsyn.errors import EvsynError, ReportError

__all__ = ["Citations", "Cited", "linked"]

_ADDRESS = re.compile(
    r"(?P<doi>doi:(?P<id>10\.\d{4,9}/[^\s<>\"]*[^\s<>\".,;)]))"
    r"|(?P<pmid>PMID (?P<number>\d+))"
    r"|(?P<url>https?://[^\s<>\"]*[^\s<>\".,;)])"
)


@dataclass(slots=True)
class Cited:
    """One cited source.

    Attributes
    ----------
    number : int
        Its number, in order of first appearance.
    citekey : str
        Entry of the bibliography.
    text : str
        The citation as plain text.
    places : list of str
        Ids of the links that cite it.
    """

    number: int
    citekey: str
    text: str
    places: list[str] = field(default_factory=list)

    @property
    def html(self) -> str:
        """The citation with its DOI, PMID or address as a link."""
        return linked(self.text)


class Citations:
    """Numbers the sources of one page.

    Parameters
    ----------
    cite : callable
        From a citekey to the citation as plain text; raises an :class:`EvsynError` for a key that
        is not in the bibliography.
    """

    def __init__(self, cite: Callable[[str], str]) -> None:
        self._cite = cite
        self._cited: dict[str, Cited] = {}
        self.where = ""

    @property
    def entries(self) -> tuple[Cited, ...]:
        """What was cited so far, in order of first appearance."""
        return tuple(self._cited.values())

    def text(self, citekey: str) -> str:
        """Citation of a source without citing it; empty for a key that is in no bibliography."""
        try:
            return self._cite(citekey)
        except EvsynError:
            return ""

    def link(self, citekey: str, locator: str = "") -> str:
        """Cite a source.

        Parameters
        ----------
        citekey : str
            Entry of the bibliography.
        locator : str
            Page or table, shown as the link's title.

        Returns
        -------
        str
            A link with the source's number.

        Raises
        ------
        ReportError
            If the bibliography has no such entry; the message says where it is cited.
        """
        if citekey not in self._cited:
            try:
                text = self._cite(citekey)
            except EvsynError as error:
                where = f"{self.where}: " if self.where else ""
                raise ReportError(f'{where}cites "{citekey}": {error}') from None
            self._cited[citekey] = Cited(len(self._cited) + 1, citekey, text)
        cited = self._cited[citekey]
        place = f"cite-{cited.number}-{len(cited.places) + 1}"
        cited.places.append(place)
        key = html.escape(citekey)
        tip = f' title="{html.escape(locator)}"' if locator else ""
        return (
            f'<a class="cite" id="{place}" href="#ref-{key}" data-cite="{key}" '
            f'aria-label="Reference {cited.number}"{tip}><sup>{cited.number}</sup></a>'
        )


def linked(text: str) -> str:
    """Plain citation as HTML in which DOI, PMID and addresses are links.

    Examples
    --------
    >>> linked("Doe J. A <synthetic> title. doi:10.1234/ab PMID 12")
    'Doe J. A &lt;synthetic&gt; title. <a href="https://doi.org/10.1234/ab">doi:10.1234/ab</a>
    <a href="https://pubmed.ncbi.nlm.nih.gov/12/">PMID 12</a>'
    """
    parts = []
    end = 0
    for match in _ADDRESS.finditer(text):
        parts.append(html.escape(text[end : match.start()], quote=False))
        if match["doi"]:
            target = f"https://doi.org/{match['id']}"
        elif match["pmid"]:
            target = f"https://pubmed.ncbi.nlm.nih.gov/{match['number']}/"
        else:
            target = match["url"]
        shown = html.escape(match.group(), quote=False)
        parts.append(f'<a href="{html.escape(target)}">{shown}</a>')
        end = match.end()
    parts.append(html.escape(text[end:], quote=False))
    return "".join(parts)
