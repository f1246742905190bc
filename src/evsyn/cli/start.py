"""The files of a new review, written all or not at all."""

from __future__ import annotations

import json
import os
import shutil
from importlib.resources import files
from pathlib import Path
from string import Template

from evsyn import __version__
from evsyn.errors import ConfigurationError
from evsyn.sources.ledger import write_table
from evsyn.tables.schema import TABLES

__all__ = ["new_project"]

_FILES = {
    "evsyn.toml": "evsyn.toml",
    "README.md": "README.md",
    "references.bib": "references.bib",
    "requirements.txt": "requirements.txt",
    "gitignore": ".gitignore",
    "evidence.yml": ".github/workflows/evidence.yml",
}
"""Template and where it goes."""

_CELLS = (
    (
        "markdown",
        (),
        "# What has been found so far?\n"
        "\n"
        "The tables of this review at a glance: how much stands in them, how sure each number is,"
        " and which response rates follow.",
    ),
    ("code", (), "from evsyn import load, text"),
    (
        "code",
        ("parameters",),
        "# str: a condition of data/studies.csv; several with commas; empty is every one\n"
        'condition = ""\n'
        "# str: default, all, none, or ids of data/assumptions.csv with commas\n"
        'assumptions = "default"',
    ),
    (
        "code",
        (),
        "review = load()\n"
        "overview = review.overview(condition=condition, assumptions=assumptions)\n"
        "rates = review.rates(condition=condition, assumptions=assumptions)",
    ),
    ("code", (), 'text.overview_facts(overview, names="studies,sources,values,rates")'),
    ("markdown", (), "## How sure each number is"),
    ("code", (), 'text.rests_on(rates, what="rate")'),
    ("code", (), "text.status_legend()"),
    ("markdown", (), "## Rates"),
    ("code", (), "text.rates_table(rates, ledger=review.ledger)"),
    ("markdown", (), "## Limits"),
    ("code", (), "text.limits(rates, review.ledger)"),
)
"""Cells of the first notebook: kind, tags, source."""


def new_project(folder: Path, *, title: str = "") -> tuple[str, ...]:
    """Write the files of a new review.

    Parameters
    ----------
    folder : Path
        A folder that does not exist yet, or is empty.
    title : str
        Name of the review; empty: made from the folder's name.

    Returns
    -------
    tuple of str
        The files written, relative to the folder.

    Raises
    ------
    ConfigurationError
        If the folder holds something or its parent does not exist; nothing is written.
    """
    target = folder.resolve()
    if target.exists() and any(target.iterdir()):
        raise ConfigurationError(
            f"{folder}: is not empty; name a new or an empty folder (nothing was written)"
        )
    if not target.parent.is_dir():
        raise ConfigurationError(f"{folder}: there is no folder {target.parent}; make it first")
    name = (
        " ".join(title.split())
        or target.name.replace("-", " ").replace("_", " ").strip().capitalize()
    )
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.mkdir()
        _write(draft, name)
        written = sorted(
            path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file()
        )
        _move(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return tuple(written)


def _write(folder: Path, title: str) -> None:
    words = {"title": title, "version": __version__}
    quoted = words | {"title": json.dumps(title, ensure_ascii=False)[1:-1]}
    for template, name in _FILES.items():
        source = files("evsyn.cli").joinpath("templates", template).read_text(encoding="utf-8")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = Template(source).substitute(quoted if name.endswith(".toml") else words)
        path.write_text(text, encoding="utf-8", newline="\n")
    (folder / "data").mkdir()
    for table in TABLES.values():
        write_table(
            folder / "data" / f"{table.name}.csv", [column.name for column in table.columns], ()
        )
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "overview.ipynb").write_text(
        _notebook(), encoding="utf-8", newline="\n"
    )


def _notebook() -> str:
    cells = []
    for number, (kind, tags, source) in enumerate(_CELLS, start=1):
        cell: dict[str, object] = {
            "cell_type": kind,
            "id": f"cell-{number}",
            "metadata": {"tags": list(tags)} if tags else {},
            "source": source.splitlines(keepends=True),
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell)
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _move(draft: Path, target: Path) -> None:
    """Give the finished files their place; in an empty folder one by one, undone on failure."""
    if not target.exists():
        draft.rename(target)
        return
    moved: list[Path] = []
    try:
        for path in sorted(draft.iterdir()):
            path.rename(target / path.name)
            moved.append(target / path.name)
    except OSError:
        for path in moved:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        raise
