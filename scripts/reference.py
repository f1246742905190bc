"""Copy reference values from R into ``tests/reference``, only what the tests use.

Run from the repository's root, with the folder that holds the full files::

    python scripts/reference.py --from DIR

``SELECTIONS`` says what is kept of each file. A selection is ``True`` for everything, or a mapping
of keys to selections (``"*"`` stands for the keys not named); lists are selected item by item,
and a key that the file lacks is a fault. The ``source`` block is always kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

Selection: TypeAlias = "bool | Mapping[str, Selection]"
Value: TypeAlias = "Mapping[str, Value] | Sequence[Value] | str | float | bool | None"


def keys(*names: str) -> dict[str, Selection]:
    """Keep these keys whole."""
    return dict.fromkeys(names, True)


SELECTIONS: dict[str, Selection] = {
    **{
        f"{name}.json": True
        for name in (
            "bcg",
            "gibson2002",
            "hart1999",
            "konstantopoulos2011",
            "mcdaniel1994",
            "nielweise2007",
            "normand1999",
            "pritz1997",
            "raudenbush1985",
            "yusuf1985_table6",
        )
    },
    "paired.json": {"rows": keys("a", "b", "c", "d", "level", "difference", "mcnemar", "ci")},
    "proportions.json": {
        "rows": keys(
            "x",
            "n",
            "level",
            "estimate",
            "wald",
            "wilson",
            "wilson_cc",
            "clopper_pearson",
            "jeffreys",
            "agresti_coull",
            "mid_p",
        )
    },
    "two_proportions.json": {
        "rows": {
            **keys("x1", "n1", "x2", "n2", "level", "rd", "rr", "or", "nnt"),
            "tests": keys(
                "fisher", "fisher_midp", "chisq", "chisq_p", "yates", "yates_p", "n1_chisq", "n1_p"
            ),
        }
    },
}


def selected(value: Value, selection: Selection, where: str = "") -> Value:
    """Part of a document that a selection keeps.

    Parameters
    ----------
    value : mapping, sequence or scalar
        The document, or a part of it.
    selection : bool or mapping
        What to keep, see the module.
    where : str
        Path to the part, for the message.

    Raises
    ------
    KeyError
        If the document lacks a key that the selection names.
    """
    if isinstance(selection, bool):
        return value
    if isinstance(value, Mapping):
        named = {name: rest for name, rest in selection.items() if name != "*"}
        missing = sorted(set(named) - set(value))
        if missing:
            raise KeyError(f"{where or 'document'} lacks {', '.join(missing)}")
        others = dict.fromkeys(value, selection["*"]) if "*" in selection else {}
        wanted = {**others, **named}
        return {
            name: selected(part, wanted[name], f"{where}/{name}")
            for name, part in value.items()
            if name in wanted
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [selected(item, selection, f"{where}[{at}]") for at, item in enumerate(value)]
    return value


def written(document: Mapping[str, Value]) -> str:
    """JSON text of a document, a line for each key and for each item of a list of objects."""
    parts = []
    for name, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = ",\n".join(json.dumps(item, allow_nan=False) for item in value)
            text = f"[\n{items}\n]"
        else:
            text = json.dumps(value, allow_nan=False)
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Copy every file of ``SELECTIONS``; the exit code is 1 if one is not there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, required=True, metavar="DIR")
    parser.add_argument("--to", type=Path, default=Path("tests/reference"), metavar="DIR")
    options = parser.parse_args(arguments)
    absent = [name for name in SELECTIONS if not (options.source / name).is_file()]
    if absent:
        print(f"{options.source} lacks {', '.join(absent)}", file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    for name, selection in SELECTIONS.items():
        document = json.loads((options.source / name).read_text(encoding="utf-8"))
        wanted = selection if isinstance(selection, bool) else {"source": True, **selection}
        kept = selected(document, wanted)
        assert isinstance(kept, dict)
        (options.to / name).write_text(written(kept), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
