"""The configuration of a project: ``[tool.evsyn]`` in ``pyproject.toml``, or ``evsyn.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evsyn.errors import ConfigurationError, StatsError, did_you_mean
from evsyn.literals import ComparisonMeasure, SynthesisMethod, Tau2Method, choices
from evsyn.synthesis.declared import TESTS, Analysis, Asked, as_asked
from evsyn.synthesis.rate_members import PROPORTIONS

__all__ = ["FORMATS", "Configuration", "DeclaredReport", "read_configuration"]

FORMATS = ("html",)
"""Formats that a declared report may ask for."""

ALLOCATIONS = ("randomised", "non-randomised", "not stated")
DESIGNS = ("parallel", "within-person", "crossover", "incomplete-block", "cluster", "single-arm")
MEASURES = (*choices(ComparisonMeasure), *PROPORTIONS)
_LONGEST = 80
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{_LONGEST - 1}}}")


@dataclass(frozen=True, slots=True)
class DeclaredReport:
    """A report as declared: a notebook, run with some parameters, becomes one page.

    Attributes
    ----------
    name : str
        Name of the page.
    notebook : Path
        Source notebook, relative to the project's root.
    title : str
        Heading of the page, a question; empty: the notebook's own.
    parameters : mapping
        Values for the cell tagged ``parameters``.
    formats : tuple of str
        What is made of it.
    """

    name: str
    notebook: Path
    title: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    formats: tuple[str, ...] = ("html",)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a project declares.

    Attributes
    ----------
    root : Path
        Folder of the configuration file.
    file : Path
        The configuration file.
    title : str
        Name of the review.
    data : Path
        Folder of the tables, absolute.
    bibliography : Path
        BibTeX file, absolute.
    output : Path
        Folder of the built reports, absolute.
    reports : tuple of DeclaredReport
        Declared reports, in order.
    analyses : tuple of Analysis
        Declared meta-analyses, in order.
    documents : mapping of str to str
        Names for readers of the documents whose claims are examined, by file name.
    """

    root: Path
    file: Path
    title: str
    data: Path
    bibliography: Path
    output: Path
    reports: tuple[DeclaredReport, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)

    @property
    def main_outcomes(self) -> tuple[str, ...]:
        """Outcomes of the declared analyses, each once, in the order declared."""
        return tuple(
            dict.fromkeys(name for analysis in self.analyses for name in analysis.outcomes)
        )


def read_configuration(start: Path) -> Configuration:
    """Find and read the configuration of the project that a path lies in.

    Parameters
    ----------
    start : Path
        A folder, or a file in it; the nearest folder up with an ``evsyn.toml`` or a
        ``pyproject.toml`` with ``[tool.evsyn]`` is the project's root.

    Returns
    -------
    Configuration
        Checked; paths are absolute and lie inside the project.

    Raises
    ------
    ConfigurationError
        If there is no project, or the file is not TOML, or with every fault of its keys.
    """
    file, table = _nearest(start.resolve())
    faults: list[str] = []
    root = file.parent
    read = _Reader(root, faults)
    where = "tool.evsyn" if file.name == "pyproject.toml" else ""
    allowed = ("title", "data", "bibliography", "output", "reports", "analyses", "documents")
    read.keys(table, allowed, where)
    reports = [read.report(entry, place) for place, entry in read.entries(table, "reports", where)]
    analyses = [
        read.analysis(entry, place) for place, entry in read.entries(table, "analyses", where)
    ]
    read.unique((report.name for report in reports), "reports")
    read.unique((analysis.name for analysis in analyses), "analyses")
    configuration = Configuration(
        root=root,
        file=file,
        title=read.text(table, "title", where) or root.name,
        data=read.path(table, "data", where, "data"),
        bibliography=read.path(table, "bibliography", where, "references.bib"),
        output=read.path(table, "output", where, "reports"),
        reports=tuple(reports),
        analyses=tuple(analyses),
        documents=read.names(table, "documents", where),
    )
    read.apart(configuration, where)
    if faults:
        raise ConfigurationError("\n".join(f"{file.name}: {fault}" for fault in faults))
    return configuration


