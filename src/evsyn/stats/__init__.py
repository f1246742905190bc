"""Statistics on arrays: arguments array_like, results frozen, numpy and scipy.special only.

The names are imported here at once, not on first use: several functions share their name with
the module that holds them, and so the function is what ``evsyn.stats.<name>`` always means.
"""

from __future__ import annotations

from evsyn.stats._arrays import Intervals, TestResult
from evsyn.stats.effects.back import back_transform
from evsyn.stats.effects.effect_sizes import EffectSizes, effect_sizes
from evsyn.stats.means import (
    MeanDifference,
    PairedMeanRange,
    mean_difference,
    paired_mean_difference,
    paired_mean_range,
    sd_from_interval,
    sd_from_se,
)
from evsyn.stats.nnt import NumberNeeded, number_needed_to_treat
from evsyn.stats.paired import paired_interval, paired_test
from evsyn.stats.paired_range import PairedRange, PairedTables, paired_from_phi, paired_range
from evsyn.stats.paired_ratio import log_ratio_variance, paired_ratio_interval
from evsyn.stats.pooling.heterogeneity import Tau2Interval, tau2_interval
from evsyn.stats.pooling.pool import PooledEffect, pool
from evsyn.stats.proportion import proportion_interval
from evsyn.stats.two_proportion_interval import two_proportion_interval
from evsyn.stats.two_proportion_test import two_proportion_test

__all__ = [
    "EffectSizes",
    "Intervals",
    "MeanDifference",
    "NumberNeeded",
    "PairedMeanRange",
    "PairedRange",
    "PairedTables",
    "PooledEffect",
    "Tau2Interval",
    "TestResult",
    "back_transform",
    "effect_sizes",
    "log_ratio_variance",
    "mean_difference",
    "number_needed_to_treat",
    "paired_from_phi",
    "paired_interval",
    "paired_mean_difference",
    "paired_mean_range",
    "paired_range",
    "paired_ratio_interval",
    "paired_test",
    "pool",
    "proportion_interval",
    "sd_from_interval",
    "sd_from_se",
    "tau2_interval",
    "two_proportion_interval",
    "two_proportion_test",
]
