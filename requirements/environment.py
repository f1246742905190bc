"""Make ``.venv`` from a pinned requirement file, or leave it alone where it is up to date.

``python3 requirements/environment.py SET`` with SET one of run, dev, notebooks; needs nothing
but Python, its venv module and, the first time, a package index. What is installed is written
down in ``.venv/evsyn.json`` when all of it is there, so that an interrupted installation is never
taken for a good one, and an up-to-date environment needs no network.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Environment", "main"]

OLDEST = (3, 11)
SETS = ("run", "dev", "notebooks")


class Environment:
    """The virtual environment of a checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "evsyn.json"
        self.unfinished = self.folder / "unfinished"

    def wanted(self, name: str) -> dict[str, str]:
        """What the stamp says of an environment that has the set called ``name``."""
        return {
            "root": str(self.root),
            "python": f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]}",
            "project": self._project(),
            name: _digest((self.root / "requirements" / f"{name}.txt").read_bytes()),
        }

    def _project(self) -> str:
        """Digest of what an editable installation takes from pyproject.toml."""
        import tomllib

        settings = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        settings = {key: settings.get(key) for key in ("build-system", "project")}
        return _digest(json.dumps(settings, sort_keys=True).encode())

    def found(self) -> dict[str, str]:
        """What the stamp says; nothing where the environment cannot be trusted."""
        if self.unfinished.exists() or not os.access(self.python, os.X_OK):
            return {}
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def refresh(self, name: str) -> None:
        """Install the set called ``name``; only what is missing, from scratch if need be."""
        wanted, found = self.wanted(name), self.found()
        if {key: found.get(key) for key in wanted} == wanted:
            return
        stale = any(found.get(key) != wanted[key] for key in ("root", "python"))
        stale = stale or any(
            found[other] != self.wanted(other)[other] for other in SETS if other in found
        )
        if stale:
            found = {}
            self._say(f"creating .venv with {wanted['python']}")
            self._create()
        self.unfinished.touch()
        if found.get(name) != wanted[name]:
            self._say(f"installing requirements/{name}.txt: takes a minute or two")
            pinned = self.root / "requirements" / f"{name}.txt"
            self._pip("--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(pinned))
        if found.get("project") != wanted["project"]:
            self._pip("--no-deps", "--no-build-isolation", "--editable", str(self.root))
        self.stamp.write_text(json.dumps(found | wanted, indent=1) + "\n", encoding="utf-8")
        self.unfinished.unlink()

    def _create(self) -> None:
        command = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(".venv could not be made; on Debian, install python3-venv")

    def _pip(self, *arguments: str) -> None:
        quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
        command = [str(self.python), "-m", "pip", "install", *quiet, *arguments]
        if status := subprocess.run(command, check=False).returncode:
            raise SystemExit(status)

    @staticmethod
    def _say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the checkout's lock: a second call waits until the first is done."""
        handle = os.open(self.root / "requirements", os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(arguments: list[str]) -> int:
    """Refresh the environment; the exit code for the shell."""
    if len(arguments) != 1 or arguments[0] not in SETS:
        print(f"usage: environment.py {'|'.join(SETS)}", file=sys.stderr)
        return 2
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        print(f"Python 3.11 or newer is needed, this is {found}; make PYTHON=…", file=sys.stderr)
        return 2
    environment = Environment(Path(__file__).resolve().parents[1])
    start = time.monotonic()
    with environment.alone():
        before = environment.found()
        environment.refresh(arguments[0])
    if environment.found() != before:
        print(f".venv is ready after {time.monotonic() - start:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
