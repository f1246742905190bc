"""Run a notebook with papermill so that the same inputs give the same bytes."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evsyn.errors import ReportError
from evsyn.reports.lean import defer_grammar
from evsyn.reports.parameters import checked_parameters

if TYPE_CHECKING:
    from evsyn.reports.limits import Watch

__all__ = ["FAILED", "LONGEST_CELL", "run_notebook"]

FAILED = Path(".evsyn", "failed")
LONGEST_CELL = 600
"""Seconds that one cell may run."""
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINE = re.compile(r"(?:Cell In\[\d+\], line |File <cell>[:, ]+(?:line )?)(\d+)")


def run_notebook(
    source: Path,
    output: Path,
    *,
    parameters: Mapping[str, object],
    root: Path | None = None,
    stopped: threading.Event | None = None,
) -> Path:
    """Run a notebook and write the executed copy.

    The kernel is the current interpreter. It runs in the project's folder, with one thread, a
    fixed hash seed, UTC and the C.UTF-8 locale. Times, random ids and paths are taken out of the
    copy.

    Parameters
    ----------
    source : Path
        The notebook; it is not changed.
    output : Path
        Where the executed copy goes; folders are made.
    parameters : mapping
        Values for the cell tagged ``parameters``.
    root : Path, optional
        Folder in which the kernel runs and under which ``.evsyn/failed`` lies; by default the
        current one.
    stopped : threading.Event, optional
        Once set, no kernel is started any more.

    Returns
    -------
    Path
        ``output``.

    Raises
    ------
    ReportError
        If a parameter is unknown or of the wrong type, a cell fails (the message names notebook,
        cell, line and error, and the executed copy is kept in ``.evsyn/failed``), runs longer than
        ``LONGEST_CELL`` or displays more than ``evsyn.reports.limits`` allows, or the kernel dies.
    """
    root = (root or Path.cwd()).resolve()
    values = checked_parameters(source, parameters)
    defer_grammar()
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError

    from evsyn.reports.limits import Watch

    output.parent.mkdir(parents=True, exist_ok=True)
    shown = _relative(source, root)
    watch = Watch()

    def place() -> str:
        return f"{shown}, {_cell(source, watch.cell, injected=bool(values))}"

    try:
        executed = _execute(source, output, values=values, root=root, stopped=stopped, watch=watch)
    except PapermillExecutionError as error:
        kept = _keep(output, root)
        raise ReportError(
            _message(error, shown, injected=bool(values), source=source)
            + f"\nthe notebook as far as it ran: {kept}"
        ) from None
    except (RuntimeError, OSError) as error:  # the kernel died, was ended or could not start
        output.unlink(missing_ok=True)
        if isinstance(error, CellTimeoutError) and not watch.excess:
            raise ReportError(
                f"{place()}: ran longer than {LONGEST_CELL} s, which is allowed for one cell; "
                "split it, or compute less"
            ) from None
        if not watch.excess:
            raise ReportError(f"{shown}: the kernel stopped ({error})") from None
    if watch.excess:
        output.unlink(missing_ok=True)
        raise ReportError(f"{place()}: displays {watch.excess}; display less")
    _settle(executed)
    # papermill sorts keys as it writes; here they stay in the order in which they were displayed
    text = json.dumps(executed, indent=1, ensure_ascii=False)
    output.write_text(text + "\n", encoding="utf-8")
    return output


def _execute(
    source: Path,
    output: Path,
    *,
    values: Mapping[str, object],
    root: Path,
    stopped: threading.Event | None,
    watch: Watch,
) -> Any:
    import papermill
    from jupyter_core.utils import ensure_event_loop

    from evsyn.reports.kernel import kernel_class
    from evsyn.reports.limits import ENGINE

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    try:
        with kernel_class(stopped) as kernel:
            return papermill.execute_notebook(
                _literally(source),
                _literally(output),
                parameters=dict(values),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                start_timeout=120,
                execution_timeout=LONGEST_CELL,
                engine_name=ENGINE,
                watch=watch,
                record_timing=False,
                kernel_manager_class=kernel,
                shutdown_kernel="immediate",
                resources={"metadata": {"path": str(root)}},
            )
    finally:
        loop = ensure_event_loop()  # each thread gets one from jupyter_core, which never closes it
        if not loop.is_running():
            loop.close()


def _literally(path: Path) -> str:
    """Path for papermill, which fills in braces."""
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")


def _relative(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else str(path)


def _keep(output: Path, root: Path) -> str:
    """Move the executed copy of a failing notebook to ``.evsyn/failed``."""
    kept = root / FAILED / f"{output.stem}.ipynb"
    kept.parent.mkdir(parents=True, exist_ok=True)
    output.replace(kept)
    return kept.relative_to(root).as_posix()


def _message(error: Any, shown: str, *, injected: bool, source: Path) -> str:
    """Say where a notebook failed: its cell as counted in the source, and the line."""
    cell = _cell(source, int(error.cell_index), injected=injected)
    traceback = _ESCAPES.sub("", "\n".join(error.traceback))
    line = _LINE.search(traceback)
    place = f", line {line.group(1)}" if line else ""
    return f"{shown}, {cell}{place}: {error.ename}: {error.evalue}"


def _cell(source: Path, position: int, *, injected: bool) -> str:
    """Name a cell of the executed copy, counted from 0, as it is counted in the source."""
    from evsyn.reports.parameters import TAG, read_notebook

    cell = position + 1
    if injected:
        cells: Any = read_notebook(source)["cells"]
        tagged = [at for at, one in enumerate(cells) if TAG in one["metadata"].get("tags", ())]
        if cell > tagged[0] + 2:
            cell -= 1
        elif cell == tagged[0] + 2:
            return "parameters given"
    return f"cell {cell}"


def _settle(notebook: Any) -> None:
    """Take what differs from run to run out of an executed notebook: ids, times, paths."""
    for position, cell in enumerate(notebook["cells"]):
        cell["id"] = f"c{position:04d}"
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        if cell["cell_type"] == "code":
            cell["outputs"] = _joined_streams(cell["outputs"])
    notebook["metadata"] = {"language_info": {"name": "python"}, "kernelspec": _SPEC}
    notebook["nbformat_minor"] = 5


_SPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}


def _joined_streams(outputs: list[Any]) -> list[Any]:
    """Outputs with standard output and error each in one piece, first seen first."""
    joined: list[Any] = []
    streams: dict[str, Any] = {}
    for output in outputs:
        if output.output_type != "stream":
            joined.append(output)
        elif output.name in streams:
            streams[output.name]["text"] += output.text
        else:
            streams[output.name] = output
            joined.append(output)
    return joined
