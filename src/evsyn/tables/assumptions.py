"""Which assumptions count: the defaults, what the user accepts, and what excludes each other."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn.errors import AssumptionError, did_you_mean
from evsyn.tables.evidence import Selection
from evsyn.tables.ledger import Assumption, Ledger

__all__ = ["select"]

WORDS = ("default", "all", "none")


def select(ledger: Ledger, accept: str | Iterable[str] = "default") -> Selection:
    """Choose the assumptions in force.

    Parameters
    ----------
    ledger : Ledger
        Where the assumptions stand.
    accept : str or iterable of str, default "default"
        Ids (a comma-separated text will do), added to the defaults. ``default`` is the defaults
        alone, ``none`` drops them too, ``all`` takes the first of each group whose requirements
        are met. An id with a leading ``-`` is rejected even if it is a default.

    Returns
    -------
    Selection
        Ids accepted and rejected in ledger order; for ``all`` a note per assumption left out.

    Raises
    ------
    AssumptionError
        If an id is unknown, two of one group are accepted, or a requirement is not.

    Examples
    --------
    >>> from pathlib import Path
    >>> from evsyn.sources.bibliography import Bibliography
    >>> empty = Ledger(Path("data"), *[()] * 9, bibliography=None)
    >>> select(empty, "none")
    Selection(accepted=(), rejected=(), notes=())
    """
    names = [name.strip() for name in (accept.split(",") if isinstance(accept, str) else accept)]
    names = [name for name in names if name]
    known = ledger.assumption
    unknown = [name for name in names if name not in WORDS and name.removeprefix("-") not in known]
    if unknown:
        hints = ", ".join(f'"{name}"{did_you_mean(name, known)}' for name in unknown)
        raise AssumptionError(f"no assumption {hints}; allowed: {', '.join(known) or 'none'}")
    notes: tuple[str, ...] = ()
    if "all" in names:
        chosen, notes = _first_of_each_group(ledger)
    elif "none" in names:
        chosen = set()
    else:
        chosen = {row.assumption_id for row in ledger.assumptions if row.default == "accept"}
    dropped = {name[1:] for name in names if name.startswith("-")}
    chosen |= {name for name in names if name in known}
    chosen -= dropped
    _refuse_alternatives(ledger, chosen)
    _refuse_unmet(ledger, chosen)
    accepted = tuple(row.assumption_id for row in ledger.assumptions if row.assumption_id in chosen)
    rejected = tuple(name for name in known if name not in chosen)
    return Selection(accepted, rejected, notes)


def _first_of_each_group(ledger: Ledger) -> tuple[set[str], tuple[str, ...]]:
    """The first of each group whose requirements are met, and a note for each left out."""
    taken: dict[str, Assumption] = {}
    passed: set[str] = set()
    while True:
        ids = {one.assumption_id for one in taken.values()}
        left = [
            row
            for row in ledger.assumptions
            if row.group not in taken and row.assumption_id not in passed
        ]
        firsts = list({row.group: row for row in reversed(left)}.values())[::-1]
        met = next((row for row in firsts if set(row.requires) <= ids), None)
        if met is not None:
            taken[met.group] = met
        elif firsts:  # each waits for another: where in vain, the next of its group has its turn
            known = ledger.assumption
            vain = (
                row
                for row in firsts
                if any(
                    name in passed or (known[name].group in taken and name not in ids)
                    for name in row.requires
                )
            )
            passed.add(next(vain, firsts[0]).assumption_id)
        else:
            break
    notes = []
    for row in ledger.assumptions:
        if row.assumption_id in ids:
            continue
        if row.group in taken:
            notes.append(f"{row.assumption_id}: not taken beside {taken[row.group].assumption_id}")
        else:
            notes.append(f"{row.assumption_id}: requires {', '.join(row.requires)}")
    return ids, tuple(notes)


def _refuse_alternatives(ledger: Ledger, chosen: set[str]) -> None:
    groups: dict[str, list[str]] = {}
    for row in ledger.assumptions:
        if row.assumption_id in chosen:
            groups.setdefault(row.group, []).append(row.assumption_id)
    for group, members in groups.items():
        if len(members) > 1:
            raise AssumptionError(
                f"{' and '.join(members)} exclude each other (group {group}); accept one of them"
                f' (a default is rejected with "-{members[0]}")'
            )


def _refuse_unmet(ledger: Ledger, chosen: set[str]) -> None:
    for row in ledger.assumptions:
        missing = [name for name in row.requires if name not in chosen]
        if row.assumption_id in chosen and missing:
            raise AssumptionError(
                f"{row.assumption_id} requires {', '.join(missing)}; accept it too"
            )
