"""Progress of long work, on a terminal only."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Bar"]


class Bar:
    """A bar on standard error; silent where nobody is watching.

    Parameters
    ----------
    label : str
        What is counted.
    shown : bool
        Whether to draw anything.
    """

    def __init__(self, label: str, *, shown: bool) -> None:
        self._label = label
        self._shown = shown
        self._stack = ExitStack()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Bar:
        if self._shown:
            from rich.console import Console  # heavy: not needed off a terminal
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeElapsedColumn,
            )

            self._progress = self._stack.enter_context(
                Progress(
                    TextColumn(self._label, markup=False),
                    BarColumn(),
                    MofNCompleteColumn(),
                    TimeElapsedColumn(),
                    TextColumn("{task.fields[last]}", markup=False),
                    console=Console(stderr=True),
                    transient=True,
                )
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._stack.close()

    def step(self, last: str, done: int, total: int) -> None:
        """Show how far it is.

        Parameters
        ----------
        last : str
            What was done last.
        done, total : int
            How many are done, of how many.
        """
        if self._progress is None:
            return
        if self._task is None:
            self._task = self._progress.add_task(self._label, total=total, last=last)
        self._progress.update(self._task, completed=done, last=last)
