from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.tables.counts import fits, possible_counts, possible_sizes
from evsyn.tables.printed import Printed, read_printed


def share(printed: str) -> Printed:
    read = read_printed(printed, "percent")
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("printed", "n", "counts"),
    [
        ("90", 20, (18,)),
        ("90", 41, (37,)),
        ("90.0", 41, ()),
        ("71", 43, ()),
        ("93", 20, ()),
        ("95", 19, (18,)),
        ("90", 18, ()),
        ("90", 19, ()),
        ("90", 22, ()),
        ("50", 1, ()),
        ("0", 30, (0,)),
        ("0", 300, (0, 1)),  # 1 of 300 is 0.33 %
        ("100", 30, (30,)),
        ("100", 300, (299, 300)),
        ("none", 300, (0,)),
        ("all", 300, (300,)),
        ("half", 10, (5,)),
        ("half", 9, ()),
        ("12.5", 8, (1,)),
        ("43", 400, (170, 171, 172, 173, 174)),  # both ends: 42.5 % and 43.5 %
        ("3.33", 15, ()),
        ("86.6", 15, ()),
    ],
)
def test_counts_that_print_as_a_percentage(printed: str, n: int, counts: tuple[int, ...]) -> None:
    assert possible_counts(share(printed), n) == counts


@pytest.mark.parametrize(
    ("printed", "n", "counts"),
    [
        ("86.6", 15, (13,)),
        ("6.6", 15, (1,)),
        ("66", 15, (10,)),
        ("87", 15, (13,)),  # rounded still counts
        ("0", 150, (0, 1)),  # 0.67 % truncated
        ("50", 100, (50,)),  # 51 % is not truncated to 50
        ("all", 15, (15,)),
        ("none", 15, (0,)),
    ],
)
def test_counts_with_truncation_admitted(printed: str, n: int, counts: tuple[int, ...]) -> None:
    assert possible_counts(share(printed), n, truncated=True) == counts


@pytest.mark.parametrize(
    ("count", "n", "printed", "truncated", "expected"),
    [
        (1, 8, "12", False, True),  # 12.5 rounds to either side: closed ends
        (1, 8, "13", False, True),
        (1, 8, "14", False, False),
        (1, 8, "12", True, True),
        (1, 8, "11", True, False),
        (13, 15, "86.6", False, False),
        (13, 15, "86.6", True, True),
        (13, 15, "86.7", True, True),
        (87, 100, "86", True, False),  # the next value is not truncated to this one
        (16, 15, "100", False, False),
        (-1, 15, "0", False, False),
        (0, 15, "0", False, True),
        (15, 15, "100", False, True),
    ],
)
def test_fits(count: int, n: int, printed: str, truncated: bool, expected: bool) -> None:
    assert fits(count, n, share(printed), truncated=truncated) is expected


@pytest.mark.parametrize(
    ("printed", "count", "most", "sizes"),
    [
        ("43.8", 7, None, {16}),
        ("43.8", 7, 15, set()),
        ("66.7", 2, None, {3}),
        ("80", 12, None, {15}),
        ("80", 3, None, set()),
        ("50", 1, None, {2}),
        ("33", 1, None, {3}),
        ("3", 1, None, set(range(29, 41))),
        ("3", 1, 30, {29, 30}),
        ("all", 5, None, {5}),
        ("none", 5, None, set()),
        ("half", 5, None, {10}),
        ("0.0", 7, 15, set()),
        ("0", 1, 201, {200, 201}),
        ("13.6", None, 46, {22, 44}),
        ("91.8", None, 36, set()),
        ("0", None, 3, {1, 2, 3}),
        ("100", None, 3, {1, 2, 3}),
        ("50", None, 5, {2, 4}),
        ("0", 0, 3, {1, 2, 3}),
        ("10", 0, 3, set()),
        ("10", 0, None, set()),
    ],
)
def test_totals_that_admit_a_percentage(
    printed: str, count: int | None, most: int | None, sizes: set[int]
) -> None:
    assert possible_sizes(share(printed), count, most) == sizes


@pytest.mark.parametrize(("printed", "count"), [("43.8", None), ("0", 0), ("none", 0)])
def test_nothing_bounds_the_total(printed: str, count: int | None) -> None:
    assert possible_sizes(share(printed), count, None) is None


@pytest.mark.parametrize(
    ("printed", "count", "most", "sizes"),
    [
        ("86.6", None, 15, {15}),
        ("86.6", 13, None, {15}),
        ("50", 1, None, {2}),
        ("33", 1, None, {3}),
        ("3", 1, None, set(range(26, 41))),  # 1/25 is 4 %: the open end
        ("0.0", 1, None, set(range(1001, 100_001))),
    ],
)
def test_totals_with_truncation_admitted(
    printed: str, count: int | None, most: int | None, sizes: set[int]
) -> None:
    assert possible_sizes(share(printed), count, most, truncated=True) == sizes


def test_equal_numbers_of_other_precision_are_kept_apart() -> None:
    assert possible_sizes(share("90"), None, 41) != possible_sizes(share("90.0"), None, 41)
    assert possible_sizes(share("90"), 37, None) == {41, 42} - {42} | {41}
    assert possible_sizes(share("90.0"), 37, None) == set()


percentages = st.tuples(st.integers(0, 10_000), st.integers(0, 2)).map(
    lambda pair: f"{pair[0] / 100:.{pair[1]}f}"
)


@given(percentages, st.integers(1, 1500), st.booleans())
def test_sizes_and_counts_tell_the_same(printed: str, most: int, truncated: bool) -> None:
    sizes = possible_sizes(share(printed), None, most, truncated=truncated)
    assert sizes is not None
    near = {1, 2, 99, 100, 101, 999, 1000, 1001, most} & set(range(1, most + 1))
    for n in near:
        counts = possible_counts(share(printed), n, truncated=truncated)
        assert (n in sizes) == bool(counts)
        assert all(fits(x, n, share(printed), truncated=truncated) for x in counts)
        for x in counts[:2]:
            by_count = possible_sizes(share(printed), x, most, truncated=truncated)
            assert by_count is not None
            assert n in by_count


@given(st.integers(1, 200), st.data(), st.integers(0, 2))
def test_what_is_rounded_or_truncated_from_a_count_fits_it(
    n: int, data: st.DataObject, digits: int
) -> None:
    count = data.draw(st.integers(0, n))
    scaled, rest = divmod(100 * count * 10**digits, n)
    text = f"{scaled:0{digits + 1}d}"
    cut = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    assert count in possible_counts(share(cut), n, truncated=True)
    if 2 * rest <= n:
        assert count in possible_counts(share(cut), n)
