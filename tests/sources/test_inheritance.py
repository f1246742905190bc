"""crossref and xdata between synthetic entries."""

from __future__ import annotations

from evsyn.sources._inheritance import Draft, DraftField, Inheritance


def draft(key: str, kind: str, **fields: str) -> Draft:
    taken = {name: DraftField(text, 10) for name, text in fields.items()}
    return Draft(key, kind, 10, "", taken)


def texts(drafts: list[Draft], key: str) -> tuple[dict[str, str], list[str]]:
    inheritance = Inheritance({entry.citekey: entry for entry in drafts})
    found = inheritance.fields(inheritance.drafts[key])
    return {name: field.text for name, field in found.items()}, [
        f"{rule}: {message}" for _, _, rule, message in inheritance.faults
    ]


def test_a_part_takes_the_title_as_its_books() -> None:
    book = draft("b", "book", title="B", subtitle="S", year="2016", doi="10.1234/b", author="A")
    part = draft("p", "inbook", title="P", crossref="b", author="C")
    found, faults = texts([part, book], "p")
    assert found == {
        "title": "P",
        "crossref": "b",
        "author": "C",
        "booktitle": "B",
        "booksubtitle": "S",
        "year": "2016",
        "bookauthor": "A",
    }
    assert faults == []


def test_own_fields_win_and_chains_are_followed() -> None:
    series = draft("s", "mvbook", title="Series", publisher="P", year="1999")
    book = draft("b", "book", title="B", crossref="s", year="2016")
    part = draft("p", "inbook", title="T", crossref="B")
    found, _ = texts([series, book, part], "p")
    assert (found["booktitle"], found["maintitle"]) == ("B", "Series")
    assert (found["publisher"], found["year"]) == ("P", "2016")


def test_xdata_gives_every_field_of_several() -> None:
    one, two = draft("x1", "xdata", publisher="P"), draft("x2", "xdata", note="N")
    found, _ = texts([one, two, draft("e", "book", xdata="x1, x2")], "e")
    assert (found["publisher"], found["note"]) == ("P", "N")


def test_unknown_target_is_a_fault_with_the_nearest_key() -> None:
    _, faults = texts([draft("proc2016", "book"), draft("p", "inbook", crossref="prc2016")], "p")
    assert faults == [
        'unknown-crossref: no entry "prc2016" (did you mean "proc2016"?); add it or remove the'
        " crossref"
    ]


def test_circles_end_and_are_told_once() -> None:
    drafts = [draft("b", "book", crossref="a", year="1"), draft("a", "book", crossref="b")]
    inheritance = Inheritance({entry.citekey: entry for entry in drafts})
    fields = [inheritance.fields(entry) for entry in drafts]
    assert fields[1]["year"].text == "1"
    assert [rule for _, _, rule, _ in inheritance.faults] == ["crossref-loop"]
    assert "a → b → a" in inheritance.faults[0][3]


def test_an_entry_that_points_to_itself() -> None:
    _, faults = texts([draft("a", "book", crossref="a")], "a")
    assert len(faults) == 1
    assert "a → a" in faults[0]


def test_no_chain_is_too_long_and_no_web_too_dense() -> None:
    chain = [draft(f"k{i}", "book", crossref=f"k{i + 1}") for i in range(5000)]
    found, faults = texts([*chain, draft("k5000", "book", publisher="P")], "k0")
    assert (found["publisher"], faults) == ("P", [])
    every = ",".join(f"x{i}" for i in range(40))
    web = [draft(f"x{i}", "xdata", xdata=every, note=f"N{i}") for i in range(40)]
    found, faults = texts(web, "x0")
    assert found["note"] == "N0"
    assert len(faults) == 40 * 41 // 2


def test_a_circle_is_told_without_the_way_into_it() -> None:
    entries = [draft(key, "book", crossref=to) for key, to in (("a", "b"), ("b", "c"), ("c", "b"))]
    _, faults = texts(entries, "a")
    assert faults == ["crossref-loop: b → c → b is a circle; remove one crossref"]
