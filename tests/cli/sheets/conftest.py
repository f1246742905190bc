"""Synthetic rows, marked as such in their names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import pytest

Row = TypeVar("Row")


def blank(kind: type[Row], **values: Any) -> Row:
    """Make a row with nothing in it but what is given."""
    hints = get_type_hints(kind)
    filled: dict[str, Any] = {}
    for spec in fields(kind):  # type: ignore[arg-type]
        hint = str(hints[spec.name])
        if spec.name in values:
            filled[spec.name] = values[spec.name]
        elif spec.name == "trace":
            continue
        elif "Mapping" in hint:
            filled[spec.name] = {}
        elif "tuple" in hint:
            filled[spec.name] = ()
        elif "None" in hint:
            filled[spec.name] = None
        else:
            filled[spec.name] = hints[spec.name]()
    return kind(**filled)


@pytest.fixture
def make() -> Any:
    """Return the maker of synthetic rows."""
    return blank
