"""Write docs/api.md from the public names of the package.

``python scripts/api_reference.py`` rewrites it; with ``--check`` it exits
with 1 where the page is stale.
"""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

TARGET = Path(__file__).parents[1] / "docs" / "api.md"

HEAD = """# Library

Every public name with the first line of its documentation, made by `scripts/api_reference.py`; a
test keeps it current. `help(name)` tells arguments, results, errors, sources and examples.
"""

PARTS = {
    "evsyn": "The package: load a review.",
    "evsyn.stats": "Statistics on arrays: numpy and `scipy.special` only. Names load on first use.",
    "evsyn.stats.convert": "What a paper prints, turned into what a meta-analysis needs.",
    "evsyn.text": "Sentences and tables for notebooks; every number keeps its trace.",
    "evsyn.figures": "Figures for notebooks, as SVG.",
    "evsyn.synthesis.results": "What `rates`, `compare`, `pool` and `claims` return.",
    "evsyn.tables.provenance": "What a number rests on.",
    "evsyn.errors": "One tree of errors; every message says where and what to do.",
}

# Parts of a module with many names, by the subpackage that defines them; the rest come first.
SECTIONS = {
    "evsyn.stats": {
        "": "Proportions, pairs, means, p-values, planning",
        "effects": "Effect sizes",
        "pooling": "Pooling",
        "bias": "Small-study effects and selective publication",
        "models": "Counts, dependent effects, networks",
        "resampling": "Resampling",
        "convert": "Conversions",
    }
}


def reference() -> str:
    """Return the page."""
    parts = [HEAD]
    for module, line in PARTS.items():
        found = import_module(module)
        parts.append(f"## {module}\n\n{line}\n")
        sections: dict[str, list[str]] = {name: [] for name in SECTIONS.get(module, {"": ""})}
        for name in sorted(found.__all__, key=str.lower):
            value = getattr(found, name)
            sections[_section(module, value)] += _rows(name, value)
        for section, rows in sections.items():
            if module in SECTIONS:
                parts.append(f"### {SECTIONS[module][section]}\n")
            parts.append("| name | what it is |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _section(module: str, value: object) -> str:
    if module not in SECTIONS:
        return ""
    home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", "")
    first = home.removeprefix(f"{module}.").partition(".")[0]
    return first if first in SECTIONS[module] else ""


def _rows(name: str, value: object) -> list[str]:
    if inspect.ismodule(value):
        return [f"| `{name}` | a subpackage: {_first_line(value)} |"]
    if not callable(value) and not inspect.isclass(value):
        return [f"| `{name}` | {_constant(name)} |"]
    rows = [f"| `{name}{_arguments(value)}` | {_first_line(value)} |"]
    if inspect.isclass(value):
        members = [
            (member, inspect.unwrap(_function(attribute)))
            for member, attribute in vars(value).items()
            if not member.startswith("_") and _function(attribute) is not None
        ]
        rows += [
            f"| `{name}.{member}{_arguments(function, method=True) if called else ''}` "
            f"| {_first_line(function)} |"
            for member, function in members
            for called in (not _is_property(vars(value)[member]),)
            if function.__doc__
        ]
    return rows


def _is_property(attribute: object) -> bool:
    return isinstance(attribute, property) or hasattr(attribute, "attrname")


def _function(attribute: object) -> object:
    if isinstance(attribute, property):
        return attribute.fget
    if hasattr(attribute, "attrname"):  # functools.cached_property
        return attribute.func
    if isinstance(attribute, (classmethod, staticmethod)):
        return attribute.__func__
    return attribute if inspect.isfunction(attribute) else None


def _constant(name: str) -> str:
    return "version of the package" if name == "__version__" else "a constant"


def _arguments(value: object, *, method: bool = False) -> str:
    if inspect.isclass(value):
        return ""
    names = []
    starred = False
    for parameter in list(inspect.signature(value).parameters.values())[1 if method else 0 :]:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            names.append("*")
            starred = True
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        prefix = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(
            parameter.kind, ""
        )
        starred = starred or parameter.kind is parameter.VAR_POSITIONAL
        names.append(f"{prefix}{parameter.name}{default}")
    return f"({', '.join(names)})".replace("|", "\\|")


def _first_line(value: object) -> str:
    lines = (inspect.getdoc(value) or "").split("\n\n")[0].split()
    plain = re.sub(r":\w+:`~?([^`]*)`", r"`\1`", " ".join(lines))
    return plain.replace("|", "\\|").replace("``", "`")


def main() -> int:
    """Write the page, or compare it."""
    text = reference()
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") != text:
            print("docs/api.md is stale: run `python scripts/api_reference.py`", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
