"""Kernels: of this interpreter, in a fixed environment, and gone afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from evsyn.reports.kernel import ENVIRONMENT, kernel_class, kill_running, sweep, undisturbed


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


async def started(kernel) -> object:
    manager = kernel(kernel_name="python3")
    await manager.start_kernel()
    return manager


def test_the_specification_is_this_interpreter() -> None:
    with kernel_class() as kernel:
        manager = kernel(kernel_name="anything")
        assert manager.kernel_spec.argv[0] == sys.executable
        assert manager.kernel_spec.env.items() >= ENVIRONMENT.items()
        folder = manager.folder
        assert manager.kernel_spec.env["IPYTHONDIR"].startswith(str(folder))
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="sockets as files are for POSIX systems")
def test_sockets_are_files_in_a_folder_of_their_own() -> None:
    with kernel_class() as one, kernel_class() as other:
        first, second = one(kernel_name="python3"), other(kernel_name="python3")
        assert first.transport == "ipc"
        assert first.ip != second.ip and first.connection_file != second.connection_file


def test_leaving_kills_what_still_runs() -> None:
    with kernel_class() as kernel:
        manager = asyncio.run(started(kernel))
        process = manager.provisioner.process
        assert alive(process.pid)
    assert process.poll() is not None
    manager.cleanup_connection_file()


def test_kill_running_ends_every_kernel() -> None:
    with kernel_class() as kernel:
        manager = asyncio.run(started(kernel))
        assert kill_running() >= 1
        assert manager.provisioner.process.poll() is not None
        assert kill_running() == 0


def test_nothing_starts_once_stopped() -> None:
    stopped = threading.Event()
    stopped.set()
    with kernel_class(stopped) as kernel, pytest.raises(RuntimeError, match="stopped"):
        asyncio.run(started(kernel))


def test_folders_left_behind_are_swept_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, new, other = (tmp_path / f"evsyn-{name}" for name in ("left", "new", "other"))
    for folder in (left, new, other):
        folder.mkdir()
    for folder in (left, new):
        (folder / "held").touch()
    os.utime(left / "held", (0, 0))
    with kernel_class() as kernel:
        assert not left.exists() and new.is_dir() and other.is_dir()
        os.utime(kernel.folder / "held", (0, 0))
        assert sweep() == 0 and kernel.folder.is_dir()
    assert not kernel.folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
def test_signals_wait_only_while_undisturbed() -> None:
    def handler(number: int, frame: object) -> None:
        raise AssertionError("disturbed")

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)
