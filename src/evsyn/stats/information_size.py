"""How many participants a conclusive meta-analysis needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, TextArray, checked_level, reasons, refuse, unwrapped
from evsyn.stats._faults import finite, refuse_not_positive, refuse_outside
from evsyn.stats._special import ndtri

__all__ = ["InformationSize", "required_information_size"]


@dataclass(frozen=True, slots=True)
class InformationSize:
    """Participants that a conclusive meta-analysis needs.

    Attributes
    ----------
    n : ndarray of float
        Participants in both arms together, in arms of equal size, adjusted for heterogeneity; not
        rounded; a number where the arguments were scalars; ``nan`` where undefined.
    n_unadjusted : ndarray of float
        The same of a single trial.
    adjustment : ndarray of float
        Factor between the two, ``1/(1 - D²)``.
    level, power : float
        Confidence level and power planned for, shares.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no number; empty where there is one.
    """

    n: FloatArray
    n_unadjusted: FloatArray
    adjustment: FloatArray
    level: float
    power: float
    assumes: str
    reason: TextArray


def required_information_size(
    *,
    difference: ArrayLike | None = None,
    sd: ArrayLike | None = None,
    risk_c: ArrayLike | None = None,
    risk_e: ArrayLike | None = None,
    relative_reduction: ArrayLike | None = None,
    d2: ArrayLike | None = None,
    i2: ArrayLike | None = None,
    level: float = 0.95,
    power: float = 0.9,
) -> InformationSize:
    """Participants that a meta-analysis needs before its result is conclusive.

    Parameters
    ----------
    difference, sd : array_like, optional
        Of a continuous outcome: smallest difference of means worth finding, and the standard
        deviation; broadcast with the others; ``nan`` where missing.
    risk_c : array_like, optional
        Of a dichotomous outcome: risk in the comparator arm, 0 to 1.
    risk_e, relative_reduction : array_like, optional
        With ``risk_c``, one of the two: risk in the experimental arm, or the relative risk
        reduction, ``1 - risk_e/risk_c``, negative for an increase.
    d2, i2 : array_like, optional
        One of the two at most: diversity or I² expected, in percent, 0 to below 100; without
        them no adjustment is made.
    level : float, default 0.95
        Confidence level of the two-sided test, a share.
    power : float, default 0.9
        Power, a share.

    Returns
    -------
    InformationSize
        Participants in both arms, adjusted and not.

    Raises
    ------
    StatsError
        If neither or both kinds of outcome are given, a spread is not above 0, a risk lies
        outside 0..1, D² or I² is not from 0 to below 100 or both are given, shapes do not fit, or
        level or power lie outside 0..1.

    Notes
    -----
    ``4 (z_level + z_power)² variance / difference²`` in two arms of equal size [1]_, where the
    variance is sd², or ``p (1 - p)`` with p the mean of both risks. Heterogeneity multiplies it by
    ``1/(1 - D²)`` [2]_; adjusting by I² instead gives less, since I² is at most D².

    References
    ----------
    .. [1] J. Wetterslev, K. Thorlund, J. Brok and C. Gluud, "Trial sequential analysis may
       establish when firm evidence is reached in cumulative meta-analysis", Journal of Clinical
       Epidemiology 61 (2008) 64-75.
    .. [2] J. Wetterslev, K. Thorlund, J. Brok and C. Gluud, "Estimating required information size
       by quantifying diversity in random-effects model meta-analyses", BMC Medical Research
       Methodology 9 (2009) 86.

    Examples
    --------
    A relative risk reduction of 20 % from 10 %, at 80 % power, without and with D² = 50 %:

    >>> size = required_information_size(
    ...     risk_c=0.1, relative_reduction=0.2, d2=50, power=0.8)
    >>> print(f"{size.n_unadjusted:.0f} {size.n:.0f}")
    6428 12856
    """
    level, wanted = checked_level(level), _checked_power(power)
    gap, variance = _outcome(difference, sd, risk_c, (risk_e, relative_reduction))
    if d2 is not None and i2 is not None:
        raise StatsError("d2 and i2 are both given; adjust by one of them, d2 for preference")
    label = "i2" if i2 is not None else "d2"
    share = i2 if i2 is not None else (0.0 if d2 is None else d2)
    gap, variance, percent = finite(**{"difference": gap, "variance": variance, label: share})
    wrong = (percent < 0) | (percent >= 100)
    refuse(wrong, f"{label}={{:g}} is not from 0 to below 100 (percent)", percent)
    factor = 1 / (1 - percent / 100)
    quantiles = float(-ndtri((1 - level) / 2) + ndtri(wanted))
    none = gap == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        single = np.where(none, np.nan, 4 * quantiles**2 * variance / gap**2)
    return InformationSize(
        n=unwrapped(single * factor),
        n_unadjusted=unwrapped(single),
        adjustment=unwrapped(np.array(factor)),
        level=level,
        power=wanted,
        assumes="arms are of equal size, and heterogeneity will be as expected",
        reason=unwrapped(
            reasons(
                single.shape,
                (none, "no participants suffice to find a difference of 0"),
                (np.isnan(single * factor), "a number is missing"),
            )
        ),
    )


def _checked_power(power: float) -> float:
    try:
        value = float(power)
    except (TypeError, ValueError) as error:
        raise StatsError(f"power={power!r} is no number; give a share such as 0.9") from error
    if not 0.0 < value < 1.0:
        raise StatsError(f"power={value:g} lies outside 0..1, ends excluded")
    return value


def _outcome(
    difference: ArrayLike | None,
    sd: ArrayLike | None,
    risk_c: ArrayLike | None,
    treated: tuple[ArrayLike | None, ArrayLike | None],
) -> tuple[FloatArray, FloatArray]:
    """Difference worth finding and the variance of one participant."""
    names = ("difference", "sd", "risk_c", "risk_e", "relative_reduction")
    values = (difference, sd, risk_c, *treated)
    given = {name for name, value in zip(names, values, strict=True) if value is not None}
    if difference is not None and sd is not None and given == {"difference", "sd"}:
        gap, spread = finite(difference=difference, sd=sd)
        refuse_not_positive(sd=spread)
        return gap, spread**2
    if risk_c is not None and given in ({"risk_c", "risk_e"}, {"risk_c", "relative_reduction"}):
        risk_e, reduction = treated
        if risk_e is None:
            q, less = finite(
                risk_c=risk_c, relative_reduction=0.0 if reduction is None else reduction
            )
            p = q * (1 - less)
        else:
            q, p = finite(risk_c=risk_c, risk_e=risk_e)
        refuse_outside(0.0, 1.0, risk_c=q)
        refuse_outside(0.0, 1.0, risk_e=p)
        mean = (p + q) / 2
        return q - p, mean * (1 - mean)
    raise StatsError(
        f"{', '.join(sorted(given)) or 'nothing'} given; give difference and sd, "
        "or risk_c and one of risk_e and relative_reduction"
    )
