"""The errors of evsyn: one tree, each message says where, what was found, what is allowed.

::

    EvsynError
    ├── SourceError          a file could not be read
    ├── TableError           a table breaks its schema
    │   └── LedgerError      all faults of a ledger at once
    ├── StatsError           an argument of a statistical function (also a ValueError)
    ├── ConfigurationError   pyproject.toml / evsyn.toml, options, unknown names
    │   └── AssumptionError  a choice of assumptions that cannot be made
    └── ReportError          a report could not be built (exit code 1)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "AssumptionError",
    "ConfigurationError",
    "EvsynError",
    "Fault",
    "LedgerError",
    "ReportError",
    "SourceError",
    "StatsError",
    "TableError",
    "did_you_mean",
]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a file that was read.

    Attributes
    ----------
    file : str
        Path as the user knows it, relative to the project where it lies in it.
    line : int
        Physical line (1-based) on which the record starts; 0 where the file as a whole is meant.
    column : str
        Column or field at fault; empty where the whole record is.
    message : str
        What was found, what is allowed, what to do.
    rule : str
        Id of the rule that was broken, e.g. ``unknown-study``.
    severity : str
        ``error``, ``warning`` or ``note``.
    """

    file: str
    line: int
    column: str
    message: str
    rule: str = "schema"
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        column = f"{self.column}: " if self.column else ""
        return f"{where}: {column}{self.message}"


class EvsynError(Exception):
    """Base of every error that evsyn raises on purpose."""

    exit_code = 2


class SourceError(EvsynError):
    """A file cannot be read: missing, not decodable, not of its format."""


class TableError(EvsynError):
    """A table, or a name looked up in one, breaks the schema."""


class LedgerError(TableError):
    """The ledger has faults; all of them are in ``faults`` and in the message.

    Parameters
    ----------
    faults : iterable of Fault
        Every fault found, in any order; kept sorted by file and line.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StatsError(EvsynError, ValueError):
    """An argument of a statistical function is outside what is allowed."""


class ConfigurationError(EvsynError):
    """The configuration, an option or a name given by the user is wrong."""


class AssumptionError(ConfigurationError):
    """Assumptions that exclude each other, lack what they require or contradict a printed value."""


class ReportError(EvsynError):
    """A report could not be completed."""

    exit_code = 1


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """Return `` (did you mean "…"?)`` for the nearest allowed name, or an empty string.

    Examples
    --------
    >>> did_you_mean("mohamedali2071", ["mohamedali2017", "park2012"])
    ' (did you mean "mohamedali2017"?)'
    """
    near = difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""
