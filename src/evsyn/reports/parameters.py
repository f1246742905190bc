"""Parameters of a notebook: what its cell tagged ``parameters`` declares, and what is refused."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evsyn.errors import ReportError, did_you_mean

__all__ = ["Parameter", "checked_parameters", "declared_parameters", "read_notebook"]

TAG = "parameters"
_PYTHON = frozenset({"python", "ipython"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a notebook declares.

    Attributes
    ----------
    name : str
        Variable assigned in the cell tagged ``parameters``.
    default : object
        The literal assigned: str, int, float, bool, None or a list of these.
    """

    name: str
    default: object

    @property
    def kind(self) -> str:
        """Type of value it takes, as a word for messages."""
        return "any value" if self.default is None else type(self.default).__name__

    def admits(self, value: object) -> bool:
        """Whether a value has the type of the default; whole numbers pass for a float."""
        if self.default is None:
            return value is None or isinstance(value, str | int | float | bool | list)
        if isinstance(self.default, bool) or isinstance(value, bool):
            return isinstance(self.default, bool) and isinstance(value, bool)
        if isinstance(self.default, float):
            return isinstance(value, int | float)
        return isinstance(value, type(self.default))


def read_notebook(source: Path) -> dict[str, object]:
    """Notebook as plain JSON.

    Parameters
    ----------
    source : Path
        An ``.ipynb`` file.

    Returns
    -------
    dict
        The document; ``cells`` is a list.

    Raises
    ------
    ReportError
        If the file is missing, no JSON, no notebook, or written for another language than Python.
    """
    try:
        document = json.loads(source.read_bytes())
    except OSError as error:
        raise ReportError(f"{source}: cannot be read ({error.strerror}); name a notebook") from None
    except ValueError as error:
        raise ReportError(f"{source}: not a notebook ({error}); expected JSON") from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise ReportError(f"{source}: not a notebook (no list of cells); expected nbformat 4")
    for place, language in _languages(document.get("metadata")):
        if language.lower() not in _PYTHON:
            raise ReportError(
                f'{source}: metadata.{place} is "{language}"; allowed is "python": only notebooks '
                "in Python can be run, write this one in Python or take it out of the reports"
            )
    return document


def declared_parameters(source: Path) -> tuple[Parameter, ...] | None:
    """Read the cell tagged ``parameters``.

    Parameters
    ----------
    source : Path
        An ``.ipynb`` file.

    Returns
    -------
    tuple of Parameter or None
        In the order written; None where no cell carries the tag.

    Raises
    ------
    ReportError
        If the notebook cannot be read, two cells carry the tag, or the cell holds anything but
        assignments of literals.
    """
    tagged = [
        (position, cell)
        for position, cell in enumerate(_cells(read_notebook(source)), start=1)
        if cell.get("cell_type") == "code" and TAG in _tags(cell)
    ]
    if not tagged:
        return None
    if len(tagged) > 1:
        places = ", ".join(str(position) for position, _ in tagged)
        raise ReportError(f"{source}: cells {places} are all tagged {TAG!r}; allowed is one")
    position, cell = tagged[0]
    where = f"{source}, cell {position}"
    try:
        tree = ast.parse(_text(cell))
    except SyntaxError as error:
        raise ReportError(f"{where}, line {error.lineno}: {error.msg}") from None
    return tuple(_parameter(statement, where) for statement in tree.body if not _is_text(statement))


def checked_parameters(source: Path, given: Mapping[str, object]) -> dict[str, object]:
    """Parameters for a notebook, refused where it does not declare them so.

    Parameters
    ----------
    source : Path
        An ``.ipynb`` file.
    given : mapping
        Values by name.

    Returns
    -------
    dict
        The values, in the order in which the notebook declares them.

    Raises
    ------
    ReportError
        If the notebook has no cell tagged ``parameters``, a name is not declared there or a value
        has another type than its default; all of these at once.
    """
    declared = declared_parameters(source)
    if not given:
        return {}
    if declared is None:
        names = ", ".join(given)
        raise ReportError(
            f'{source}: no cell is tagged "{TAG}", but values were given for {names}; '
            "tag the cell that sets them"
        )
    known = {parameter.name: parameter for parameter in declared}
    faults = []
    for name, value in given.items():
        if name not in known:
            allowed = ", ".join(known) or "none"
            faults.append(
                f'{source}: no parameter "{name}"{did_you_mean(name, known)}; allowed: {allowed}'
            )
        elif not known[name].admits(value):
            faults.append(
                f"{source}: parameter {name} = {value!r} is {type(value).__name__}; "
                f"allowed: {known[name].kind}, like its default {known[name].default!r}"
            )
    if faults:
        raise ReportError("\n".join(faults))
    return {name: given[name] for name in known if name in given}


def _parameter(statement: ast.stmt, where: str) -> Parameter:
    target = value = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign):
        target, value = statement.target, statement.value
    if isinstance(target, ast.Name) and value is not None:
        try:
            default = ast.literal_eval(value)
        except ValueError:
            default = ...
        if default is None or isinstance(default, str | int | float | list):
            return Parameter(target.id, default)
    raise ReportError(
        f"{where}, line {statement.lineno}: allowed in the cell tagged {TAG!r} are assignments of "
        "text, numbers, True, False, None or lists of them"
    )


def _languages(metadata: object) -> list[tuple[str, str]]:
    """Languages that a notebook says it is written in, with the place."""
    found = []
    for part, name in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(part) if isinstance(metadata, dict) else None
        value = entry.get(name) if isinstance(entry, dict) else None
        if value is not None and value != "":
            found.append((f"{part}.{name}", str(value)))
    return found


def _is_text(statement: ast.stmt) -> bool:
    """Whether a statement is a bare string, i.e. a comment."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _cells(document: Mapping[str, object]) -> list[dict[str, object]]:
    cells = document["cells"]
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _tags(cell: Mapping[str, object]) -> tuple[str, ...]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tuple(tags) if isinstance(tags, list) else ()


def _text(cell: Mapping[str, object]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)
