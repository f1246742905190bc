"""Synthetic rows for the tests of text: no study, arm or number here is evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evsyn.synthesis.results import ComparisonRow, RateRow, Result
from evsyn.tables.provenance import Quote, Step, Trace

RATE = RateRow(
    study_id="synthetic2001",
    arm_id="a",
    outcome_id="better",
    subgroup="",
    months=3.0,
    time_printed="at 3 months",
    anchor="baseline",
    analysis_set="as printed",
    events=10,
    n=15,
    events_min=None,
    events_max=None,
    rate=10 / 15,
    ci_lb=0.4171,
    ci_ub=0.8482,
    ci_method="wilson",
    status="derived",
    reason="66.7% of 15 is 10",
    assumptions=(),
    citekeys=("synthetic2001",),
    study="Synthetic 2001",
    arm="Treatment one",
    outcome="Much better",
    condition="synthetic",
)

COMPARISON = ComparisonRow(
    study_id="synthetic2001",
    comparison_id="a_v_b",
    arm_e="a",
    arm_c="b",
    outcome_id="better",
    subgroup="",
    months=3.0,
    time_printed="at 3 months",
    anchor="baseline",
    analysis_set="as printed",
    design="parallel",
    measure="RR",
    events_e=18,
    n_e=20,
    events_c=10,
    n_c=20,
    mean_e=None,
    sd_e=None,
    mean_c=None,
    sd_c=None,
    estimate=1.8,
    ci_lb=1.134,
    ci_ub=2.857,
    ci_method="katz",
    p_value=0.0138,
    p_method="fisher",
    p_value_min=None,
    p_value_max=None,
    ci_lb_min=None,
    ci_ub_max=None,
    pairings=None,
    yi=0.5878,
    vi=0.0556,
    status="assumed",
    reason="",
    assumptions=("synthetic-20",),
    citekeys=("synthetic2001",),
    study="Synthetic 2001",
    label_e="Treatment one",
    label_c="Treatment two",
    outcome="Much better",
    condition="synthetic",
)


def trace(title: str) -> Trace:
    quote = Quote("s-1", "synthetic2001", "Table 1", "66.7", "66.7 % improved (synthetic)")
    return Trace(title, values=(("rate", 0.5),), steps=(Step("Rate", title),), quotes=(quote,))


@pytest.fixture
def rate_row() -> Callable[..., RateRow]:
    """A rate row (synthetic) with some fields replaced and a trace of its own."""

    def make(**changes: Any) -> RateRow:
        row = replace(RATE, **changes)
        title = f"{row.study} {row.arm} {row.outcome} {row.events}/{row.n} {row.subgroup}"
        return replace(row, trace=trace(title))

    return make


@pytest.fixture
def comparison_row() -> Callable[..., ComparisonRow]:
    """A comparison row (synthetic) with some fields replaced and a trace of its own."""

    def make(**changes: Any) -> ComparisonRow:
        row = replace(COMPARISON, **changes)
        title = f"{row.study} {row.comparison_id} {row.outcome} {row.estimate}"
        return replace(row, trace=trace(title))

    return make


@pytest.fixture
def rates_of() -> Callable[..., Result[RateRow]]:
    def make(*rows: RateRow, **settings: object) -> Result[RateRow]:
        used = {"interval": "wilson", "level": 0.95, "condition": "synthetic", **settings}
        return Result("rates", tuple(rows), used)

    return make


@pytest.fixture
def comparisons_of() -> Callable[..., Result[ComparisonRow]]:
    def make(*rows: ComparisonRow, **settings: object) -> Result[ComparisonRow]:
        used = {"measure": "RR", "level": 0.95, "condition": "synthetic", **settings}
        return Result("compare", tuple(rows), used)

    return make


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
