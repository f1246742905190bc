"""Which installed distributions a report depends on: evsyn with all that it requires, no others.

Names and versions are those of the ``*.dist-info`` folders, and requirements those in their
``METADATA``, so that tools for development beside them make no report stale.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evsyn.reports.files import digest, write_atomic

__all__ = ["distributions", "required"]

_SUFFIX = ".dist-info"
_KEPT = "packages.json"
_REQUIREMENT = re.compile(rb"^Requires-Dist:\s*(.+?)\s*$", re.MULTILINE)
_PARTS = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^\]]*)\])?[^;]*(?:;(?P<marker>.*))?")
_WORD = r"""(?:[\w.]+|'[^']*'|"[^"]*")"""
_COMPARISON = re.compile(rf"({_WORD})\s*([=<>!~]=?=?|not\s+in|in)\s*({_WORD})")


def distributions(
    state: Path, *, keep: bool = False, folders: tuple[str, ...] | None = None, start: str = "evsyn"
) -> tuple[str, ...]:
    """Names with versions of a distribution and of all that it requires, directly or not.

    Parameters
    ----------
    state : Path
        The project's ``.evsyn`` folder, where the answer is looked up: it holds as long as the
        same distributions are installed.
    keep : bool
        Whether to write the answer there.
    folders : tuple of str, optional
        Where distributions are looked for; by default the folders on ``sys.path``.
    start : str
        Name of the distribution.

    Returns
    -------
    tuple of str
        Sorted, with Python's own version. Where ``start`` is not installed as a distribution,
        all that are there.
    """
    installed = _installed(tuple(sys.path) if folders is None else folders)
    key = _key(installed, _normal(start))
    kept = state / _KEPT
    try:
        document = json.loads(kept.read_bytes())
        if document["installed"] == key:
            return tuple(str(name) for name in document["required"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = tuple(sorted({_python(), *_closure(installed, _normal(start))}))
    if keep:
        text = json.dumps({"installed": key, "required": found}, indent=1)
        write_atomic(kept, text + "\n", state)
    return found


def _key(installed: Mapping[str, Path], start: str) -> str:
    """Digest of what is there, with the requirements that a new installation may change alone."""
    own = _metadata(installed[start]) if start in installed else b""
    names = sorted(path.name for path in installed.values())
    return digest("\n".join([_python(), start, *names]).encode() + own)


def _python() -> str:
    return f"python-{sys.version_info.major}.{sys.version_info.minor}"


def _closure(installed: Mapping[str, Path], start: str) -> set[str]:
    if start not in installed:
        return {path.name for path in installed.values()}
    waiting: list[tuple[str, frozenset[str]]] = [(start, frozenset())]
    seen: dict[str, frozenset[str]] = {}
    while waiting:
        name, extras = waiting.pop()
        if name not in installed or (name in seen and extras <= seen[name]):
            continue
        seen[name] = extras | seen.get(name, frozenset())
        waiting += required(_metadata(installed[name]), seen[name])
    return {installed[name].name for name in seen}


def required(metadata: bytes, extras: Iterable[str] = ()) -> Iterator[tuple[str, frozenset[str]]]:
    """Requirements in a distribution's metadata.

    Parameters
    ----------
    metadata : bytes
        Headers of its ``METADATA``.
    extras : iterable of str
        Extras that are asked for.

    Yields
    ------
    tuple of str and frozenset of str
        Normalised name, and the extras asked of it. What a marker says of the machine is taken
        to hold: a distribution for other machines is not installed.
    """
    asked = {_normal(extra) for extra in extras}
    for line in _REQUIREMENT.findall(metadata):
        parts = _PARTS.match(line.decode("utf-8", "replace"))
        if parts and _applies(parts["marker"] or "", asked):
            wanted = (parts["extras"] or "").split(",")
            yield (
                _normal(parts["name"]),
                frozenset(_normal(extra.strip()) for extra in wanted if extra.strip()),
            )


def _applies(marker: str, extras: set[str]) -> bool:
    """Whether a marker holds with some extras asked for, on some machine."""
    if "extra" not in marker:
        return True

    def truth(match: re.Match[str]) -> str:
        left, operator, right = match.groups()
        if "extra" not in (left, right) or operator != "==":
            return "True"
        return str(_normal((right if left == "extra" else left).strip("'\"")) in extras)

    try:
        tree = ast.parse(_COMPARISON.sub(truth, marker).strip(), mode="eval")
    except SyntaxError:
        return True
    return _holds(tree.body)


def _holds(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        values = (_holds(value) for value in node.values)
        return all(values) if isinstance(node.op, ast.And) else any(values)
    return not isinstance(node, ast.Constant) or bool(node.value)


def _installed(folders: Iterable[str]) -> Mapping[str, Path]:
    """Folders of metadata by normalised name; the first on the path counts, as for imports."""
    found: dict[str, Path] = {}
    for folder in folders:
        try:
            with os.scandir(folder or ".") as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(_SUFFIX))
        except OSError:
            continue
        for name in names:
            found.setdefault(_normal(name.removesuffix(_SUFFIX).split("-")[0]), Path(folder, name))
    return found


def _metadata(folder: Path) -> bytes:
    try:
        return (folder / "METADATA").read_bytes().replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    except OSError:
        return b""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
