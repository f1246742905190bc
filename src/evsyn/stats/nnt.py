"""Number needed to treat: the reciprocal of the risk difference, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import EventMeaning, RdMethod, choices
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, chosen, reasons, unwrapped
from evsyn.stats.two_proportion_interval import two_proportion_interval

__all__ = ["NumberNeeded", "nnt"]


@dataclass(frozen=True, slots=True)
class NumberNeeded:
    """Numbers needed to treat, signed as the risk difference.

    Attributes
    ----------
    estimate : ndarray of float
        1 / RD, in participants; infinite where RD is 0; ``nan`` where undefined.
    ci_lb, ci_ub : ndarray of float
        Reciprocals of the upper and of the lower limit of RD, in this order: going up from
        ``ci_lb``, through infinity where ``through_infinity``, one arrives at ``ci_ub``.
    through_infinity : ndarray of bool
        Whether the interval of RD holds 0, so that the numbers between ``ci_ub`` and ``ci_lb``
        are those *excluded*.
    estimate_is, ci_lb_is, ci_ub_is : ndarray of str
        ``NNTB`` (to benefit) or ``NNTH`` (to harm) of each; empty where it is infinite or
        undefined.
    method : str
        Interval of the risk difference.
    level : float
        Confidence level, a share.
    reason : ndarray of str
        Why there is no number; empty where there is one.
    """

    estimate: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    through_infinity: BoolArray
    estimate_is: TextArray
    ci_lb_is: TextArray
    ci_ub_is: TextArray
    method: str
    level: float
    reason: TextArray


def nnt(
    events_e: ArrayLike,
    n_e: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    event_is: EventMeaning = "benefit",
    method: RdMethod = "miettinen-nurminen",
    level: float = 0.95,
) -> NumberNeeded:
    """Participants to treat for one more (or one fewer) to have the event.

    Parameters
    ----------
    events_e, n_e : array_like of int
        Participants with the event, and participants analysed, in the experimental arm; all four
        are broadcast; ``nan`` where missing.
    events_c, n_c : array_like of int
        The same in the comparator arm.
    event_is : {"benefit", "harm"}, default "benefit"
        Whether the event is wanted. It decides which sign is called NNTB, not the sign.
    method : {"wald", "newcombe", "miettinen-nurminen", "mee"}, default "miettinen-nurminen"
        Interval of the risk difference.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    NumberNeeded
        ``estimate``, ``ci_lb``, ``ci_ub`` and ``through_infinity``, in the broadcast shape.

    Raises
    ------
    StatsError
        As `two_proportion_interval`, and for another `event_is`.

    Notes
    -----
    Where the risk difference may be 0, its interval runs from a harm through no difference to a
    benefit, and its reciprocal from NNTH through infinity to NNTB [1]_: "NNTB 5, from NNTH 16
    through infinity to NNTB 2". A limit of exactly 0 is infinite.

    References
    ----------
    .. [1] D. G. Altman, "Confidence intervals for the number needed to treat", BMJ 317 (1998)
       1309-1312.

    Examples
    --------
    >>> few = nnt(56, 70, 48, 80, method="newcombe")
    >>> print(f"{few.estimate_is} {few.estimate:.1f} ({few.ci_lb:.1f} to {few.ci_ub:.1f})")
    NNTB 5.0 (3.0 to 19.1)
    >>> unsure = nnt(4, 123, 11, 139, event_is="harm", method="newcombe")
    >>> print(unsure.through_infinity, unsure.estimate_is, unsure.ci_lb_is, unsure.ci_ub_is)
    True NNTB NNTH NNTB
    """
    wanted = chosen("event_is", event_is, choices(EventMeaning))
    name = chosen("method", method, choices(RdMethod))
    rd = two_proportion_interval(
        events_e, n_e, events_c, n_c, measure="RD", method=method, level=level
    )
    difference, lower, upper = (np.asarray(x) for x in (rd.estimate, rd.ci_lb, rd.ci_ub))
    estimate = _reciprocal(difference, np.inf)
    ci_lb, ci_ub = _reciprocal(upper, -np.inf), _reciprocal(lower, np.inf)
    above, below = ("NNTB", "NNTH") if wanted == "benefit" else ("NNTH", "NNTB")

    def named(number: FloatArray) -> TextArray:
        finite = np.isfinite(number)
        cases = ((finite & (number > 0), above), (finite & (number < 0), below))
        label: TextArray = unwrapped(reasons(number.shape, *cases))
        return label

    return NumberNeeded(
        estimate=unwrapped(estimate),
        ci_lb=unwrapped(ci_lb),
        ci_ub=unwrapped(ci_ub),
        through_infinity=unwrapped(np.asarray((lower <= 0) & (upper >= 0))),
        estimate_is=named(estimate),
        ci_lb_is=named(ci_lb),
        ci_ub_is=named(ci_ub),
        method=name,
        level=rd.level,
        reason=rd.reason,
    )


def _reciprocal(difference: FloatArray, at_zero: float) -> FloatArray:
    """Reciprocal; a difference of 0, of whatever sign, gives ``at_zero``."""
    zero = difference == 0
    return np.asarray(np.where(zero, at_zero, 1 / np.where(zero, 1.0, difference)))
