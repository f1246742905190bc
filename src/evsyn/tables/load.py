"""From files to a checked ledger: every fault of every table at once, or the rows as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

from evsyn.errors import Fault, LedgerError
from evsyn.sources.bibliography import Bibliography, read_bibliography
from evsyn.sources.ledger import read_table
from evsyn.tables.frames import column_faults, filled_rows, table_frame
from evsyn.tables.ledger import (
    Arm,
    Assumption,
    Claim,
    Comparison,
    Extraction,
    Ledger,
    Outcome,
    Record,
    Report,
    Study,
)
from evsyn.tables.schema import TABLES, Column
from evsyn.tables.validate import Checked, Rows, ledger_checks

__all__ = ["ledger_faults", "read_ledger"]

Row = TypeVar("Row")
RECORDS = ("excluded", "risk_of_bias", "certainty", "flow", "searches")


def read_ledger(folder: Path, bibliography: Path) -> Ledger:
    """Read and check all tables of a project.

    Parameters
    ----------
    folder : Path
        The folder of the tables, one CSV each.
    bibliography : Path
        The BibTeX file.

    Returns
    -------
    Ledger
        Every row as a record with the line it stands on.

    Raises
    ------
    LedgerError
        With every fault of every row of every table, sorted by file and line.
    """
    rows, books, faults = _read(folder, bibliography)
    if any(fault.severity == "error" for fault in faults) or books is None:
        raise LedgerError(fault for fault in faults if fault.severity == "error")
    return Ledger(
        folder=folder,
        studies=_records(Study, "studies", rows),
        reports=_records(Report, "reports", rows),
        arms=_records(Arm, "arms", rows),
        comparisons=_records(Comparison, "comparisons", rows),
        outcomes=_records(Outcome, "outcomes", rows),
        extractions=_records(Extraction, "extractions", rows),
        assumptions=_records(Assumption, "assumptions", rows),
        claims=_records(Claim, "claims", rows),
        records=tuple(
            Record(table, cells, line) for table in RECORDS for line, cells in rows.get(table, [])
        ),
        bibliography=books,
    )


def ledger_faults(folder: Path, bibliography: Path) -> tuple[Fault, ...]:
    """Every fault of the tables and the bibliography, warnings included, without raising.

    Parameters
    ----------
    folder, bibliography : Path
        As for :func:`read_ledger`.

    Returns
    -------
    tuple of Fault
        Sorted by file and line.
    """
    return tuple(sorted(_read(folder, bibliography)[2]))


def _read(folder: Path, bibliography: Path) -> tuple[Rows, Bibliography | None, list[Fault]]:
    files = {name: f"{folder.name}/{name}.csv" for name in TABLES}
    faults: list[Fault] = []
    rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
    refused: dict[str, list[dict[str, str]]] = {}
    for name, table in TABLES.items():
        path = folder / f"{name}.csv"
        if not path.exists():
            if not table.optional:
                header = ",".join(column.name for column in table.columns)
                text = f"file is missing; add it with this first line: {header}"
                faults.append(Fault(files[name], 0, "", text, "missing-table"))
            continue
        raw = read_table(path)
        faults += [_located(fault, files[name]) for fault in raw.faults]
        if raw.header:
            faults += column_faults(raw, table, files[name])
            rows[name] = list(filled_rows(table_frame(raw, table)))
            refused[name] = [row.cells for row in raw.refused]
    books, found = _bibliography(bibliography)
    faults += found
    keys = frozenset(books.entries) if books else frozenset()
    faults += ledger_checks(Checked(rows, files, keys, refused))
    return rows, books, list(dict.fromkeys(faults))


def _bibliography(path: Path) -> tuple[Bibliography | None, list[Fault]]:
    if not path.exists():
        text = "file is missing; add it with one entry per citekey"
        return None, [Fault(path.name, 0, "", text, "missing-bibliography")]
    books = read_bibliography(path)
    return books, [_located(fault, path.name) for fault in books.faults]


def _located(fault: Fault, file: str) -> Fault:
    return Fault(file, fault.line, fault.column, fault.message, fault.rule, fault.severity)


def _records(kind: type[Row], table: str, rows: Rows) -> tuple[Row, ...]:
    columns = {column.name: column for column in TABLES[table].columns}
    names = [spec.name for spec in fields(kind) if spec.name != "line"]  # type: ignore[arg-type]
    return tuple(
        kind(**{name: _typed(columns[name], cells) for name in names} | {"line": line})
        for line, cells in rows.get(table, [])
    )


def _typed(column: Column, cells: Mapping[str, str]) -> object:
    cell = cells[column.name]
    if column.name == "ci_level":
        return cell
    if column.kind == "list":
        return tuple(part.strip() for part in cell.split(";") if part.strip())
    if column.kind == "integer":
        return int(cell) if cell else None
    if column.kind in ("number", "months"):
        return float(cell) if cell else None
    return cell
