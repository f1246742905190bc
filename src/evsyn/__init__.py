"""evsyn: from the outcomes of cited studies to reports in which every number can be followed back.

``evsyn.load`` opens a review; ``evsyn.stats`` holds the statistics on arrays. Nothing heavy is
loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evsyn.review.review import Review, load

__all__ = ["Review", "__version__", "load"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in {"Review", "load"}:
        return getattr(import_module("evsyn.review.review"), name)
    if name in {"stats", "text", "figures"}:
        return import_module(f"evsyn.{name}")
    raise AttributeError(f"module 'evsyn' has no attribute {name!r}")
