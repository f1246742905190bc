"""Kernels for reports: the interpreter that runs evsyn, in an environment that is always the same.

No installed kernel specification is asked for, the sockets are files in a folder of their own
(no port that another kernel could take), and whatever happens the process is gone afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from evsyn.reports.lock import take

__all__ = ["ENVIRONMENT", "kernel_class", "kill_running", "sweep", "undisturbed"]

ENVIRONMENT = {
    "IPYKERNEL_CELL_NAME": "<cell>",  # else temporary paths stand in warnings and tracebacks
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONSTARTUP": "",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "SOURCE_DATE_EPOCH": "315532800",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
}
_LONGEST_SOCKET = 90  # of the about 100 bytes that a socket's path may have

_PREFIX = "evsyn-"
_HELD = "held"  # locked by the process that uses the folder
_SETTLED = 60.0  # seconds after which a folder that nobody holds has been left behind

_running: set[ReportKernel] = set()
_guard = threading.Lock()


class ReportKernel(AsyncKernelManager):
    """Starts the current interpreter as a kernel; made ready by :func:`kernel_class`."""

    folder: Path
    stopped: threading.Event
    made: list[ReportKernel]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.made.append(self)
        self.connection_file = str(self.folder / "connection.json")
        socket = str(self.folder / "k")
        if os.name == "posix" and len(socket) < _LONGEST_SOCKET:
            self.transport = "ipc"
            self.ip = socket

    @property
    def kernel_spec(self) -> KernelSpec:
        """The current interpreter, whatever specifications are installed."""
        return KernelSpec(
            argv=[
                sys.executable,
                "-Xfrozen_modules=off",
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="Python 3",
            language="python",
            env=ENVIRONMENT | {"IPYTHONDIR": str(self.folder / "ipython")},
        )

    async def start_kernel(self, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        """Start the process with its own output in a log file; refused once stopped."""
        if self.stopped.is_set():
            raise RuntimeError("stopped")
        with (self.folder / "log").open("wb") as log:
            result = await super().start_kernel(*args, stdout=log, stderr=log, **options)
        with _guard:
            _running.add(self)
        if self.stopped.is_set():
            self.kill()
        return result

    def kill(self) -> None:
        """Kill the process and those it started, if it still runs."""
        with _guard:
            _running.discard(self)
        process = getattr(self.provisioner, "process", None)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)  # it leads its own group
            else:
                process.kill()
        process.wait()


@contextlib.contextmanager
def kernel_class(stopped: threading.Event | None = None) -> Iterator[type[ReportKernel]]:
    """Class of kernels for one run; on leaving, its processes and files are gone.

    Parameters
    ----------
    stopped : threading.Event, optional
        Once set, no kernel is started any more.

    Yields
    ------
    type
        A kernel manager class with a folder of its own.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    held = (folder / _HELD).open("wb")
    take(held.fileno())
    made: list[ReportKernel] = []
    kernel = type(
        "ReportKernel",
        (ReportKernel,),
        {"folder": folder, "stopped": stopped or threading.Event(), "made": made},
    )
    try:
        yield kernel
    finally:
        for manager in made:
            manager.kill()
            manager.context.destroy(linger=0)
        held.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Take away folders of kernels whose process was killed before it could do so.

    Returns
    -------
    int
        How many there were; those in use and those of other users stay.
    """
    swept = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or (os.name == "posix" and folder.stat().st_uid != os.getuid()):
                continue
            held = folder / _HELD
            if time.time() - held.stat().st_mtime < _SETTLED:
                continue
            with held.open("r+b") as handle:
                take(handle.fileno())
            shutil.rmtree(folder)
            swept += 1
    return swept


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM for a while; only the main thread can, others just go on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            if handler is not None:  # None: not set from Python
                signal.signal(one, handler)


def kill_running() -> int:
    """Kill the kernels of every run under way, for Ctrl-C.

    Returns
    -------
    int
        How many there were.
    """
    with _guard:
        managers = tuple(_running)
    for manager in managers:
        manager.kill()
    return len(managers)
