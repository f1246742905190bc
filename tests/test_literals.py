"""Option values: listed in the order written, shared by code and help."""

from __future__ import annotations

from typing import get_origin

from evsyn import literals
from evsyn.literals import choices
from evsyn.tables.cells import ORDER


def test_every_alias_has_values_without_repeats() -> None:
    aliases = [name for name in literals.__all__ if name != "choices"]
    for name in aliases:
        values = choices(getattr(literals, name))
        assert values, name
        assert len(set(values)) == len(values), name
        assert get_origin(getattr(literals, name)) is not None


def test_the_order_of_weakness_covers_every_status() -> None:
    assert set(ORDER) == set(choices(literals.Status))
