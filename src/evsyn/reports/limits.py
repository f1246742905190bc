"""How much a notebook may display and how long a cell may run; watched while it runs."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

from nbclient.exceptions import CellExecutionComplete
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from evsyn.reports.outputs import LARGEST_PAGE, LONGEST_TEXT
from evsyn.review.blocks import BLOCK_MIME

__all__ = ["ENGINE", "Watch"]

ENGINE = "evsyn"
"""Name under which papermill knows the engine that runs reports."""

_TEXTS = ("text/", "image/svg+xml", "application/javascript")


class Watch:
    """What a notebook has displayed so far, and in which cell it is.

    Attributes
    ----------
    cell : int
        Position of the cell that runs, from 0.
    excess : str
        What was too much; empty as long as nothing was.
    """

    def __init__(self) -> None:
        self.cell = 0
        self.excess = ""
        self._before = 0
        self._here: Counter[str] = Counter()

    def start(self, cell: object, cell_index: int) -> None:
        """Note that a cell starts; the one that displayed too much stays named."""
        if self.excess:
            return
        self._before += self._here.total()
        self._here.clear()
        self.cell = cell_index

    def admits(self, message: Mapping[str, Any]) -> bool:
        """Count a message of the kernel; whether what is displayed is still within bounds."""
        if self.excess:
            return False
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._here.clear()
        elif kind == "stream":
            name = str(content["name"])
            self._here[name] += len(content["text"])
            if self._here[name] > LONGEST_TEXT:
                self.excess = f"more than {LONGEST_TEXT:,} characters on {name}"
        elif kind in ("display_data", "execute_result"):
            forms = {k: v for k, v in content["data"].items() if isinstance(v, str)}
            longest = max((len(v) for k, v in forms.items() if k.startswith(_TEXTS)), default=0)
            if longest > LONGEST_TEXT and BLOCK_MIME not in content["data"]:
                self.excess = f"an output of {longest:,} characters, more than {LONGEST_TEXT:,}"
            self._here["displayed"] += max(map(len, forms.values()), default=0)
        if not self.excess and self._before + self._here.total() > LARGEST_PAGE:
            self.excess = f"with the cells before it more than {LARGEST_PAGE:,} bytes"
        return not self.excess


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """Client that ends the kernel of a notebook which displays too much."""

    def __init__(self, notebook: Any, *, watch: Watch, **options: Any) -> None:
        super().__init__(notebook, on_cell_start=watch.start, **options)
        self.watch = watch

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Take a message in, unless it is one too many."""
        if not self.watch.admits(msg):
            self.km.kill()
            raise CellExecutionComplete
        return super().process_message(msg, cell, cell_index)


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine with a client that counts."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook."""
        options.pop("input_path", None)
        options["timeout"] = options.pop("execution_timeout")
        options["startup_timeout"] = options.pop("start_timeout")
        log = logging.getLogger("papermill")
        return _Client(nb_man, kernel_name=kernel_name, log=log, **options).execute()


papermill_engines.register(ENGINE, _Engine)
