"""The program as a whole: its verbs, its errors, how it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from evsyn import __version__
from evsyn.cli import main
from evsyn.cli.main import VERBS, evsyn
from evsyn.errors import Fault, LedgerError, ReportError, TableError

HEAVY = (
    "IPython",
    "bibtexparser",
    "jinja2",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "numpy",
    "pandas",
    "pandera",
    "papermill",
    "rich",
    "scipy",
)


def python(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=cwd
    )


@pytest.mark.parametrize("words", [["--help"], ["-h"]])
def test_help_names_every_verb(words: list[str]) -> None:
    result = CliRunner().invoke(evsyn, words)
    assert result.exit_code == 0
    listed = [line.split()[0] for line in result.output.split("Commands:")[1].splitlines() if line]
    assert listed[: len(VERBS)] == list(VERBS)
    assert "..." not in result.output.split("Commands:")[1].split("Examples:")[0]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    result = CliRunner().invoke(evsyn, [verb, "--help"])
    assert result.exit_code == 0
    assert f"  evsyn {verb}" in result.output.split("Examples:")[1]
    for option in ("--format", "--project", "--output", "--quiet", "--verbose", "--debug"):
        assert option in result.output


def test_version() -> None:
    assert CliRunner().invoke(evsyn, ["--version"]).output == f"evsyn {__version__}\n"


def test_the_module_and_the_script_are_the_same_program() -> None:
    assert python("-m", "evsyn", "--version").stdout == f"evsyn {__version__}\n"


@pytest.mark.parametrize(
    "code",
    [
        "import evsyn",
        "from evsyn.__main__ import run; import sys; sys.argv[1:] = ['--help']; run()",
    ],
)
def test_nothing_heavy_is_loaded_to_start(code: str) -> None:
    told = python(
        "-c",
        "import atexit, sys\n"
        f"atexit.register(lambda: print('heavy:', [m for m in {HEAVY!r} if m in sys.modules]))\n"
        f"{code}",
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "heavy: []"


def test_an_unknown_verb_is_wrong_usage() -> None:
    result = CliRunner().invoke(evsyn, ["compair"])
    assert result.exit_code == 2
    assert 'no verb "compair" (did you mean "compare"?)' in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("words", [["rates", "--format", "xml"], ["rates", "--level", "95"], ["x"]])
def test_wrong_usage_exits_with_2(words: list[str]) -> None:
    result = CliRunner().invoke(evsyn, words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error:" in result.stderr


def test_no_project_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(evsyn, ["rates", "--project", str(tmp_path)])
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "`evsyn init DIR` makes one" in result.stderr


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make ``evsyn status`` fail with an error."""

    @click.command()
    def status() -> None:
        raise error

    monkeypatch.setattr(main.Program, "get_command", lambda self, ctx, name: status)


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (TableError("no such outcome"), 2, ["no such outcome"]),
        (ReportError("not built"), 1, ["not built"]),
        (
            LedgerError([Fault("b.csv", 2, "", "two"), Fault("a.csv", 1, "n", "one")]),
            2,
            ["a.csv:1: n: one", "b.csv:2: two"],
        ),
        (TableError("escape \x1b[2J"), 2, ["escape \\x1b[2J"]),
        (PermissionError(13, "Permission denied", "out.csv"), 2, None),
        (KeyError("x"), 1, None),
    ],
)
def test_errors_are_lines_on_stderr(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, lines: list[str] | None
) -> None:
    failing(monkeypatch, error)
    result = CliRunner().invoke(evsyn, ["status"])
    assert result.exit_code == code
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    found = result.stderr.splitlines()
    assert len(found) == 1 if lines is None else found == lines


def test_debug_adds_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, TableError("no such outcome"))
    result = CliRunner().invoke(evsyn, ["--debug", "status"])
    assert result.exit_code == 2
    assert result.stderr.startswith("Traceback")
    assert result.stderr.endswith("no such outcome\n")


def test_an_interruption_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    result = CliRunner().invoke(evsyn, ["status"])
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr
    assert "interrupted" in result.stderr


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no pipes of this kind here")
def test_a_closed_pipe_is_quiet(evidence: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "evsyn", "rates", "--project", str(evidence)],
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == ""


def test_options_stand_before_or_after_the_verb(evidence: Path) -> None:
    runner = CliRunner()
    place = ["--project", str(evidence)]
    before = runner.invoke(evsyn, [*place, "--format", "json", "-q", "rates"])
    after = runner.invoke(evsyn, ["rates", *place, "--format", "json", "-q"])
    assert before.exit_code == after.exit_code == 0
    assert before.stdout == after.stdout
    both = runner.invoke(evsyn, ["--format", "csv", "rates", "--format", "json", *place])
    assert json.loads(both.stdout)["command"] == "rates"


def test_output_goes_into_a_file(evidence: Path, tmp_path: Path) -> None:
    target = tmp_path / "rates.csv"
    words = ["rates", "--project", str(evidence), "--format", "csv", "-o", str(target)]
    result = CliRunner().invoke(evsyn, words)
    assert result.exit_code == 0
    assert result.output == ""
    assert target.read_text(encoding="utf-8").startswith("study_id,arm_id,outcome_id,")


def test_a_file_that_cannot_be_written_is_an_error(evidence: Path, tmp_path: Path) -> None:
    target = tmp_path / "no" / "rates.csv"
    words = ["rates", "--project", str(evidence), "--format", "csv", "-o", str(target)]
    result = CliRunner().invoke(evsyn, words)
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr
