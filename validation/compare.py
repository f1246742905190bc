"""evsyn beside the reference values: python validation/compare.py [--write | --check] [DIR].

Walks every value of the files, prints the largest difference of each quantity as a Markdown table,
and fails above the tolerances. ``--write`` puts the table into README.md, ``--check`` says whether
the one there still holds. DIR is tests/reference unless said.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from walk import CLOSED, EXACT, ITERATED, Comparison, comparisons

ROOT = Path(__file__).parents[1]
README = Path(__file__).with_name("README.md")
TOLERANCE = {CLOSED: 1e-8, ITERATED: 1e-7, EXACT: 0.0}
NEAR_ZERO = 1e-10  # of the scale: what differs by less is the same, nothing is relative to 0
SMALLEST = -12  # as a power of ten: what is below is told as below this
BEGIN, END = "<!-- differences: begin -->", "<!-- differences: end -->"

# Tolerances wider than those above: quantity, tolerance and why.
WIDER: dict[str, tuple[float, str]] = {}


@dataclass
class Row:
    """A quantity: how many values were compared, the largest difference and where it was."""

    quantity: str
    kind: str
    values: int = 0
    largest: float = 0.0
    where: str = ""

    @property
    def tolerance(self) -> float:
        """Largest difference allowed."""
        return WIDER[self.quantity][0] if self.quantity in WIDER else TOLERANCE[self.kind]

    @property
    def told(self) -> str:
        """The difference as the next power of ten, which machines agree on."""
        if self.kind == EXACT:
            return "none"
        return f"< 1e{max(math.floor(math.log10(max(self.largest, 1e-300))) + 1, SMALLEST):d}"


def difference(one: Comparison) -> tuple[float, int]:
    """Largest relative difference, and how many values there were."""
    found = np.ravel(np.asarray(one.found, dtype=float))
    expected = np.ravel(np.asarray(one.expected, dtype=float))
    if found.shape != expected.shape:
        return math.inf, expected.size
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    if same.all():
        return 0.0, expected.size
    finite = np.isfinite(found) & np.isfinite(expected)
    if (~finite & ~same).any():
        return math.inf, expected.size
    gap = np.abs(found[~same] - expected[~same])
    size = np.abs(expected[~same])
    with np.errstate(divide="ignore"):
        relative = np.where(gap <= NEAR_ZERO * one.scale, 0.0, gap / size)
    return float(relative.max()), expected.size


def rows_of(found: Iterable[Comparison]) -> list[Row]:
    """Table of quantities, in the order of their first appearance."""
    rows: dict[str, Row] = {}
    for one in found:
        row = rows.setdefault(one.quantity, Row(one.quantity, one.kind))
        if row.kind == CLOSED:
            row.kind = one.kind  # a quantity that is iterated somewhere counts as iterated
        largest, values = difference(one)
        row.values += values
        if largest > row.largest:
            row.largest, row.where = largest, one.where
    return list(rows.values())


def compared(folder: Path) -> list[Row]:
    """Every file of a folder but those of our own R scripts, which the tests read."""
    made: list[Comparison] = []
    for path in sorted(folder.glob("*.json")):
        if not path.name.startswith("r_"):
            made.extend(comparisons(json.loads(path.read_text(encoding="utf-8")), path.stem))
    return rows_of(made)


def table(rows: Sequence[Row]) -> str:
    """Markdown table."""
    lines = ["| quantity | values | computed | tolerance | largest relative difference |"]
    lines.append("|---|--:|---|--:|--:|")
    for row in rows:
        tolerance = "equal" if row.kind == EXACT else f"{row.tolerance:.0e}".replace("e-0", "e-")
        lines.append(f"| {row.quantity} | {row.values:,} | {row.kind} | {tolerance} | {row.told} |")
    return "\n".join(lines)


def faults(rows: Sequence[Row]) -> list[str]:
    """Quantities above their tolerance."""
    return [
        f"{row.quantity}: {row.largest:.1e} above {row.tolerance:.0e} at {row.where}"
        for row in rows
        if row.largest > row.tolerance
    ]


def written_table() -> str:
    """The table that README.md has."""
    text = README.read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()


def outdated(rows: Sequence[Row]) -> list[str]:
    """What the table of README.md says that is no longer so: other rows, or a larger difference."""
    told = {}
    for line in written_table().splitlines()[2:]:
        quantity, *cells, largest = (cell.strip() for cell in line.strip("|").split("|"))
        told[quantity] = (cells, largest)
    fresh = {}
    for line in table(rows).splitlines()[2:]:
        quantity, *cells, largest = (cell.strip() for cell in line.strip("|").split("|"))
        fresh[quantity] = (cells, largest)
    if list(told) != list(fresh):
        return [f"other quantities: {sorted(set(told) ^ set(fresh)) or 'their order'}"]
    made = [
        f"{name}: {told[name][0]} is now {fresh[name][0]}"
        for name in fresh
        if told[name][0] != fresh[name][0]
    ]
    for row in rows:
        claimed = told[row.quantity][1]
        if claimed != "none" and row.largest > float(claimed.removeprefix("< ")):
            made.append(f"{row.quantity}: {row.largest:.1e} is above the {claimed} that is told")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "tests/reference")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--check", action="store_true", help="hold README.md against it")
    options = parser.parse_args(arguments)
    rows = compared(options.folder)
    print(table(rows))
    wrong = faults(rows)
    if options.check:
        wrong += outdated(rows)
    for line in wrong:
        print(line, file=sys.stderr)
    if options.write and not wrong:
        text = README.read_text(encoding="utf-8")
        head, rest = text.split(BEGIN)
        _, tail = rest.split(END)
        README.write_text(f"{head}{BEGIN}\n{table(rows)}\n{END}{tail}", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
