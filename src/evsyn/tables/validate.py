"""The ledger as a whole: keys between tables, sources, quotes, printed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from evsyn.errors import Fault, did_you_mean
from evsyn.tables.fields import COUNT_FIELDS, FIELDS, RANGES, SHARE_FIELDS, TEXT_FIELDS
from evsyn.tables.printed import occurs_in, read_printed
from evsyn.tables.schema import TABLES

__all__ = ["Checked", "ledger_checks"]

Rows = Mapping[str, list[tuple[int, dict[str, str]]]]
MOST_WORDS = 25
MOST_HINTS = 100
NUMERIC = set(FIELDS) - set(TEXT_FIELDS)
EVENT_FIELDS = {"events", "participants_with_event"}
LIMITS = {"ci_lb", "ci_ub"}


@dataclass(frozen=True)
class Checked:
    """The rows of every table with what they may refer to.

    Attributes
    ----------
    rows : mapping
        Line and cells of each row, by table; of a table that could not be read nothing is known,
        so what refers to it is no fault of its own.
    files : mapping
        Path of each table as the user knows it.
    citekeys : frozenset of str
        Keys of the bibliography.
    refused : mapping
        Cells of the rows that could not be read, by table: what refers to them is no fault too.
    hints : iterator of int
        How many hints at a nearest name have been looked for.
    """

    rows: Rows
    files: Mapping[str, str]
    citekeys: frozenset[str]
    refused: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    hints: Iterator[int] = field(default_factory=count, repr=False, compare=False)

    def ids(self, table: str, *columns: str) -> set[tuple[str, ...]]:
        """Every value of some columns of a table."""
        read = [cells for _, cells in self.rows.get(table, [])]
        broken = [
            {name: cell.strip() for name, cell in cells.items()}
            for cells in self.refused.get(table, [])
        ]
        return {tuple(cells.get(c, "") for c in columns) for cells in (*read, *broken)}

    @cached_property
    def values(self) -> dict[str, set[str]]:
        """Values that ``table.column`` references may take."""
        names = {c.refers_to for t in TABLES.values() for c in t.columns if c.refers_to}
        return {
            name: {value for (value,) in self.ids(*name.split(".", 1)) if value} for name in names
        }

    @cached_property
    def sides(self) -> dict[str, set[str]]:
        """Arms and comparisons of each study."""
        found: dict[str, set[str]] = {}
        for table, column in (("arms", "arm_id"), ("comparisons", "comparison_id")):
            for study, name in self.ids(table, "study_id", column):
                found.setdefault(study, set()).add(name)
        return found

    @cached_property
    def arms(self) -> dict[str, set[str]]:
        """Arms of each study."""
        found: dict[str, set[str]] = {}
        for study, name in self.ids("arms", "study_id", "arm_id"):
            found.setdefault(study, set()).add(name)
        return found

    @cached_property
    def reported(self) -> set[tuple[str, ...]]:
        """Citekey and study of every report."""
        return self.ids("reports", "citekey", "study_id")

    @cached_property
    def extractions(self) -> dict[str, dict[str, str]]:
        """Cells of each extraction."""
        return {cells["extraction_id"]: cells for _, cells in self.rows.get("extractions", [])}

    @cached_property
    def sizes(self) -> dict[tuple[str, str, str, str], list[int]]:
        """Every printed n by study, arm, outcome and subgroup."""
        found: dict[tuple[str, str, str, str], list[int]] = {}
        for _, cells in self.rows.get("extractions", []):
            read = read_printed(cells["printed"], "n") if cells["field"] == "n" else None
            if read is not None:
                key = (cells["study_id"], cells["arm_id"], cells["outcome_id"], cells["subgroup"])
                found.setdefault(key, []).append(int(read.value))
        return found

    def hint(self, found: str, allowed: Iterable[str]) -> str:
        """Nearest allowed name, for the first faults only: looking for it takes its time."""
        return did_you_mean(found, allowed) if next(self.hints) < MOST_HINTS else ""

    def fault(self, where: tuple[str, int, str], message: str, rule: str) -> Fault:
        """Return a fault at a table, line and column."""
        table, line, column = where
        return Fault(self.files[table], line, column, message, rule)


def ledger_checks(checked: Checked) -> list[Fault]:
    """Every fault between tables and within extractions, assumptions and claims.

    Parameters
    ----------
    checked : Checked
        The rows and what they may refer to.

    Returns
    -------
    list of Fault
        In table order; empty where there is none.
    """
    faults: list[Fault] = []
    for table, rows in checked.rows.items():
        for line, cells in rows:
            faults += _references(checked, table, line, cells)
            faults += _side(checked, table, line, cells)
    faults += _parts(checked)
    for line, cells in checked.rows.get("extractions", []):
        faults += _extraction(checked, line, cells)
        faults += _printed(checked, line, cells)
    for line, cells in checked.rows.get("assumptions", []):
        faults += _assumption(checked, line, cells)
    for line, cells in checked.rows.get("claims", []):
        faults += _claim(checked, line, cells)
    return faults


def _references(
    checked: Checked, table: str, line: int, cells: Mapping[str, str]
) -> Iterator[Fault]:
    for column in TABLES[table].columns:
        found = cells.get(column.name, "")
        names = found.split(";") if column.kind == "list" else [found]
        for name in filter(None, (part.strip() for part in names)):
            if column.name == "citekey" and name not in checked.citekeys:
                hint = checked.hint(name, checked.citekeys)
                text = f'"{name}" is not in references.bib{hint}; add the entry or mend the key'
                yield checked.fault((table, line, "citekey"), text, "unknown-citekey")
            if not column.refers_to or column.refers_to == "arms.arm_id":
                continue
            home, allowed = column.refers_to.split(".")[0], checked.values[column.refers_to]
            if name not in allowed and home in checked.rows:
                hint = checked.hint(name, allowed)
                text = f'"{name}" is not in {checked.files.get(home, home)}{hint}'
                rule = f"unknown-{column.refers_to.split('.')[1].removesuffix('_id')}"
                yield checked.fault((table, line, column.name), text, rule)


def _side(checked: Checked, table: str, line: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    """Arms and comparisons exist in their study; no comparison has an arm's name."""
    if table == "arms":
        return
    study = cells.get("study_id", "")
    known = checked.sides.get(study, set())
    arms = checked.arms.get(study, set())
    for column in ("arm_id", "arm_e", "arm_c"):
        found = cells.get(column, "")
        allowed = known if column == "arm_id" else arms
        homes = {"arms", "comparisons"} if column == "arm_id" else {"arms"}
        if found and found not in allowed and homes <= checked.rows.keys():
            text = f'"{found}" is no arm or comparison of {study}{checked.hint(found, allowed)}'
            yield checked.fault(
                (table, line, column),
                f"{text}; allowed: {', '.join(sorted(allowed))}",
                "unknown-arm",
            )
    if table == "comparisons" and cells["comparison_id"] in arms:
        text = f'"{cells["comparison_id"]}" is an arm of {study} too; give it another name'
        yield checked.fault((table, line, "comparison_id"), text, "duplicate-id")


