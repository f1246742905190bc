"""Results of conversions are frozen and say what they assume."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from evsyn.stats import convert
from evsyn.stats.convert.results import Converted, ConvertedEffect


def test_results_cannot_be_changed():
    found = Converted(np.float64(1.0), "a sentence", np.array("", dtype=object))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.value = 2.0
    effect = ConvertedEffect(np.zeros(1), np.ones(1), "SMD", "a sentence", np.array([""]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        effect.yi = 2.0


@pytest.mark.parametrize(
    "found",
    [
        convert.sd_of_change(1.0, 1.0, r=0.5),
        convert.correlation_from_sds(1.0, 1.0, 1.0),
        convert.combine_groups([1.0, 2.0], 1.0, 5),
        convert.se_from_interval(1.0, 2.0),
        convert.se_from_p(1.0, 0.1),
        convert.effect_from_interval(1.0, 2.0, scale="log"),
        convert.mean_sd_from_quantiles(5.0, 20, q1=4.0, q3=6.0),
        convert.d_to_log_or(0.5, 0.1),
        convert.log_or_to_d(0.5, 0.1, factor="cox"),
        convert.d_to_r(0.5, 0.1),
        convert.r_to_d(0.5, 0.1),
        convert.d_from_t(2.0, 10, 10),
        convert.d_from_f(2.0, 10, 10, sign=1),
        convert.d_from_p(0.2, 10, 10, sign=1),
        convert.d_from_paired_t(2.0, 10, r=0.5),
        convert.r_from_t(2.0, 10),
        convert.r_from_chi2(2.0, 10, sign=1),
        convert.log_moments(2.0, 1.0),
        convert.raw_moments(2.0, 1.0),
        convert.counts_from_percentage("50", 10),
    ],
    ids=lambda found: type(found).__name__,
)
def test_every_conversion_says_what_it_assumes(found):
    assert len(found.assumes.split()) >= 4
    assert not found.assumes.endswith(".")
    assert found.reason == ""


def test_public_names_are_sorted_and_there():
    assert convert.__all__ == sorted(convert.__all__)
    for name in convert.__all__:
        assert hasattr(convert, name)
