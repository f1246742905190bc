"""Bad input to every public function: refused with position and value, never computed with.

``CALLS`` holds good arguments of each function (synthetic where they are data); what is bad is made
of them: a text, an infinity, a negative count, a column too short, no study at all.
"""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from evsyn import stats
from evsyn.errors import StatsError
from evsyn.stats import convert

YI, VI = np.linspace(-0.8, 0.5, 12) ** 3, np.linspace(0.05, 0.4, 12)
E, N_E = np.arange(3, 15), np.full(12, 60)
C, N_C = np.arange(5, 17), np.full(12, 62)
ARMS = {"events_e": E, "n_e": N_E, "events_c": C, "n_c": N_C}
EFFECTS = {"yi": YI, "vi": VI}
PAIRS = {"both": E, "only_e": E + 1, "only_c": C, "neither": N_C}
MEANS = {"mean_e": YI, "sd_e": VI, "n_e": N_E, "mean_c": YI + 1, "sd_c": VI * 2, "n_c": N_C}
CLUSTER = np.repeat(["a", "b", "c", "d"], 3)

# Good arguments; a function of a model's fit, a code or a single number has none that is a column.
CALLS = {
    "back_transform": {"value": YI, "measure": "RR"},
    "cluster_robust": {"yi": YI, "V": VI, "cluster": CLUSTER},
    "combine_p": {"p": VI},
    "copas": EFFECTS,
    "cumulative": EFFECTS,
    "direction_counts": {"yi": YI},
    "diversity": {"vi": VI, "tau2": 0.1},
    "effect_sizes": {"measure": "OR", **ARMS},
    "excess_significance_test": EFFECTS,
    "failsafe_n": EFFECTS,
    "freeman_tukey_inverse": {"value": 0.4, "n": N_E},
    "glmm": {"measure": "OR", **ARMS},
    "gosh": EFFECTS,
    "harbord_test": ARMS,
    "hazard_ratio": {"o_minus_e": YI, "v": VI * 10},
    "hedges_factor": {"df": N_E},
    "heterogeneity_power": {"vi": VI, "tau2": 0.1},
    "influence": EFFECTS,
    "leave_one_out": EFFECTS,
    "limit_meta": EFFECTS,
    "log_ratio_variance": {"both": E, "only_e": E + 1, "only_c": C},
    "mantel_haenszel": ARMS,
    "mean_difference": MEANS,
    "meta_regression": {**EFFECTS, "mods": np.arange(12.0)},
    "missing_data": {
        "events_e": E,
        "n_e": N_E,
        "missing_e": np.ones(12),
        "events_c": C,
        "n_c": N_C,
        "missing_c": np.ones(12),
    },
    "moderator_power": {"effect": 0.3, "vi": VI, "moderator": np.arange(12.0)},
    "multilevel": {"yi": YI, "V": VI, "groups": [CLUSTER, np.arange(12)]},
    "nnt": ARMS,
    "p_curve": {"statistic": np.linspace(2, 4, 12)},
    "paired_from_phi": {"events_e": E, "events_c": C, "n": N_E, "phi": VI},
    "paired_interval": PAIRS,
    "paired_mean_difference": {
        "mean_e": YI,
        "sd_e": VI,
        "mean_c": YI,
        "sd_c": VI,
        "n": N_E,
        "r": VI,
    },
    "paired_mean_range": {"mean_e": YI, "sd_e": VI, "mean_c": YI, "sd_c": VI, "n": N_E},
    "paired_range": {"events_e": E, "events_c": C, "n": N_E},
    "paired_ratio_interval": PAIRS,
    "paired_test": PAIRS,
    "permutation_test": EFFECTS,
    "pet_peese": EFFECTS,
    "peters_test": ARMS,
    "peto": ARMS,
    "pool": EFFECTS,
    "power": {"effect": 0.3, "vi": VI},
    "proportion_interval": {"events": E, "n": N_E},
    "rank_test": EFFECTS,
    "regression_test": EFFECTS,
    "sampling_covariance": {"vi": VI, "cluster": CLUSTER, "r": 0.5, "obs": None},
    "sd_from_interval": {"ci_lb": YI - 0.1, "ci_ub": YI + 0.1, "n": N_E, "mean": YI},
    "sd_from_se": {"se": VI, "n": N_E},
    "selection_model": {"yi": np.linspace(-0.1, 1.6, 12), "vi": VI},
    "subgroup": {**EFFECTS, "groups": CLUSTER},
    "tau2_interval": EFFECTS,
    "trim_and_fill": EFFECTS,
    "two_proportion_interval": {**ARMS, "measure": "RD"},
    "two_proportion_test": ARMS,
    "convert.combine_groups": {"mean": YI, "sd": VI, "n": N_E},
    "convert.correlation_from_sds": {"sd_pre": VI, "sd_post": VI, "sd_change": VI},
    "convert.counts_from_percentage": {"percentage": E * 5.0, "n": np.full(12, 20), "decimals": 0},
    "convert.d_from_f": {"f": VI * 10, "n_e": N_E, "n_c": N_C, "sign": 1},
    "convert.d_from_p": {"p_value": VI, "n_e": N_E, "n_c": N_C, "sign": 1},
    "convert.d_from_paired_t": {"t": YI, "n": N_E, "r": VI},
    "convert.d_from_t": {"t": YI, "n_e": N_E, "n_c": N_C},
    "convert.d_to_log_or": EFFECTS,
    "convert.d_to_r": EFFECTS,
    "convert.effect_from_interval": {"ci_lb": YI - 0.1, "ci_ub": YI + 0.1},
    "convert.log_moments": {"mean": VI, "sd": VI},
    "convert.log_or_to_d": EFFECTS,
    "convert.mean_sd_from_quantiles": {
        "median": YI,
        "n": N_E,
        "q1": YI - 0.3,
        "q3": YI + 0.4,
    },
    "convert.quantile_skewness": {"median": YI, "n": N_E, "q1": YI - 0.3, "q3": YI + 0.4},
    "convert.r_from_chi2": {"chi2": VI, "n": N_E, "sign": 1},
    "convert.r_from_t": {"t": YI, "n": N_E},
    "convert.r_to_d": EFFECTS,
    "convert.raw_moments": {"mean": YI, "sd": VI},
    "convert.sd_from_interval": {"ci_lb": YI - 0.1, "ci_ub": YI + 0.1, "n": N_E, "mean": YI},
    "convert.sd_from_se": {"se": VI, "n": N_E},
    "convert.sd_of_change": {"sd_pre": VI, "sd_post": VI, "r": VI},
    "convert.se_from_interval": {"ci_lb": YI - 0.1, "ci_ub": YI + 0.1},
    "convert.se_from_p": {"estimate": YI, "p_value": VI},
}

