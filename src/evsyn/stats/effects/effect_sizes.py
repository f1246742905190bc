"""Effect sizes and sampling variances per study, on the scale on which they are pooled.

Measures carry metafor's codes and follow its definitions and its handling of empty cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError, did_you_mean
from evsyn.literals import ZeroCells
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, chosen, reasons, unwrapped
from evsyn.stats._options import flag
from evsyn.stats.effects._columns import stacked
from evsyn.stats.effects._measures import DEFINITIONS, Measure
from evsyn.stats.effects._zero_cells import Correction, correction, zero_rule

__all__ = ["MEASURES", "EffectSizes", "effect_sizes"]

MEASURES = tuple(DEFINITIONS)


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effect sizes of studies.

    Attributes
    ----------
    yi, vi : ndarray of float
        Effect size and sampling variance in the broadcast shape of the data, ratios on the log
        scale; numbers where the data were scalars; ``nan``, both of them, where undefined.
    measure : str
        Code of the measure.
    corrected : ndarray of bool
        Where cells were added to.
    reason : ndarray of str
        Why there is no effect size; empty where there is one.
    note : str
        What was assumed for all studies because a column was not given; empty if nothing.
    """

    yi: FloatArray
    vi: FloatArray
    measure: str
    corrected: BoolArray
    reason: TextArray
    note: str = ""


