"""A small synthetic project: every study, person and number in it is made up."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evsyn.errors import TableError
from evsyn.review.configuration import Configuration, DeclaredReport
from evsyn.sources.reference import Name, Reference
from evsyn.tables.provenance import Finding

SETUP = """\
from evsyn.review.blocks import Block
from evsyn.tables.provenance import Quote, Step, Trace

quote = Quote("E1", "doe2001", "abstract", "7", "seven of sixteen improved (synthetic)", "events")
trace = Trace("7/16 = 44%", ("Doe 2001", "arm A"), (("rate", 0.4375),),
              (Step("Rate", "7 ÷ 16", "derived"),), (quote,), status="derived")
name = trace.trace_id
"""
LEDE = """\
Block(f'<p>Improved: <span class="nums" data-trace="{name}"><data value="7" data-trace="{name}">7'
      f'</data> of <data value="16" data-trace="{name}">16</data></span>.'
      '<a class="cite" data-cite="doe2001" href="#ref-doe2001">[doe2001]</a></p>',
      "Improved: 7 of 16.", (trace,), "lede")
"""
TABLE = """\
Block('<table><caption>Rates</caption><thead><tr><th scope="col">Study</th>'
      '<th scope="col">Rate</th></tr></thead><tbody><tr><th scope="row"><span class="name">Doe 2001'
      f'</span></th><td><data value="0.4375" data-trace="{name}">44%</data></td></tr></tbody>'
      '</table>', "Doe 2001 44%", (trace,), "wide")
"""


def notebook(*cells: tuple[str, str] | str) -> str:
    """Notebook as text; a cell is code, or ``(kind, source)`` with kind markdown or parameters."""
    built = []
    for position, cell in enumerate(cells):
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        entry: dict[str, object] = {
            "id": f"s{position}",
            "cell_type": "markdown" if kind == "markdown" else "code",
            "metadata": {"tags": ["parameters"]} if kind == "parameters" else {},
            "source": source.splitlines(keepends=True),
        }
        if kind != "markdown":
            entry |= {"outputs": [], "execution_count": None}
        built.append(entry)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": built}
    )


QUESTION = ("markdown", "# How many improve?")
CONDITION = ("parameters", 'condition = "acne"\nlevel = 0.95')
REPORT = notebook(QUESTION, CONDITION, SETUP, LEDE, ("markdown", "## Rates"), TABLE)
SYNTHETIC = Reference(
    "doe2001", "article", {"title": "A synthetic trial", "year": "2001"}, (Name("Doe", "Jane"),)
)


@dataclass(frozen=True)
class Project:
    """Stands for a Review: what reports need of one."""

    configuration: Configuration
    findings: tuple[Finding, ...] = field(default=())

    @property
    def root(self) -> Path:
        return self.configuration.root

    def cite(self, key: str) -> Reference:
        if key != SYNTHETIC.citekey:
            raise TableError(f'"{key}" is not in references.bib')
        return SYNTHETIC

    def check(self) -> tuple[Finding, ...]:
        return self.findings

    def page(self, name: str) -> str:
        return (self.configuration.output / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Make a project from notebooks: name of the report -> text, or text and parameters."""

    def make(reports: Mapping[str, str] | None = None, **parameters: object) -> Project:
        root = tmp_path / "project"
        for folder in ("data", "notebooks"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "data" / "extractions.csv").write_text("extraction_id,printed\nE1,7\n")
        (root / "references.bib").write_text("@article{doe2001, title={A synthetic trial}}\n")
        declared = []
        for name, text in (reports or {"rates": REPORT}).items():
            source = root / "notebooks" / f"{name}.ipynb"
            source.write_text(text, encoding="utf-8")
            declared.append(DeclaredReport(name, source.relative_to(root), parameters=parameters))
        configuration = Configuration(
            root=root,
            file=root / "evsyn.toml",
            title="Synthetic review",
            data=root / "data",
            bibliography=root / "references.bib",
            output=root / "reports",
            reports=tuple(declared),
        )
        finding = Finding("data/extractions.csv", 2, "ambiguous", "warning", "printed", "synthetic")
        return Project(configuration, (finding,))

    return make


@pytest.fixture
def notebook_text() -> Callable[..., str]:
    """The function that writes a notebook as text."""
    return notebook
