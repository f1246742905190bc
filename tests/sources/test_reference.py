"""References: identifiers, dates, citations; people and works are synthetic."""

from __future__ import annotations

import pytest

from evsyn.sources.reference import Name, Reference


def reference(kind: str = "article", people: int = 1, **fields: str) -> Reference:
    authors = tuple(Name(f"Doe{number}", "Jane B.") for number in range(1, people + 1))
    return Reference("doe2016", kind, fields, authors)


@pytest.mark.parametrize(
    ("fields", "dates"),
    [
        ({"year": "2016"}, ((2016,),)),
        ({"year": "2016", "month": "January"}, ((2016, 1),)),
        ({"year": "2016", "month": "12", "day": "5"}, ((2016, 12, 5),)),
        ({"year": "2016", "month": "13"}, ((2016,),)),
        ({"date": "2016-05-04/2017-06"}, ((2016, 5, 4), (2017, 6))),
        ({"year": "in press"}, ()),
        ({}, ()),
    ],
)
def test_dates(fields: dict[str, str], dates: tuple[tuple[int, ...], ...]) -> None:
    assert reference(**fields).dates == dates
    assert reference(**fields).year == (dates[0][0] if dates else None)


@pytest.mark.parametrize(
    "printed", ["10.1234/a_b(c)", "https://doi.org/10.1234/a_b(c)", "doi: 10.1234/a_b(c)"]
)
def test_doi_alone(printed: str) -> None:
    assert reference(doi=printed).doi == "10.1234/a_b(c)"


def test_pmid_from_either_field() -> None:
    assert reference(pmid="123").pmid == "123"
    assert reference(eprint="123", eprinttype="PubMed").pmid == "123"
    assert reference(eprint="2001.1", archiveprefix="arXiv").pmid == ""


@pytest.mark.parametrize(
    ("fields", "registry", "own"),
    [
        ({"number": "NCT00000000"}, "NCT00000000", True),
        ({"number": "K000000"}, "K000000", True),
        ({"note": "registered as ISRCTN00000000"}, "ISRCTN00000000", False),
        ({"registration": "X 1"}, "X 1", True),
        ({"number": "6", "note": "K000000"}, "", False),
    ],
)
def test_registry(fields: dict[str, str], registry: str, own: bool) -> None:
    assert reference("misc", **fields).registry == registry
    assert reference("misc", **fields).is_registration is own
    assert not reference("article", **fields).is_registration


def test_citation_of_an_article() -> None:
    found = reference(
        people=2,
        title="A title?",
        journal="J Ex",
        year="2016",
        volume="18",
        number="6",
        pages="92--99",
        doi="10.1234/ab",
        pmid="1",
    )
    assert found.citation() == (
        "Doe1 JB, Doe2 JB. A title? J Ex. 2016;18(6):92–99. doi:10.1234/ab PMID 1"
    )


@pytest.mark.parametrize(
    ("entry", "citation"),
    [
        (reference(people=7, title="T"), "Doe1 JB, Doe2 JB, Doe3 JB, et al. T."),
        (reference(people=0, year="2016", pmid="1"), "2016. PMID 1"),
        (reference(people=0, journal="J Ex", year="2016", pages="e5"), "J Ex. 2016. e5."),
        (reference(people=0, title="T", volume="3", pages="1-2"), "T. 3:1–2."),
        (reference(people=0, title="T", url="https://ex.org"), "T. https://ex.org"),
        (reference("misc", 0, title="T", publisher="P", year="2016"), "T. P. 2016."),
        (reference("misc", 0, title="D", number="K000000"), "D. K000000."),
        (reference("misc", 0, note="A page", url="https://ex.org"), "A page. https://ex.org"),
        (reference("misc", 0), "doe2016"),
        (reference(people=0, title="T", note="NCT00000000"), "T. NCT00000000."),
    ],
)
def test_citation_of_what_is_printed_only(entry: Reference, citation: str) -> None:
    assert entry.citation() == citation


def test_citation_by_editors_and_others() -> None:
    editors = (Name("Roe", "A."),)
    assert Reference("r", "book", {"title": "T"}, editors=editors).citation() == "Roe A, ed. T."
    others = Reference("r", "book", {"title": "T"}, authors=editors, others=True)
    assert others.citation() == "Roe A, et al. T."


def test_title_with_subtitle() -> None:
    assert reference(title="T", subtitle="S").title == "T: S"
