"""What a conversion gives: the number, and the sentence that says what it assumes."""

from __future__ import annotations

from dataclasses import dataclass

from evsyn.stats._arrays import FloatArray, TextArray

__all__ = ["Converted", "ConvertedEffect"]


@dataclass(frozen=True, slots=True)
class Converted:
    """A quantity worked out from what was printed.

    Attributes
    ----------
    value : ndarray of float
        The quantity in the broadcast shape of the arguments; a number where those were scalars;
        ``nan`` where undefined.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no number; empty where there is one.
    """

    value: FloatArray
    assumes: str
    reason: TextArray


@dataclass(frozen=True, slots=True)
class ConvertedEffect:
    """An effect size worked out from another statistic.

    Attributes
    ----------
    yi, vi : ndarray of float
        Effect size and sampling variance, in the broadcast shape of the arguments, ratios on the
        log scale; numbers where those were scalars; ``nan`` where undefined.
    measure : str
        Code of the measure, as in `evsyn.stats.effect_sizes`.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no effect size; empty where there is one.
    """

    yi: FloatArray
    vi: FloatArray
    measure: str
    assumes: str
    reason: TextArray
