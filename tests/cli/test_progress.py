"""The bar of long work."""

from __future__ import annotations

import pytest

from evsyn.cli.progress import Bar


def test_silent_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with Bar("reports", shown=False) as bar:
        bar.step("synthetic", 1, 2)
    assert capfd.readouterr() == ("", "")


def test_shown_on_standard_error(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Bar("reports", shown=True) as bar:
        bar.step("synthetic-one", 1, 2)
        bar.step("synthetic-two", 2, 2)
    told = capfd.readouterr()
    assert told.out == ""
    assert "reports" in told.err
    assert "2/2" in told.err
