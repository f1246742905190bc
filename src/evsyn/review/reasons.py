"""Why a row has no number: first what is missing, then which assumption would change it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from evsyn.synthesis.results import ComparisonRow, RateRow

__all__ = ["Reason", "reason_of", "short_reason"]

_BEAR = "assumptions that bear on it: "
_DERIVATION = re.compile(
    r"the sum of its parts|only count that fits|\bonly (n = )?[\d +]+ fits|^\d+ % of \d+ is \d+"
)
_IN_FORCE = re.compile(r"All \d+ were assessed")
_SHARED = re.compile(r"(?P<what>.+?) (?:is|are) (?P<tail>printed, but .+)")
_SHORT = (
    (r"^a review: ", "a review: pooled results only"),
    (r"makes the ratio infinite", "no event in one arm: no finite ratio"),
    (r"does not say of what", "{printed}, of what is not stated"),
    (r"not of how many", "{printed}, of how many is not stated"),
    (r"share of something other", "{printed}, a share of something other than people"),
    (r"different categories", "the arms print different categories"),
    (r"only a result of the comparison", "only a result of the comparison is printed: {printed}"),
    (r"is printed for .+ only", "printed for one arm only"),
    (r"no events? in either arm", "no event in either arm"),
    (r"no count by arm", "no count by arm in what was read"),
    (r"no outcome with countable", "no outcome counted in people in what was read"),
    (r"parts? (is|are) not printed|may be \d+", "several counts fit what is printed"),
)
"""What a figure has room for, by what the reason says; the table holds the whole reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The parts of a reason.

    Attributes
    ----------
    why : tuple of str
        Sentences, the arm named where only one is meant.
    assumptions : tuple of str
        Ids of assumptions that would change it, each once.
    """

    why: tuple[str, ...]
    assumptions: tuple[str, ...]


def reason_of(row: RateRow | ComparisonRow) -> Reason:
    """Take the reason of a row apart.

    Parameters
    ----------
    row : RateRow or ComparisonRow
        A row; how its numbers were derived is left out where anything else is said, as it stands
        behind the numbers themselves.

    Returns
    -------
    Reason
        What both arms share is said once.
    """
    labels = (row.label_e, row.label_c) if isinstance(row, ComparisonRow) else ()
    said: list[tuple[str, str]] = []
    assumptions: list[str] = []
    for part in row.reason.split("; "):
        if part.startswith(_BEAR):
            assumptions += [name.strip() for name in part.removeprefix(_BEAR).split(",")]
            continue
        owner = next((name for name in labels if name and part.startswith(f"{name}: ")), "")
        text = part.removeprefix(f"{owner}: ") if owner else part
        if text:
            said.append((owner, text))
    kept = [(owner, text) for owner, text in said if not _DERIVATION.search(text)] or said
    kept.sort(key=lambda part: bool(_IN_FORCE.fullmatch(part[1])))
    return Reason(_together(kept), tuple(dict.fromkeys(assumptions)))


def short_reason(row: RateRow | ComparisonRow) -> str:
    """Return one line on why a row has no number, without arithmetic and without ids."""
    for pattern, words in _SHORT:
        if re.search(pattern, row.reason):
            printed = f"“{row.printed}”" if row.printed else "the value"
            return words.format(printed=printed)
    why = reason_of(row).why
    return why[0] if why else row.status


def _together(said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Sentences with their arm; of two arms alike one sentence."""
    owners: dict[str, list[str]] = {}
    for owner, text in said:
        owners.setdefault(text, []).append(owner)
    tails: dict[str, list[str]] = {}
    for text, names in owners.items():
        found = _SHARED.fullmatch(text)
        if found and any(names):
            tails.setdefault(found["tail"], []).append(found["what"])
    sentences: list[str] = []
    for text, names in owners.items():
        found = _SHARED.fullmatch(text)
        shared = tails.get(found["tail"], []) if found else []
        if found and len(shared) > 1:
            sentences.append(f"{' and '.join(shared)} are {found['tail']}")
        elif len(names) > 1 or not names[0]:
            sentences.append(text)
        else:
            sentences.append(f"{names[0]}: {text}")
    return tuple(dict.fromkeys(sentences))
