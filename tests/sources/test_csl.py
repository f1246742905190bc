"""CSL-JSON; people and works are synthetic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evsyn.sources.csl import csl_item
from evsyn.sources.reference import Name, Reference


def item(kind: str = "article", **fields: str) -> dict[str, Any]:
    return csl_item(Reference("k", kind, fields))


def test_article() -> None:
    fields = {
        "title": "Cafe\u0301",
        "journal": "J Ex",
        "year": "2016",
        "month": "May",
        "volume": "18",
        "number": "6",
        "pages": "92–99",
        "doi": "https://doi.org/10.1234/ab",
        "pmid": "1",
        "url": "https://ex.org",
        "note": "NCT00000000",
    }
    authors = (Name("Cruz", "Ana", "de la", "Jr"), Name(literal="A Body"))
    found = csl_item(Reference("k", "article", fields, authors, others=True))
    assert found == {
        "id": "k",
        "type": "article-journal",
        "title": "Café",
        "author": [
            {
                "family": "Cruz",
                "given": "Ana",
                "non-dropping-particle": "de la",
                "suffix": "Jr",
            },
            {"literal": "A Body"},
            {"literal": "et al."},
        ],
        "container-title": "J Ex",
        "issued": {"date-parts": [[2016, 5]]},
        "volume": "18",
        "issue": "6",
        "page": "92-99",
        "note": "NCT00000000",
        "DOI": "10.1234/ab",
        "PMID": "1",
        "URL": "https://ex.org",
    }
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("kind", "fields", "csl"),
    [
        ("book", {}, "book"),
        ("inbook", {}, "chapter"),
        ("inproceedings", {}, "paper-conference"),
        ("phdthesis", {}, "thesis"),
        ("techreport", {}, "report"),
        ("online", {}, "webpage"),
        ("misc", {"url": "https://ex.org"}, "webpage"),
        ("misc", {"url": "https://ex.org", "number": "K000000"}, "document"),
        ("misc", {}, "document"),
        ("neverheardof", {}, "document"),
        ("dataset", {}, "dataset"),
    ],
)
def test_types(kind: str, fields: dict[str, str], csl: str) -> None:
    assert item(kind, **fields)["type"] == csl


def test_registry_number() -> None:
    assert item("misc", number="NCT00000000")["number"] == "NCT00000000"
    article = item(registration="NCT00000000", number="6", note="pilot")
    assert (article["issue"], article["note"]) == ("6", "pilot; NCT00000000")
    assert item("techreport", registry="X1", year="in press") == {
        "id": "k",
        "type": "report",
        "issued": {"literal": "in press"},
        "number": "X1",
    }


def test_genre_of_a_thesis() -> None:
    assert item("phdthesis")["genre"] == "PhD thesis"
    assert item("thesis", type="Licentiate")["genre"] == "Licentiate"
