"""A headless Chromium, and the built pages it opens; both may be absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REPORTS = Path(__file__).parents[2] / "reports"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def absent(reason: str) -> None:
    """Skip, or fail where a browser is required."""
    if os.environ.get("EVSYN_REQUIRE_BROWSER") == "1":
        pytest.fail(f"EVSYN_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")  # its event loop must not outlive the browser tests of a worker
def browser() -> Iterator[Browser]:
    """Chromium as installed on this machine."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        absent(f"none of {', '.join(NAMES)} is installed")
    api: Any = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def path(request: pytest.FixtureRequest) -> Path:
    """One of the built pages, each in its turn."""
    if request.param is None:
        absent("nothing is built under reports/ (run `make reports`)")
    return request.param


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Path:
    """One of the built reports, each in its turn: every page but the list of them."""
    if request.param is None:
        absent("no report is built under reports/ (run `make reports`)")
    return request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes ``path`` or ``report`` once for every one that is built."""
    built = sorted(REPORTS.glob("*.html"))
    reports = [page for page in built if page.name != "index.html"]
    for name, found in (("path", built), ("report", reports)):
        if name in metafunc.fixturenames:
            words = [page.stem for page in found] or ["nothing built"]
            metafunc.parametrize(name, found or [None], ids=words, indirect=True)
