"""Spread: a standard deviation from a standard error, or from the interval of a mean."""

from __future__ import annotations

import math

from scipy.special import stdtrit

from evsyn.tables.board import Board, Place, printed_of, settled
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell, sources_of

__all__ = ["spread_cells"]


def spread_cells(board: Board) -> None:
    """Add standard deviations that follow from what is printed with a mean and its n.

    Parameters
    ----------
    board : Board
        The derivation. From a standard error ``sd = se √n``; from an interval of a mean
        ``sd = √n (upper − lower) / (2 t)`` with t on n − 1 degrees of freedom, refused with a
        finding where the midpoint is not the mean within rounding.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.2.
    """
    for key, mean in list(board.cells.items()):
        if key.field != "mean" or not settled(mean):
            continue
        if (key.study_id, key.arm_id) not in board.ledger.arm:
            continue
        n = board.at(Place.of(key), key.outcome_id, "n")
        if not settled(n) or (n.value or 0) < 2 or key._replace(field="sd") in board.cells:
            continue
        se = board.cells.get(key._replace(field="se"))
        if settled(se):
            value = (se.value or 0) * math.sqrt(n.value or 0)
            reason = f"{se.text} × √{n.text or f'{n.value:g}'}"
            board.put([_sd(mean, (se, n), value, "sd-from-se", reason)])
            continue
        _from_interval(board, mean, n)


def _from_interval(board: Board, mean: Cell, n: Cell) -> None:
    key = mean.key
    lower = board.cells.get(key._replace(field="ci_lb"))
    upper = board.cells.get(key._replace(field="ci_ub"))
    if lower is None or upper is None or lower.value is None or upper.value is None:
        return
    reads = [printed_of(cell) for cell in (mean, lower, upper)]
    if any(read is None for read in reads) or mean.value is None or n.value is None:
        return
    point, low, high = (read for read in reads if read is not None)
    if high.value <= low.value:
        text = f"{mean.text} ({lower.text} to {upper.text}): the limits stand in the wrong order"
        board.note("interval-order", text, (mean, lower, upper), verdict="impossible")
        return
    off = abs((low.value + high.value) / 2 - point.value)
    if off > point.half + (low.half + high.half) / 2:
        text = (
            f"{mean.text} ({lower.text} to {upper.text}): the midpoint is "
            f"{(low.value + high.value) / 2:f}, not the mean; no sd from this interval"
        )
        board.note("interval-off-centre", text, (mean, lower, upper), verdict="not reproducible")
        return
    level = _level(board, lower)
    t = float(stdtrit(n.value - 1, 0.5 + level / 200))
    value = math.sqrt(n.value) * (upper.value - lower.value) / (2 * t)
    reason = (
        f"√{n.value:g} × ({upper.text} − {lower.text}) / (2 × {t:.4f}), t on {n.value - 1:g} df"
    )
    board.put([_sd(mean, (lower, upper, n), value, "sd-from-interval", reason)])


def _level(board: Board, limit: Cell) -> float:
    row = board.ledger.extraction[limit.extractions[0]]
    return float(row.ci_level or 95)


def _sd(mean: Cell, used: tuple[Cell, ...], value: float, rule: str, reason: str) -> Cell:
    return Cell(
        mean.key._replace(field="sd"),
        value,
        f"{value:.6g}",
        (),
        weakest(["derived", *(cell.status for cell in used)]),
        rule,
        reason,
        *sources_of((mean, *used)),
    )
