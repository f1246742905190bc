"""The comparison with the reference values: it holds, its page is current, and it can fail."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "validation"


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # dataclasses look their module up
    spec.loader.exec_module(found)
    return found


walk = module("walk")
compare = module("compare")
same = module("same")


@pytest.fixture(scope="module")
def rows():
    return compare.compared(ROOT / "tests/reference")


def test_every_reference_value_within_its_tolerance_and_the_page_is_current(rows):
    assert compare.faults(rows) == []
    assert compare.outdated(rows) == []
    assert sum(row.values for row in rows) > 50_000


def test_no_number_of_the_files_is_left_aside():
    """Every key of an analysis, but those that describe it, is compared."""
    told = {"id", "measure", "data", "k", "likelihood_modes", "local_optimum", "metafor_tau2"}
    walked = {"yi", "vi", "rma", "confint", "leave1out", "cumul", "influence", "regtest"}
    walked |= {"ranktest", "trimfill", "fsn", "metareg", "subgroup", "back"}
    for path in (ROOT / "tests/reference").glob("[!r]*.json"):
        for analysis in json.loads(path.read_text(encoding="utf-8")).get("analyses", []):
            assert set(analysis) <= told | walked, path.name


def comparison(found: float, expected: float, kind: str = "closed"):
    return walk.Comparison("synthetic", found, expected, kind, "here")


@pytest.mark.parametrize(
    ("found", "expected", "kind", "within"),
    [
        (1 + 0.9e-8, 1.0, "closed", True),
        (1 + 1.1e-8, 1.0, "closed", False),
        (1 + 0.9e-7, 1.0, "iterated", True),
        (1 + 1.1e-7, 1.0, "iterated", False),
        (0.9e-10, 0.0, "closed", True),
        (1.1e-10, 0.0, "closed", False),
        (3.0, 4.0, "exact", False),
        (np.nan, np.nan, "closed", True),
        (np.nan, 1.0, "closed", False),
        (1.0, np.nan, "closed", False),
        (np.inf, np.inf, "closed", True),
        (np.inf, -np.inf, "closed", False),
        (1.0, np.inf, "iterated", False),
    ],
)
def test_what_counts_as_a_difference(found, expected, kind, within):
    rows = compare.rows_of([comparison(found, expected, kind)])
    assert (compare.faults(rows) == []) is within


def test_a_missing_value_of_a_vector_is_a_difference():
    rows = compare.rows_of([walk.Comparison("q", [1.0, 2.0], [1.0], "closed", "here")])
    assert compare.faults(rows)


def test_a_changed_reference_value_is_found(tmp_path, capsys):
    shutil.copy(ROOT / "tests/reference/hart1999.json", tmp_path)
    path = tmp_path / "hart1999.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["analyses"][0]["rma"]["REML"]["knha"]["ci_ub"] *= 1 + 1e-6
    path.write_text(json.dumps(document), encoding="utf-8")
    assert compare.main([str(tmp_path)]) == 1
    assert "pool, iterated, ci_ub: 1.0e-06 above 1e-07 at dat.hart1999" in capsys.readouterr().err


def test_an_outdated_page_is_found(rows):
    larger = dataclasses.replace(rows[0], largest=1e-9)
    assert "is above the" in compare.outdated([larger, *rows[1:]])[0]
    assert "other quantities" in compare.outdated(rows[1:])[0]


def test_two_sets_of_values_made_by_r(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    document = {"source": {"r_version": "4"}, "fit": {"b": [1.0, 2.0], "name": "x", "ok": True}}
    for folder in (old, new):
        folder.mkdir()
        (folder / "r_one.json").write_text(json.dumps(document), encoding="utf-8")
    assert same.main([str(new), str(old)]) == 0
    document["fit"]["b"][1] = 2.0 * (1 + 1e-10)
    document["source"]["r_version"] = "5"
    (new / "r_one.json").write_text(json.dumps(document), encoding="utf-8")
    text, within = same.compared(new / "r_one.json", old / "r_one.json")
    assert within
    assert "2 numbers, 1 not equal, 0 beyond 1e-09" in text
    assert "made by {'r_version': '5'}, before by {'r_version': '4'}" in text
    for change in ({"b": [1.0, 2.1]}, {"b": [1.0]}, {"name": "y"}, {"ok": 1}, {"extra": 1}):
        changed = {"fit": {**document["fit"], "b": [1.0, 2.0], **change}}
        (new / "r_one.json").write_text(json.dumps(changed), encoding="utf-8")
        assert not same.compared(new / "r_one.json", old / "r_one.json")[1], change
    assert same.main([str(new), str(old), "none"]) == 1


def test_every_r_script_has_its_values_and_the_reverse():
    scripts = {path.stem for path in (FOLDER / "metafor").glob("*.R")}
    values = {path.stem.removeprefix("r_") for path in (ROOT / "tests/reference").glob("r_*.json")}
    assert scripts == values


def test_unknown_script_is_refused(tmp_path):
    command = ["bash", str(FOLDER / "metafor/regenerate.sh"), str(tmp_path), "none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no none.R" in done.stderr
    usage = subprocess.run(command[:2], capture_output=True, text=True, check=False)
    assert usage.returncode == 2
    assert "regenerate.sh OUT_DIR [NAME ...]" in usage.stderr
