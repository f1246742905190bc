from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.resampling.bootstrapping import bootstrap
from evsyn.stats.resampling.chunks import BLOCK, blocks, checked_count, mapped, seeded
from evsyn.stats.resampling.permutations import permutation_test
from evsyn.stats.resampling.subsets import gosh


class Future:
    def __init__(self, value: int) -> None:
        self.value = value

    def result(self) -> int:
        return self.value


class Client:
    """Stands in for a cluster's client: its map gives futures."""

    def map(self, function, tasks):  # type: ignore[no-untyped-def]
        return [Future(function(task)) for task in tasks]

    def gather(self, futures):  # type: ignore[no-untyped-def]
        return [future.result() for future in futures]


@pytest.mark.parametrize("kind", ["here", "threads", "processes", "client"])
def test_results_come_in_order_wherever_they_are_computed(kind: str) -> None:
    tasks, shares = list(range(-20, 0)), []
    executors = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}
    if kind in executors:
        with executors[kind](2) as executor:
            found = list(mapped(abs, tasks, executor=executor, progress=shares.append))
    else:
        executor = Client() if kind == "client" else None
        found = list(mapped(abs, tasks, executor=executor, progress=shares.append))
    assert found == list(range(20, 0, -1))
    np.testing.assert_allclose(shares, np.arange(1, 21) / 20)


def test_work_starts_only_when_it_is_asked_for() -> None:
    done: list[int] = []
    results = mapped(done.append, [1, 2, 3])
    assert done == []
    next(results)
    assert done == [1]


def test_an_interruption_passes() -> None:
    def stop(task: int) -> int:
        if task == 1:
            raise KeyboardInterrupt
        return task

    results = mapped(stop, [0, 1, 2])
    assert next(results) == 0
    with pytest.raises(KeyboardInterrupt):
        next(results)


@pytest.mark.parametrize(("total", "width"), [(0, 3), (1, 3), (3, 3), (10, 3)])
def test_blocks_cover_everything_once(total: int, width: int) -> None:
    parts = blocks(total, width)
    assert [i for start, end in parts for i in range(start, end)] == list(range(total))
    assert all(end - start <= width for start, end in parts)


def test_seeds_of_blocks_are_apart_and_repeat() -> None:
    first, again = seeded(5, 3 * BLOCK + 1), seeded(5, 3 * BLOCK + 1)
    states = [seed.generate_state(4).tolist() for seed, _ in first]
    assert states == [seed.generate_state(4).tolist() for seed, _ in again]
    assert len({tuple(state) for state in states}) == 4
    assert [count for _, count in first] == [BLOCK, BLOCK, BLOCK, 1]
    # More replicates begin with the same ones.
    assert states[:2] == [seed.generate_state(4).tolist() for seed, _ in seeded(5, 2 * BLOCK)]


def test_a_seed_sequence_is_not_used_up() -> None:
    source = np.random.SeedSequence(9)
    once, twice = (seeded(source, 10)[0][0].generate_state(2).tolist() for _ in range(2))
    assert once == twice
    assert source.n_children_spawned == 0


def test_no_seed_gives_others_each_time() -> None:
    first, second = (seeded(None, 1)[0][0].generate_state(4).tolist() for _ in range(2))
    assert first != second


@pytest.mark.parametrize("seed", ["one", -1, 1.5])
def test_what_is_no_seed(seed: object) -> None:
    with pytest.raises(StatsError, match="is no seed; give a whole number"):
        seeded(seed, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, -3, 2.5, float("nan"), float("inf"), "10", None, True])
def test_what_is_no_count(value: object) -> None:
    with pytest.raises(StatsError, match=r"replicates=.* is not allowed; give a whole number, 1"):
        checked_count("replicates", value)


@pytest.mark.parametrize("value", [7, 7.0, np.int64(7)])
def test_counts(value: object) -> None:
    assert checked_count("subsets", value) == 7


@pytest.mark.filterwarnings("default")  # of the cluster's own libraries
def test_a_cluster_gives_the_same() -> None:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    source = np.random.default_rng(1)  # synthetic
    vi = source.uniform(0.02, 0.5, 14)
    yi = source.normal(0.3, np.sqrt(vi + 0.1))
    drawn: dict[str, Any] = {"exact": False, "permutations": 9000, "seed": 3}
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with (
        distributed.LocalCluster(dashboard_address=None, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        far = [
            gosh(yi, vi, executor=client).tau2,
            bootstrap(yi, vi, replicates=9000, seed=2, executor=client).tau2,
            permutation_test(
                yi, vi, exact=False, permutations=9000, seed=3, executor=client
            ).p_value,
        ]
    here = [
        gosh(yi, vi).tau2,
        bootstrap(yi, vi, replicates=9000, seed=2).tau2,
        permutation_test(yi, vi, **drawn).p_value,
    ]
    for one, other in zip(far, here, strict=True):
        np.testing.assert_array_equal(one, other)
