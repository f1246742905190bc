"""The three forms of an answer. The rows here are synthetic."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn import __version__
from evsyn.cli.options import Settings
from evsyn.cli.output import Answer, csv_text, deliver, json_text
from evsyn.cli.sheet import Column, Sheet
from evsyn.errors import ConfigurationError

SHEET = Sheet((Column("study"),), (("synthetic",),))


def answer(rows: list[dict[str, object]], **more: object) -> Answer:
    return Answer("rates", rows, lambda symbols: SHEET, **more)  # type: ignore[arg-type]


def test_json_is_the_contract() -> None:
    content = json.loads(
        json_text(
            answer(
                [{"rate": 2 / 3, "ci_lb": float("nan"), "citekeys": ("a", "b")}],
                settings={"level": 0.95},
                notes=("note",),
                assumptions=("x",),
            )
        )
    )
    assert content == {
        "evsyn": __version__,
        "command": "rates",
        "settings": {"level": 0.95},
        "rows": [{"rate": 2 / 3, "ci_lb": None, "citekeys": ["a", "b"]}],
        "notes": ["note"],
        "assumptions": ["x"],
    }


def test_json_says_where_a_limit_has_no_end() -> None:
    content = json.loads(json_text(answer([{"ci_ub": float("inf"), "ci_lb": -float("inf")}])))
    assert content["rows"] == [{"ci_ub": None, "ci_lb": None}]
    assert [note.split(",")[0] for note in content["notes"]] == [
        "row 1: ci_ub is infinity",
        "row 1: ci_lb is minus infinity",
    ]


def test_json_has_a_summary_only_where_there_is_one() -> None:
    assert json.loads(json_text(answer([], summary={"files": 3})))["summary"] == {"files": 3}
    assert "summary" not in json.loads(json_text(answer([])))


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        ("-2.5", "-2.5"),
        ("+3", "+3"),
        (-2.5, "-2.5"),
        (None, ""),
        (float("nan"), ""),
        (True, "true"),
        ("a, b", "a, b"),
        (["=x", "y"], "'=x;y"),
        ((), ""),
    ],
)
def test_csv_cells(cell: object, printed: str) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text([{"id": "1", "cell": cell}]), newline="")))
    assert rows == [{"id": "1", "cell": printed}]


def test_csv_spreads_a_mapping_and_keeps_every_column() -> None:
    text = csv_text([{"a": 1}, {"a": 2, "natural": {"estimate": 0.5, "ci_lb": None}}])
    assert text == "a,natural_estimate,natural_ci_lb\n1,,\n2,0.5,\n"


def test_csv_without_rows_is_empty() -> None:
    assert csv_text([]) == ""


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_csv_keeps_full_precision(value: float) -> None:
    assert float(csv_text([{"x": value}]).splitlines()[1]) == value


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_no_csv_cell_starts_a_formula(text: str) -> None:
    printed = csv_text([{"id": "i", "x": text}])
    _, cell = list(csv.reader(io.StringIO(printed, newline="")))[1]
    ends = text.replace("\r\n", "\n").replace("\r", "\n")
    assert cell in {ends, f"'{ends}"}
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        float(cell)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "rates.json"
    deliver(Settings(format="json", output=target), answer([{"rate": 0.5}]))
    assert json.loads(target.read_text(encoding="utf-8"))["rows"] == [{"rate": 0.5}]
    with pytest.raises(ValueError, match="broken"):
        deliver(Settings(output=target), Answer("rates", [], _broken))
    assert json.loads(target.read_text(encoding="utf-8"))["rows"] == [{"rate": 0.5}]
    assert list(tmp_path.iterdir()) == [target]


def _broken(symbols: bool) -> Sheet:
    raise ValueError("broken")


def test_a_link_stays_a_link_and_its_target_keeps_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    deliver(Settings(format="json", output=link), answer([{"rate": 0.5}]))
    assert link.is_symlink()
    assert '"rate": 0.5' in target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    deliver(Settings(format="json", output=pipe), answer([{"rate": 0.5}]))
    assert b'"rate": 0.5' in os.read(reader, 100_000)
    os.close(reader)
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_cannot_be_written_is_named_as_given(tmp_path: Path) -> None:
    target = tmp_path / "absent" / "out.json"
    with pytest.raises(ConfigurationError, match="cannot be written") as caught:
        deliver(Settings(format="json", output=target), answer([{"rate": 0.5}]))
    assert str(caught.value).startswith(f"{target}: ")
