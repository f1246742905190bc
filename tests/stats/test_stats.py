"""The public face of evsyn.stats."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

import evsyn.stats


def test_public_names_are_there_and_no_modules_but_one():
    modules = set()
    for name in evsyn.stats.__all__:
        value = getattr(evsyn.stats, name)
        assert value.__doc__, name
        if isinstance(value, ModuleType):
            modules.add(name)
    assert modules == {"convert"}
    assert dir(evsyn.stats) == sorted(evsyn.stats.__all__)


def test_a_name_that_does_not_exist_is_refused():
    with pytest.raises(AttributeError, match="has no attribute 'pol'"):
        _ = evsyn.stats.pol


def test_names_stay_functions_after_their_modules_are_loaded():
    importlib.import_module("evsyn.stats.paired_range")
    importlib.import_module("evsyn.stats.pooling.pool")
    assert callable(evsyn.stats.paired_range)
    assert callable(evsyn.stats.pool)


def test_import_loads_numpy_and_scipy_special_only():
    code = (
        "import sys, evsyn.stats\n"
        "heavy = ('scipy.stats', 'scipy.optimize', 'scipy.linalg', 'pandas', 'matplotlib')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
