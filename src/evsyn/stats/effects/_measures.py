"""The measures: what data each takes, what is computed of them, and when it has no value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.effects import changes, correlations, counts, group_means, pairs, rates
from evsyn.stats.effects._zero_cells import Mask

__all__ = ["DEFINITIONS", "Measure"]

Effect: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
Checked: TypeAlias = Callable[[FloatArray, tuple[str, ...]], FloatArray]
Case: TypeAlias = tuple[Mask, str]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure.

    Attributes
    ----------
    effect : callable
        ``yi, vi`` from the rows.
    names : tuple of str
        Columns of data, in the order in which they are told.
    rows : tuple of str
        Columns computed with, counts first, in the order of the rows; then `spare` ones.
    spare : tuple of str
        Columns that may be given, are checked, and are not computed with.
    checked : callable
        Rows as the effect takes them, or a fault.
    cells : int
        Rows, from the first, that are corrected where a cell is empty; 0 for other data.
    add : float
        Amount added where none is told.
    nothing : callable or None
        Tables that ``drop00`` leaves out, from the cells.
    absent : callable or None
        Tables without anybody in an arm, from the cells.
    sizes : int
        Rows, from the first, that are sizes of groups.
    least : int
        Smallest size with an effect.
    few : str
        What is said of a smaller one.
    undefined : tuple
        Masks from the rows, with what is said where they hold.
    stand_in : tuple of str
        A column that may be left out, and the one then taken in its place; empty if none may.
    """

    effect: Effect
    names: tuple[str, ...]
    rows: tuple[str, ...]
    checked: Checked
    spare: tuple[str, ...] = ()
    cells: int = 0
    add: float = 0.5
    nothing: Mask | None = None
    absent: Mask | None = None
    sizes: int = 0
    least: int = 0
    few: str = ""
    undefined: tuple[Case, ...] = ()
    stand_in: tuple[str, ...] = ()


def _of_signs(first: int, second: int) -> Case:
    """Means, in the rows numbered, without a ratio above 0."""

    def mask(rows: FloatArray) -> BoolArray:
        return np.asarray(rows[first] * rows[second] <= 0)

    return mask, "means of opposite sign, or a mean of 0: no ratio"


def _above(*numbers: int) -> Case:
    """Means, in the rows numbered, without a logarithm."""

    def mask(rows: FloatArray) -> BoolArray:
        return np.asarray((rows[list(numbers)] <= 0).any(axis=0))

    return mask, "a mean of 0 or less: no logarithm"


def _few_comparators(rows: FloatArray) -> BoolArray:
    return np.asarray(rows[1] < 3)


def _like(effect: Effect, other: Measure, **changed: object) -> Measure:
    return replace(other, effect=effect, **changed)  # type: ignore[arg-type]


_COUNTS = ("events_e", "n_e", "events_c", "n_c")
_ARMS = Measure(
    effect=counts.log_risk_ratio,
    names=_COUNTS,
    rows=_COUNTS,
    checked=counts.arm_cells,
    cells=4,
    nothing=counts.arms_without_contrast,
    absent=counts.arms_without_participants,
)
_ONE_ARM = Measure(
    effect=counts.proportion,
    names=("events", "n"),
    rows=("events", "n"),
    checked=counts.arm_cells,
    cells=2,
    absent=counts.arms_without_participants,
)
_PAIRS = Measure(
    effect=pairs.marginal_log_ratio,
    names=("both", "only_e", "only_c", "neither"),
    rows=("both", "only_e", "only_c", "neither"),
    checked=pairs.pair_cells,
    cells=4,
    nothing=pairs.pairs_without_contrast,
    absent=pairs.pairs_without_participants,
)
_RATES = Measure(
    effect=rates.log_rate_ratio,
    names=("events_e", "time_e", "events_c", "time_c"),
    rows=("events_e", "events_c", "time_e", "time_c"),
    checked=rates.rate_rows,
    cells=2,
    nothing=rates.rates_without_contrast,
)
_ONE_RATE = Measure(
    effect=rates.rate,
    names=("events", "time"),
    rows=("events", "time"),
    checked=rates.rate_rows,
    cells=1,
)
_NO_SPREAD = "fewer than 2 in a group: no standard deviation"
_GROUPS = Measure(
    effect=group_means.mean_difference,
    names=("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c"),
    rows=("n_e", "n_c", "mean_e", "sd_e", "mean_c", "sd_c"),
    checked=group_means.summary_rows,
    sizes=2,
    least=2,
    few=_NO_SPREAD,
)
_GROUP = Measure(
    effect=group_means.mean,
    names=("mean", "sd", "n"),
    rows=("n", "mean", "sd"),
    checked=group_means.summary_rows,
    sizes=1,
    least=2,
    few=_NO_SPREAD,
)
_CHANGE = Measure(
    effect=changes.mean_change,
    names=("mean_pre", "mean_post", "sd_pre", "sd_post", "n", "r"),
    rows=("n", "mean_pre", "mean_post", "sd_pre", "sd_post", "r"),
    checked=group_means.summary_rows,
    sizes=1,
    least=2,
    few=_NO_SPREAD,
    stand_in=("sd_post", "sd_pre"),
)
_CORRELATION = Measure(
    effect=correlations.correlation,
    names=("r", "n"),
    rows=("n", "r"),
    checked=group_means.summary_rows,
    sizes=1,
    least=4,
    few="fewer than 4 pairs: no sampling variance",
)

