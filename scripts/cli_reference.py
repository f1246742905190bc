"""Write docs/cli.md from the program's own help.

``python scripts/cli_reference.py`` rewrites it; with ``--check`` it exits
with 1 where the page is stale.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from click.testing import CliRunner

from evsyn.cli.main import VERBS, evsyn

TARGET = Path(__file__).parents[1] / "docs" / "cli.md"

HEAD = """# Command line

Made from `evsyn --help` by `scripts/cli_reference.py`; a test keeps it current. The
[guide](guide.md) shows the verbs at work.
"""


def reference() -> str:
    """Return the page: the help of the program and of each verb."""
    os.environ["COLUMNS"] = "100"
    runner = CliRunner()
    parts = [HEAD, "## evsyn\n", _help(runner, [])]
    for verb in VERBS:
        parts += [f"## evsyn {verb}\n", _help(runner, [verb])]
    return "\n".join(parts)


def _help(runner: CliRunner, words: list[str]) -> str:
    result = runner.invoke(evsyn, [*words, "--help"], catch_exceptions=False, terminal_width=98)
    if result.exit_code:
        raise SystemExit(f"evsyn {' '.join(words)} --help: exit code {result.exit_code}")
    return f"```text\n{result.output.rstrip()}\n```\n"


def main() -> int:
    """Write the page, or compare it."""
    text = reference()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") != text:
            print("docs/cli.md is stale: run `python scripts/cli_reference.py`", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
