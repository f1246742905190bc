"""Values and names of BibTeX fields; the people are synthetic."""

from __future__ import annotations

import pytest

from evsyn.sources._bibtex import Name, Value, names, value

MACROS = {"jex": "J Ex"}

VALUES = {
    "{braced {group}}": Value("braced {group}"),
    '"quoted {"} mark"': Value('quoted {"} mark'),
    "2016": Value("2016"),
    "jan": Value("January"),
    "JEX": Value("J Ex"),
    'jex # " B" # {c} # 7': Value("J Exc7".replace("c7", " Bc7")),
    '"Part " # jan # " end"': Value("Part January end"),
    "nobody": Value("nobody", ("nobody",)),
    "{a} b = {c}": Value("a", (), "b = {c}"),
    '"a" rest': Value("a", (), "rest"),
    "{open": Value("open"),
    '"open': Value("open"),
    "": Value(""),
}


@pytest.mark.parametrize(("raw", "expected"), VALUES.items(), ids=VALUES)
def test_value(raw: str, expected: Value) -> None:
    assert value(raw, MACROS) == expected


def test_field_that_ran_into_another() -> None:
    assert value('{T}\n year = "2016"', {}).next_field == ("year", '"2016"')
    assert value("{T} year", {}).next_field is None


NAMES = {
    "Jane B. Doe": Name("Doe", "Jane B."),
    "Doe, Jane B.": Name("Doe", "Jane B."),
    "Doe": Name("Doe"),
    "Doe JB": Name("Doe", "JB"),
    "El Doe JB": Name("El Doe", "JB"),
    "J. B. DOE": Name("DOE", "J. B."),
    "Ana de la Cruz": Name("Cruz", "Ana", "de la"),
    "de la Cruz, Ana": Name("Cruz", "Ana", "de la"),
    "van Doe AB": Name("Doe", "AB", "van"),
    "Doe, Jr., Jane": Name("Doe", "Jane", "", "Jr."),
    "{Example Widgets, LLC}": Name(literal="Example Widgets, LLC"),
    "{The Doe} Group": Name("Group", "The Doe"),
    r"D{\"o}e, Th{\'e}a": Name("Döe", "Théa"),
    "family=Doe, given=Jane, prefix=van, suffix=Jr": Name("Doe", "Jane", "van", "Jr"),
}


@pytest.mark.parametrize(("printed", "name"), NAMES.items(), ids=NAMES)
def test_one_name(printed: str, name: Name) -> None:
    assert names(printed) == ((name,), False, ())


def test_lists_of_names() -> None:
    people, others, unclear = names("Doe, Jane and {Roe and Sons}\n AND Roe, Jo and others")
    assert [person.short for person in people] == ["Doe", "Roe and Sons", "Roe"]
    assert others
    assert unclear == ()


def test_too_many_commas_are_reported_and_kept() -> None:
    people, _, unclear = names("Doe A, Roe B, Poe C, Moe D")
    assert people == (Name(literal="Doe A, Roe B, Poe C, Moe D"),)
    assert unclear == ("Doe A, Roe B, Poe C, Moe D",)


@pytest.mark.parametrize(
    ("given", "initials"),
    [("Jean-Pierre", "JP"), ("A. B.", "AB"), ("MS", "MS"), ("Mah-e-Neema", "MN"), ("", "")],
)
def test_initials(given: str, initials: str) -> None:
    assert Name("Doe", given).initials == initials


def test_short_name() -> None:
    assert Name("Cruz", "Ana", "de la").short == "de la Cruz"
    assert Name(literal="A Body").short == "A Body"
