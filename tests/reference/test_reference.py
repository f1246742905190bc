"""The copied reference values, and the script that copies them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FULL = ROOT / "../shared/reference/open"

spec = importlib.util.spec_from_file_location("reference_script", ROOT / "scripts/reference.py")
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


def test_every_file_is_in_the_script_and_says_where_it_is_from():
    files = {path.name for path in HERE.glob("*.json")}
    own = {name for name in files if name.startswith("r_")}  # made by validation/metafor
    assert files - own == set(script.SELECTIONS)
    for name in files - own:
        source = json.loads((HERE / name).read_text(encoding="utf-8"))["source"]
        assert source["r_version"]
        assert source["command"]
        assert source["date"]


def test_every_file_of_our_own_has_its_r_script_and_says_what_made_it():
    own = sorted(HERE.glob("r_*.json"))
    assert own
    for path in own:
        script_name = f"{path.stem.removeprefix('r_')}.R"
        assert (ROOT / "validation/metafor" / script_name).is_file(), script_name
        source = json.loads(path.read_text(encoding="utf-8"))["source"]
        assert source["r_version"], path.name
        assert source["command"], path.name


@pytest.mark.skipif(not FULL.is_dir(), reason="the full reference files are not here")
def test_copies_are_what_the_script_writes(tmp_path):
    assert script.main(["--from", str(FULL), "--to", str(tmp_path)]) == 0
    for name in script.SELECTIONS:
        assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes(), name


def test_selection_of_synthetic_parts():
    document = {"a": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "b": {"c": 5, "d": {"e": 6, "f": 7}}}
    kept = script.selected(document, {"a": {"x": True}, "b": {"*": {"e": True}, "c": True}})
    assert kept == {"a": [{"x": 1}, {"x": 3}], "b": {"c": 5, "d": {"e": 6}}}
    with pytest.raises(KeyError, match=r"/b lacks z"):
        script.selected(document, {"b": {"z": True}})


def test_written_text_reads_back_a_line_for_each_item():
    document = {"source": {"r_version": "0"}, "rows": [{"x": 0.1}, {"x": None}]}
    text = script.written(document)
    assert json.loads(text) == document
    assert text.splitlines()[3:5] == ['{"x": 0.1},', '{"x": null}']


def test_missing_file_stops_the_script(tmp_path, capsys):
    assert script.main(["--from", str(tmp_path), "--to", str(tmp_path)]) == 1
    assert "lacks" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.json"))