# Limits may be infinite, and the factor of infinitely many degrees of freedom is 1; without any
# degrees of freedom it is not defined.
TAKES_INFINITY = {("back_transform", "value"), ("hedges_factor", "df")}
UNDEFINED_BELOW_ZERO = {("hedges_factor", "df")}

# No study: these work on each study for itself, and answer an empty column with an empty one …
STUDY_BY_STUDY = {
    "back_transform",
    "effect_sizes",
    "hazard_ratio",
    "hedges_factor",
    "log_ratio_variance",
    "mean_difference",
    "missing_data",
    "nnt",
    "paired_from_phi",
    "paired_interval",
    "paired_mean_difference",
    "paired_mean_range",
    "paired_range",
    "paired_ratio_interval",
    "paired_test",
    "proportion_interval",
    "sd_from_interval",
    "sd_from_se",
    "two_proportion_interval",
    "two_proportion_test",
    *(name for name in CALLS if name.startswith("convert.") and name != "convert.combine_groups"),
}
# … and these answer with what is known of no study: nan with a reason, a count of 0.
TOLD_WITH_A_REASON = {
    "combine_p",
    "glmm",
    "heterogeneity_power",
    "mantel_haenszel",
    "moderator_power",
    "p_curve",
    "peto",
    "power",
}
COUNTED_AS_NONE = {"direction_counts", "diversity"}

# Tried by their own tests: they take a fit, other designs, or single numbers.
ELSEWHERE = {
    "contrasts": "arms of a network",
    "effect_direction": "three numbers",
    "network": "contrasts of a network",
    "network_contributions": "a fit",
    "network_decomposition": "a fit",
    "network_ranks": "a fit",
    "network_splits": "a fit",
    "planned_variance": "single numbers",
    "random_effects": "a fit",
    "required_information_size": "single numbers",
    "robust": "a fit",
    "robust_test": "a fit",
    "shared_control_covariance": "measures by clusters",
    "variance_interval": "a fit",
}

NOT_NEGATIVE = re.compile(
    r"(events|n|n_[ec]|vi|V|sd|sd_\w+|se|v|both|only_[ec]|neither|missing_[ec]|p|p_value|chi2|f|"
    r"percentage|df)$"
)
AT = 3  # position of the bad value, counted from 0 as the messages count
AT_PLACE = re.compile(rf"\b(study|row|effect) {AT}\b")
ANY_LABEL = {"cluster", "groups"}


