"""Meta-analysis of one plain CSV file, without a project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evsyn.errors import StatsError
from evsyn.literals import PoolMeasure, SynthesisMethod, choices
from evsyn.synthesis.declared import COUNT_METHODS, Analysis, Asked, as_asked, spelled
from evsyn.synthesis.file_effects import cells_as_columns, file_members, known_numbers
from evsyn.synthesis.layouts import COMPARISONS, POOLS, Plain, read_plain
from evsyn.synthesis.members import Member, of_comparison
from evsyn.synthesis.meta import pool_members
from evsyn.synthesis.plain import line_effect, line_options
from evsyn.synthesis.results import PoolRow, Result

__all__ = ["plain_pool"]


def plain_pool(
    path: Path,
    *,
    measure: str | None = None,
    level: float = 0.95,
    asked: Asked | None = None,
    method: str = "",
    test: str = "",
) -> Result[PoolRow]:
    """Pool every line of a file.

    Parameters
    ----------
    path : Path
        CSV file with ``study`` and one of :data:`evsyn.synthesis.layouts.POOLS`; metafor's names
        are understood.
    measure : str, optional
        Effect measure; by default what the columns hold.
    level : float, default 0.95
        Confidence level.
    asked : Asked, optional
        Interval of tau², moderators, subgroups, studies left out or added in turn; columns are
        those of the file.
    method : str, optional
        By default REML, and the binomial-normal model (GLMM) for proportions on the logit.
    test : {"auto", "knha", "adhoc", "z"}, optional
        Interval of the mean.

    Returns
    -------
    Result of PoolRow
        One row.

    Raises
    ------
    LedgerError
        With every fault of the file.
    StatsError
        If an option is not allowed, or asks for what the file does not hold.
    """
    wanted = asked or Asked()
    method = spelled(method or wanted.method, choices(SynthesisMethod))
    wanted = replace(wanted, method=method, test=test or wanted.test)
    if measure:
        measure = spelled(measure, choices(PoolMeasure))
        as_asked(Analysis(measure=measure), wanted)  # refuses options before the file
    if not 0 < level < 1:
        raise StatsError(f"level={level!r}: expected a share between 0 and 1, e.g. 0.95")
    also = (*wanted.mods, wanted.subgroup, wanted.cumulative or "")
    plain = read_plain(path, POOLS, measure=measure or "", also=also)
    chosen = measure or _measure(plain, wanted.method)
    default = "GLMM" if (plain.layout.name, chosen) == ("proportions", "PLO") else "REML"
    wanted = replace(wanted, method=wanted.method or default)
    settings: dict[str, object] = {"measure": chosen, "level": level}
    source: Result[PoolRow] = Result("pool", (), settings, plain.notes)
    return pool_members(_members(plain, chosen, level), source, asked=wanted)


def _measure(plain: Plain, method: str) -> str:
    """Measure where none is asked for: what the columns hold, among what the method pools."""
    pooled = COUNT_METHODS.get(method, ())
    first = next((name for name in plain.layout.measures if name in pooled), "")
    default = plain.layout.measure
    return first if first and default not in pooled else default


def _members(plain: Plain, measure: str, level: float) -> tuple[Member, ...]:
    """Lines of a file as studies; what `compare` computes is taken from there."""
    compared = {layout.name: layout.measures for layout in COMPARISONS}
    if measure not in compared.get(plain.layout.name, ()):
        return file_members(plain, measure)
    chosen = line_options(plain.layout, measure, level=level)
    paired = plain.layout.name == "pairs"
    return tuple(
        of_comparison(
            line_effect(plain, row, chosen),
            cells_as_columns(row),
            {} if paired else known_numbers(row),
        )
        for row in plain.rows
    )
