"""What a notebook declares, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evsyn.errors import ReportError
from evsyn.reports.parameters import Parameter, checked_parameters, declared_parameters

CELL = 'condition = "acne"  # striae, scar\nlevel: float = 0.95\nseed = 1\nshow = True\nids = ["a"]'


@pytest.fixture
def source(tmp_path: Path, notebook_text) -> Path:
    path = tmp_path / "q.ipynb"
    path.write_text(notebook_text(("parameters", CELL), "print(condition)"))
    return path


def test_declared_in_the_order_written(source: Path) -> None:
    assert declared_parameters(source) == (
        Parameter("condition", "acne"),
        Parameter("level", 0.95),
        Parameter("seed", 1),
        Parameter("show", True),
        Parameter("ids", ["a"]),
    )


def test_values_come_back_in_the_order_declared(source: Path) -> None:
    given = {"ids": [], "level": 1, "condition": "scar"}
    assert list(checked_parameters(source, given).items()) == [
        ("condition", "scar"),
        ("level", 1),
        ("ids", []),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"conditon": "x"}, 'no parameter "conditon" (did you mean "condition"?); allowed: condit'),
        ({"condition": 3}, "condition = 3 is int; allowed: str, like its default 'acne'"),
        ({"seed": True}, "seed = True is bool; allowed: int"),
        ({"seed": 1.5}, "seed = 1.5 is float; allowed: int"),
        ({"show": 1}, "show = 1 is int; allowed: bool"),
        ({"ids": "a"}, "ids = 'a' is str; allowed: list"),
        ({"level": "0.9"}, "level = '0.9' is str; allowed: float"),
    ],
)
def test_refused(source: Path, given: dict[str, object], said: str) -> None:
    with pytest.raises(ReportError) as caught:
        checked_parameters(source, given)
    assert said in str(caught.value) and str(source) in str(caught.value)


def test_every_fault_is_told_at_once(source: Path) -> None:
    with pytest.raises(ReportError) as caught:
        checked_parameters(source, {"a": 1, "seed": "x"})
    assert len(str(caught.value).splitlines()) == 2


def test_none_admits_any_plain_value() -> None:
    free = Parameter("x", None)
    assert free.kind == "any value"
    assert all(free.admits(value) for value in (None, "a", 1, 0.5, False, ["a"]))
    assert not free.admits({})


def test_no_cell_is_fine_without_values_only(tmp_path: Path, notebook_text) -> None:
    path = tmp_path / "q.ipynb"
    path.write_text(notebook_text("1"))
    assert declared_parameters(path) is None
    assert checked_parameters(path, {}) == {}
    with pytest.raises(ReportError, match='no cell is tagged "parameters"'):
        checked_parameters(path, {"a": 1})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os", "cell 1, line 1: allowed in the cell"),
        ("a = 1\nb = a + 1", "cell 1, line 2: allowed in the cell"),
        ("a = b = 1", "line 1: allowed"),
        ("a = {}", "line 1: allowed"),
        ("a = (", "cell 1, line 1: '(' was never closed"),
    ],
)
def test_a_cell_with_logic_is_refused(tmp_path: Path, notebook_text, cell: str, said: str) -> None:
    path = tmp_path / "q.ipynb"
    path.write_text(notebook_text(("parameters", cell)))
    with pytest.raises(ReportError) as caught:
        declared_parameters(path)
    assert said in str(caught.value)


def test_two_tagged_cells_are_refused(tmp_path: Path, notebook_text) -> None:
    path = tmp_path / "q.ipynb"
    path.write_text(notebook_text(("parameters", "a = 1"), ("parameters", "b = 1")))
    with pytest.raises(ReportError, match="cells 1, 2 are all tagged"):
        declared_parameters(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 1}'])
def test_no_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "q.ipynb"
    path.write_text(text)
    with pytest.raises(ReportError, match="not a notebook"):
        declared_parameters(path)
    with pytest.raises(ReportError, match="cannot be read"):
        declared_parameters(tmp_path / "absent.ipynb")


@pytest.mark.parametrize(
    ("metadata", "place"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}}, 'kernelspec.language is "R"'),
        (
            {"kernelspec": {"language": "python"}, "language_info": {"name": "julia"}},
            'language_info.name is "julia"',
        ),
    ],
)
def test_another_language_is_refused(tmp_path: Path, metadata: dict, place: str) -> None:
    source = tmp_path / "q.ipynb"
    source.write_text(json.dumps({"metadata": metadata, "cells": []}))
    with pytest.raises(ReportError) as caught:
        checked_parameters(source, {})
    assert f'q.ipynb: metadata.{place}; allowed is "python"' in str(caught.value)


@pytest.mark.parametrize(
    "metadata", [None, {}, {"kernelspec": None}, {"kernelspec": {"language": "Python"}}]
)
def test_python_or_no_word_of_a_language_is_read(tmp_path: Path, metadata: object) -> None:
    source = tmp_path / "q.ipynb"
    source.write_text(json.dumps({"metadata": metadata, "cells": []}))
    assert declared_parameters(source) is None
