"""The stand-in for rfc3987_syntax: nothing is built until it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evsyn.reports.lean import defer_grammar

NAME = "rfc3987_syntax"


@pytest.fixture
def grammar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A synthetic package of that name that leaves a mark when it is imported."""
    mark = tmp_path / "imported"
    source = f"import pathlib; pathlib.Path({str(mark)!r}).touch()\nALLOWED = 'iri'\n"
    source += "def is_valid_syntax(term, value): return value == 'fine'\n"
    (tmp_path / f"{NAME}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    return mark


def test_the_real_package_loads_at_the_first_call(
    grammar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, NAME, sys)
    monkeypatch.delitem(sys.modules, NAME)
    assert defer_grammar() and defer_grammar()
    stand_in = sys.modules[NAME]
    assert not grammar.exists()
    assert stand_in.is_valid_syntax("iri", "fine") is True
    assert stand_in.is_valid_syntax("iri", "other") is False
    assert grammar.exists() and sys.modules[NAME] is not stand_in


def test_other_names_come_from_the_real_package(grammar: Path) -> None:
    assert defer_grammar()
    assert sys.modules[NAME].ALLOWED == "iri"
    assert grammar.exists()


def test_nothing_is_put_in_place_of_what_is_imported_or_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, NAME, sys)
    assert not defer_grammar()
    monkeypatch.delitem(sys.modules, NAME)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not defer_grammar() and NAME not in sys.modules
