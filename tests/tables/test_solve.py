from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from evsyn.tables.solve import Constraint, meet, solve


def part(name: str, *values: int, cut: Any = None, hard: bool = False) -> Constraint:
    """A synthetic constraint: rounded values, and those admitted with truncation besides."""
    rounded = frozenset(values)
    return Constraint((), rounded, rounded | frozenset(cut or ()), hard=hard, text=name)


ANY = Constraint((), None, None, hard=False, text="any")


def test_nothing_bounds_nothing() -> None:
    for parts in ([], [ANY]):
        assert solve(parts).values is None
    assert meet([ANY], truncated=False) is None


def test_sets_are_intersected() -> None:
    found = solve([part("A", 15, 30), ANY, part("B", 15, 45)])
    assert (found.values, found.mode, found.dropped) == ({15}, "rounded", ())
    assert [one.text for one in found.used] == ["A", "any", "B"]


def test_rounding_comes_before_truncation() -> None:
    both = [part("A", 15, cut=[16]), part("B", 15, cut=[16])]
    assert solve(both).values == {15}
    cut = [part("A", 15, cut=[16]), part("B", 17, cut=[16])]
    assert (solve(cut).values, solve(cut).mode, solve(cut).dropped) == ({16}, "truncated", ())


def test_truncation_comes_before_dropping() -> None:
    found = solve([part("A", 15), part("B", 15), part("C", 20, cut=[15])])
    assert (found.values, found.mode, found.dropped) == ({15}, "truncated", ())


def test_the_misfit_is_dropped() -> None:
    found = solve([part("A", 15, 30), part("B", 16), part("C", 15)])
    assert (found.values, found.mode) == ({15}, "rounded")
    assert [one.text for one in found.dropped] == ["B"]
    assert [one.text for one in found.used] == ["A", "C"]
    assert found.disputed == ()


def test_a_percentage_that_fits_nothing_is_dropped() -> None:
    found = solve([part("A"), part("B", 15)])
    assert (found.values, [one.text for one in found.dropped]) == ({15}, ["A"])
    alone = solve([part("A"), ANY])
    assert (alone.values, [one.text for one in alone.dropped]) == (None, ["A"])


def test_among_equal_choices_none_is_taken() -> None:
    for parts in permutations([part("A", 15), part("B", 16), part("C", 15, 16)]):
        found = solve(parts)
        assert found.values == {15, 16}
        assert {one.text for one in found.disputed} == {"A", "B"}
        assert found.dropped == ()


def test_dropping_as_rounded_comes_before_dropping_as_truncated() -> None:
    found = solve([part("A", 15, cut=[16]), part("B", 15, cut=[16]), part("C", 20)])
    assert (found.values, found.mode) == ({15}, "rounded")


def test_fewer_are_dropped_if_truncation_helps() -> None:
    found = solve([part("A", 15), part("B", 14, cut=[15]), part("C", 13), part("D", 15)])
    assert (found.values, found.mode) == ({15}, "truncated")
    assert [one.text for one in found.dropped] == ["C"]


def test_a_printed_total_is_never_dropped() -> None:
    found = solve([part("n", 15, hard=True), part("A", 16), part("B", 16)])
    assert (found.values, [one.text for one in found.dropped]) == ({15}, ["A", "B"])


def test_printed_totals_that_differ_leave_nothing() -> None:
    found = solve([part("n", 15, hard=True), part("m", 16, hard=True), part("A", 15)])
    assert (found.values, found.dropped, len(found.used)) == (frozenset(), (), 3)


def test_many_misfits_take_no_time() -> None:
    """Every choice of 40 misfits would be a million million: the votes are counted instead."""
    found = solve([part(f"{n}", n) for n in range(1, 41)] + [part("A", 100), part("B", 100)])
    assert found.values == {100}
    assert len(found.dropped) == 40


@pytest.mark.parametrize("truncated", [False, True])
def test_admitted_by_reading(truncated: bool) -> None:
    one = part("A", 15, cut=[16])
    assert one.admitted(truncated=truncated) == ({15, 16} if truncated else {15})
    assert not one.assumed
