"""Start-up that is paid for nothing, left out: a grammar that importing nbformat would build.

jsonschema imports ``rfc3987_syntax`` to check IRI formats, and that package compiles a grammar for
about a second when imported. No notebook schema has an IRI format. A stand-in waits instead: the
first call to its one function imports the real package, so nothing behaves differently.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

__all__ = ["defer_grammar"]

_NAME = "rfc3987_syntax"


def defer_grammar() -> bool:
    """Let ``rfc3987_syntax`` load at its first use instead of at import.

    Returns
    -------
    bool
        Whether the stand-in is in place; False where the package is not installed or was already
        imported.
    """
    present = sys.modules.get(_NAME)
    if present is not None:
        return isinstance(present, _Deferred)
    if importlib.util.find_spec(_NAME) is None:
        return False
    sys.modules[_NAME] = _Deferred(_NAME)
    return True


class _Deferred(ModuleType):
    """Stands for a module until an attribute is called."""

    def is_valid_syntax(self, term: str, value: object) -> bool:
        """Check a value with the real package."""
        sys.modules.pop(_NAME, None)
        return bool(importlib.import_module(_NAME).is_valid_syntax(term, value))

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(_NAME, None)
        return getattr(importlib.import_module(_NAME), name)
