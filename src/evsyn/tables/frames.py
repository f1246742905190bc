"""Each table by itself: its columns, filled cells, closed lists, numbers, keys (Pandera)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import pandas as pd
import pandera.pandas as pa

from evsyn.errors import Fault, did_you_mean
from evsyn.sources.ledger import RawTable
from evsyn.tables.schema import Column, Table

__all__ = ["column_faults", "filled_rows", "table_frame"]

PATTERNS = {
    "integer": (r"[+-]?\d+", "a whole number"),
    "number": (r"[+-]?(?:\d+\.?\d*|\.\d+)", "a number"),
    "months": (r"\d+(?:\.\d+)?", "a number of months of at least 0"),
    "date": (r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", "a date as YYYY-MM-DD"),
}


def table_frame(raw: RawTable, table: Table) -> pd.DataFrame:
    """Rows of a raw table as text, columns in schema order, indexed by physical line.

    Parameters
    ----------
    raw : RawTable
        What was read.
    table : Table
        Its schema; columns that the file lacks are filled with empty text.

    Returns
    -------
    DataFrame
        One row per record; cells stripped of surrounding white space.
    """
    names = [column.name for column in table.columns]
    records = [{name: row.cells.get(name, "").strip() for name in names} for row in raw.rows]
    return pd.DataFrame.from_records(
        records, columns=names, index=pd.Index([row.line for row in raw.rows], name="line")
    ).astype("object")


def filled_rows(frame: pd.DataFrame) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells of each row."""
    for line, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        yield int(line), {str(name): str(value) for name, value in cells.items()}


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.required:
        checks.append(pa.Check(lambda cells: cells != "", name="empty"))
    if column.allowed:
        allowed = ("", *column.allowed)
        checks.append(pa.Check(lambda cells: cells.isin(allowed), name="not-allowed"))
    if column.kind in PATTERNS:
        pattern = re.compile(PATTERNS[column.kind][0])
        checks.append(
            pa.Check(
                lambda cells: cells.map(lambda cell: not cell or bool(pattern.fullmatch(cell))),
                name=f"not-{column.kind}",
            )
        )
    return checks


@lru_cache(maxsize=32)
def _schema(table: Table) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {column.name: pa.Column(object, checks=_checks(column)) for column in table.columns},
        name=table.name,
    )


def _message(column: Column, check: str, found: str) -> tuple[str, str]:
    """Rule and message of one failed check."""
    if check == "empty":
        return "empty-cell", f"empty; allowed: {column.meaning}"
    if check == "not-allowed":
        allowed = ", ".join(column.allowed)
        rule = f"unknown-{column.name}" if column.name == "field" else "not-allowed"
        hint = did_you_mean(found, column.allowed)
        if len(column.allowed) > 20:
            allowed = "the closed list of the data dictionary"
        return rule, f'"{found}" is not allowed{hint}; allowed: {allowed}'
    return check, f'"{found}" is not {PATTERNS[column.kind][1]}'


def _key_faults(frame: pd.DataFrame, table: Table, file: str) -> Iterator[Fault]:
    key = list(table.key)
    first = frame.reset_index().groupby(key, sort=False)["line"].min()
    for line, cells in frame.loc[frame.duplicated(key), key].iterrows():
        values = tuple(str(cells[name]) for name in key)
        if not all(values):
            continue
        where = first.loc[values if len(values) > 1 else values[0]]
        yield Fault(
            file,
            int(str(line)),
            key[-1] if len(key) == 1 else ", ".join(key),
            f'"{" ".join(values)}" stands already in line {where}; each id once',
            "duplicate-id",
        )


def column_faults(raw: RawTable, table: Table, file: str) -> list[Fault]:
    """Faults of one table that need no other table.

    Parameters
    ----------
    raw : RawTable
        What was read.
    table : Table
        Its schema.
    file : str
        Its path as the user knows it.

    Returns
    -------
    list of Fault
        Missing and unknown columns, empty cells, values outside closed lists, cells that are no
        number, repeated keys.
    """
    names = [column.name for column in table.columns]
    faults = [
        Fault(
            file,
            1,
            column.name,
            f"column is missing; add it ({column.meaning})",
            "missing-column",
        )
        for column in table.columns
        if column.name not in raw.header and not column.optional
    ]
    faults += [
        Fault(
            file,
            1,
            name,
            f"unknown column{did_you_mean(name, names)}; allowed: {', '.join(names)}",
            "unknown-column",
        )
        for name in raw.header
        if name not in names
    ]
    frame = table_frame(raw, table)
    if frame.empty:
        return faults
    try:
        _schema(table).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        for case in error.failure_cases.to_dict("records"):
            column = table.column(str(case["column"]))
            if column.name not in raw.header:
                continue  # said once, as a missing column
            rule, message = _message(column, str(case["check"]), str(case["failure_case"]))
            faults.append(Fault(file, int(case["index"]), column.name, message, rule))
    if set(table.key) <= set(raw.header):
        faults += _key_faults(frame, table, file)
    return faults
