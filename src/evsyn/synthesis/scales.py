"""Pooled effects back on their natural scale, and the names of measures and their scales."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from evsyn.stats.effects.back import back_transform, freeman_tukey_inverse
from evsyn.synthesis.effects import finite
from evsyn.synthesis.members import Member

__all__ = ["LOGS", "ONE_ARM", "SCALES", "measure_name", "natural_scale", "transform_doubts"]

LOGS = frozenset(
    {
        *("RR", "OR", "PETO", "MPRR", "MPOR", "MPORC", "PLN", "IRR", "IRLN", "ROM", "ROMC"),
        *("MNLN", "VR", "CVR"),
    }
)
"""Measures that are pooled as logarithms."""

ONE_ARM = frozenset({"PR", "PLN", "PLO", "PAS", "PFT", "IR", "IRLN", "IRS", "MN", "MNLN"})
"""Measures of a single group, without a comparison."""

SCALES = {
    **dict.fromkeys(LOGS, "exp"),
    "PLO": "expit",
    "PAS": "sin²",
    "PFT": "Freeman-Tukey inverse",
    "IRS": "square",
    "ZCOR": "tanh",
}
"""How a pooled value returns to the natural scale; those that are not named stay as they are."""

_NAMES = {
    "RR": "risk ratio", "OR": "odds ratio", "RD": "risk difference",
    "AS": "difference of arcsine-transformed risks", "PETO": "Peto odds ratio",
    "MPRR": "risk ratio of matched pairs", "MPOR": "odds ratio of matched pairs",
    "MPRD": "risk difference of matched pairs", "MPORC": "conditional odds ratio of matched pairs",
    "PR": "proportion", "PLN": "proportion (log)", "PLO": "proportion (logit)",
    "PAS": "proportion (arcsine)", "PFT": "proportion (Freeman-Tukey double arcsine)",
    "IRR": "rate ratio", "IRD": "rate difference", "IRSD": "difference of square-root rates",
    "IR": "rate", "IRLN": "rate (log)", "IRS": "rate (square root)",
    "MD": "mean difference", "SMD": "standardised mean difference",
    "SMDH": "standardised mean difference (unequal variances)",
    "SMD1": "standardised mean difference (comparator's SD)", "ROM": "ratio of means",
    "MN": "mean", "MNLN": "mean (log)", "MC": "mean change",
    "SMCC": "standardised mean change (SD of change)",
    "SMCR": "standardised mean change (raw SD)", "ROMC": "ratio of means after and before",
    "COR": "correlation", "UCOR": "correlation (unbiased)", "ZCOR": "correlation (Fisher's z)",
    "VR": "ratio of standard deviations", "CVR": "ratio of coefficients of variation",
    "GEN": "effect as given",
}  # fmt: skip


def measure_name(measure: str) -> str:
    """Name of a measure in words.

    Examples
    --------
    >>> measure_name("PLO"), measure_name("RR")
    ('proportion (logit)', 'risk ratio')
    """
    return _NAMES.get(measure, measure)


def natural_scale(
    values: Mapping[str, float | None], measure: str, members: Sequence[Member]
) -> dict[str, float | None]:
    """Return values on the natural scale; None where there is none or it has no end.

    Parameters
    ----------
    values : mapping
        Estimate and limits on the pooling scale.
    measure : str
        Effect measure.
    members : sequence of Member
        Studies pooled; their sizes are what the double arcsine returns by.

    Returns
    -------
    dict
        By the same names.

    Examples
    --------
    >>> natural_scale({"estimate": 0.0, "ci_lb": None}, "RR", ())
    {'estimate': 1.0, 'ci_lb': None}
    """
    if measure == "GEN" or measure not in SCALES:
        return dict(values)
    if measure in LOGS:
        return {name: _exponential(value) for name, value in values.items()}
    sizes = _sizes(members) if measure == "PFT" else None
    if measure == "PFT" and sizes is None:
        return dict.fromkeys(values)
    return {
        name: None if value is None else finite(back_transform(value, measure, n=sizes))
        for name, value in values.items()
    }


def _exponential(value: float | None) -> float | None:
    if value is None:
        return None
    try:
        return finite(math.exp(value))
    except OverflowError:
        return None


def _sizes(members: Sequence[Member]) -> list[float] | None:
    sizes = [member.data.get("n") for member in members]
    known = [size for size in sizes if size is not None]
    return known if known and len(known) == len(sizes) else None


def transform_doubts(estimate: float, measure: str, members: Sequence[Member]) -> str:
    """Why the natural scale of a double arcsine is to be doubted; empty for other measures."""
    if measure != "PFT":
        return ""
    general = (
        "the Freeman-Tukey double arcsine of a mean returns to a proportion only by a convention "
        "(the harmonic mean of n), and can mislead; the binomial-normal model (PLO) needs none"
    )
    sizes = _sizes(members)
    if sizes is None:
        return f"{general}; without the sizes of the studies it does not return at all"
    found = str(freeman_tukey_inverse(estimate, sizes).reason)
    return f"{general}; here {found}" if found else general
