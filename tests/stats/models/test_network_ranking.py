"""Ranks by simulation: their expectation is the P-score, which needs none."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._special import ndtr
from evsyn.stats.models.network_model import network
from evsyn.stats.models.network_ranking import network_ranks


def synthetic(small_values="good", reference=None):
    return network(
        [0.2, 0.5, 0.1, -0.3, 0.2],
        [0.04, 0.09, 0.05, 0.02, 0.06],
        treat_e=list("BCDDC"),
        treat_c=list("AABAB"),
        study=range(5),
        method="EE",
        small_values=small_values,
        reference=reference,
    )


@pytest.mark.parametrize("small_values", ["good", "bad"])
@pytest.mark.parametrize("reference", [None, "C"])
def test_sucra_is_the_p_score_but_for_chance(small_values, reference):
    fit = synthetic(small_values, reference)
    ranks = network_ranks(fit, draws=400_000, seed=7)
    np.testing.assert_allclose(ranks.sucra, fit.p_score, atol=0.003)


def test_probabilities_are_those_of_a_two_treatment_network():
    fit = network([0.3], [0.04], treat_e=["B"], treat_c=["A"], study=[1], method="EE")
    ranks = network_ranks(fit, draws=400_000, seed=3)
    best = float(ndtr(0.3 / 0.2))  # A is smaller, hence better
    np.testing.assert_allclose(ranks.probability, [[best, 1 - best], [1 - best, best]], atol=0.003)
    np.testing.assert_allclose(fit.p_score, [best, 1 - best], rtol=1e-12)


def test_sums():
    ranks = network_ranks(synthetic(), draws=1000, seed=0)
    np.testing.assert_allclose(ranks.probability.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.probability.sum(axis=1), 1)
    np.testing.assert_allclose(ranks.cumulative[:, -1], 1)
    assert ranks.mean_rank.sum() == pytest.approx(10)
    # SUCRA as it is defined, from the cumulative probabilities.
    np.testing.assert_allclose(ranks.sucra, ranks.cumulative[:, :-1].mean(axis=1))


def test_seed_decides_and_chunks_do_not(monkeypatch):
    one, two = (network_ranks(synthetic(), draws=5000, seed=11) for _ in range(2))
    np.testing.assert_array_equal(one.probability, two.probability)
    other = network_ranks(synthetic(), draws=5000, seed=12)
    assert (one.probability != other.probability).any()
    monkeypatch.setattr("evsyn.stats.models.network_ranking.CHUNK", 4000)
    split = network_ranks(synthetic(), draws=5000, seed=11)
    np.testing.assert_array_equal(one.probability, split.probability)
    assert (split.draws, split.seed) == (5000, 11)


@pytest.mark.parametrize("draws", [0, -1, 1.5, True, "many"])
def test_draws_are_checked(draws):
    with pytest.raises(StatsError, match="draws="):
        network_ranks(synthetic(), draws=draws)
