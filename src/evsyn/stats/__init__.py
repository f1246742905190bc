"""Statistics on arrays: arguments array_like, results frozen, numpy and scipy.special only.

Names are looked up on first use, so that ``import evsyn.stats`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evsyn.stats._arrays import Intervals, TestResult

__all__ = [
    "Intervals",
    "TestResult",
]

_HOMES = {
    "Intervals": "_arrays",
    "TestResult": "_arrays",
}


def __getattr__(name: str) -> Any:
    """Public name, from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Public names, sorted."""
    return sorted(__all__)
