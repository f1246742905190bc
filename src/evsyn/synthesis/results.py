"""The results of the syntheses: frozen rows, each with its status, sources and trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from evsyn.tables.provenance import Trace

if TYPE_CHECKING:
    import pandas as pd

Row = TypeVar(
    "Row",
    "RateRow",
    "ComparisonRow",
    "PoolRow",
    "ClaimRow",
    "AssumptionRow",
    "CountRow",
    "StudyRow",
)

__all__ = ["AssumptionRow", "ClaimRow", "ComparisonRow", "CountRow", "Fact", "PoolRow", "RateRow"]
__all__ += ["Result", "StudyRow"]


@dataclass(frozen=True, slots=True)
class RateRow:
    """Response rate of one arm for one outcome, or the reason why there is none.

    Proportions are in 0..1, months in months; ``None`` stands where there is no number, with
    ``reason``. ``printed`` holds what the sources print for the cell (``"90 %"``, ``"22 women"``).
    """

    study_id: str
    arm_id: str
    outcome_id: str
    subgroup: str
    months: float | None
    time_printed: str
    anchor: str
    analysis_set: str
    events: int | None
    n: int | None
    events_min: int | None
    events_max: int | None
    rate: float | None
    ci_lb: float | None
    ci_ub: float | None
    ci_method: str
    status: str
    reason: str
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]
    study: str = ""
    arm: str = ""
    outcome: str = ""
    printed: str = ""
    condition: str = ""
    design: str = ""
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """Effect of one comparison on one outcome, or the reason why there is none.

    ``estimate`` and limits are on the natural scale (ratios, proportions, units of the outcome);
    ``yi`` and ``vi`` on the pooling scale (log for ratios). Of pairs whose margins only are known
    the ``…_min`` and ``…_max`` columns give the range over every pairing, and the point columns
    are None. ``infinite`` names the columns that are None because they have no end. ``kind`` is
    the kind of study: the effect of a ``review`` is printed, not computed, has no ``yi`` and
    enters no pool.
    """

    study_id: str
    comparison_id: str
    arm_e: str
    arm_c: str
    outcome_id: str
    subgroup: str
    months: float | None
    time_printed: str
    anchor: str
    analysis_set: str
    design: str
    measure: str
    events_e: int | None
    n_e: int | None
    events_c: int | None
    n_c: int | None
    mean_e: float | None
    sd_e: float | None
    mean_c: float | None
    sd_c: float | None
    estimate: float | None
    ci_lb: float | None
    ci_ub: float | None
    ci_method: str
    p_value: float | None
    p_method: str
    p_value_min: float | None
    p_value_max: float | None
    ci_lb_min: float | None
    ci_ub_max: float | None
    pairings: int | None
    yi: float | None
    vi: float | None
    status: str
    reason: str
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]
    study: str = ""
    label_e: str = ""
    label_c: str = ""
    outcome: str = ""
    printed: str = ""
    condition: str = ""
    allocation: str = ""
    value_type: str = ""
    kind: str = ""
    estimate_min: float | None = None
    estimate_max: float | None = None
    vi_min: float | None = None
    vi_max: float | None = None
    infinite: tuple[str, ...] = ()
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class PoolRow:
    """Pooled effect of one group of studies; estimate and limits on the analysis scale.

    ``effects`` has a line for each study, also for those that stayed out, which say why.
    ``regression``, ``subgroups``, ``leave_one_out`` and ``cumulative`` are empty unless asked for:
    a line a coefficient (with ``regression_fit`` for the model as a whole), a group (with
    ``subgroup_test`` between them), a study left out, a study added. ``interval`` is that of tau².
    """

    group: str
    k: int
    measure: str
    method: str
    test: str
    estimate: float | None
    se: float | None
    ci_lb: float | None
    ci_ub: float | None
    pi_lb: float | None
    pi_ub: float | None
    p_value: float | None
    tau2: float | None
    tau2_ci_lb: float | None
    tau2_ci_ub: float | None
    i2: float | None
    h2: float | None
    q: float | None
    q_df: int | None
    q_pvalue: float | None
    weights: tuple[float, ...]
    studies: tuple[str, ...]
    transform: str
    natural: Mapping[str, float | None]
    reason: str
    status: str
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]
    question: str = ""
    outcome: str = ""
    members: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    interval: str = ""
    effects: tuple[Mapping[str, Any], ...] = ()
    regression: tuple[Mapping[str, Any], ...] = ()
    regression_fit: Mapping[str, Any] = attribute(default_factory=dict)
    subgroups: tuple[Mapping[str, Any], ...] = ()
    subgroup_test: Mapping[str, Any] = attribute(default_factory=dict)
    leave_one_out: tuple[Mapping[str, Any], ...] = ()
    cumulative: tuple[Mapping[str, Any], ...] = ()
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim of a text, what the sources print for it, and the verdict."""

    claim_id: str
    document: str
    quote: str
    study_id: str
    cites: str
    intervention: str
    comparator: str
    outcome_id: str
    months: float | None
    field: str
    printed: str
    n: str
    verdict: str
    reason: str
    evidence: str
    citekeys: tuple[str, ...]
    study: str = ""
    outcome: str = ""
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """One assumption and what accepting it (with all it requires) changes.

    ``effect`` says in words what changes; ``changes`` lists it row by row, as ``(command, row,
    before, after)``.
    """

    assumption_id: str
    group: str
    requires: tuple[str, ...]
    study_id: str
    statement: str
    rationale: str
    default: str
    accepted: bool
    effect: str
    changes: tuple[tuple[str, str, str, str], ...]
    study: str = ""
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class CountRow:
    """One number about the evidence as a whole: how many studies, how many values."""

    name: str
    label: str
    value: int
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class Fact:
    """One printed fact of a study: a size, a number of sessions, a needle length.

    ``relation`` is the bound printed with it (``≥``), ``measure`` what it is of several values
    (``mean``, ``median``), ``subgroup`` of whom it is told, ``note`` what the ledger notes on it.
    """

    field: str
    arm: str
    value: float | None
    printed: str
    status: str
    relation: str = ""
    measure: str = ""
    subgroup: str = ""
    note: str = ""
    trace: Trace = attribute(default_factory=lambda: Trace(""))


