"""Rows in blocks that do not depend on each other."""

from __future__ import annotations

import numpy as np

from evsyn.stats.models.dependent_rows import connected, stacked


def test_groups_and_covariances_connect() -> None:
    v = np.eye(6)
    v[0, 5] = v[5, 0] = 0.1
    found = connected(6, [np.array([0, 0, 1, 2, 3, 3])], v)
    assert found.tolist() == [0, 0, 1, 2, 0, 0]


def test_crossed_groups_connect_in_chains() -> None:
    one, other = np.array([0, 0, 1, 1, 2, 2, 3]), np.array([0, 1, 1, 2, 2, 3, 4])
    assert connected(7, [one, other], np.ones(7)).tolist() == [0] * 6 + [1]
    turned = connected(7, [3 - one, 4 - other], np.ones(7))
    assert turned.tolist() == [0] * 6 + [1]


def test_random_graphs_agree_with_a_walk() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        k = int(rng.integers(1, 40))
        groups = [np.unique(rng.integers(0, k, k), return_inverse=True)[1] for _ in range(2)]
        found = connected(k, groups, np.ones(k))
        near = sum((codes[:, None] == codes).astype(int) for codes in groups) > 0
        reach = np.linalg.matrix_power(near.astype(float), k) > 0
        np.testing.assert_array_equal(found[:, None] == found, reach)


def test_stacks_hold_every_row_once() -> None:
    rng = np.random.default_rng(6)
    for blocks in (3, 900):
        block = np.unique(rng.zipf(1.6, 2000) % blocks, return_inverse=True)[1]
        stacks = stacked(block)
        rows = np.concatenate([stack[stack >= 0] for stack in stacks])
        assert sorted(rows.tolist()) == list(range(len(block)))
        for stack in stacks:
            for line in stack:
                assert len(set(block[line[line >= 0]])) == 1
    assert stacked(np.zeros(0, dtype=np.int64)) == []
