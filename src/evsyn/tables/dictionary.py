"""The data dictionary, written from the schema."""

from __future__ import annotations

from evsyn.tables.fields import COUNT_FIELDS, NUMBER_FIELDS, SHARE_FIELDS, SHARE_WORDS, TEXT_FIELDS
from evsyn.tables.schema import SCHEMA_VERSION, TABLES, Column, Table

__all__ = ["data_dictionary"]

INTRODUCTION = """# Data dictionary

Written from the schema (version {version}) by `python scripts/data_dictionary.py`; change
`src/evsyn/tables/schema.py`, never this page. Each table is one CSV file in `data/`, UTF-8 with or
without a byte order mark, one fact a row. A list is separated by `;`. An empty cell means that
nothing is stated. Columns marked *optional* may be missing altogether.
"""


def _kind(column: Column) -> str:
    if column.allowed and column.name != "field":
        return " · ".join(f"`{value}`" for value in column.allowed)
    if column.name == "field":
        return "[a field](#fields)"
    if column.refers_to:
        many = "one or more of " if column.kind == "list" else ""
        return f"{many}`{column.refers_to}`"
    return column.kind


def _table(table: Table) -> str:
    optional = " The file may be missing." if table.optional else ""
    key = ", ".join(f"`{name}`" for name in table.key)
    lines = [
        f"## {table.name}.csv",
        "",
        f"A row is {table.meaning}. Key: {key}.{optional}",
        "",
        "| column | what it holds | values | |",
        "|---|---|---|---|",
    ]
    for column in table.columns:
        need = "required" if column.required else "optional" if column.optional else ""
        lines.append(f"| `{column.name}` | {column.meaning} | {_kind(column)} | {need} |")
    return "\n".join(lines)


def data_dictionary() -> str:
    """Return every table, column, field and number word of the schema, as Markdown.

    Returns
    -------
    str
        The page ``docs/data-dictionary.md``.

    Examples
    --------
    >>> data_dictionary().splitlines()[0]
    '# Data dictionary'
    """
    parts = [INTRODUCTION.format(version=SCHEMA_VERSION)]
    parts += [_table(table) for table in TABLES.values()]
    parts.append("## Fields\n\n`field` says what a printed value is.")
    for title, names in (
        ("Counts", COUNT_FIELDS),
        ("Shares", SHARE_FIELDS),
        ("Numbers", NUMBER_FIELDS),
        ("Words", TEXT_FIELDS),
    ):
        rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in names.items())
        parts.append(f"### {title}\n\n| field | meaning |\n|---|---|\n{rows}")
    words = ", ".join(f"*{word}* = {value}" for word, value in SHARE_WORDS.items())
    parts.append(
        "### Number words\n\nNumbers may be printed in words: *zero* to *ninety-nine*, *hundred*, "
        "*no*, *none* and *nil* = 0, *single* and *once* = 1, *twice* = 2. Where a share is "
        f"printed: {words}. Words are exact, digits are rounded to the decimals printed."
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"
