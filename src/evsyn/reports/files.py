"""Files of a build: written whole or not at all, and known by their digests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["digest", "write_atomic"]


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write_atomic(path: Path, text: str, state: Path) -> None:
    """Write a file so that it is either the old one or the new one, whatever happens.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        Its new content, written as UTF-8.
    state : Path
        The project's ``.evsyn`` folder, where the new file waits until it is complete.
    """
    waiting = state / "tmp" / f"{path.name}.{os.getpid()}"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        waiting.write_text(text, encoding="utf-8", newline="\n")
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