DEFINITIONS: dict[str, Measure] = {
    "RR": _ARMS,
    "OR": _like(counts.log_odds_ratio, _ARMS),
    "RD": _like(counts.risk_difference, _ARMS),
    "AS": _like(counts.arcsine_difference, _ARMS, add=0.0),
    "PETO": _like(counts.peto_log_odds_ratio, _ARMS),
    "MPRR": _PAIRS,
    "MPOR": _like(pairs.marginal_log_odds_ratio, _PAIRS),
    "MPRD": _like(pairs.marginal_difference, _PAIRS),
    "MPORC": _like(pairs.conditional_log_odds_ratio, _PAIRS),
    "PR": _ONE_ARM,
    "PLN": _like(counts.log_proportion, _ONE_ARM),
    "PLO": _like(counts.logit_proportion, _ONE_ARM),
    "PAS": _like(counts.one_arm_arcsine, _ONE_ARM, add=0.0),
    "PFT": _like(counts.double_arcsine, _ONE_ARM, add=0.0),
    "IRR": _RATES,
    "IRD": _like(rates.rate_difference, _RATES),
    "IRSD": _like(rates.root_rate_difference, _RATES, add=0.0),
    "IR": _ONE_RATE,
    "IRLN": _like(rates.log_rate, _ONE_RATE),
    "IRS": _like(rates.root_rate, _ONE_RATE, add=0.0),
    "MD": _GROUPS,
    "SMD": _like(group_means.standardised_difference, _GROUPS),
    "SMDH": _like(group_means.standardised_difference_unequal, _GROUPS),
    "SMD1": _like(
        group_means.glass_difference,
        _GROUPS,
        rows=("n_e", "n_c", "mean_e", "mean_c", "sd_c"),
        spare=("sd_e",),
        least=1,
        undefined=((_few_comparators, "fewer than 3 comparators: no factor J"),),
    ),
    "ROM": _like(group_means.log_mean_ratio, _GROUPS, undefined=(_of_signs(2, 4),)),
    "VR": _like(
        group_means.log_variability_ratio,
        _GROUPS,
        rows=("n_e", "n_c", "sd_e", "sd_c"),
        spare=("mean_e", "mean_c"),
    ),
    "CVR": _like(group_means.log_variation_ratio, _GROUPS, undefined=(_above(2, 4),)),
    "MN": _GROUP,
    "MNLN": _like(group_means.log_mean, _GROUP, undefined=(_above(1),)),
    "MC": _CHANGE,
    "SMCC": _like(changes.standardised_change, _CHANGE, least=3, few="fewer than 3: no factor J"),
    "SMCR": _like(
        changes.standardised_raw_change,
        _CHANGE,
        rows=("n", "mean_pre", "mean_post", "sd_pre", "r"),
        spare=("sd_post",),
        least=3,
        few="fewer than 3: no factor J",
        stand_in=(),
    ),
    "ROMC": _like(changes.log_mean_change, _CHANGE, undefined=(_of_signs(1, 2),)),
    "COR": _CORRELATION,
    "UCOR": _like(
        correlations.unbiased_correlation,
        _CORRELATION,
        least=5,
        few="fewer than 5 pairs: no unbiased estimate",
    ),
    "ZCOR": _like(correlations.fisher_z, _CORRELATION),
}
