from __future__ import annotations

from typing import Any

import pytest

from evsyn.errors import AssumptionError
from evsyn.tables.assumptions import select


@pytest.fixture
def choice(book: Any) -> Any:
    """Synthetic assumptions: A or B, C (needs A), D (a default), E (the other choice to D)."""
    book.assume("A", "n", "1", group="one")
    book.assume("B", "n", "2", group="one")
    book.assume("C", "n", "3", group="two", requires=("A",))
    book.assume("D", "n", "4", group="three", default="accept")
    book.assume("E", "n", "5", group="three")
    return book


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        ("default", "D"),
        ("", "D"),
        ([], "D"),
        ("none", ""),
        ("A", "AD"),
        ("default,A", "AD"),
        (["A"], "AD"),
        (["A", "default"], "AD"),
        (" A , C ", "ACD"),
        ("C,A", "ACD"),
        ("none,A", "A"),
        ("A,none", "A"),
        ("-D", ""),
        ("-D,E", "E"),
        ("-D,E,A", "AE"),
        ("-A", "D"),
        ("all", "ACD"),
        ("all,-C", "AD"),
        ("all,-D", "AC"),
        (("B",), "BD"),
    ],
)
def test_what_counts(choice: Any, accept: Any, accepted: str) -> None:
    found = select(choice.ledger(), accept)
    assert found.accepted == tuple(accepted)
    assert found.rejected == tuple(name for name in "ABCDE" if name not in accepted)


def test_all_names_what_it_leaves_out(choice: Any) -> None:
    notes = select(choice.ledger(), "all").notes
    assert notes == ("B: not taken beside A", "E: not taken beside D")
    assert select(choice.ledger(), "A").notes == ()


def test_all_names_what_lacks_its_requirement(book: Any) -> None:
    book.assume("A", "n", "1", requires=("B",))
    book.assume("B", "n", "2", requires=("A",))
    book.assume("C", "n", "3")
    found = select(book.ledger(), "all")
    assert found.accepted == ("C",)
    assert found.notes == ("A: requires B", "B: requires A")


def test_all_waits_for_what_the_first_of_a_group_requires(book: Any) -> None:
    book.assume("A1", "n", "1", group="A", requires=("B2",))
    book.assume("A2", "n", "2", group="A")
    book.assume("B1", "n", "3", group="B", requires=("A2",))
    book.assume("B2", "n", "4", group="B")
    found = select(book.ledger(), "all")
    assert found.accepted in {("A1", "B2"), ("A2", "B1")}


def test_all_takes_the_first_though_its_requirement_stands_later(book: Any) -> None:
    book.assume("A1", "n", "1", group="A", requires=("B",))
    book.assume("A2", "n", "2", group="A")
    book.assume("B", "n", "3")
    found = select(book.ledger(), "all")
    assert found.accepted == ("A1", "B")
    assert found.notes == ("A2: not taken beside A1",)


def test_all_passes_over_what_can_never_be_met(book: Any) -> None:
    book.assume("A1", "n", "1", group="A", requires=("B2",))
    book.assume("A2", "n", "2", group="A")
    book.assume("B1", "n", "3", group="B")
    book.assume("B2", "n", "4", group="B")
    assert select(book.ledger(), "all").accepted == ("A2", "B1")


def test_all_passes_first_over_what_is_in_vain(book: Any) -> None:
    """A1 waits for B2; B1 waits in vain for C2, so B2 has its turn, and A1 is met."""
    book.assume("A1", "n", "1", group="A", requires=("B2",))
    book.assume("A2", "n", "2", group="A")
    book.assume("B1", "n", "3", group="B", requires=("C2",))
    book.assume("B2", "n", "4", group="B")
    book.assume("C1", "n", "5", group="C")
    book.assume("C2", "n", "6", group="C")
    assert select(book.ledger(), "all").accepted == ("A1", "B2", "C1")


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        ("A,B", r"A and B exclude each other \(group one\); accept one of them"),
        ("E", r'D and E exclude each other .* rejected with "-D"'),
        ("C", "C requires A; accept it too"),
        ("C,B", "C requires A"),
        ("all,-A", "C requires A"),
        ("all,B", "A and B exclude each other"),
        ("F", r'no assumption "F"; allowed: A, B, C, D, E'),
        ("-F", 'no assumption "-F"'),
        ("A,x,y", 'no assumption "x", "y"'),
    ],
)
def test_choices_that_cannot_be_made(choice: Any, accept: str, message: str) -> None:
    with pytest.raises(AssumptionError, match=message):
        select(choice.ledger(), accept)


def test_the_nearest_name_is_offered(book: Any) -> None:
    book.assume("synthetic-fifteen", "n", "15")
    with pytest.raises(AssumptionError, match='did you mean "synthetic-fifteen"'):
        select(book.ledger(), "synthetic-fiftean")


def test_a_ledger_without_assumptions(book: Any) -> None:
    assert select(book.ledger(), "all").accepted == ()
    with pytest.raises(AssumptionError, match="allowed: none"):
        select(book.ledger(), "A")
