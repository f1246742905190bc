"""Which reports a project declares, and which of them are stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import evsyn
from evsyn.errors import ConfigurationError, did_you_mean
from evsyn.reports.files import digest
from evsyn.reports.manifest import (
    STATE,
    Inputs,
    Manifest,
    changes_of_evidence,
    evidence_digest,
    project_inputs,
    read_manifest,
    why_stale,
)
from evsyn.reports.parameters import declared_parameters

if TYPE_CHECKING:
    from evsyn.review.configuration import Configuration, DeclaredReport

__all__ = ["Plan", "planned"]


@dataclass(frozen=True)
class Plan:
    """The reports of a project with what they are built from now.

    Attributes
    ----------
    configuration : Configuration
        What the project declares.
    overrides : mapping
        Parameters given for this build; each applies to the notebooks that declare it.
    """

    configuration: Configuration
    overrides: Mapping[str, object]

    @property
    def root(self) -> Path:
        """Folder of the project."""
        return self.configuration.root

    @property
    def output(self) -> Path:
        """Folder of the pages."""
        return self.configuration.output

    @property
    def state(self) -> Path:
        """Folder for what is not committed."""
        return self.root / STATE

    @cached_property
    def shared(self) -> dict[str, str]:
        """Digests of what every report is built from."""
        return project_inputs(
            self.root,
            data=self.configuration.data,
            bibliography=self.configuration.bibliography,
            configuration=self.configuration,
        )

    @cached_property
    def data(self) -> str:
        """SHA-256 of the evidence."""
        sources = (self.configuration.data, self.configuration.bibliography)
        return evidence_digest(self.shared, self.root, *sources)

    def evidence_changes(self) -> list[str]:
        """Say which data files, or the bibliography, are not as they were when first looked at."""
        data, bibliography = self.configuration.data, self.configuration.bibliography
        return changes_of_evidence(self.shared, self.root, data=data, bibliography=bibliography)

    @cached_property
    def manifest(self) -> Manifest:
        """Records of earlier builds."""
        return read_manifest(self.state)

    def chosen(self, names: Iterable[str]) -> tuple[DeclaredReport, ...]:
        """Reports by name, in the order declared; all of them for no names.

        Raises
        ------
        ConfigurationError
            If a name is not declared.
        """
        declared = {report.name: report for report in self.configuration.reports}
        wanted = set(names)
        for name in sorted(wanted):
            if name not in declared:
                raise ConfigurationError(
                    f'no report "{name}" is declared{did_you_mean(name, declared)}; '
                    f"allowed: {', '.join(declared) or 'none, the project declares no reports'}"
                )
        return tuple(r for r in self.configuration.reports if not wanted or r.name in wanted)

    def parameters(self, report: DeclaredReport) -> dict[str, object]:
        """Values for a report's notebook: those declared, then those given for this build."""
        given = dict(report.parameters)
        if self.overrides:
            known = declared_parameters(self.root / report.notebook) or ()
            names = {parameter.name for parameter in known}
            given |= {name: value for name, value in self.overrides.items() if name in names}
        return given

    def inputs(self, report: DeclaredReport) -> Inputs:
        """What a report is built from now."""
        notebook = self.root / report.notebook
        own = {}
        if notebook.is_file():
            own[report.notebook.as_posix()] = digest(notebook.read_bytes())
        try:
            parameters = self.parameters(report)
        except evsyn.errors.ReportError:
            parameters = dict(report.parameters)
        own["parameters"] = digest(repr(sorted(parameters.items())).encode())
        return Inputs(own | self.shared)

    def why(self, report: DeclaredReport) -> str:
        """Say why a report is stale; nothing for a fresh one."""
        return why_stale(report.name, self.inputs(report), self.manifest, self.output)


def planned(configuration: Configuration, overrides: Mapping[str, object] | None = None) -> Plan:
    """Plan a build.

    Parameters
    ----------
    configuration : Configuration
        What the project declares.
    overrides : mapping, optional
        Parameters given for this build.

    Returns
    -------
    Plan
        Nothing is read until it is asked for.
    """
    return Plan(configuration, dict(overrides or {}))
