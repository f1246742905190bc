"""What a meta-analysis needs from what a study prints instead.

Every result says in ``assumes`` what has to hold for it to be right.
"""

from __future__ import annotations

from evsyn.stats.convert.between_effects import d_to_log_or, d_to_r, log_or_to_d, r_to_d
from evsyn.stats.convert.from_tests import (
    d_from_f,
    d_from_p,
    d_from_paired_t,
    d_from_t,
    r_from_chi2,
    r_from_t,
)
from evsyn.stats.convert.log_scale import MomentsOnScale, log_moments, raw_moments
from evsyn.stats.convert.precision import (
    IntervalEffect,
    effect_from_interval,
    se_from_interval,
    se_from_p,
)
from evsyn.stats.convert.quantiles import MeanSd, mean_sd_from_quantiles
from evsyn.stats.convert.results import Converted, ConvertedEffect
from evsyn.stats.convert.rounded_counts import RoundedCounts, counts_from_percentage
from evsyn.stats.convert.skewness import QuantileSkewness, quantile_skewness
from evsyn.stats.convert.spread import (
    CombinedGroup,
    combine_groups,
    correlation_from_sds,
    sd_of_change,
)
from evsyn.stats.means import sd_from_interval, sd_from_se

__all__ = [
    "CombinedGroup",
    "Converted",
    "ConvertedEffect",
    "IntervalEffect",
    "MeanSd",
    "MomentsOnScale",
    "QuantileSkewness",
    "RoundedCounts",
    "combine_groups",
    "correlation_from_sds",
    "counts_from_percentage",
    "d_from_f",
    "d_from_p",
    "d_from_paired_t",
    "d_from_t",
    "d_to_log_or",
    "d_to_r",
    "effect_from_interval",
    "log_moments",
    "log_or_to_d",
    "mean_sd_from_quantiles",
    "quantile_skewness",
    "r_from_chi2",
    "r_from_t",
    "r_to_d",
    "raw_moments",
    "sd_from_interval",
    "sd_from_se",
    "sd_of_change",
    "se_from_interval",
    "se_from_p",
]
