"""Tables for people. The rows here are synthetic."""

from __future__ import annotations

import pytest

from evsyn.cli.sheet import Column, Sheet, sheet_text

SHEET = Sheet(
    (Column("study"), Column("rate", justify="right", wrap=False), Column("empty")),
    (("synthetic one", "67%", ""), ("synthetic two", "–", " ")),
    "Title",
    "aside",
    ("closing line",),
    ("a line of its own",),
)


def test_a_plain_table_has_no_escape_and_no_empty_column() -> None:
    text = sheet_text(SHEET, terminal=False)
    assert "\x1b" not in text
    assert "empty" not in text
    assert text.splitlines()[1].split() == ["study", "rate"]
    assert "synthetic one   67%" in text
    assert text.splitlines()[-2:] == ["a line of its own", "closing line"]


@pytest.mark.parametrize("columns", ["40", "60"])
def test_notes_are_wrapped_and_hang_together(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    sheet = Sheet((), (), closing=("closing line",), notes=("a long note " * 12, "short"))
    first, second, *rest, last = sheet_text(sheet, terminal=False).splitlines()
    assert (first, last) == ("closing line", "short")
    assert second.startswith("a long note")
    assert rest
    assert all(line.startswith("  ") and line.strip() for line in rest)
    assert max(map(len, (second, *rest))) <= int(columns)
    assert "note" not in sheet_text(sheet, terminal=False, quiet=True)


def test_quiet_leaves_heading_and_closing_out() -> None:
    text = sheet_text(SHEET, terminal=False, quiet=True)
    assert "Title" not in text
    assert "closing line" not in text
    assert "a line of its own" in text


def test_a_terminal_gets_bold_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1m" in sheet_text(SHEET, terminal=True)


@pytest.mark.parametrize("columns", ["40", "60"])
def test_a_table_keeps_to_the_width(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    wide = Sheet(
        (Column("study"), Column("reason")), (("synthetic", "a long reason " * 12),), "Title"
    )
    lines = sheet_text(wide, terminal=False).splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert " ".join(" ".join(lines).split()).count("long") == 12


def test_markup_in_a_cell_stays_text() -> None:
    text = sheet_text(
        Sheet((Column("[b]x"),), (("[red]a[/red] \x1b[2J :smile:",),)), terminal=False
    )
    assert "[b]x" in text
    assert "[red]a[/red] \\x1b[2J :smile:" in text


def test_a_heading_stands_where_it_changes() -> None:
    sheet = Sheet(
        (Column("outcome"),),
        (("a",), ("b",), ("c",)),
        groups=("synthetic one", "synthetic one", "synthetic two"),
    )
    assert sheet_text(sheet, terminal=False).splitlines() == [
        "  outcome",
        "synthetic one",
        "  a",
        "  b",
        "synthetic two",
        "  c",
    ]


def test_reasons_are_numbered_below_the_rows() -> None:
    sheet = Sheet((Column("status"),), (("not found [1]",),), reasons=("not printed",))
    assert sheet_text(sheet, terminal=False, quiet=True).splitlines()[-1] == "[1] not printed"


def test_a_narrow_screen_cuts_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    fixed = [Column(name, justify="right", wrap=False) for name in ("RR", "95% CI", "p")]
    sheet = Sheet((Column("study"), *fixed), (("synthetic", "2.20", "1.32 to 3.96", "0.002"),))
    text = sheet_text(sheet, terminal=False)
    for cell in ("RR", "2.20", "1.32 to 3.96", "0.002"):
        assert cell in text


@pytest.mark.parametrize("columns", ["", "0", "-5", "wide"])
def test_a_width_that_is_none_is_passed_over(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert "synthetic one   67%" in sheet_text(SHEET, terminal=False)