def function(name):
    return getattr(convert if name.startswith("convert.") else stats, name.removeprefix("convert."))


def columns(name):
    """Arguments that are columns of numbers."""
    return [
        key
        for key, value in CALLS[name].items()
        if isinstance(value, np.ndarray) and key not in ANY_LABEL
    ]


EACH = [(name, key) for name in CALLS for key in columns(name)]


def refusal(name, arguments):
    with pytest.raises(StatsError) as caught:
        function(name)(**arguments)
    return str(caught.value)


def altered(name, key, value):
    column = np.array(CALLS[name][key], dtype=float)
    column[AT] = value
    return {**CALLS[name], key: column}


def test_every_public_function_is_tried():
    public = {name for name in stats.__all__ if inspect.isfunction(getattr(stats, name))}
    public |= {
        f"convert.{name}" for name in convert.__all__ if inspect.isfunction(getattr(convert, name))
    }
    assert public == set(CALLS) | set(ELSEWHERE)
    assert not set(CALLS) & set(ELSEWHERE)


@pytest.mark.parametrize("name", CALLS)
def test_good_arguments_are_taken(name):
    assert function(name)(**CALLS[name]) is not None


@pytest.mark.parametrize(("name", "key"), EACH)
def test_texts_are_refused(name, key):
    words = refusal(name, {**CALLS[name], key: ["a"] * 12})
    assert key in words
    assert "a" in words


@pytest.mark.parametrize(("name", "key"), [one for one in EACH if one not in TAKES_INFINITY])
def test_infinity_is_refused_with_its_position(name, key):
    words = refusal(name, altered(name, key, np.inf))
    assert AT_PLACE.search(words), words
    assert "inf" in words, words
    assert key in words or key == "mods", words  # a moderator goes by its position


@pytest.mark.parametrize(
    ("name", "key"),
    [one for one in EACH if NOT_NEGATIVE.match(one[1]) and one not in UNDEFINED_BELOW_ZERO],
)
def test_what_cannot_be_negative_is_refused_with_its_position(name, key):
    words = refusal(name, altered(name, key, -7))
    assert AT_PLACE.search(words), words
    assert f"{key}=-7" in words, words


@pytest.mark.parametrize(("name", "key"), [one for one in EACH if len(columns(one[0])) > 1])
def test_a_column_of_another_length_is_refused(name, key):
    words = refusal(name, {**CALLS[name], key: CALLS[name][key][:-1]})
    assert "11" in words, words


def without_studies(name):
    empty = {key: CALLS[name][key][:0] for key in columns(name)}
    labels = {
        key: [one[:0] for one in value] if isinstance(value, list) else value[:0]
        for key, value in CALLS[name].items()
        if key in ANY_LABEL
    }
    return {**CALLS[name], **empty, **labels}


@pytest.mark.parametrize(
    "name",
    [name for name in CALLS if name not in STUDY_BY_STUDY | TOLD_WITH_A_REASON | COUNTED_AS_NONE],
)
def test_no_study_is_refused(name):
    refusal(name, without_studies(name))


@pytest.mark.parametrize("name", sorted(STUDY_BY_STUDY))
def test_no_study_gives_no_value(name):
    found = function(name)(**without_studies(name))
    if isinstance(found, np.ndarray):
        assert found.size == 0
        return
    values = [getattr(found, key) for key in dir(found) if not key.startswith("_")]
    arrays = [value for value in values if isinstance(value, np.ndarray) and value.ndim]
    assert arrays
    assert all(value.size == 0 for value in arrays)


@pytest.mark.parametrize("name", sorted(TOLD_WITH_A_REASON))
def test_no_study_is_told_as_the_reason(name):
    assert str(function(name)(**without_studies(name)).reason).startswith("no ")


@pytest.mark.parametrize("name", sorted(COUNTED_AS_NONE))
def test_no_study_counts_as_none(name):
    assert np.all(np.nan_to_num(function(name)(**without_studies(name))) == 0)


@pytest.mark.parametrize(
    ("name", "key"),
    [one for one in EACH if one[1] in {"events", "events_e", "events_c"}],
)
def test_more_events_than_participants_are_refused(name, key):
    words = refusal(name, altered(name, key, 99))
    assert AT_PLACE.search(words), words
    assert "99" in words, words
