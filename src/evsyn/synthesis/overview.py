"""The evidence as a whole: counts, and the characteristics of its studies."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from evsyn.literals import Status, choices
from evsyn.synthesis.cells import CellIndex, Filters, filters, named_assumptions, study_citekeys
from evsyn.synthesis.rates import rates
from evsyn.synthesis.results import CountRow, Fact, Result, StudyRow
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.fields import TEXT_FIELDS
from evsyn.tables.ledger import Study
from evsyn.tables.provenance import Finding, Step, Trace

__all__ = ["FACT_FIELDS", "PRIMARY_KINDS", "findings_by_value", "overview", "studies"]

PRIMARY_KINDS = ("trial", "case series", "letter", "registry")
"""Kinds of study that treat people themselves."""

FACT_FIELDS = (
    *("n_enrolled", "n_randomised", "n_completed", "age_mean", "sessions", "sessions_min"),
    *("sessions_max", "interval_weeks", "needle_mm", "needle_mm_min", "needle_mm_max"),
    *("session_minutes", "followup_months", "centres", "k", "allocation", "indication"),
    *("cleared_on", "funding"),
)
"""Fields that describe a study rather than a result."""


def overview(evidence: Evidence, *, condition: str = "", study: str = "") -> Result[CountRow]:
    """Count what the evidence holds.

    Parameters
    ----------
    evidence : Evidence
        The tidy table under a selection of assumptions.
    condition, study : str
        Names separated by commas; empty: every one.

    Returns
    -------
    Result of CountRow
        Studies by kind and design, sources, arms, outcomes, printed values with and without a
        quote, cells by status, arms with and without a rate, claims by verdict, assumptions. Each
        trace ends in the table and the filter that was counted.

    Raises
    ------
    TableError
        If a condition or study is not in the ledger.
    """
    wanted = filters(evidence.ledger, condition=condition, study=study)
    counter = _Counter(evidence, wanted)
    counter.studies()
    counter.values()
    counter.results(condition, study)
    counter.judgements()
    return Result(
        "overview", tuple(counter.rows), dict(wanted.given), (), evidence.selection.accepted
    )


class _Counter:
    """Collects counts with their traces."""

    def __init__(self, evidence: Evidence, wanted: Filters) -> None:
        self.evidence = evidence
        self.ledger = evidence.ledger
        self.wanted = wanted
        self.ids = {row.study_id for row in wanted.studies}
        self.rows: list[CountRow] = []

    def add(
        self, name: str, label: str, counted: Iterable[object], source: tuple[str, str]
    ) -> None:
        """Count some things: rows of a table that meet a condition, both named by ``source``."""
        table, which = source
        value = sum(1 for _ in counted)
        parameters = (("table", table), ("counted", which), *self.wanted.given.items())
        trace = Trace(
            title=f"{value} {label}",
            path=("Evidence", label),
            values=((name, float(value)),),
            steps=(Step("Count", f"rows of {table}: {which}"),),
            parameters=parameters,
        )
        self.rows.append(CountRow(name, label, value, trace))

    def studies(self) -> None:
        """Studies by kind, design, allocation; sources; arms; comparisons; outcomes."""
        table, ids = self.ledger.file("studies"), self.ids
        members = self.wanted.studies
        primary = [row for row in members if row.kind in PRIMARY_KINDS]
        self.add("studies", "studies and other sources", members, (table, "all"))
        kinds = f"kind {', '.join(PRIMARY_KINDS)}"
        self.add("primary", "studies of patients", primary, (table, kinds))
        for kind in dict.fromkeys(row.kind for row in members):
            found = [row for row in members if row.kind == kind]
            self.add(f"kind: {kind}", kind, found, (table, f"kind {kind}"))
        for design in dict.fromkeys(row.design for row in primary if row.design):
            found = [row for row in primary if row.design == design]
            self.add(f"design: {design}", f"{design} studies", found, (table, f"design {design}"))
        for how in dict.fromkeys(row.allocation for row in primary if row.allocation):
            found = [row for row in primary if row.allocation == how]
            label = f"studies, allocation {how}"
            self.add(f"allocation: {how}", label, found, (table, f"allocation {how}"))
        documents = {row.citekey for row in self.ledger.reports if row.study_id in ids}
        reports = self.ledger.file("reports")
        self.add("sources", "documents read", documents, (reports, "citekeys"))
        for scope in dict.fromkeys(row.read_scope for row in self.ledger.reports):
            read = {
                row.citekey
                for row in self.ledger.reports
                if row.study_id in ids and row.read_scope == scope
            }
            label = f"documents, read: {scope}"
            self.add(f"read: {scope}", label, read, (reports, f"citekeys, read_scope {scope}"))
        for name, rows in (("arms", self.ledger.arms), ("comparisons", self.ledger.comparisons)):
            own = [row for row in rows if row.study_id in ids]
            self.add(name, name, own, (self.ledger.file(name), "all"))

    def values(self) -> None:
        """Printed values with and without a quote; cells by status."""
        table = self.ledger.file("extractions")
        printed = [row for row in self.ledger.extractions if row.study_id in self.ids]
        self.add("values", "printed values", printed, (table, "all"))
        quoted = [row for row in printed if row.quote_kind == "verbatim"]
        self.add("quoted", "printed values with a quote", quoted, (table, "quote_kind verbatim"))
        without = [row for row in printed if row.quote_kind != "verbatim"]
        self.add("unquoted", "printed values without a quote", without, (table, "quote_kind none"))
        twice = [row for row in printed if row.checked_by]
        self.add("checked", "printed values read twice", twice, (table, "checked_by given"))
        outcomes = {row.outcome_id for row in printed if row.outcome_id}
        self.add("outcomes", "outcomes with a value", outcomes, (table, "outcome_id, each once"))
        cells = [cell for cell in self.evidence.cells if cell.key.study_id in self.ids]
        for status in choices(Status):
            found = [cell for cell in cells if cell.status == status]
            self.add(
                f"status: {status}", f"cells {status}", found, ("evidence", f"status {status}")
            )

    def results(self, condition: str, study: str) -> None:
        """Response rates but of reviews: with a rate, a range, neither; studies with a rate."""
        rows = [
            row
            for row in rates(self.evidence, condition=condition, study=study)
            if self.ledger.study[row.study_id].kind != "review"
        ]
        tests: tuple[tuple[str, str, Callable[[float | None, int | None], bool], str], ...] = (
            ("rates", "response rates", lambda rate, low: rate is not None, "rate given"),
            (
                "ranges",
                "response rates known as a range",
                lambda rate, low: rate is None and low is not None,
                "events_min given",
            ),
            (
                "without",
                "rows without a response rate",
                lambda rate, low: rate is None and low is None,
                "no rate, reviews left out",
            ),
        )
        for name, label, test, which in tests:
            found = [row for row in rows if test(row.rate, row.events_min)]
            self.add(name, label, found, ("rates", which))
        with_rate = {row.study_id for row in rows if row.rate is not None}
        self.add("studies with a rate", "studies with a rate", with_rate, ("rates", "rate given"))

    def judgements(self) -> None:
        """Assumptions accepted and not, claims by verdict, findings."""
        table = self.ledger.file("assumptions")
        own = [row for row in self.ledger.assumptions if row.study_id in self.ids]
        taken = [row for row in own if row.assumption_id in self.evidence.selection.accepted]
        self.add("assumptions", "assumptions", own, (table, "all"))
        self.add("accepted", "assumptions accepted", taken, (table, "accepted"))
        claims = self.ledger.claims
        if self.wanted.given:
            claims = tuple(row for row in claims if row.study_id in self.ids)
        table = self.ledger.file("claims")
        self.add("claims", "claims", claims, (table, "all"))
        for verdict in dict.fromkeys(row.verdict for row in claims):
            found = [row for row in claims if row.verdict == verdict]
            self.add(
                f"verdict: {verdict}", f"claims {verdict}", found, (table, f"verdict {verdict}")
            )
        findings = [
            row for row in self.evidence.findings if not row.study_id or row.study_id in self.ids
        ]
        together = findings_by_value(findings)
        which = "those on one printed value and of one verdict counted once"
        self.add("findings", "findings on the evidence", together, ("findings", which))


def findings_by_value(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], ...]:
    """Put together what several rules say of one printed value.

    Parameters
    ----------
    findings : iterable of Finding
        Findings in any order.

    Returns
    -------
    tuple of tuple of Finding
        Findings of one verdict on one row of a table stand together; the order is kept.
    """
    together: dict[tuple[object, ...], list[Finding]] = {}
    for row in findings:
        alone = () if row.line and row.verdict else (row.message,)
        together.setdefault((row.file, row.line, row.study_id, row.verdict, *alone), []).append(row)
    return tuple(map(tuple, together.values()))


def studies(
    evidence: Evidence, *, condition: str = "", study: str = "", kinds: Iterable[str] = ()
) -> Result[StudyRow]:
    """Characteristics of the studies, with the printed facts of each.

    Parameters
    ----------
    evidence : Evidence
        The tidy table under a selection of assumptions.
    condition, study : str
        Names separated by commas; empty: every one.
    kinds : iterable of str
        Kinds of study shown; empty: every one.

    Returns
    -------
    Result of StudyRow
        By year, then in the order of the ledger. Each fact has its own trace.

    Raises
    ------
    TableError
        If a condition or study is not in the ledger.
    """
    wanted = filters(evidence.ledger, condition=condition, study=study)
    index = CellIndex.of(evidence)
    shown = tuple(kinds)
    rows = tuple(_study(index, row) for row in wanted.studies if not shown or row.kind in shown)
    settings = dict(wanted.given) | ({"kinds": ", ".join(shown)} if shown else {})
    return Result("studies", rows, settings, (), evidence.selection.accepted)


def _study(index: CellIndex, study: Study) -> StudyRow:
    ledger = index.ledger
    name = study.study_id
    scopes = [row.read_scope for row in ledger.reports if row.study_id == name]
    facts = [
        _fact(index, cell)
        for owner in index.owners(name)
        for cells in index.slots(name, owner).values()
        for cell in cells
        if cell.key.field in FACT_FIELDS and not cell.key.outcome_id
    ]
    facts.sort(key=lambda fact: FACT_FIELDS.index(fact.field))
    return StudyRow(
        study_id=name,
        study=ledger.label(name),
        kind=study.kind,
        year=study.year,
        condition=";".join(study.condition),
        design=study.design,
        allocation=study.allocation,
        arms=tuple(row.label for row in ledger.arms if row.study_id == name),
        read_scope=", ".join(dict.fromkeys(scopes)),
        registration=study.registration,
        facts=tuple(facts),
        citekeys=study_citekeys(ledger, name),
    )


def _fact(index: CellIndex, cell: Cell) -> Fact:
    key = cell.key
    arm = index.arm_label(key.study_id, key.arm_id) if key.arm_id else key.subgroup
    if cell.text or cell.value is not None:
        printed = cell.text or f"{cell.value:g}"
    else:
        printed = " or ".join(f"{value:g}" for value in cell.candidates)
    what = key.field.replace("_", " ")
    parts = (index.ledger.label(key.study_id), arm, what)
    quotes = index.evidence.quotes(cell.extractions)
    number = None if key.field in TEXT_FIELDS else cell.value
    trace = Trace(
        title=f"{what}: {printed or cell.status}",
        path=tuple(part for part in parts if part),
        values=() if number is None else ((key.field, number),),
        steps=(Step("Value", cell.reason or f"printed: {printed}", cell.status),),
        quotes=quotes,
        assumptions=named_assumptions(index.ledger, cell.assumptions),
        parameters=() if quotes else (("study", key.study_id), ("field", key.field)),
        status=cell.status,
    )
    behind = [index.ledger.extraction[name] for name in cell.extractions] if not cell.rule else []
    return Fact(
        field=key.field,
        arm=arm,
        value=number,
        printed=printed,
        status=cell.status,
        relation=next((row.relation for row in behind if row.relation), ""),
        measure=key.measure,
        subgroup=key.subgroup,
        note="; ".join(dict.fromkeys(row.note for row in behind if row.note)),
        trace=trace,
    )
