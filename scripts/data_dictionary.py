"""Write docs/data-dictionary.md from the schema of the tables.

``python scripts/data_dictionary.py`` rewrites it; with ``--check`` it exits
with 1 where the page is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from evsyn.tables.dictionary import data_dictionary

TARGET = Path(__file__).parents[1] / "docs" / "data-dictionary.md"


def main() -> int:
    """Write the page, or compare it."""
    text = data_dictionary()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") != text:
            print(
                "docs/data-dictionary.md is stale: run `python scripts/data_dictionary.py`",
                file=sys.stderr,
            )
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
