"""Keep two builds of one project apart."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from evsyn.errors import ReportError

__all__ = ["locked", "take"]


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the project's build lock; the operating system frees it when the process ends.

    Parameters
    ----------
    state : Path
        The project's ``.evsyn`` folder; made where absent.

    Yields
    ------
    None
        While the lock is held.

    Raises
    ------
    ReportError
        If another build holds it.
    """
    state.mkdir(parents=True, exist_ok=True)
    path = state / "lock"
    with path.open("a+", encoding="ascii") as handle:
        try:
            take(handle.fileno())
        except OSError:
            handle.seek(0)
            owner = handle.read().strip()
            who = f" (process {owner})" if owner else ""
            raise ReportError(
                f"{state.name}/{path.name}: another build of this project is running{who}; "
                "wait until it has finished"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def take(descriptor: int) -> None:
    """Lock an open file until it is closed or the process ends.

    Parameters
    ----------
    descriptor : int
        Of a file open for writing.

    Raises
    ------
    OSError
        If another process, or another opening of the file, holds it.
    """
    if os.name == "posix":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
