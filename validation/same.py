"""Reference values made anew beside the committed ones: python same.py NEW_DIR OLD_DIR [NAME ...].

Compares ``r_NAME.json`` number by number, and says what differs and which versions made either.
The exit code is 1 if a number differs by more than its tolerance, or anything else at all.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

RELATIVE = 1e-9  # libraries of linear algebra and of quantiles differ in the last digits
ABSOLUTE = 1e-13
SHOWN = 8

# Files with values of an iterative search, which ends where the likelihood is flat: how far two
# builds of R may part, and why.
WIDER: dict[str, tuple[float, str]] = {
    "glmm": (1e-5, "lme4's derivative-free search ends where the deviance no longer changes"),
    "selection": (1e-4, "optim's searches and the quadrature of the weights"),
    "multilevel": (1e-6, "Newton's method on derivatives by extrapolation"),
    "network": (1e-5, "optim's BFGS on the restricted likelihood"),
    "convert": (1e-6, "optim's searches and numerical derivatives"),
}


def differences(
    new: Any, old: Any, tolerance: float, where: str = ""
) -> Iterator[tuple[str, str, float]]:
    """Place, what differs, and by how much: relative, infinite for anything that is no number."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            if where == "" and name == "source":
                continue
            if name not in old or name not in new:
                yield f"{where}/{name}", "only in one", math.inf
            else:
                yield from differences(new[name], old[name], tolerance, f"{where}/{name}")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield where, f"{len(new)} instead of {len(old)} values", math.inf
        for at, (one, other) in enumerate(zip(new, old, strict=False)):
            yield from differences(one, other, tolerance, f"{where}[{at}]")
    elif is_number(old) and is_number(new):
        gap = abs(new - old)
        if gap > max(ABSOLUTE, tolerance * abs(old)):
            yield where, f"{new!r} instead of {old!r}", gap / abs(old) if old else math.inf
    elif type(old) is not type(new) or old != new:
        yield where, f"{new!r} instead of {old!r}", math.inf


def is_number(value: Any) -> bool:
    """Whether this is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def count(value: Any) -> int:
    """Numbers in a document."""
    if isinstance(value, dict):
        return sum(map(count, value.values()))
    return sum(map(count, value)) if isinstance(value, list) else int(is_number(value))


def compared(new: Path, old: Path) -> tuple[str, bool]:
    """What to say of a file, and whether it is the same."""
    name = old.stem.removeprefix("r_")
    tolerance, why = WIDER.get(name, (RELATIVE, ""))
    if not (new.is_file() and old.is_file()):
        return f"{name}: {(old if new.is_file() else new).name} is missing", False
    one, other = (json.loads(path.read_text(encoding="utf-8")) for path in (new, old))
    found = list(differences(one, other, tolerance))
    exact = sum(1 for _ in differences(one, other, 0.0))
    lines = [
        f"{name}: {count(other):,} numbers, {exact} not equal, {len(found)} beyond {tolerance:g}"
        + (f" ({why})" if why else "")
    ]
    made_by = [document.get("source", {}) for document in (one, other)]
    if made_by[0] != made_by[1]:
        lines.append(f"  made by {made_by[0]}, before by {made_by[1]}")
    lines += [f"  {where}: {text} ({gap:.1e})" for where, text, gap in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  and {len(found) - SHOWN} more")
    return "\n".join(lines), not found


def main(arguments: Sequence[str] | None = None) -> int:
    new, old, *names = sys.argv[1:] if arguments is None else arguments
    names = names or sorted(path.stem.removeprefix("r_") for path in Path(old).glob("r_*.json"))
    same = True
    for name in names:
        text, this = compared(Path(new) / f"r_{name}.json", Path(old) / f"r_{name}.json")
        print(text)
        same &= this
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
