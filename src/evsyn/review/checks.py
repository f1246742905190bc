"""Checks of what a project declares, and one form for faults and findings."""

from __future__ import annotations

from collections.abc import Iterator

from evsyn.errors import Fault, did_you_mean
from evsyn.review.configuration import Configuration
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Finding

__all__ = ["declaration_faults", "fault_finding"]


def fault_finding(fault: Fault) -> Finding:
    """Return a fault of a file in the form of a finding on the evidence."""
    return Finding(
        file=fault.file,
        line=fault.line,
        rule=fault.rule,
        severity=fault.severity,
        column=fault.column,
        message=fault.message,
        verdict="refused" if fault.severity == "error" else "",
    )


def declaration_faults(configuration: Configuration, ledger: Ledger | None) -> Iterator[Fault]:
    """Faults of declared reports and analyses: missing notebooks, unknown names.

    Parameters
    ----------
    configuration : Configuration
        What the project declares.
    ledger : Ledger or None
        Where outcomes and comparisons are looked up; None where it cannot be loaded.

    Yields
    ------
    Fault
        One per missing notebook, outcome, comparison or arm.
    """
    file = configuration.file.name
    for report in configuration.reports:
        if not (configuration.root / report.notebook).is_file():
            text = f'report "{report.name}": no notebook {report.notebook.as_posix()}; add it'
            yield Fault(file, 0, "notebook", text, "missing-notebook")
    if ledger is None:
        return
    known = {f"{row.study_id}/{row.comparison_id}" for row in ledger.comparisons}
    known |= set(ledger.study)
    arms = {f"{row.study_id}/{row.arm_id}" for row in ledger.arms} | set(ledger.study)
    for analysis in configuration.analyses:
        for column, names, allowed in (
            ("outcomes", analysis.outcomes, set(ledger.outcome)),
            ("comparisons", analysis.comparisons, known),
            ("arms", analysis.arms, arms),
        ):
            for name in names:
                if name not in allowed:
                    near = did_you_mean(name, sorted(allowed))
                    text = f'analysis "{analysis.name}": "{name}" is not in the ledger{near}'
                    yield Fault(file, 0, column, text, "unknown-name")
