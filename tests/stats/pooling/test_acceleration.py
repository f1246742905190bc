from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from evsyn.stats.pooling import acceleration
from evsyn.stats.pooling.acceleration import compiled_search, use_compiled
from evsyn.stats.pooling.between_studies import METHODS, solve_many

NUMBA = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


@pytest.fixture
def clean() -> Iterator[None]:
    found = acceleration._Choice.found
    yield
    acceleration._Choice.found = found
    use_compiled(True)


def test_importing_the_engine_loads_no_numba() -> None:
    code = "import sys, evsyn.stats.pooling.pool; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_small_batches_and_other_methods_are_not_worth_it() -> None:
    assert compiled_search("REML", 100) is None
    assert compiled_search("SJ", 10**9) is None


def test_what_is_loaded_is_used_and_can_be_forbidden(clean: None) -> None:
    calls = []

    def found(yi, vi, k, method):  # type: ignore[no-untyped-def]
        calls.append(method)
        n = k.size
        return np.ones((8, n)), np.arange(n) % 2 == 1, np.ones(n, dtype=bool)

    acceleration._Choice.found = found
    source = np.random.default_rng(1)  # synthetic
    yi, vi = source.normal(size=(2, 5000)), source.uniform(0.1, 1.0, (2, 5000))
    assert solve_many(yi, vi, np.full(5000, 2.0), "REML").tau2[0] != 1.0
    assert not calls
    k = np.full(5000, 2.0)
    fit = solve_many(yi, vi, k, "REML", whole=10**6)
    assert calls == ["REML"]
    assert (fit.tau2[::2] == 1.0).all()
    use_compiled(False)
    plain = solve_many(yi, vi, k, "REML", whole=10**6)
    assert calls == ["REML"]
    np.testing.assert_allclose(fit.tau2[1::2], plain.tau2[1::2], rtol=1e-12, atol=1e-15)
    assert plain.modes.dtype == fit.modes.dtype


@NUMBA
@pytest.mark.parametrize("method", METHODS)
def test_large_batches_give_the_same(clean: None, method: str) -> None:
    source = np.random.default_rng(2)  # synthetic
    k, n = 8, 60_000
    vi = source.uniform(0.02, 0.5, (k, n))
    yi = source.normal(0.3, np.sqrt(vi + 0.1))
    away = source.random((k, n)) < 0.2
    away[:2] = False
    yi[away], vi[away] = 0.0, np.inf
    vi[0, :20] = 0.0
    count = (~away).sum(axis=0).astype(float)
    fast = solve_many(yi, vi, count, method)
    use_compiled(False)
    plain = solve_many(yi, vi, count, method)
    for name in ("mean", "variance", "rss", "q", "trace"):
        values, expected = getattr(fast, name), getattr(plain, name)
        scale = np.sqrt(plain.variance) if name == "mean" else np.abs(expected)
        assert not (np.abs(values - expected) > 1e-10 * scale).any(), name
    assert not (np.abs(fast.tau2 - plain.tau2) > 1e-10 * (plain.tau2 + 0.02)).any()
    np.testing.assert_array_equal(fast.modes, plain.modes)
    np.testing.assert_array_equal(np.isnan(fast.tau2), np.isnan(plain.tau2))
    assert fast.converged.all()
