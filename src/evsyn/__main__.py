"""The console entry: ``evsyn`` and ``python -m evsyn``."""

from __future__ import annotations

from evsyn.cli.main import evsyn

__all__ = ["run"]


def run() -> None:
    """Run the command line and leave with its exit code."""
    evsyn()


if __name__ == "__main__":
    run()
