"""Whole bibliographies; entries written here are synthetic."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from evsyn.errors import TableError
from evsyn.sources.bibliography import Bibliography, read_bibliography

SAMPLES = Path(__file__).parents[2] / "../shared/samples/bib"


def read(tmp_path: Path, text: str | bytes) -> Bibliography:
    path = tmp_path / "references.bib"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_bibliography(path, name="references.bib")


def found(bibliography: Bibliography) -> list[tuple[int, str]]:
    return [(fault.line, fault.rule) for fault in bibliography.faults]


ENTRY = """\
% a free comment
@STRING(part = {(B)})
@string{jex = "J Ex " # part}
@comment{nothing}
@preamble{"\\newcommand{x}"}

@article{doe2016,
  author = {Doe, Th{\\'e}a and Roe, Jo},
  Title = {100% of {CO$_2$} \\& more},
  journal = jex,
  month = jan # "~5",
  year = 2016,
  url = {https://example.org/a_b%20c?x=\\_1},
  doi = {10.1234/a\\_b},
}
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_everything_is_resolved(tmp_path: Path, end: str, mark: bytes) -> None:
    bibliography = read(tmp_path, mark + ENTRY.replace("\n", end).encode())
    assert bibliography.faults == ()
    assert bibliography.failed == ()
    reference = bibliography.entries["doe2016"]
    assert reference.fields == {
        "author": "Doe, Théa and Roe, Jo",
        "title": "100% of CO₂ & more",
        "journal": "J Ex (B)",
        "month": "January 5",
        "year": "2016",
        "url": "https://example.org/a_b%20c?x=_1",
        "doi": "10.1234/a_b",
    }
    assert (reference.type, reference.line) == ("article", 7)
    assert [name.short for name in reference.authors] == ["Doe", "Roe"]
    assert bibliography.label("doe2016") == "Doe 2016"
    assert bibliography.csl_json()[0]["title"] == "100% of CO₂ & more"


FAULTY = """\
@string{dsu = "Dermatol " # surg}
@article{a1, title = {One},
  Title = {Two},
  note = nomacro}
@article{A1, title = {Case}}
@article{a1, title = {Again}}
@book{, title={No key}}
@article{nocomma
  title = {T},
}
@article{open, title = {never closed,
  year = 2001
@article{after, author = {Doe A, Roe B, Poe C, Moe D}}
@article{run, title = {A}
  year = {2001}}
@inproceedings{child, crossref = {nobody}}
@article no brace}
@misc{bare}
@misc{sp ace, year = 2001}
@misc{last, title = {never closed
"""


def test_every_fault_in_one_reading(tmp_path: Path) -> None:
    bibliography = read(tmp_path, FAULTY)
    assert found(bibliography) == [
        (1, "undefined-string"),
        (3, "duplicate-field"),
        (4, "undefined-string"),
        (5, "similar-key"),
        (6, "duplicate-key"),
        (7, "empty-key"),
        (8, "unreadable-entry"),
        (11, "unreadable-entry"),
        (13, "unclear-name"),
        (14, "missing-comma"),
        (16, "unknown-crossref"),
        (17, "unreadable-entry"),
        (18, "no-fields"),
        (19, "malformed-key"),
        (20, "unreadable-entry"),
    ]
    warnings = {fault.rule for fault in bibliography.faults if fault.severity == "warning"}
    assert warnings == {"similar-key", "unclear-name", "no-fields"}


def test_nothing_is_lost(tmp_path: Path) -> None:
    bibliography = read(tmp_path, FAULTY)
    assert list(bibliography.entries) == ["a1", "A1", "after", "run", "child", "bare", "sp ace"]
    assert bibliography.entries["a1"].title == "One"
    assert bibliography.entries["run"].fields == {"title": "A", "year": "2001"}
    failed = {block.line: block.raw for block in bibliography.failed}
    assert failed[3] == "Title = {Two}"
    assert failed[6] == "@article{a1, title = {Again}}"
    assert failed[8] == "@article{nocomma\n  title = {T},\n}"
    assert failed[11] == "@article{open, title = {never closed,\n  year = 2001"
    assert failed[20] == "@misc{last, title = {never closed"
    kept = [*failed.values(), *(str(r.fields) for r in bibliography.entries.values())]
    for word in re.findall(r"\{([A-Z]\w*)\}", FAULTY):
        assert any(word in text for text in kept), word


def test_messages_say_what_to_do(tmp_path: Path) -> None:
    messages = [str(fault) for fault in read(tmp_path, FAULTY).faults]
    assert messages[6] == "references.bib:8: no comma after the key; put one"
    assert "is not closed before the next entry" in messages[7]
    assert messages[4].startswith('references.bib:6: key "a1" is that of line 2 already')


def test_second_string_and_circles(tmp_path: Path) -> None:
    text = "@string{a = {x}}\n@string{a = {y}}\n@book{b, crossref={c}}\n@book{c, crossref={b}}\n"
    assert found(read(tmp_path, text)) == [(2, "duplicate-string"), (4, "crossref-loop")]


def test_undecodable_byte(tmp_path: Path) -> None:
    bibliography = read(tmp_path, b"@misc{a, title={caf\xe9}}\n@misc{b, title={ok}}\n")
    assert found(bibliography) == [(1, "encoding")]
    assert "byte 0xe9 at position 20" in bibliography.faults[0].message
    assert list(bibliography.entries) == ["a", "b"]


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert found(read_bibliography(tmp_path / "absent.bib")) == [(0, "missing-file")]
    assert found(read_bibliography(tmp_path)) == [(0, "unreadable-file")]


def test_parser_logs_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.bib"
    path.write_text("@misc{a, title={x")
    code = (
        "import sys; from pathlib import Path;"
        "from evsyn.sources.bibliography import read_bibliography as r;"
        "assert 'bibtexparser' not in sys.modules; assert r(Path(sys.argv[1])).faults"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert capfd.readouterr() == ("", "")


LABELLED = """\
@article{doe2016, author = {Doe, Jane}, year = 2016}
@article{other, author = {Doe, Jo}, year = 2016}
@article{roe2012, title = {No author, no year}}
@misc{nct00000000, number = {NCT00000000}, author = {{Example Widgets, LLC}}}
@misc{nct00000000_2020, number = {NCT00000000}}
@misc{den000000, number = {DEN000000}, year = 2018}
@misc{x_page, title = {A very long synthetic title that goes on for longer}}
@misc{y_page, url = {https://example.org}}
@misc{body, author = {{An Administration}}}
@book{ed, editor = {van der Poe, A.}, date = {2001-02}}
"""


def test_labels(tmp_path: Path) -> None:
    bibliography = read(tmp_path, LABELLED)
    assert {key: bibliography.label(key) for key in bibliography.entries} == {
        "doe2016": "Doe 2016a",
        "other": "Doe 2016b",
        "roe2012": "Roe 2012",
        "nct00000000": "nct00000000",
        "nct00000000_2020": "nct00000000_2020",
        "den000000": "DEN000000",
        "x_page": "A very long synthetic title that goes on …",
        "y_page": "y_page",
        "body": "An Administration",
        "ed": "van der Poe 2001",
    }


def test_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    bibliography = read(tmp_path, LABELLED)
    assert bibliography.reference("doe2016").year == 2016
    with pytest.raises(TableError, match=r'no entry "doe2061" \(did you mean "doe2016"'):
        bibliography.label("doe2061")


# Entries, and the lines of faults, as counted in the files by eye and with regular expressions.
COUNTS = {
    "article_comma_first": 2,
    "article_missing_coma": 4,
    "article_start_with_bom": 1,
    "article_with_strings": 1,
    "biber-examples": 117,
    "bibliography": 2,
    "comments_only": 0,
    "comments_spaces_and_declarations": 1,
    "crossref_entries": 14,
    "empty": 0,
    "encoding": 1,
    "features": 1,
    "fieldname": 1,
    "multiple_entries_and_comments": 3,
    "string": 1,
    "traps": 1,
    "wrong": 2,
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of sample files is not at hand")
@pytest.mark.parametrize("stem", COUNTS)
def test_files_of_others(stem: str) -> None:
    bibliography = read_bibliography(SAMPLES / f"{stem}.bib", name=f"{stem}.bib")
    assert len(bibliography.entries) == COUNTS[stem]
    repeated = [(1543, "duplicate-key")] if stem == "biber-examples" else []
    assert found(bibliography) == repeated
    assert len(bibliography.failed) == len(repeated)
    assert len(bibliography.csl_json()) == COUNTS[stem]
    left = r"\\['`^\"~=.cvuHkrdbt][^a-z]"
    for reference in bibliography.entries.values():
        assert not re.search(left, reference.title), reference.title
        assert reference.citation()


def test_macros_of_macros_do_not_grow_without_end(tmp_path: Path) -> None:
    doubled = "".join(f"@string{{a{i} = a{i - 1} # a{i - 1}}}\n" for i in range(1, 80))
    text = '@string{a0 = "synthetic "}\n' + doubled + "@misc{k, title = a79, year = 2001}"
    bibliography = read(tmp_path, text)
    assert [fault.rule for fault in bibliography.faults] == ["beyond-bounds"]
    assert bibliography.entries["k"].year == 2001


def test_what_is_too_long_or_too_deep_is_kept_and_told(tmp_path: Path) -> None:
    deep = "\\'{" * 3000 + "e" + "}" * 3000
    text = f"@misc{{k,\n title = {{{deep}}},\n note = {{{'x' * 100_001}}},\n year = 2001}}"
    bibliography = read(tmp_path, text)
    assert found(bibliography) == [(2, "beyond-bounds"), (3, "beyond-bounds")]
    assert "at most 100 are read" in bibliography.faults[0].message
    assert "100,001 characters" in bibliography.faults[1].message
    assert [deep in block.raw for block in bibliography.failed] == [True, False]
    assert bibliography.entries["k"].year == 2001
