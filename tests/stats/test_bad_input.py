"""Every public function refuses what it cannot use, in words, and never with a bare error."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from evsyn import stats
from evsyn.errors import StatsError

K = 12
RNG = np.random.default_rng(5)  # synthetic numbers
Y, V = RNG.normal(size=K).tolist(), RNG.uniform(0.05, 0.3, K).tolist()
A, C, N = [3, 4, 5, 6, 2, 8, 1, 7, 5, 6, 3, 4], [5, 3, 6, 8, 4, 7, 2, 9, 6, 5, 4, 6], [20] * K
G = [at // 3 for at in range(K)]
EFFECTS = {"yi": Y, "vi": V}
ARMS = {"events_e": A, "n_e": N, "events_c": C, "n_c": N}
PAIRS = {"both": [5, 6], "only_e": [3, 2], "only_c": [1, 4], "neither": [6, 7]}
MARGINS = {"events_e": [8], "events_c": [6], "n": [15]}
MEANS = {"mean_e": [1.0], "sd_e": [1.0], "mean_c": [2.0], "sd_c": [1.0]}
TRIALS = {"study": ["a", "b", "c"], "treat_e": ["m", "p", "p"], "treat_c": ["x", "m", "x"]}
TABLES = {"study": ["a", "a", "b", "b"], "treatment": ["x", "y"] * 2}
GROUPS = {"n_e": 20, "n_c": 20}
QUANTILES = {"median": 5.0, "n": 40, "q1": 3.0, "q3": 7.0}

CALLS = {
    "back_transform": {"value": [0.1, 0.2], "measure": "RR"},
    "cluster_robust": {"yi": Y, "V": V, "cluster": G},
    "combine_p": {"p": [0.01, 0.2, 0.3]},
    "contrasts": {"measure": "OR", **TABLES, "events": [1, 2, 3, 4], "n": [10] * 4},
    "copas": EFFECTS,
    "cumulative": EFFECTS,
    "direction_counts": {"yi": Y},
    "diversity": {"vi": V, "tau2": 0.1},
    "effect_direction": {"positive": 8, "negative": 2},
    "effect_sizes": {"measure": "RR", **ARMS},
    "excess_significance_test": EFFECTS,
    "failsafe_n": EFFECTS,
    "freeman_tukey_inverse": {"value": [0.9, 1.0], "n": [10, 20]},
    "glmm": {"measure": "OR", "method": "EE", **ARMS},
    "harbord_test": ARMS,
    "hazard_ratio": {"o_minus_e": [-3.0], "v": [12.0]},
    "hedges_factor": {"df": [10]},
    "heterogeneity_power": {"vi": V, "tau2": 0.1},
    "influence": EFFECTS,
    "leave_one_out": EFFECTS,
    "limit_meta": EFFECTS,
    "log_ratio_variance": {"both": [5], "only_e": [3], "only_c": [2]},
    "mantel_haenszel": ARMS,
    "mean_difference": {**MEANS, "n_e": [10], "n_c": [10]},
    "meta_regression": {**EFFECTS, "mods": list(range(K))},
    "missing_data": {**ARMS, "missing_e": [1] * K, "missing_c": [1] * K},
    "moderator_power": {"effect": 0.3, "vi": V, "moderator": list(range(K))},
    "multilevel": {"yi": Y, "V": V, "groups": G},
    "network": {"yi": [-1.9, 0.16, -1.3], "vi": [0.02, 0.0072, 0.0161], **TRIALS, "method": "EE"},
    "nnt": ARMS,
    "p_curve": {"statistic": [2.1, 2.5, 3.0, 1.0, 2.2]},
    "paired_from_phi": {**MARGINS, "phi": [0.2]},
    "paired_interval": PAIRS,
    "paired_mean_difference": {**MEANS, "n": [10], "r": [0.5]},
    "paired_mean_range": {**MEANS, "n": [10]},
    "paired_range": MARGINS,
    "paired_ratio_interval": PAIRS,
    "paired_test": PAIRS,
    "pet_peese": EFFECTS,
    "peters_test": ARMS,
    "peto": ARMS,
    "planned_variance": {"measure": "RR", "n_e": [50], "n_c": [50], "effect": -0.2, "risk_c": 0.3},
    "pool": EFFECTS,
    "power": {"effect": 0.3, "vi": V},
    "proportion_interval": {"events": A, "n": N},
    "rank_test": EFFECTS,
    "regression_test": EFFECTS,
    "required_information_size": {"difference": 1.0, "sd": 2.0},
    "sampling_covariance": {"vi": V, "cluster": G, "r": 0.5},
    "selection_model": {**EFFECTS, "steps": [0.025]},
    "subgroup": {**EFFECTS, "groups": G},
    "tau2_interval": EFFECTS,
    "trim_and_fill": EFFECTS,
    "two_proportion_interval": {**ARMS, "measure": "RD"},
    "two_proportion_test": ARMS,
    "convert.combine_groups": {"mean": [1.0, 2.0], "sd": [1.0, 1.0], "n": [10, 20]},
    "convert.correlation_from_sds": {"sd_pre": 1.0, "sd_post": 1.0, "sd_change": 1.0},
    "convert.counts_from_percentage": {"percentage": [23.0], "n": [40], "decimals": 0},
    "convert.d_from_f": {"f": 4.0, **GROUPS, "sign": 1},
    "convert.d_from_p": {"p_value": 0.03, **GROUPS, "sign": 1},
    "convert.d_from_paired_t": {"t": 2.0, "n": 20, "r": 0.5},
    "convert.d_from_t": {"t": 2.0, **GROUPS},
    "convert.d_to_log_or": EFFECTS,
    "convert.d_to_r": {**EFFECTS, "n_e": N, "n_c": N},
    "convert.effect_from_interval": {"ci_lb": 1.0, "ci_ub": 2.0},
    "convert.log_moments": {"mean": 2.0, "sd": 1.0},
    "convert.log_or_to_d": EFFECTS,
    "convert.mean_sd_from_quantiles": QUANTILES,
    "convert.quantile_skewness": QUANTILES,
    "convert.r_from_chi2": {"chi2": 3.0, "n": 40, "sign": 1},
    "convert.r_from_t": {"t": 2.0, "n": 40},
    "convert.r_to_d": {"yi": 0.3, "vi": 0.01, **GROUPS},
    "convert.raw_moments": {"mean": 0.5, "sd": 0.4},
    "convert.sd_from_interval": {"ci_lb": 1.0, "ci_ub": 2.0, "n": 20, "mean": 1.5},
    "convert.sd_from_se": {"se": 1.0, "n": 20},
    "convert.sd_of_change": {"sd_pre": 1.0, "sd_post": 1.0, "r": 0.5},
    "convert.se_from_interval": {"ci_lb": 1.0, "ci_ub": 2.0},
    "convert.se_from_p": {"estimate": 1.0, "p_value": 0.03},
}
ELSEWHERE = {  # they take a fit, or resample, and have such tests beside their own
    "bootstrap",
    "gosh",
    "network_contributions",
    "network_decomposition",
    "network_ranks",
    "network_splits",
    "permutation_test",
    "random_effects",
    "robust",
    "robust_test",
    "shared_control_covariance",
    "use_compiled",
    "variance_interval",
}
LABELS = {"cluster", "groups", "study", "treatment", "treat_e", "treat_c"}  # texts may name them
OWN_WORDS = {"mods", "steps"}  # none of them may be meant, or is refused otherwise
WORDS = "abc"
RAGGED = [[1, 2], [3]]


def function(name):
    home, _, last = name.rpartition(".")
    return getattr(getattr(stats, home) if home else stats, last)


def faults():
    """Each argument of the call replaced by what cannot be meant, and options by nonsense."""
    for name, call in CALLS.items():
        options = inspect.signature(function(name)).parameters
        for argument in call:
            yield name, argument, RAGGED
            if argument not in LABELS:
                yield name, argument, WORDS
        for option in {"level", "method", "test", "force", "alternative", "measure"} & set(options):
            if (name, option) not in {("regression_test", "method"), ("regression_test", "test")}:
                yield name, option, "nonsense"  # of `regression_test` for model="rma" alone


EMPTIES = [
    (name, argument)
    for name, call in CALLS.items()
    for argument, value in call.items()
    if not isinstance(value, str)
]
CASES = sorted(faults(), key=lambda case: (case[0], case[1], str(case[2])))


def test_every_public_function_is_here():
    public = {name for name in stats.__all__ if inspect.isfunction(getattr(stats, name))}
    inner = {f"convert.{name}" for name in stats.convert.__all__}
    inner = {name for name in inner if inspect.isfunction(function(name))}
    same = {name for name in public if f"convert.{name}" in inner}
    assert public - same | inner == set(CALLS) | (ELSEWHERE & public)


@pytest.mark.parametrize("name", CALLS)
def test_the_call_is_good_as_it_stands(name):
    function(name)(**CALLS[name])


@pytest.mark.parametrize(("name", "argument", "bad"), CASES, ids=lambda part: str(part))
def test_bad_input_is_refused(name, argument, bad):
    with pytest.raises(StatsError) as caught:
        function(name)(**{**CALLS[name], argument: bad})
    assert str(caught.value)


@pytest.mark.parametrize("empty", [[], np.empty((0, 2)), np.empty((2, 0))], ids=["0", "0x2", "2x0"])
@pytest.mark.parametrize(("name", "argument"), EMPTIES)
def test_an_empty_argument_is_refused_by_name(name, argument, empty):
    words = f"{argument} is empty; give one study or more"
    with pytest.raises(StatsError, match=None if argument in LABELS | OWN_WORDS else words):
        function(name)(**{**CALLS[name], argument: empty})


@pytest.mark.parametrize("name", CALLS)
def test_empty_data_are_refused(name):
    empty = {
        argument: value if isinstance(value, str) or argument in OWN_WORDS else []
        for argument, value in CALLS[name].items()
    }
    with pytest.raises(StatsError, match="is empty; give one study or more"):
        function(name)(**empty)


@pytest.mark.parametrize("name", ["pool", "subgroup", "cumulative", "influence", "leave_one_out"])
@pytest.mark.parametrize("bad", [{"vi": [*V[:-1], -0.1]}, {"yi": [*Y[:-1], np.inf]}])
def test_a_single_analysis_has_no_number(name, bad):
    with pytest.raises(StatsError, match=r"^study 11: [yv]i=") as caught:
        function(name)(**{**CALLS[name], **bad})
    assert "analysis" not in str(caught.value)