def _nearest(start: Path) -> tuple[Path, dict[str, Any]]:
    if not start.exists():
        raise ConfigurationError(f"{start}: no such folder; name a folder inside a project")
    first = start if start.is_dir() else start.parent
    for folder in (first, *first.parents):
        own = folder / "evsyn.toml"
        if own.is_file():
            return own, _toml(own)
        shared = folder / "pyproject.toml"
        if shared.is_file():
            tool = _toml(shared).get("tool", {})
            if isinstance(tool, dict) and isinstance(tool.get("evsyn"), dict):
                return shared, tool["evsyn"]
    raise ConfigurationError(
        f"{first}: no project here or above (a pyproject.toml with [tool.evsyn], or an "
        "evsyn.toml); `evsyn init DIR` makes one"
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name}: not UTF-8 ({error.reason})") from None
    except RecursionError:
        raise ConfigurationError(f"{path.name}: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path.name}: not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigurationError(f"{path.name}: cannot be read: {error.strerror}") from None


def _folded(text: str) -> str:
    """Text of several lines as one."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads typed values out of a TOML table and notes every fault."""

    root: Path
    faults: list[str]

    def fault(self, where: str, message: str) -> None:
        self.faults.append(f"{where}: {message}" if where else message)

    def keys(self, table: Mapping[str, object], allowed: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in allowed:
                near = did_you_mean(key, allowed)
                self.fault(where, f'unknown key "{key}"{near}; allowed: {", ".join(allowed)}')

    def entries(
        self, table: Mapping[str, object], key: str, where: str
    ) -> list[tuple[str, Mapping[str, Any]]]:
        found = table.get(key, [])
        place = f"{where}.{key}" if where else key
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            self.fault(place, f"expected tables, each under [[{place}]]")
            return []
        return [(f"{place}[{number}]", entry) for number, entry in enumerate(found, 1)]

    def text(self, table: Mapping[str, object], key: str, where: str, *, need: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.fault(where, f"{key} = {value!r}: expected text in quotes")
            return ""
        if need and not value.strip():
            self.fault(where, f"{key} is missing")
        return value

    def texts(self, table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fault(where, f"{key} = {value!r}: expected a list of texts")
            return ()
        return tuple(value)

    def names(self, table: Mapping[str, object], key: str, where: str) -> dict[str, str]:
        found = table.get(key, {})
        if not isinstance(found, dict):
            self.fault(where, f"{key} = {found!r}: expected a table of names")
            return {}
        place = f"{where}.{key}" if where else key
        return {name: self.text(found, name, place, need=True) for name in found}

    def choice(
        self, table: Mapping[str, object], key: str, allowed: Iterable[str], where: str
    ) -> str:
        names = tuple(allowed)
        value = self.text(table, key, where)
        if value and value not in names:
            near = did_you_mean(value, names)
            self.fault(where, f'{key} = "{value}"{near}; allowed: {", ".join(names)}')
            return names[0]
        return value or names[0]

    def path(self, table: Mapping[str, object], key: str, where: str, default: str) -> Path:
        value = self.text(table, key, where) or default
        path = (self.root / value).resolve()
        if not path.is_relative_to(self.root) or path == self.root:
            self.fault(where, f'{key} = "{value}" leaves the project; give a path below its root')
            return self.root / default
        return path

    def name(self, table: Mapping[str, object], where: str) -> str:
        name = self.text(table, "name", where, need=True)
        if name and not _NAME.fullmatch(name):
            text = f'name = "{name[:_LONGEST]}": letters, digits, "_" and "-" only'
            self.fault(where, f"{text}, at most {_LONGEST}")
        return name

    def report(self, table: Mapping[str, object], where: str) -> DeclaredReport:
        self.keys(table, ("name", "notebook", "title", "parameters", "formats"), where)
        notebook = self.text(table, "notebook", where, need=True)
        path = self.path({"notebook": notebook or "notebooks"}, "notebook", where, "notebooks")
        if notebook and path.suffix != ".ipynb":
            self.fault(where, f'notebook = "{notebook}": expected a file ending in .ipynb')
        parameters = table.get("parameters", {})
        if not isinstance(parameters, dict):
            self.fault(where, f"parameters = {parameters!r}: expected a table")
            parameters = {}
        formats = self.texts(table, "formats", where) or FORMATS
        for kind in formats:
            if kind not in FORMATS:
                self.fault(where, f'formats: "{kind}" is not known; allowed: {", ".join(FORMATS)}')
        name = self.name(table, where)
        if name.lower() == "index":
            self.fault(where, 'name = "index": the page of contents has that name; take another')
        return DeclaredReport(
            name=name,
            notebook=path.relative_to(self.root),
            title=self.text(table, "title", where),
            parameters=parameters,
            formats=formats,
        )

    def analysis(self, table: Mapping[str, object], where: str) -> Analysis:
        default = "GLMM" if table.get("measure") == PROPORTIONS[0] else "REML"
        known: dict[str, Callable[[], object]] = {
            "name": lambda: self.name(table, where),
            "question": lambda: _folded(self.text(table, "question", where, need=True)),
            "outcomes": lambda: self.texts(table, "outcomes", where),
            "comparisons": lambda: self.texts(table, "comparisons", where),
            "arms": lambda: self.texts(table, "arms", where),
            "designs": lambda: self.several(table, "designs", DESIGNS, where),
            "allocations": lambda: self.several(table, "allocations", ALLOCATIONS, where),
            "measure": lambda: self.choice(table, "measure", MEASURES, where),
            "model": lambda: self.choice(
                {"model": table.get("model", default)}, "model", choices(SynthesisMethod), where
            ),
            "test": lambda: self.choice(table, "test", TESTS, where),
            "why": lambda: _folded(self.text(table, "why", where, need=True)),
            "assumptions": lambda: ",".join(self.texts(table, "assumptions", where)) or "default",
            "interval": lambda: (
                self.choice({"interval": table["interval"]}, "interval", choices(Tau2Method), where)
                if "interval" in table
                else ""
            ),
            "mods": lambda: self.texts(table, "mods", where),
            "subgroup": lambda: self.text(table, "subgroup", where),
            "leave_one_out": lambda: self.flag(table, "leave_one_out", where),
            "cumulative": lambda: (
                self.text(table, "cumulative", where) if "cumulative" in table else None
            ),
        }
        self.keys(table, tuple(known), where)
        for key in ("outcomes", "designs"):
            if not table.get(key):
                self.fault(where, f"{key} is missing: say which may be pooled")
        return self.possible(
            Analysis(**{key: read() for key, read in known.items()}),  # type: ignore[arg-type]
            where,
        )

    def possible(self, analysis: Analysis, where: str) -> Analysis:
        """An analysis whose method does not pool its measure is a fault of the declaration."""
        other = "comparisons" if analysis.measure in PROPORTIONS else "arms"
        if getattr(analysis, other):
            wanted = "arms" if other == "comparisons" else "comparisons"
            self.fault(where, f"{other}: {analysis.measure} is pooled of {wanted}; name those")
        try:
            return as_asked(analysis, Asked())
        except StatsError as error:
            self.fault(where, str(error))
            return analysis

    def flag(self, table: Mapping[str, object], key: str, where: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.fault(where, f"{key} = {value!r}: expected true or false")
            return False
        return value

    def several(
        self, table: Mapping[str, object], key: str, allowed: tuple[str, ...], where: str
    ) -> tuple[str, ...]:
        found = self.texts(table, key, where)
        for name in found:
            if name not in allowed:
                near = did_you_mean(name, allowed)
                self.fault(where, f'{key}: "{name}"{near}; allowed: {", ".join(allowed)}')
        return found

    def apart(self, configuration: Configuration, where: str) -> None:
        """Built pages lie in a folder of their own: building may replace what stands there."""
        sources = [configuration.data, self.root / ".git", self.root / ".evsyn"]
        sources += [(self.root / report.notebook).parent for report in configuration.reports]
        out = configuration.output
        for source in sources:
            if source == self.root:
                continue  # notebooks beside the configuration: the pages lie below
            if out.is_relative_to(source) or source.is_relative_to(out):
                text = (
                    f'output = "{out.relative_to(self.root)}" and {source.relative_to(self.root)}'
                )
                self.fault(where, f"{text} overlap; give the pages a folder of their own")
                return

    def unique(self, names: Iterable[str], key: str) -> None:
        seen: set[str] = set()
        for name in names:
            if name and name.lower() in seen:
                self.fault(key, f'name "{name}" is given twice')
            seen.add(name.lower())
