"""Running a notebook: the same bytes each time, failures named, nothing left behind."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from evsyn.errors import ReportError
from evsyn.reports.notebook import run_notebook

FACTS = """\
import os, sys, time
print(condition, os.getcwd(), sys.executable)
print(hash("x"), time.tzname[0], os.environ["OMP_NUM_THREADS"])
"""


@pytest.fixture
def run(tmp_path: Path, notebook_text):
    def run(*cells, name: str = "q", **parameters: object) -> dict:
        source = tmp_path / f"{name}.ipynb"
        source.write_text(notebook_text(*cells))
        output = tmp_path / ".evsyn" / "executed" / f"{name}.ipynb"
        run_notebook(source, output, parameters=parameters, root=tmp_path)
        return json.loads(output.read_text())

    return run


def printed(document: dict) -> list[str]:
    streams = [out for cell in document["cells"] for out in cell.get("outputs", ())]
    return "".join(text for out in streams for text in out["text"]).splitlines()


def test_parameters_folder_interpreter_and_environment(run, tmp_path: Path) -> None:
    import sys

    cells = (("parameters", 'condition = "acne"'), FACTS)
    first, second = printed(run(*cells, condition="scar"))
    assert first == f"scar {tmp_path} {sys.executable}"
    assert second.endswith(" UTC 1")
    assert printed(run(*cells, condition="scar")) == [first, second]  # the hash too


def test_two_runs_give_the_same_bytes(run, tmp_path: Path) -> None:
    cells = (
        ("parameters", "n = 1"),
        "import sys\nprint('a'); print('b', file=sys.stderr); print('c')\n{'z': n, 'a': {1, 2}}",
        "import warnings; warnings.warn('synthetic')",
    )
    run(*cells, n=2)
    executed = tmp_path / ".evsyn" / "executed" / "q.ipynb"
    first = executed.read_bytes()
    document = run(*cells, n=2)
    assert executed.read_bytes() == first
    assert [cell["id"] for cell in document["cells"]] == ["c0000", "c0001", "c0002", "c0003"]
    outputs = document["cells"][2]["outputs"]
    assert ["".join(out["text"]) for out in outputs if "name" in out] == ["a\nc\n", "b\n"]
    assert str(tmp_path).encode() not in first and b"/tmp/" not in first


def test_displayed_keys_keep_their_order(run) -> None:
    code = "from IPython.display import display\n"
    code += "display({'application/json': {'z': 1, 'a': 2}}, raw=True)"
    data = run(code)["cells"][0]["outputs"][0]["data"]["application/json"]
    assert list(data) == ["z", "a"]


@pytest.mark.parametrize(
    ("cells", "given", "said"),
    [
        (["a = 1\ndef f():\n    1 / 0\nf()"], {}, "q.ipynb, cell 1, line 4: ZeroDivisionError: "),
        ([("parameters", "n = 1"), "x = 1", "y = ("], {"n": 2}, "q.ipynb, cell 3, line 1: Synta"),
        ([("markdown", "# Q"), "raise ValueError('über')"], {}, "cell 2, line 1: ValueError: über"),
    ],
)
def test_a_failing_cell_is_named_and_the_copy_kept(
    run, tmp_path: Path, cells: list, given: dict, said: str
) -> None:
    with pytest.raises(ReportError) as caught:
        run(*cells, **given)
    assert said in str(caught.value)
    kept = tmp_path / ".evsyn" / "failed" / "q.ipynb"
    assert kept.is_file() and ".evsyn/failed/q.ipynb" in str(caught.value)
    assert not (tmp_path / ".evsyn" / "executed" / "q.ipynb").exists()


def test_a_dying_kernel_is_told(run) -> None:
    with pytest.raises(ReportError, match=r"q\.ipynb: the kernel stopped"):
        run("import os; os._exit(3)")


def test_an_unknown_parameter_runs_nothing(run, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match='no parameter "b"'):
        run(("parameters", "a = 1"), "open('touched', 'w').close()", b=1)
    assert not (tmp_path / "touched").exists()


def test_braces_in_a_name_are_just_braces(run) -> None:
    assert printed(run("print(1)", name="a{b}c")) == ["1"]


def test_a_stopped_build_starts_no_kernel(tmp_path: Path, notebook_text) -> None:
    source = tmp_path / "q.ipynb"
    source.write_text(notebook_text("1"))
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(ReportError, match=r"the kernel stopped \(stopped\)"):
        run_notebook(source, tmp_path / "o.ipynb", parameters={}, root=tmp_path, stopped=stopped)