def effect_sizes(
    measure: str,
    *,
    add: float | None = None,
    to: ZeroCells = "only0",
    drop00: bool = False,
    **data: ArrayLike,
) -> EffectSizes:
    """Effect size and sampling variance of each study.

    Parameters
    ----------
    measure : str
        One of the codes below.
    add : float, default 0.5
        Amount added to each cell of a corrected table. Left out, it is 0.5, but 0 for ``AS, PAS,
        PFT, IRSD, IRS``, which need none; an amount that is given holds for these too.
    to : {"only0", "all", "if0all", "none"}, default "only0"
        Tables corrected: those with an empty cell; all; all, if one of them has an empty cell (of
        the same column of a batch (k, n)); none. Of one arm the cells are events and non-events;
        of rates, the events of each arm.
    drop00 : bool, default False
        Whether tables of two arms or of pairs without events on both sides, or with nothing but
        events, get no effect.
    **data : array_like
        Data by the names below; broadcast against each other; ``nan`` where missing.

    Returns
    -------
    EffectSizes
        ``yi`` and ``vi``, and where and why not.

    Raises
    ------
    StatsError
        If the measure or an option is unknown, a name of the data is missing or too many,
        something is no number, a count is negative or not whole, events exceed their total, a
        group's n is below 1, a standard deviation is negative, a time is not above 0, a
        correlation lies beyond -1..1, a value is infinite, or shapes do not fit. The message names
        study and value.

    Notes
    -----
    Two arms, ``events_e, n_e, events_c, n_c`` (cells a, b of n1; c, d of n2):

    * ``RR`` log risk ratio, ``1/a - 1/n1 + 1/c - 1/n2``; ``OR`` log odds ratio, the sum of the
      four reciprocals; ``RD`` difference, ``p (1 - p)/n`` of both arms;
    * ``AS`` difference of ``arcsin sqrt(p)``, ``1/(4 n1) + 1/(4 n2)`` [1]_;
    * ``PETO`` ``(O - E)/V`` with variance ``1/V``, E and V hypergeometric [2]_.

    Pairs, ``both, only_e, only_c, neither`` (a, b, c, d of N) [3]_:

    * ``MPRR`` log ratio of the margins, ``(b + c)/((a + b)(a + c))``; ``MPOR`` their log odds
      ratio, by the delta method; ``MPRD`` their difference, ``(b + c - (b - c)²/N)/N²``;
    * ``MPORC`` conditional log odds ratio ``log(b/c)``, ``1/b + 1/c``.

    One arm, ``events, n``: ``PR`` p, ``p (1 - p)/n``; ``PLN`` log p, ``1/x - 1/n``; ``PLO`` logit
    p, ``1/x + 1/(n - x)``; ``PAS`` arcsin sqrt(p), ``1/(4 n)``; ``PFT`` half the sum of ``arcsin
    sqrt(x/(n + 1))`` and ``arcsin sqrt((x + 1)/(n + 1))``, ``1/(4 n + 2)`` [4]_.

    Rates, ``events_e, time_e, events_c, time_c``: ``IRR`` log ratio, ``1/x1 + 1/x2``; ``IRD``
    difference, ``x1/t1² + x2/t2²``; ``IRSD`` difference of square roots, ``1/(4 t1) + 1/(4 t2)``.
    Of one arm, ``events, time``: ``IR`` ``x/t``, ``IRLN`` its log, ``IRS`` its square root.

    Means, ``mean_e, sd_e, n_e, mean_c, sd_c, n_c``:

    * ``MD`` difference, ``sd²/n`` of both; ``ROM`` log ratio, ``sd²/(n mean²)`` of both [5]_;
    * ``SMD`` Hedges' g with the exact factor J, ``1/n_e + 1/n_c + g²/(2 (n_e + n_c))`` [6]_;
      ``SMDH`` the same over the square root of the mean variance [7]_; ``SMD1`` over the
      comparator's standard deviation, ``1/n_e + 1/n_c + g²/(2 n_c)`` (``sd_e`` is not needed);
    * ``VR`` log ratio of the standard deviations, bias corrected (means are not needed), ``CVR``
      of the coefficients of variation, for means and variances that do not go together [8]_.

    Of one group, ``mean, sd, n``: ``MN`` the mean, ``sd²/n``; ``MNLN`` its log, ``sd²/(n mean²)``.

    Change, ``mean_pre, mean_post, sd_pre, sd_post, n, r``, after less before:

    * ``MC`` mean change, ``(sd_pre² + sd_post² - 2 r sd_pre sd_post)/n``; ``ROMC`` log ratio;
    * ``SMCC`` over the standard deviation of the change, ``1/n + g²/(2 n)``; ``SMCR`` over
      ``sd_pre``, ``2 (1 - r)/n + g²/(2 n)`` [9]_, both with J; ``SMCR`` needs no ``sd_post``. Where
      another is given none, ``sd_pre`` is taken for it, and ``note`` says so.

    Correlations, ``r, n``: ``COR`` r, ``(1 - r²)²/(n - 1)``; ``UCOR`` the unbiased estimate [10]_,
    with the same variance at its own value; ``ZCOR`` artanh r, ``1/(n - 3)``.

    An estimated variance of 0 is no variance: such a study gets ``nan``, as does a group of one,
    whose standard deviation does not exist, and an arm without participants, whatever is added.

    References
    ----------
    .. [1] G. Rücker, G. Schwarzer, J. Carpenter, I. Olkin, "Why add anything to nothing? The
       arcsine difference as a measure of treatment effect in meta-analysis with zero cells", Stat
       Med 28 (2009) 721-738.
    .. [2] S. Yusuf, R. Peto, J. Lewis, R. Collins, P. Sleight, "Beta blockade during and after
       myocardial infarction", Prog Cardiovasc Dis 27 (1985) 335-371.
    .. [3] G. Y. Zou, "One relative risk versus two odds ratios: implications for meta-analyses
       involving paired and unpaired binary data", Clin Trials 4 (2007) 25-31.
    .. [4] M. F. Freeman, J. W. Tukey, "Transformations related to the angular and the square
       root", Ann Math Stat 21 (1950) 607-611.
    .. [5] L. V. Hedges, J. Gurevitch, P. S. Curtis, "The meta-analysis of response ratios in
       experimental ecology", Ecology 80 (1999) 1150-1156, equation 1.
    .. [6] L. V. Hedges, "Distribution theory for Glass's estimator of effect size and related
       estimators", J Educ Stat 6 (1981) 107-128.
    .. [7] D. G. Bonett, "Meta-analytic interval estimation for standardized and unstandardized
       mean differences", Psychol Methods 14 (2009) 225-238.
    .. [8] S. Nakagawa et al., "Meta-analysis of variation", Methods Ecol Evol 6 (2015) 143-152,
       equations 9 to 12, without the correlation of mean and variance.
    .. [9] B. J. Becker, "Synthesizing standardized mean-change measures", Br J Math Stat Psychol
       41 (1988) 257-278.
    .. [10] I. Olkin, J. W. Pratt, "Unbiased estimation of certain correlation coefficients", Ann
       Math Stat 29 (1958) 201-211, equation 2.3.

    Examples
    --------
    Trials 1 and 2 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> rr = effect_sizes("RR", events_e=[4, 6], n_e=[123, 306], events_c=[11, 29],
    ...                   n_c=[139, 303])
    >>> rr.yi.round(4), rr.vi.round(4)
    (array([-0.8893, -1.5854]), array([0.3256, 0.1946]))
    """
    found = DEFINITIONS.get(measure) if isinstance(measure, str) else None
    if found is None:
        found = DEFINITIONS[chosen("measure", measure, MEASURES)]
    rule = zero_rule(found.add if add is None else add, to, flag("drop00", drop00))
    names = found.rows + tuple(name for name in found.spare if name in data)
    note = ""
    if found.stand_in and found.stand_in[0] not in data and found.stand_in[1] in data:
        missing, taken = found.stand_in
        data[missing] = data[taken]
        note = f"{missing} taken equal to {taken}"
    if len(data) != len(names) or not data.keys() >= set(names):
        raise _names_do_not_fit(measure, found, data)
    rows = stacked(data, names)
    with np.errstate(all="ignore"):
        rows = found.checked(rows, names)
        fixed = correction(rows[: found.cells], rule, found.nothing) if found.cells else None
        used = rows
        if fixed is not None and fixed.amount is not None:
            used = rows.copy()
            used[: found.cells] += fixed.amount
        yi, vi = found.effect(used)
        defined, cases = _defined((yi, vi), found, rows, fixed)
    every = bool(defined.all())
    return EffectSizes(
        yi=unwrapped(yi if every else np.where(defined, yi, np.nan)),
        vi=unwrapped(vi if every else np.where(defined, vi, np.nan)),
        measure=measure,
        corrected=unwrapped(_none(yi) if fixed is None else fixed.corrected & defined),
        reason=unwrapped(reasons(yi.shape, *cases)),
        note=note,
    )


