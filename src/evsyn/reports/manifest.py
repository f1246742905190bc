"""What a report was built from, so that it is built again when, and only when, that changes.

The record lies in ``.evsyn/`` and is not committed: a fresh clone builds every report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evsyn.reports.files import digest, write_atomic
from evsyn.reports.installed import distributions

__all__ = [
    "Inputs",
    "Manifest",
    "Record",
    "changes_of_evidence",
    "evidence_digest",
    "project_inputs",
    "read_manifest",
    "why_stale",
]

STATE = ".evsyn"
_FORM = 1  # of the record; another form is read as no record


@dataclass(frozen=True, slots=True)
class Inputs:
    """Digest of each input by name, in the order in which changes are told."""

    digests: Mapping[str, str]

    def changes(self, before: Mapping[str, str]) -> list[str]:
        """Say how these inputs differ from earlier ones."""
        told = [
            f"{name} changed" if name in before else f"{name} added"
            for name, value in self.digests.items()
            if before.get(name) != value
        ]
        return told + [f"{name} removed" for name in before if name not in self.digests]


@dataclass(frozen=True, slots=True)
class Record:
    """What a report was built from, and the digest of its page (empty: it failed)."""

    inputs: Mapping[str, str]
    page: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Records of the last builds.

    Attributes
    ----------
    reports : mapping of str to Record
        By name of the report.
    site : mapping of str to str
        Digest of each further file of the output folder, by name.
    """

    reports: Mapping[str, Record] = field(default_factory=dict)
    site: Mapping[str, str] = field(default_factory=dict)

    def write(self, state: Path) -> None:
        """Write the records."""
        document = {
            "form": _FORM,
            "reports": {name: asdict(record) for name, record in sorted(self.reports.items())},
            "site": dict(sorted(self.site.items())),
        }
        write_atomic(state / "build.json", json.dumps(document, indent=1) + "\n", state)


def read_manifest(state: Path) -> Manifest:
    """Read the records; none where there are none or they are damaged.

    Parameters
    ----------
    state : Path
        The project's ``.evsyn`` folder.

    Returns
    -------
    Manifest
        Records by report.
    """
    try:
        document = json.loads((state / "build.json").read_bytes())
        if document["form"] != _FORM:
            return Manifest()
        reports = {
            str(name): Record(dict(entry["inputs"]), str(entry["page"]))
            for name, entry in document["reports"].items()
        }
        return Manifest(reports, dict(document["site"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Manifest()


def why_stale(name: str, inputs: Inputs, manifest: Manifest, output: Path) -> str:
    """Say why a report has to be built, or return nothing for a fresh one.

    Parameters
    ----------
    name : str
        Name of the report.
    inputs : Inputs
        What it would be built from now.
    manifest : Manifest
        Records of earlier builds.
    output : Path
        Folder of the pages.

    Returns
    -------
    str
        E.g. ``data/extractions.csv changed``; empty if the page is up to date.
    """
    page = output / f"{name}.html"
    record = manifest.reports.get(name)
    if record is None:
        return "not built here yet"
    if not record.page:
        return "the last build failed"
    changes = inputs.changes(record.inputs)
    if changes:
        more = f" and {len(changes) - 2} more" if len(changes) > 2 else ""
        return ", ".join(changes[:2]) + more
    if not page.is_file():
        return f"{output.name}/{page.name} is missing"
    if digest(page.read_bytes()) != record.page:
        return f"{output.name}/{page.name} was changed by hand"
    return ""


def project_inputs(
    root: Path, *, data: Path, bibliography: Path, configuration: object
) -> dict[str, str]:
    """Digests of what every report of a project is built from.

    Parameters
    ----------
    root : Path
        Folder of the project.
    data : Path
        Folder of the tables; need not exist.
    bibliography : Path
        BibTeX file; need not exist.
    configuration : object
        The configuration as a dataclass.

    Returns
    -------
    dict of str to str
        SHA-256 by name: each data file, the bibliography, modules beside the notebooks, the
        configuration, evsyn itself, the installed packages that it requires.
    """
    modules = sorted((root / "notebooks").rglob("*.py"))
    found = _digests([*_files(data), bibliography, *modules], root)
    found["the configuration"] = digest(_plain(configuration).encode())
    found["evsyn"] = _own_digest()
    found["the installed packages"] = digest("\n".join(distributions(root / STATE)).encode())
    return found


def changes_of_evidence(
    before: Mapping[str, str], root: Path, *, data: Path, bibliography: Path
) -> list[str]:
    """Say how the evidence differs from what it was.

    Parameters
    ----------
    before : mapping of str to str
        Digests by name from :func:`project_inputs`; names of other things are left aside.
    root, data, bibliography : Path
        As for :func:`project_inputs`.

    Returns
    -------
    list of str
        E.g. ``data/extractions.csv changed``; empty where all is the same.
    """
    now = _digests([*_files(data), bibliography], root)
    prefix = f"{data.relative_to(root).as_posix()}/"
    own = bibliography.relative_to(root).as_posix()
    earlier = {k: v for k, v in before.items() if k == own or k.startswith(prefix)}
    return Inputs(now).changes(earlier)


def evidence_digest(inputs: Mapping[str, str], root: Path, *sources: Path) -> str:
    """One SHA-256 for the data files and the bibliography together.

    Parameters
    ----------
    inputs : mapping of str to str
        Digests by name from :func:`project_inputs`.
    root : Path
        Folder of the project.
    *sources : Path
        Folders and files that hold the evidence.

    Returns
    -------
    str
        Hexadecimal digest over the sorted names and digests.
    """
    prefixes = tuple(source.relative_to(root).as_posix() for source in sources)
    chosen = sorted(
        f"{name} {value}"
        for name, value in inputs.items()
        if any(name == prefix or name.startswith(f"{prefix}/") for prefix in prefixes)
    )
    return digest("\n".join(chosen).encode())


def _digests(files: Iterable[Path], root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): digest(path.read_bytes())
        for path in files
        if path.is_file()
    }


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _plain(value: object) -> str:
    """Stable words for a configuration, without paths of this machine."""

    def simple(item: object) -> Any:
        if is_dataclass(item) and not isinstance(item, type):
            return asdict(item)
        return item.name if isinstance(item, Path) else str(item)

    return json.dumps(simple(value), default=simple, sort_keys=True)


@cache
def _own_digest() -> str:
    """Digest of evsyn's own sources and templates."""
    package = Path(__file__).parents[1]
    total = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".j2", ".css", ".js"}:
            total.update(path.relative_to(package).as_posix().encode() + b"\0")
            total.update(path.read_bytes() + b"\0")
    return total.hexdigest()
