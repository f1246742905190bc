"""The review as users hold it: a project, its evidence, and every result computed from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evsyn.errors import ConfigurationError, Fault, LedgerError, did_you_mean
from evsyn.literals import ComparisonMeasure, OneArmMethod
from evsyn.review.configuration import Configuration, read_configuration
from evsyn.sources.bibliography import Bibliography, read_bibliography
from evsyn.sources.reference import Reference
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Finding

if TYPE_CHECKING:
    from evsyn.synthesis.declared import Analysis, Asked
    from evsyn.synthesis.results import (
        AssumptionRow,
        ClaimRow,
        ComparisonRow,
        CountRow,
        PoolRow,
        RateRow,
        Result,
        StudyRow,
    )
    from evsyn.tables.evidence import Evidence

__all__ = ["Accept", "Review", "load"]

Accept = str | Iterable[str]
"""Assumptions accepted: ``default``, ``all``, ``none``, or ids added to the defaults."""


def load(path: Path | str | None = None) -> Review:
    """Open the review that a path lies in.

    Parameters
    ----------
    path : Path or str, optional
        A folder of the project, or one below it; by default the working folder.

    Returns
    -------
    Review
        The configuration is read; tables are read when they are first needed.

    Raises
    ------
    ConfigurationError
        If there is no project, or its configuration has faults.
    """
    configuration = read_configuration(Path.cwd() if path is None else Path(path))
    return Review(configuration)


@dataclass(frozen=True)
class Review:
    """A project: configuration, evidence, results. Nothing it does writes a file.

    Attributes
    ----------
    configuration : Configuration
        What the project declares.
    """

    configuration: Configuration

    @property
    def root(self) -> Path:
        """Folder of the project."""
        return self.configuration.root

    @property
    def title(self) -> str:
        """Name of the review."""
        return self.configuration.title

    @cached_property
    def ledger(self) -> Ledger:
        """The evidence tables, checked.

        Raises
        ------
        LedgerError
            With every fault of every table.
        """
        from evsyn.tables.load import read_ledger

        return read_ledger(self.configuration.data, self.configuration.bibliography)

    @cached_property
    def bibliography(self) -> Bibliography:
        """The references; empty where the project has no bibliography."""
        path = self.configuration.bibliography
        return read_bibliography(path, name=path.name) if path.exists() else Bibliography(path, {})

    @cached_property
    def _evidence(self) -> dict[tuple[str, ...], Evidence]:
        return {}

    def evidence(self, assumptions: Accept = "default") -> Evidence:
        """Return the tidy table under a selection of assumptions.

        Parameters
        ----------
        assumptions : str or iterable of str, default "default"
            ``default``, ``all``, ``none``, or ids (comma-separated in a text) added to the
            defaults.

        Returns
        -------
        Evidence
            Every cell with value, status and sources; kept, so that it is made once.

        Raises
        ------
        LedgerError
            If the ledger has faults.
        AssumptionError
            If the assumptions cannot be accepted together.
        """
        from evsyn.tables.derive import evidence

        names = assumptions.split(",") if isinstance(assumptions, str) else list(assumptions)
        key = tuple(name.strip() for name in names if name.strip())
        if key not in self._evidence:
            self._evidence[key] = evidence(self.ledger, key or "default")
        return self._evidence[key]

    def rates(
        self,
        *,
        condition: str = "",
        study: str = "",
        outcome: str = "",
        assumptions: Accept = "default",
        interval: OneArmMethod = "wilson",
        level: float = 0.95,
    ) -> Result[RateRow]:
        """Response rate of every arm: see :func:`evsyn.synthesis.rates.rates`."""
        from evsyn.synthesis.rates import rates

        return rates(
            self.evidence(assumptions),
            interval=interval,
            level=level,
            condition=condition,
            study=study,
            outcome=outcome,
        )

    def compare(
        self,
        *,
        measure: ComparisonMeasure = "RR",
        interval: str | None = None,
        test: str | None = None,
        level: float = 0.95,
        phi: float | None = None,
        condition: str = "",
        study: str = "",
        outcome: str = "",
        assumptions: Accept = "default",
    ) -> Result[ComparisonRow]:
        """Effect of every comparison: see :func:`evsyn.synthesis.compare.compare`."""
        from evsyn.synthesis.compare import compare

        return compare(
            self.evidence(assumptions),
            measure=measure,
            interval=interval,
            test=test,
            level=level,
            phi=phi,
            condition=condition,
            study=study,
            outcome=outcome,
        )

    def pool(
        self,
        name: str = "",
        *,
        method: str = "",
        test: str = "",
        level: float = 0.95,
        assumptions: Accept = "",
        measure: str = "",
        condition: str = "",
        study: str = "",
        outcome: str = "",
        interval: str = "",
        mods: Iterable[str] | str = (),
        subgroup: str = "",
        leave_one_out: bool = False,
        cumulative: str | None = None,
    ) -> Result[PoolRow]:
        """Pool what the project declares.

        Parameters
        ----------
        name : str
            One declared analysis; empty: all of them, in order.
        method, test : str
            In place of what is declared: :data:`evsyn.literals.SynthesisMethod`, and ``auto``,
            ``knha``, ``adhoc`` or ``z``.
        level : float, default 0.95
            Confidence level.
        assumptions : str or iterable of str
            In place of what is declared; empty: as declared.
        measure : str
            In place of what is declared.
        condition, study, outcome : str
            Narrow what is pooled; names separated by commas.
        interval : str
            Interval of tau²: ``QP`` or ``PL``.
        mods : iterable of str
            Moderators of a meta-regression: fields of the studies (year, design, months …) or
            facts printed of them (needle_mm, sessions …); a text separates them by commas.
        subgroup : str
            Field whose values are pooled apart.
        leave_one_out : bool
            Whether to pool again without each study in turn.
        cumulative : str, optional
            Field in whose order studies are added one by one; empty: as listed.

        Returns
        -------
        Result of PoolRow
            One row per group.

        Raises
        ------
        ConfigurationError
            If the analysis is not declared.
        StatsError
            If an option is not allowed, or asks for what the studies do not have.
        """
        from evsyn.synthesis.declared import Asked
        from evsyn.synthesis.results import Result

        words = mods.split(",") if isinstance(mods, str) else mods
        moderators = tuple(word.strip() for word in words if word.strip())
        asked = Asked(method, test, interval, moderators, subgroup, leave_one_out, cumulative)
        filters = {"condition": condition, "study": study, "outcome": outcome}
        chosen = self._analyses(name)
        found = [
            self._pooled(
                self._measured(declared, measure),
                asked,
                assumptions or declared.assumptions,
                level=level,
                **filters,
            )
            for declared in chosen
        ]
        notes = [note for result in found for note in result.notes]
        if not chosen:
            file = self.configuration.file.name
            key = "tool.evsyn.analyses" if file == "pyproject.toml" else "analyses"
            notes.append(f"No analysis is declared: [[{key}]] in {file} says what may be pooled.")
        given = {"analysis": name, "method": method, "test": test, "measure": measure, **filters}
        settings: dict[str, object] = {"level": level}
        settings |= {key: value for key, value in given.items() if value}
        settings |= asked.settings
        used = dict.fromkeys(name for result in found for name in result.assumptions)
        rows = tuple(row for result in found for row in result)
        return Result("pool", rows, settings, tuple(dict.fromkeys(notes)), tuple(used))

    def _pooled(
        self, analysis: Analysis, asked: Asked, assumptions: Accept, **narrowed: Any
    ) -> Result[PoolRow]:
        """One declared analysis; fields of the studies are read only where they are asked for."""
        from evsyn.synthesis.declared import as_asked
        from evsyn.synthesis.members import study_columns
        from evsyn.synthesis.meta import pool_comparisons, pool_members
        from evsyn.synthesis.rate_members import PROPORTIONS, rate_members

        wanted = as_asked(analysis, asked)
        explained = wanted.mods or wanted.subgroup or wanted.cumulative
        columns = study_columns(self.studies(assumptions=assumptions)) if explained else {}
        if wanted.measure in PROPORTIONS:
            found = self.rates(assumptions=assumptions, **narrowed)
            used = self.evidence(assumptions).selection.accepted
            allocations = {row.study_id: row.allocation for row in self.ledger.studies}
            members = rate_members(found, wanted.measure, allocations, columns)
            source = replace(found, rows=(), assumptions=used)
            return pool_members(members, source, analysis=analysis, asked=asked)
        compared = self.compare(
            measure=wanted.measure,  # type: ignore[arg-type]
            assumptions=assumptions,
            **narrowed,
        )
        return pool_comparisons(
            compared, analysis=analysis, asked=asked, level=narrowed["level"], columns=columns
        )

    def _measured(self, declared: Analysis, measure: str) -> Analysis:
        """A declaration with another measure of the same kind: of comparisons, or of arms."""
        from evsyn.synthesis.rate_members import PROPORTIONS

        if measure and (measure in PROPORTIONS) is not (declared.measure in PROPORTIONS):
            kinds = ("arms", "comparisons")
            what, needed = kinds if declared.measure in PROPORTIONS else kinds[::-1]
            raise ConfigurationError(
                f'measure="{measure}": analysis "{declared.name}" is declared for {what} '
                f"({declared.measure}), and this is a measure of {needed}; declare one for it"
            )
        return replace(declared, measure=measure or declared.measure)

    def _analyses(self, name: str) -> tuple[Analysis, ...]:
        declared = self.configuration.analyses
        if not name:
            return declared
        found = tuple(analysis for analysis in declared if analysis.name == name)
        if not found:
            names = [analysis.name for analysis in declared]
            raise ConfigurationError(
                f'no analysis "{name}" is declared{did_you_mean(name, names)}; '
                f"declared: {', '.join(names) or 'none'}"
            )
        return found

    def claims(self, *, document: str = "", assumptions: Accept = "default") -> Result[ClaimRow]:
        """Claims with what the sources print: see :func:`evsyn.synthesis.claims.claims`."""
        from evsyn.synthesis.claims import claims

        return claims(self.evidence(assumptions), document=document)

    def what_if(self, claim_e: str, claim_c: str, **options: Any) -> Result[ComparisonRow]:
        """Two claims computed as if true: see :func:`evsyn.synthesis.whatif.what_if`."""
        from evsyn.synthesis.whatif import what_if

        return what_if(self.evidence(), claim_e, claim_c, **options)

    def assumptions(
        self,
        *,
        condition: str = "",
        study: str = "",
        outcome: str = "",
        assumptions: Accept = "default",
    ) -> Result[AssumptionRow]:
        """Each assumption and what it changes: see :mod:`evsyn.synthesis.assumptions`."""
        from evsyn.synthesis.assumptions import assumption_effects

        return assumption_effects(
            self.evidence(assumptions), condition=condition, study=study, outcome=outcome
        )

    def overview(
        self, *, condition: str = "", study: str = "", assumptions: Accept = "default"
    ) -> Result[CountRow]:
        """Counts about the evidence: see :func:`evsyn.synthesis.overview.overview`."""
        from evsyn.synthesis.overview import overview

        return overview(self.evidence(assumptions), condition=condition, study=study)

    def studies(
        self, *, condition: str = "", study: str = "", assumptions: Accept = "default"
    ) -> Result[StudyRow]:
        """Characteristics of the studies: see :func:`evsyn.synthesis.overview.studies`."""
        from evsyn.synthesis.overview import studies

        return studies(self.evidence(assumptions), condition=condition, study=study)

    def cite(self, key: str) -> Reference:
        """Return the reference of a citekey.

        Raises
        ------
        TableError
            If the bibliography has no such key.
        """
        return self.bibliography.reference(key)

    def check(self, *, assumptions: Accept = "default") -> tuple[Finding, ...]:
        """Everything that is wrong or doubtful: files, declarations, evidence.

        Parameters
        ----------
        assumptions : str or iterable of str, default "default"
            Assumptions under which the evidence is looked at.

        Returns
        -------
        tuple of Finding
            Sorted by file and line. Where the ledger has errors, its faults; else the findings
            on the evidence as well.
        """
        from evsyn.review.checks import declaration_faults, fault_finding
        from evsyn.tables.load import ledger_faults

        configuration = self.configuration
        faults: list[Fault] = []
        findings: list[Finding] = []
        ledger: Ledger | None = None
        if configuration.data.exists():
            faults += ledger_faults(configuration.data, configuration.bibliography)
            try:
                ledger = self.ledger
                findings += self.evidence(assumptions).findings
            except LedgerError as error:
                faults += [fault for fault in error.faults if fault not in faults]
        else:
            faults += self.bibliography.faults
        faults += declaration_faults(configuration, ledger)
        return tuple(sorted({*findings, *(fault_finding(fault) for fault in faults)}))