def _none(yi: FloatArray) -> BoolArray:
    return np.zeros(yi.shape, dtype=np.bool_)


def _defined(
    effect: tuple[FloatArray, FloatArray],
    found: Measure,
    rows: FloatArray,
    fixed: Correction | None,
) -> tuple[BoolArray, list[tuple[BoolArray, str]]]:
    """Which studies have an effect, and why others have none."""
    yi, vi = effect
    defined = np.isfinite(yi) & (vi > 0) & (vi < np.inf)
    cases: list[tuple[BoolArray, str]] = []
    computed = rows[: len(found.rows)]
    if np.isnan(computed.sum()):  # a cell that an effect has no use for decides on its correction
        cases.append((np.asarray(np.isnan(computed).any(axis=0)), "a value is missing"))
    if fixed is not None and fixed.empty:
        if fixed.dropped is not None:
            cases.append((fixed.dropped, "no events, or only events, in both arms"))
        if found.absent is not None:
            cases.append((found.absent(rows[: found.cells]), "an arm without participants"))
    sizes = rows[: found.sizes]
    if sizes.size and not sizes.min() >= found.least:
        cases.append((np.asarray((sizes < found.least).any(axis=0)), found.few))
    for mask, _ in cases:
        defined = defined & ~mask
    if defined.all():
        return defined, []
    cases += [(mask(rows), words) for mask, words in found.undefined]
    cases.append((vi == 0, "the sampling variance is 0"))
    cases.append((~defined, "no finite effect with a variance above 0"))
    return defined, [(mask & ~defined, words) for mask, words in cases]


def _names_do_not_fit(measure: str, found: Measure, data: dict[str, ArrayLike]) -> StatsError:
    """What the measure takes, and what was given."""
    free = {*found.spare, *found.stand_in[:1]}
    takes = ", ".join(f"[{name}]" if name in free else name for name in found.names)
    words = f"measure {measure} takes {takes}; found {', '.join(data) or 'nothing'}"
    unknown = next((name for name in data if name not in found.names), None)
    return StatsError(words + (did_you_mean(unknown, found.names) if unknown else ""))