@dataclass(frozen=True, slots=True)
class StudyRow:
    """Characteristics of one study."""

    study_id: str
    study: str
    kind: str
    year: int | None
    condition: str
    design: str
    allocation: str
    arms: tuple[str, ...]
    read_scope: str
    registration: str
    facts: tuple[Fact, ...]
    citekeys: tuple[str, ...]

    def fact(self, *fields: str) -> tuple[Fact, ...]:
        """Facts of some fields, e.g. ``n_randomised``, in the order they are printed."""
        return tuple(fact for fact in self.facts if fact.field in fields)


@dataclass(frozen=True, slots=True)
class Result(Generic[Row]):
    """Rows of one command with the settings they were made under.

    Attributes
    ----------
    command : str
        ``rates``, ``compare``, ``pool``, ``claims``, ``assumptions``, ``overview`` or ``studies``.
    rows : tuple
        One frozen row per result; studies without a number stay as rows.
    settings : mapping
        Options used (``interval``, ``test``, ``measure``, ``level``, filters …).
    notes : tuple of str
        What a reader must know beyond the rows.
    assumptions : tuple of str
        Ids of the assumptions accepted when the evidence was made.
    """

    command: str
    rows: tuple[Row, ...]
    settings: Mapping[str, object]
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def records(self) -> list[dict[str, Any]]:
        """Rows as plain mappings: contract columns, lists for tuples, ``None`` for no number."""
        return [_record(row) for row in self.rows]

    def to_frame(self) -> pd.DataFrame:
        """Rows as a table, one column per field (without the trace)."""
        import pandas as pd  # heavy: loaded only where a frame is asked for

        return pd.DataFrame.from_records(self.records())

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, escape=True, na_rep="–"))


def _record(row: Any) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for spec in fields(row):
        value = getattr(row, spec.name)
        if isinstance(value, Trace):
            record["trace"] = value.trace_id
        elif spec.name == "facts":
            record["facts"] = [_record(fact) for fact in value]
        elif isinstance(value, tuple):
            record[spec.name] = list(value)
        elif isinstance(value, Mapping):
            record[spec.name] = dict(value)
        else:
            record[spec.name] = value
    return record
