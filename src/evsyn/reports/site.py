"""Files beside the pages: the list of reports, the numbers and the findings for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from evsyn.reports.files import digest, write_atomic
from evsyn.reports.numbers import NUMBERS, PageNumbers, as_json, numbers_document

if TYPE_CHECKING:
    from pathlib import Path

    from evsyn.reports.plan import Plan
    from evsyn.reports.render import Setting

__all__ = ["FINDINGS", "INDEX", "findings_document", "kept_numbers", "label", "write_site"]

FINDINGS = "findings.json"
INDEX = "index.html"


def label(name: str, notebook: str = "") -> str:
    """Name of a report as words; what it adds to the name of its notebook is set apart.

    Examples
    --------
    >>> label("response_rates_acne", "response_rates"), label("summary", "summary")
    ('Response rates · acne', 'Summary')
    """
    own = name[len(notebook) :] if notebook and name.startswith(notebook) else ""
    parts = [name.removesuffix(own) if own else name, own.strip("_-")]
    words = " · ".join(part.replace("_", " ").replace("-", " ") for part in parts if part)
    return words[:1].upper() + words[1:]


def kept_numbers(state: Path, name: str) -> PageNumbers | None:
    """Numbers of a report as its last build left them; None where they are not there.

    Parameters
    ----------
    state : Path
        The project's ``.evsyn`` folder.
    name : str
        Name of the report.

    Returns
    -------
    PageNumbers or None
        What :func:`keep_numbers` wrote.
    """
    try:
        return PageNumbers(**json.loads((state / "pages" / f"{name}.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def keep_numbers(state: Path, name: str, numbers: PageNumbers) -> None:
    """Keep the numbers of a page, so that the site can be written without building it again."""
    text = json.dumps(numbers.as_dict(), ensure_ascii=False)
    write_atomic(state / "pages" / f"{name}.json", text, state)


def findings_document(findings: Iterable[object], *, version: str) -> dict[str, object]:
    """Return what ``check`` finds about the evidence as a document.

    Parameters
    ----------
    findings : iterable of Finding or Fault
        Output of ``Review.check``.
    version : str
        Version of evsyn.

    Returns
    -------
    dict
        ``evsyn``, ``summary`` with counts by severity, ``findings`` in a stable order.
    """
    rows: list[dict[str, Any]] = [_row(finding) for finding in findings]
    rows.sort(key=lambda row: (row["file"], row["line"], row["rule"], row["message"]))
    summary = {
        severity: sum(row["severity"] == severity for row in rows)
        for severity in ("error", "warning", "note")
    }
    return {"evsyn": version, "summary": summary, "findings": rows}


def write_site(
    plan: Plan,
    reports: Sequence[tuple[str, PageNumbers]],
    *,
    setting: Setting,
    findings: Iterable[object],
) -> dict[str, str]:
    """Write the list of reports, the numbers and the findings.

    Parameters
    ----------
    plan : Plan
        The project.
    reports : sequence of (str, PageNumbers)
        Name and numbers of each report that is built.
    setting : Setting
        What every page shares.
    findings : iterable of Finding or Fault
        Output of ``Review.check``.

    Returns
    -------
    dict of str to str
        Digest of each file by name.
    """
    from evsyn.reports.render import render_index

    version = setting.version
    files = {
        INDEX: render_index(reports, setting=setting),
        NUMBERS: as_json(numbers_document(reports, version=version)),
        FINDINGS: as_json(findings_document(findings, version=version)),
    }
    for name, text in files.items():
        write_atomic(plan.output / name, text, plan.state)
    return {name: digest(text.encode()) for name, text in files.items()}


def _row(finding: object) -> dict[str, Any]:
    row: dict[str, Any] = asdict(finding)  # type: ignore[call-overload]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in row.items()}