def _extraction(checked: Checked, line: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    def bad(column: str, message: str, rule: str) -> Fault:
        return checked.fault(("extractions", line, column), message, rule)

    quote, verbatim = cells["quote"], cells["quote_kind"] == "verbatim"
    if verbatim and not quote:
        yield bad("quote", 'quote_kind is "verbatim" but no quote is given', "quote-missing")
    if quote and not verbatim:
        yield bad("quote", 'a quote is given: quote_kind must be "verbatim"', "quote-kind")
    if len(quote.split()) > MOST_WORDS:
        text = f"{len(quote.split())} words; allowed: at most {MOST_WORDS}, quote the part needed"
        yield bad("quote", text, "quote-long")
    if quote and cells["printed"] and not occurs_in(quote, cells["printed"], cells["field"]):
        text = f'"{cells["printed"]}" does not occur in the quote; allowed: the value as quoted'
        yield bad("printed", text, "quote-lacks-value")
    source = (cells["citekey"], cells["study_id"])
    known = cells["citekey"] in checked.citekeys and "reports" in checked.rows
    if known and source not in checked.reported:
        home = checked.files["reports"]
        text = f'"{source[0]}" is no report about {source[1]}; add the row to {home}'
        yield bad("citekey", text, "unknown-report")
    if cells["field"] in LIMITS and not (cells["measure"] and cells["ci_level"]):
        text = "a confidence limit needs measure (of what) and ci_level (at what level)"
        yield bad("measure", text, "limit-of-what")
    if cells["field"] == "estimate" and not cells["measure"]:
        yield bad("measure", "an estimate needs its measure", "limit-of-what")


def _printed(checked: Checked, line: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    field, printed = cells["field"], cells["printed"]
    if field not in FIELDS or field in TEXT_FIELDS or not printed:
        return

    def bad(message: str, rule: str) -> Fault:
        return checked.fault(("extractions", line, "printed"), message, rule)

    faults = list(_number(printed, field))
    for message, rule in faults:
        yield bad(message, rule)
    read = read_printed(printed, field)
    if read is None or faults:
        return
    if field in EVENT_FIELDS:
        place = cells["study_id"], cells["arm_id"]
        most = [
            n
            for outcome in {cells["outcome_id"], ""}
            for n in checked.sizes.get((*place, outcome, cells["subgroup"]), [])
        ]
        if most and read.value > max(most):
            text = f"events {printed} of n {max(most)}; allowed: at most {max(most)}"
            yield bad(text, "events-exceed-n")


def _number(printed: str, field: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the number that a cell prints, and by which rule."""
    read = read_printed(printed, field)
    if read is None:
        text = f'"{printed}" as {field} is no number; allowed: digits or a number word'
        yield text, "not-a-number"
        return
    low, high = RANGES.get(field, (float("-inf"), float("inf")))
    if not low <= read.value <= high:
        top = "" if high == float("inf") else f" to {high:g}"
        yield f'"{printed}" as {field}: allowed {low:g}{top or " or more"}', "out-of-range"
    if field in COUNT_FIELDS and (read.value < 0 or read.value % 1):
        yield f'"{printed}" as {field} is no count; allowed: whole numbers from 0', "not-a-count"


def _assumption(checked: Checked, line: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    def bad(column: str, message: str, rule: str) -> Fault:
        return checked.fault(("assumptions", line, column), message, rule)

    value, preferred = cells["value"], cells["preferred_extraction"]
    if bool(value) == bool(preferred):
        found = "both are filled" if value else "neither is filled"
        text = f"{found}; allowed: exactly one of value and preferred_extraction"
        yield bad("value", text, "value-or-preferred")
    field = cells["field"]
    if value and field == "percent_unclear":
        allowed = set(SHARE_FIELDS) - {"percent_unclear"}
        if value not in allowed:
            text = f'"{value}" cannot retype a percentage; allowed: {", ".join(sorted(allowed))}'
            yield bad("value", text, "not-allowed")
    elif value and field in NUMERIC:
        for message, rule in _number(value, field):
            yield bad("value", message, rule)
        read = read_printed(value, field)
        if read is not None and read.relation:
            yield bad("value", f'"{value}" is a bound; allowed: one number', "not-a-number")
        if read is not None and field == "n" and read.value == 0:
            yield bad("value", '"0" as n: allowed 1 or more', "out-of-range")
    if preferred in checked.extractions:
        row = checked.extractions[preferred]
        if row["study_id"] != cells["study_id"]:
            text = f'"{preferred}" is an extraction of {row["study_id"]}, not of'
            yield bad("preferred_extraction", f"{text} {cells['study_id']}", "unknown-extraction")
        elif row["field"] != field:
            text = f'"{preferred}" prints {row["field"]}, the assumption is about {field}'
            yield bad("preferred_extraction", text, "preferred-field")


def _parts(checked: Checked) -> Iterator[Fault]:
    """No outcome is a part of itself, directly or through its parts."""
    rows = checked.rows.get("outcomes", [])
    parts = {
        cells["outcome_id"]: [part.strip() for part in cells["parts"].split(";")]
        for _, cells in rows
    }
    for line, cells in rows:
        seen, left = set[str](), list(parts[cells["outcome_id"]])
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                left += parts.get(name, [])
        if cells["outcome_id"] in seen:
            text = f"{cells['outcome_id']} is a part of itself; allowed: parts smaller than it"
            yield checked.fault(("outcomes", line, "parts"), text, "part-of-itself")


def _claim(checked: Checked, line: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    if cells["printed"] and not occurs_in(cells["quote"], cells["printed"], cells["field"]):
        text = f'"{cells["printed"]}" does not occur in the quote of the claim'
        yield checked.fault(("claims", line, "printed"), text, "quote-lacks-value")
