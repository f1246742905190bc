"""References as CSL-JSON, the form that pandoc and citation processors read."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from evsyn.sources.reference import Name, Reference

__all__ = ["csl_item"]

_TYPES = {
    "article": "article-journal",
    "artwork": "graphic",
    "audio": "song",
    "book": "book",
    "booklet": "pamphlet",
    "collection": "book",
    "conference": "paper-conference",
    "dataset": "dataset",
    "electronic": "webpage",
    "image": "graphic",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "inreference": "entry-encyclopedia",
    "jurisdiction": "legal_case",
    "legislation": "legislation",
    "letter": "personal_communication",
    "manual": "report",
    "mastersthesis": "thesis",
    "movie": "motion_picture",
    "music": "song",
    "mvbook": "book",
    "mvcollection": "book",
    "mvproceedings": "book",
    "mvreference": "book",
    "online": "webpage",
    "patent": "patent",
    "performance": "performance",
    "periodical": "periodical",
    "phdthesis": "thesis",
    "proceedings": "book",
    "reference": "book",
    "report": "report",
    "review": "review",
    "software": "software",
    "standard": "standard",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "suppperiodical": "article-journal",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "video": "motion_picture",
    "www": "webpage",
}
_GENRES = {"mastersthesis": "Master's thesis", "phdthesis": "PhD thesis"}
_SAME = {
    "ISBN": ("isbn",),
    "ISSN": ("issn",),
    "PMCID": ("pmcid",),
    "collection-title": ("series",),
    "container-title-short": ("shortjournal",),
    "edition": ("edition",),
    "event-title": ("eventtitle",),
    "language": ("langid", "language"),
    "number-of-pages": ("pagetotal",),
    "publisher-place": ("address", "location"),
    "title-short": ("shorttitle",),
    "version": ("version",),
    "volume": ("volume",),
}


def csl_item(reference: Reference) -> dict[str, Any]:
    """One reference as an item of a CSL-JSON list.

    Parameters
    ----------
    reference : Reference
        The entry.

    Returns
    -------
    dict
        Only what the entry prints, composed (NFC). The number of a registry record or a device
        clearance is ``number``; one that a journal article names stands in ``note``.

    Examples
    --------
    >>> entry = Reference("k1", "misc", {"title": "A synthetic device", "number": "K000001"})
    >>> csl_item(entry)
    {'id': 'k1', 'type': 'document', 'title': 'A synthetic device', 'number': 'K000001'}
    """
    fields = reference.fields
    kind = _kind(reference)
    item: dict[str, Any] = {"id": reference.citekey, "type": kind}
    item["title"] = reference.title
    item["author"] = [_csl_name(name) for name in reference.authors]
    if reference.others:
        item["author"].append({"literal": "et al."})
    item["editor"] = [_csl_name(name) for name in reference.editors]
    item["container-title"] = reference.container
    item["publisher"] = reference.publisher
    if reference.dates:
        item["issued"] = {"date-parts": [list(date) for date in reference.dates]}
    elif year := fields.get("year"):
        item["issued"] = {"literal": year}
    for variable, sources in _SAME.items():
        item[variable] = next((fields[name] for name in sources if fields.get(name)), "")
    item["page"] = re.sub("–", "-", reference.pages)
    item["genre"] = fields.get("type", _GENRES.get(reference.type, ""))
    item |= _numbers(reference, kind)
    item |= {"DOI": reference.doi, "PMID": reference.pmid, "URL": reference.url}
    return {key: _composed(found) for key, found in item.items() if found}


def _kind(reference: Reference) -> str:
    if reference.type in _TYPES:
        return _TYPES[reference.type]
    return "webpage" if reference.url and not reference.registry else "document"


def _numbers(reference: Reference, kind: str) -> dict[str, str]:
    """Issue, number and note: a journal's number is its issue, any other its own."""
    fields = reference.fields
    number = fields.get("number", "")
    note = fields.get("note", "")
    registry = reference.registry
    if kind.startswith("article") or kind in {"chapter", "paper-conference", "periodical"}:
        issue = fields.get("issue") or number
        if registry and registry not in note:
            note = "; ".join(part for part in (note, registry) if part)
        return {"issue": issue, "note": note}
    return {"issue": fields.get("issue", ""), "number": number or registry, "note": note}


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: text for part, text in parts.items() if text}


def _composed(found: Any) -> Any:
    if isinstance(found, str):
        return unicodedata.normalize("NFC", found)
    if isinstance(found, list):
        return [_composed(part) for part in found]
    if isinstance(found, dict):
        return {key: _composed(part) for key, part in found.items()}
    return found
