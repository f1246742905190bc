from __future__ import annotations

import re
from pathlib import Path

import pytest

from evsyn.tables.dictionary import data_dictionary
from evsyn.tables.fields import FIELDS, SHARE_WORDS
from evsyn.tables.schema import SCHEMA_VERSION, TABLES


def section(title: str) -> str:
    """The part of the dictionary under a heading."""
    text = data_dictionary()
    return text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_of_every_table(table: object) -> None:
    text = section(f"{table.name}.csv")  # type: ignore[attr-defined]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*) \| (\w*) \|$", text, re.MULTILINE)
    columns = table.columns  # type: ignore[attr-defined]
    assert [row[0] for row in rows] == [column.name for column in columns]
    for column, (_, meaning, values, need) in zip(columns, rows, strict=True):
        assert meaning == column.meaning
        assert need == ("required" if column.required else "optional" if column.optional else "")
        if column.name == "field":
            assert values == "[a field](#fields)"
        else:
            assert all(f"`{value}`" in values for value in column.allowed)
            assert column.allowed or (column.refers_to or column.kind) in values
    assert ("The file may be missing." in text) == table.optional  # type: ignore[attr-defined]
    assert f"A row is {table.meaning}. Key: `{table.key[0]}`" in text  # type: ignore[attr-defined]


def test_lists_that_refer_say_one_or_more() -> None:
    assert "one or more of `outcomes.outcome_id`" in section("outcomes.csv")
    assert "one or more of" not in section("arms.csv")


def test_every_field_and_word() -> None:
    text = section("Fields")
    for name, meaning in FIELDS.items():
        assert f"| `{name}` | {meaning} |" in text
    for word, value in SHARE_WORDS.items():
        assert f"*{word}* = {value}" in text
    for title in ("Counts", "Shares", "Numbers", "Words", "Number words"):
        assert f"### {title}\n" in text


def test_the_version_stands_on_top() -> None:
    assert f"(version {SCHEMA_VERSION})" in data_dictionary()[:200]
    assert data_dictionary().endswith("\n")
    assert "\n\n\n" not in data_dictionary()


def test_the_committed_page_is_the_one_written_from_the_schema() -> None:
    page = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
    assert page.read_text(encoding="utf-8") == data_dictionary()
