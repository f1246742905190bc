"""Statistics on arrays: arguments array_like, results frozen, numpy and scipy.special only.

Names are loaded on first use, but for those of modules that share their name with a function:
these are imported at once, so that the function is what ``evsyn.stats.<name>`` always means.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from evsyn.stats._arrays import Intervals, TestResult
from evsyn.stats.nnt import NumberNeeded, nnt
from evsyn.stats.paired import paired_interval, paired_test
from evsyn.stats.paired_range import PairedRange, PairedTables, paired_from_phi, paired_range
from evsyn.stats.paired_ratio import log_ratio_variance, paired_ratio_interval
from evsyn.stats.proportion import proportion_interval
from evsyn.stats.two_proportion_interval import two_proportion_interval
from evsyn.stats.two_proportion_test import two_proportion_test

if TYPE_CHECKING:
    from evsyn.stats import convert
    from evsyn.stats.bias.asymmetry import RankTest, RegressionTest, rank_test, regression_test
    from evsyn.stats.bias.copas import Copas, copas
    from evsyn.stats.bias.counts_asymmetry import harbord_test, peters_test
    from evsyn.stats.bias.excess import ExcessSignificance, excess_significance_test
    from evsyn.stats.bias.failsafe import FailsafeN, failsafe_n
    from evsyn.stats.bias.filling import TrimAndFill, trim_and_fill
    from evsyn.stats.bias.limit import LimitMeta, limit_meta
    from evsyn.stats.bias.precision_effect import PetPeese, pet_peese
    from evsyn.stats.bias.selection import SelectionModel, selection_model
    from evsyn.stats.bias.significant_p import PCurve, p_curve
    from evsyn.stats.directions import EffectDirection, direction_counts, effect_direction
    from evsyn.stats.effects.back import FreemanTukeyInverse, back_transform, freeman_tukey_inverse
    from evsyn.stats.effects.effect_sizes import EffectSizes, effect_sizes
    from evsyn.stats.effects.hedges import hedges_factor
    from evsyn.stats.hazard import HazardRatio, hazard_ratio
    from evsyn.stats.information_size import InformationSize, required_information_size
    from evsyn.stats.means import (
        MeanDifference,
        PairedMeanRange,
        mean_difference,
        paired_mean_difference,
        paired_mean_range,
        sd_from_interval,
        sd_from_se,
    )
    from evsyn.stats.missing import MissingData, missing_data
    from evsyn.stats.models.count_models import CountModel, glmm
    from evsyn.stats.models.dependence import sampling_covariance, shared_control_covariance
    from evsyn.stats.models.mixed import MultilevelFit, multilevel
    from evsyn.stats.models.network_arms import Contrasts, contrasts
    from evsyn.stats.models.network_designs import NetworkDecomposition, network_decomposition
    from evsyn.stats.models.network_evidence import (
        NetworkContributions,
        NetworkSplits,
        network_contributions,
        network_splits,
    )
    from evsyn.stats.models.network_model import NetworkMeta, network
    from evsyn.stats.models.network_ranking import NetworkRanks, network_ranks
    from evsyn.stats.models.predicted_effects import RandomEffects, random_effects
    from evsyn.stats.models.sandwich import RobustFit, cluster_robust, robust, robust_test
    from evsyn.stats.models.variance_profile import variance_interval
    from evsyn.stats.p_values import CombinedP, combine_p
    from evsyn.stats.planning import (
        Power,
        diversity,
        heterogeneity_power,
        moderator_power,
        planned_variance,
        power,
    )
    from evsyn.stats.pooling.acceleration import use_compiled
    from evsyn.stats.pooling.accumulating import cumulative
    from evsyn.stats.pooling.influence import Influence, influence
    from evsyn.stats.pooling.leaving import RefittedEffects, leave_one_out
    from evsyn.stats.pooling.pool import PooledEffect, pool
    from evsyn.stats.pooling.regression import MetaRegression, meta_regression
    from evsyn.stats.pooling.stratified import StratifiedEffect, mantel_haenszel, peto
    from evsyn.stats.pooling.subgroups import Subgroups, subgroup
    from evsyn.stats.pooling.tau2_limits import Tau2Interval, tau2_interval
    from evsyn.stats.resampling.bootstrapping import Bootstrap, bootstrap
    from evsyn.stats.resampling.permutations import PermutationTest, permutation_test
    from evsyn.stats.resampling.subsets import SubsetEffects, gosh

__all__ = [
    "Bootstrap",
    "CombinedP",
    "Contrasts",
    "Copas",
    "CountModel",
    "EffectDirection",
    "EffectSizes",
    "ExcessSignificance",
    "FailsafeN",
    "FreemanTukeyInverse",
    "HazardRatio",
    "Influence",
    "InformationSize",
    "Intervals",
    "LimitMeta",
    "MeanDifference",
    "MetaRegression",
    "MissingData",
    "MultilevelFit",
    "NetworkContributions",
    "NetworkDecomposition",
    "NetworkMeta",
    "NetworkRanks",
    "NetworkSplits",
    "NumberNeeded",
    "PCurve",
    "PairedMeanRange",
    "PairedRange",
    "PairedTables",
    "PermutationTest",
    "PetPeese",
    "PooledEffect",
    "Power",
    "RandomEffects",
    "RankTest",
    "RefittedEffects",
    "RegressionTest",
    "RobustFit",
    "SelectionModel",
    "StratifiedEffect",
    "Subgroups",
    "SubsetEffects",
    "Tau2Interval",
    "TestResult",
    "TrimAndFill",
    "back_transform",
    "bootstrap",
    "cluster_robust",
    "combine_p",
    "contrasts",
    "convert",
    "copas",
    "cumulative",
    "direction_counts",
    "diversity",
    "effect_direction",
    "effect_sizes",
    "excess_significance_test",
    "failsafe_n",
    "freeman_tukey_inverse",
    "glmm",
    "gosh",
    "harbord_test",
    "hazard_ratio",
    "hedges_factor",
    "heterogeneity_power",
    "influence",
    "leave_one_out",
    "limit_meta",
    "log_ratio_variance",
    "mantel_haenszel",
    "mean_difference",
    "meta_regression",
    "missing_data",
    "moderator_power",
    "multilevel",
    "network",
    "network_contributions",
    "network_decomposition",
    "network_ranks",
    "network_splits",
    "nnt",
    "p_curve",
    "paired_from_phi",
    "paired_interval",
    "paired_mean_difference",
    "paired_mean_range",
    "paired_range",
    "paired_ratio_interval",
    "paired_test",
    "permutation_test",
    "pet_peese",
    "peters_test",
    "peto",
    "planned_variance",
    "pool",
    "power",
    "proportion_interval",
    "random_effects",
    "rank_test",
    "regression_test",
    "required_information_size",
    "robust",
    "robust_test",
    "sampling_covariance",
    "sd_from_interval",
    "sd_from_se",
    "selection_model",
    "shared_control_covariance",
    "subgroup",
    "tau2_interval",
    "trim_and_fill",
    "two_proportion_interval",
    "two_proportion_test",
    "use_compiled",
    "variance_interval",
]

_HOMES = {
    "bias.asymmetry": ("RankTest", "RegressionTest", "rank_test", "regression_test"),
    "bias.copas": ("Copas", "copas"),
    "bias.counts_asymmetry": ("harbord_test", "peters_test"),
    "bias.excess": ("ExcessSignificance", "excess_significance_test"),
    "bias.failsafe": ("FailsafeN", "failsafe_n"),
    "bias.filling": ("TrimAndFill", "trim_and_fill"),
    "bias.limit": ("LimitMeta", "limit_meta"),
    "bias.precision_effect": ("PetPeese", "pet_peese"),
    "bias.selection": ("SelectionModel", "selection_model"),
    "bias.significant_p": ("PCurve", "p_curve"),
    "directions": ("EffectDirection", "direction_counts", "effect_direction"),
    "effects.back": ("FreemanTukeyInverse", "back_transform", "freeman_tukey_inverse"),
    "effects.effect_sizes": ("EffectSizes", "effect_sizes"),
    "effects.hedges": ("hedges_factor",),
    "hazard": ("HazardRatio", "hazard_ratio"),
    "information_size": ("InformationSize", "required_information_size"),
    "means": (
        "MeanDifference",
        "PairedMeanRange",
        "mean_difference",
        "paired_mean_difference",
        "paired_mean_range",
        "sd_from_interval",
        "sd_from_se",
    ),
    "missing": ("MissingData", "missing_data"),
    "models.count_models": ("CountModel", "glmm"),
    "models.dependence": ("sampling_covariance", "shared_control_covariance"),
    "models.mixed": ("MultilevelFit", "multilevel"),
    "models.network_arms": ("Contrasts", "contrasts"),
    "models.network_designs": ("NetworkDecomposition", "network_decomposition"),
    "models.network_evidence": (
        "NetworkContributions",
        "NetworkSplits",
        "network_contributions",
        "network_splits",
    ),
    "models.network_model": ("NetworkMeta", "network"),
    "models.network_ranking": ("NetworkRanks", "network_ranks"),
    "models.predicted_effects": ("RandomEffects", "random_effects"),
    "models.sandwich": ("RobustFit", "cluster_robust", "robust", "robust_test"),
    "models.variance_profile": ("variance_interval",),
    "p_values": ("CombinedP", "combine_p"),
    "planning": (
        "Power",
        "diversity",
        "heterogeneity_power",
        "moderator_power",
        "planned_variance",
        "power",
    ),
    "pooling.acceleration": ("use_compiled",),
    "pooling.accumulating": ("cumulative",),
    "pooling.influence": ("Influence", "influence"),
    "pooling.leaving": ("RefittedEffects", "leave_one_out"),
    "pooling.pool": ("PooledEffect", "pool"),
    "pooling.regression": ("MetaRegression", "meta_regression"),
    "pooling.stratified": ("StratifiedEffect", "mantel_haenszel", "peto"),
    "pooling.subgroups": ("Subgroups", "subgroup"),
    "pooling.tau2_limits": ("Tau2Interval", "tau2_interval"),
    "resampling.bootstrapping": ("Bootstrap", "bootstrap"),
    "resampling.permutations": ("PermutationTest", "permutation_test"),
    "resampling.subsets": ("SubsetEffects", "gosh"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load what is asked for; a subpackage is a name as well."""
    if name == "convert":
        return importlib.import_module("evsyn.stats.convert")
    if name not in _HOME:
        raise AttributeError(f"module 'evsyn.stats' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"evsyn.stats.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
