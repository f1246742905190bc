"""Checks of fragments: every number leads to its trace, every text is escaped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def untraced() -> Callable[[str], list[str]]:
    """Digits of a fragment that neither have a trace nor are marked as names or quotes."""

    def find(fragment: str) -> list[str]:
        from html.parser import HTMLParser

        marks = {"name", "quote", "words", "param", "axis", "ref", "cite"}

        class Reader(HTMLParser):
            def __init__(self) -> None:
                super().__init__()
                self.open: list[bool] = [False]
                self.found: list[str] = []

            def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
                if tag == "br":
                    return
                given = dict(attrs)
                classes = set((given.get("class") or "").split())
                covered = tag in ("q", "code") or bool(classes & marks) or "data-trace" in given
                self.open.append(self.open[-1] or covered)

            def handle_endtag(self, tag: str) -> None:
                if tag != "br":
                    self.open.pop()

            def handle_data(self, data: str) -> None:
                if not self.open[-1] and any(map(str.isdigit, data)):
                    self.found.append(data)

        reader = Reader()
        reader.feed(fragment)
        return reader.found

    return find


@pytest.fixture
def assert_sound(untraced: Callable[[str], list[str]]) -> Callable[[Any], None]:
    """Assert that a block's HTML is well formed and every number in it leads to its trace."""

    def check(block: Any) -> None:
        import re
        from xml.etree import ElementTree

        markup = block.html.replace("<br>", "<br/>")
        ElementTree.fromstring(f"<div>{markup}</div>")
        assert untraced(block.html) == []
        named = set(re.findall(r'data-trace="(\w+)"', block.html))
        assert named <= {found.trace_id for found in block.traces}
        assert all(found.ends for found in block.traces)
        assert "significant" not in block.plain
        assert "None" not in block.plain
        assert "nan" not in re.findall(r"\w+", block.plain)

    return check
