"""The public face of evsyn.stats."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import evsyn.stats


def test_public_names_are_sorted_there_and_no_modules():
    assert evsyn.stats.__all__ == sorted(evsyn.stats.__all__)
    for name in evsyn.stats.__all__:
        assert not isinstance(getattr(evsyn.stats, name), ModuleType), name
        assert getattr(evsyn.stats, name).__doc__


def test_import_loads_numpy_and_scipy_special_only():
    code = (
        "import sys, evsyn.stats\n"
        "heavy = ('scipy.stats', 'scipy.optimize', 'scipy.linalg', 'pandas', 'matplotlib')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
