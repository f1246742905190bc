"""Functions of scipy.special, loaded on first use."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from evsyn.stats import _special


@pytest.mark.parametrize("name", _special.__all__)
def test_each_name_is_a_function_of_scipy_special(name: str) -> None:
    special = __import__("scipy.special", fromlist=[name])
    assert callable(getattr(special, name))
    assert getattr(_special, name).__name__ == name


def test_gives_what_scipy_special_gives() -> None:
    assert _special.ndtr(np.array([0.0, 1.0]))[0] == 0.5
    assert _special.stdtrit(9, 0.975) == pytest.approx(2.2621571627982)


def test_importing_the_statistics_does_not_load_it() -> None:
    code = "import sys, evsyn.stats; print('scipy.special' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
