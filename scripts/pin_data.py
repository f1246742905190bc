"""Write the SHA-256 of every evidence file to ``tests/data/hashes.json``.

Run it after a deliberate change of ``data/`` or ``references.bib``, and commit the file it writes
together with that change::

    python scripts/pin_data.py          # write
    python scripts/pin_data.py --check  # compare only: exit 1 and a line for each difference
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "tests" / "data" / "hashes.json"


def evidence_hashes(root: Path = ROOT) -> dict[str, str]:
    """Return the SHA-256 of each evidence file by its path within the repository."""
    files = [*sorted((root / "data").glob("*.csv")), root / "references.bib"]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def differences(pinned: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return one line for each file that is new, gone or changed."""
    lines = []
    for name in sorted(pinned.keys() | found.keys()):
        if name not in pinned:
            lines.append(f"{name}: not pinned")
        elif name not in found:
            lines.append(f"{name}: missing")
        elif pinned[name] != found[name]:
            lines.append(f"{name}: changed")
    return lines


def main(arguments: list[str]) -> int:
    """Write the pins, or compare with them where ``--check`` is given."""
    if arguments not in ([], ["--check"]):
        print("usage: python scripts/pin_data.py [--check]", file=sys.stderr)
        return 2
    found = evidence_hashes()
    if arguments:
        lines = differences(json.loads(PINS.read_text(encoding="utf-8")), found)
        for line in lines:
            print(line)
        return int(bool(lines))
    PINS.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=2) + "\n"
    PINS.write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(found)} files pinned in {PINS.relative_to(ROOT).as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
