"""Public names: sorted, importable, typed, documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import evsyn

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(evsyn.__path__, "evsyn.")
    if not found.name.endswith("__main__")
)


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def test_every_module_says_what_it_is(module: ModuleType) -> None:
    if inspect.getsource(module).strip():
        assert module.__doc__
        assert module.__doc__.splitlines()[0].strip()


def test_what_is_listed_exists(module: ModuleType) -> None:
    for name in getattr(module, "__all__", ()):
        assert hasattr(module, name), name
        assert not name.startswith("_") or name == "__version__"


def test_what_is_listed_is_documented_and_typed(module: ModuleType) -> None:
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if inspect.isfunction(value):
            assert value.__doc__, name
            assert "return" in value.__annotations__, name
        elif inspect.isclass(value) and value.__module__.startswith("evsyn"):
            assert value.__doc__, name


SURFACES = {"evsyn": 10, "evsyn.stats": 130, "evsyn.text": 40, "evsyn.figures": 40}


@pytest.mark.parametrize(("name", "most"), SURFACES.items())
def test_the_surface_is_sorted_and_small(name: str, most: int) -> None:
    names = importlib.import_module(name).__all__
    assert list(names) == sorted(names, key=lambda text: (text.islower(), text))
    assert len(names) <= most


def test_loaded_on_use() -> None:
    assert evsyn.load is importlib.import_module("evsyn.review.review").load
    assert evsyn.Review is importlib.import_module("evsyn.review.review").Review
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = evsyn.nothing
