"""Statistics on arrays: arguments array_like, results frozen, numpy and scipy.special only.

The names are imported here at once, not on first use: several functions share their name with
the module that holds them, and so the function is what ``evsyn.stats.<name>`` always means.
"""

from __future__ import annotations

from evsyn.stats._arrays import Intervals, TestResult
from evsyn.stats.heterogeneity import tau2_interval
from evsyn.stats.nnt import NumberNeeded, number_needed_to_treat
from evsyn.stats.paired import paired_interval, paired_test
from evsyn.stats.pool import PooledEffect, pool
from evsyn.stats.proportion import proportion_interval
from evsyn.stats.two_proportion_interval import two_proportion_interval
from evsyn.stats.two_proportion_test import two_proportion_test

__all__ = [
    "Intervals",
    "NumberNeeded",
    "PooledEffect",
    "TestResult",
    "number_needed_to_treat",
    "paired_interval",
    "paired_test",
    "pool",
    "proportion_interval",
    "tau2_interval",
    "two_proportion_interval",
    "two_proportion_test",
]
