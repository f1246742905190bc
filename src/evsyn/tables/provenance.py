"""What a number rests on: the trace that follows it from a report back to the quotes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

__all__ = ["Finding", "Quote", "Step", "Trace"]


@dataclass(frozen=True, slots=True)
class Quote:
    """One printed value: the end of a trace.

    Attributes
    ----------
    extraction_id : str
        Row of ``extractions.csv`` (or claim id, for the words of a claim).
    citekey : str
        Entry of ``references.bib``; the document's name for a claim.
    locator : str
        Where in the source: ``abstract``, ``Table 1``.
    printed : str
        The value as printed.
    text : str
        The verbatim quote; empty where none is at hand.
    what : str
        What the value is, e.g. ``percent, microneedling, marked improvement``.
    """

    extraction_id: str
    citekey: str
    locator: str
    printed: str
    text: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a computation, in words.

    Attributes
    ----------
    label : str
        What is made: ``Rate``, ``Events``, ``n``.
    text : str
        How: ``10 ÷ 15, Wilson interval``; ``derived: 40% and 26.7% of 15 are 6 and 4``.
    status : str
        Status of what is made (:data:`evsyn.literals.Status`), or empty.
    """

    label: str
    text: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """The way from one printed result (a row: estimate, limits, counts) back to its sources.

    Attributes
    ----------
    title : str
        The result as a reader sees it: ``10/15 = 67% (95% CI 42 to 85)``.
    path : tuple of str
        Where it belongs: study, arm, outcome, time.
    values : tuple of (str, float or None)
        Every number of the row by name, full precision.
    steps : tuple of Step
        The computation, last step first.
    quotes : tuple of Quote
        The printed values it ends in.
    assumptions : tuple of (str, str)
        Accepted assumptions it rests on: id and statement.
    parameters : tuple of (str, str)
        Parameters it ends in (filters, options): name and value.
    status : str
        Weakest status of what it rests on.
    """

    title: str
    path: tuple[str, ...] = ()
    values: tuple[tuple[str, float | None], ...] = ()
    steps: tuple[Step, ...] = ()
    quotes: tuple[Quote, ...] = ()
    assumptions: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    status: str = ""

    @property
    def trace_id(self) -> str:
        """Id made from the content: the same trace has the same id in every build."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, sort_keys=True)
        return "t" + hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def ends(self) -> bool:
        """Whether the trace ends in a quote, a value marked as without quote, or parameters."""
        return bool(self.quotes or self.parameters)

    def as_dict(self) -> dict[str, object]:
        """Plain mapping for JSON; numbers with 12 significant digits."""
        content = asdict(self)
        content["values"] = {
            name: None if value is None else float(f"{value:.12g}") for name, value in self.values
        }
        return content

    def retitled(self, title: str) -> Trace:
        """Return the same trace under another title."""
        return replace(self, title=title)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something about the evidence that a reader should know: a conflict, a misfit, an ambiguity.

    Attributes
    ----------
    rule : str
        Id of the rule: ``conflict``, ``fits-no-count``, ``ambiguous`` …
    severity : str
        ``error``, ``warning`` or ``note``.
    file, line, column : str, int, str
        Where the first row concerned stands.
    message : str
        What was found, in a sentence.
    study_id : str
        The study concerned; empty for the ledger as a whole.
    verdict : str
        ``impossible``, ``ambiguous``, ``conflicting``, ``consistent with truncation`` …
    expected, found : str
        What would fit, and what is printed.
    extractions : tuple of str
        The extractions concerned.
    """

    file: str
    line: int
    rule: str
    severity: str
    column: str
    message: str
    study_id: str = ""
    verdict: str = ""
    expected: str = ""
    found: str = ""
    extractions: Sequence[str] = field(default=())
