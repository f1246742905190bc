"""Pin every requirement anew: ``make lock``. Needs a package index; the only step that does.

One resolution for Python 3.11 and newer on every platform, of all that the project can want;
then the parts of it, so that no two files disagree. The resolver, uv, is installed into an
environment that is thrown away.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SETS = {"run": (), "dev": ("dev",), "notebooks": ("notebooks",)}
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--fork-strategy=fewest",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def main() -> None:
    """Write requirements/{run,dev,notebooks}.txt."""
    with tempfile.TemporaryDirectory() as scratch:
        tools, everything = Path(scratch, "tools"), Path(scratch, "everything.txt")
        subprocess.run([sys.executable, "-m", "venv", tools], check=True)
        subprocess.run([tools / "bin/python", "-m", "pip", "install", "-q", "uv"], check=True)
        compiler = [str(tools / "bin/uv"), "pip", "compile", "pyproject.toml"]
        compiler += ["requirements/build.in", *OPTIONS]

        def pin(extras: tuple[str, ...], *more: str) -> None:
            chosen = [f"--extra={extra}" for extra in extras]
            subprocess.run(
                [*compiler, *chosen, *more],
                check=True,
                cwd=FOLDER.parent,
                stdout=subprocess.DEVNULL,
            )

        pin(("dev", "notebooks"), f"--output-file={everything}")
        for name, extras in SETS.items():
            draft = Path(scratch, f"{name}.txt")
            pin(extras, f"--constraints={everything}", f"--output-file={draft}")
            (FOLDER / f"{name}.txt").write_text(draft.read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    main()
