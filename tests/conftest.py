"""Settings for every test, and synthetic rows: no study, arm or number here is evidence."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

# In the background a shell lets programs ignore Ctrl-C, and what they start inherits that: tests of
# interruptions would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

import pytest  # noqa: E402  (after the thread limits)
from hypothesis import HealthCheck, settings  # noqa: E402

from evsyn.synthesis.results import ComparisonRow, RateRow, Result  # noqa: E402
from evsyn.tables.provenance import Quote, Step, Trace  # noqa: E402

# The same examples in every run and on every machine; no example is judged by its duration.
settings.register_profile(
    "evsyn",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("evsyn")

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
