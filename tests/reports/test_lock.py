"""Two builds of one project are kept apart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evsyn.errors import ReportError
from evsyn.reports.lock import locked

OTHER = """\
import sys, pathlib
from evsyn.errors import ReportError
from evsyn.reports.lock import locked
try:
    with locked(pathlib.Path(sys.argv[1])):
        print("taken")
except ReportError as error:
    print(error)
"""


def other_process(state: Path) -> str:
    command = [sys.executable, "-c", OTHER, str(state)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_another_process_is_refused_while_held_and_welcome_afterwards(tmp_path: Path) -> None:
    state = tmp_path / ".evsyn"
    with locked(state):
        said = other_process(state)
        assert said.startswith(".evsyn/lock: another build of this project is running")
        assert f"process {os.getpid()}" in said
    assert other_process(state) == "taken"


def test_an_error_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="synthetic"), locked(tmp_path):
        raise ReportError("synthetic")
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
