"""Ranges over every pairing that margins allow, and tables from an assumed correlation."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.literals import PairedMethod, PairedTest, choices
from evsyn.stats import (
    log_ratio_variance,
    paired_from_phi,
    paired_interval,
    paired_range,
    paired_ratio_interval,
    paired_test,
)
from evsyn.stats.paired_range import PairedRange

PAIRS = [f.name.removesuffix("_min") for f in fields(PairedRange) if f.name.endswith("_min")]


def test_two_against_nine_of_thirty():
    span = paired_range(2, 9, 30)
    assert (span.tables, span.both_min, span.both_max) == (3, 0, 2)
    assert span.p_value_min == pytest.approx(2 * 0.5**7, rel=1e-12)  # 0 v 7 discordant
    assert span.p_value_max == pytest.approx(0.0654296875, rel=1e-12)  # 2 v 9
    assert span.difference == pytest.approx(-7 / 30)
    assert span.ratio == pytest.approx(2 / 9)


def test_nobody_against_everybody_is_one_table():
    span = paired_range(0, 25, 25)
    assert span.tables == 1
    assert span.p_value_min == span.p_value_max == pytest.approx(2 * 0.5**25, rel=1e-12)
    assert span.ci_ub_min == span.ci_ub_max
    assert np.isnan(span.phi_min)


def test_eighteen_against_ten_of_twenty():
    span = paired_range(18, 10, 20)
    assert round(float(span.p_value_min), 4) == 0.0078
    assert round(float(span.p_value_max), 4) == 0.0386
    assert span.ratio == 1.8
    assert (span.odds_ratio_min, span.odds_ratio_max) == (5, np.inf)
    assert span.phi_min == pytest.approx(-1 / 3)
    assert span.phi_max == pytest.approx(1 / 3)
    assert span.log_ratio_vi_min == pytest.approx(8 / 180)
    assert span.log_ratio_vi_max == pytest.approx(12 / 180)


@pytest.mark.parametrize("interval", choices(PairedMethod))
@pytest.mark.parametrize("test", choices(PairedTest))
def test_every_statistic_over_every_table(interval, test):
    e, c, n = 7, 5, 11
    tables = [(a, e - a, c - a, n - e - c + a) for a in range(1, 6)]
    span = paired_range(e, c, n, interval=interval, test=test, ratio_interval="tang", level=0.9)
    assert (span.interval, span.test, span.ratio_interval, span.level) == (
        interval, test, "tang", 0.9,
    )  # fmt: skip
    assert span.tables == len(tables)
    difference = [paired_interval(*t, method=interval, level=0.9) for t in tables]
    ratio = [paired_ratio_interval(*t, method="tang", level=0.9) for t in tables]
    expected = {
        "both": [t[0] for t in tables],
        "p_value": [paired_test(*t, method=test).p_value for t in tables],
        "ci_lb": [x.ci_lb for x in difference],
        "ci_ub": [x.ci_ub for x in difference],
        "ratio_ci_lb": [x.ci_lb for x in ratio],
        "ratio_ci_ub": [x.ci_ub for x in ratio],
        "log_ratio_vi": [log_ratio_variance(*t[:3]) for t in tables],
        "odds_ratio": [t[1] / t[2] if t[2] else np.inf for t in tables],
        "phi": [(n * t[0] - e * c) / np.sqrt(e * (n - e) * c * (n - c)) for t in tables],
    }
    assert set(expected) == set(PAIRS)
    for name, values in expected.items():
        assert getattr(span, f"{name}_min") == pytest.approx(np.nanmin(values), rel=1e-12), name
        assert getattr(span, f"{name}_max") == pytest.approx(np.nanmax(values), rel=1e-12), name


def test_undefined_tables_do_not_count():
    # Equal margins: the table without discordant pairs has no chi-square; the others do.
    span = paired_range(3, 3, 10, test="mcnemar")
    assert span.tables == 4
    assert span.p_value_min == span.p_value_max == 1
    assert np.isnan(paired_range(0, 0, 10, test="mcnemar").p_value_max)


def test_shapes_missing_and_no_pairs():
    span = paired_range([[2, np.nan], [0, 1]], 1, 30)
    assert span.p_value_min.shape == (2, 2)
    assert np.isnan(span.tables[0, 1])
    assert np.isnan(span.difference[0, 1])
    empty = paired_range(0, 0, 0)
    for name in ("tables", "difference", "ratio", "p_value_min", "ci_ub_max", "both_min"):
        assert np.isnan(getattr(empty, name)), name


def test_ratio_without_events():
    assert paired_range(3, 0, 10).ratio == np.inf
    assert np.isnan(paired_range(0, 0, 10).ratio)
    assert np.isnan(paired_range(3, 0, 10).log_ratio_vi_max)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: paired_range(21, 9, 20), r"events_e=21 lies outside 0\.\.20"),
        (lambda: paired_range(1, [2, 9], 5), "study 1: events_c=9"),
        (lambda: paired_range(1.5, 2, 5), "events_e=1.5 is no count"),
        (lambda: paired_range(1, 2, 5, interval="fisher"), "interval='fisher'"),
        (lambda: paired_range(1, 2, 5, test="fisher"), "test='fisher'"),
        (lambda: paired_range(1, 2, 5, ratio_interval="katz"), "ratio_interval='katz'"),
        (lambda: paired_range(1, 2, 5, level=2), "level=2"),
        (lambda: paired_from_phi(18, 10, 20, -0.9), r"phi=-0.9 is impossible.*-0\.333 to 0\.333"),
        (lambda: paired_from_phi([18, 3], 10, 20, [0.1, 0.9]), "study 1: phi=0.9 is impossible"),
        (lambda: paired_from_phi(0, 10, 20, 1.5), "phi=1.5 is impossible.* -1.000 to 1.000"),
        (lambda: paired_from_phi([1, 2], 2, 5, [0, 0, 0]), "phi has the shape"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()


def test_table_nearest_to_phi():
    table = paired_from_phi(18, 10, 20, 0.0)
    assert (table.both, table.only_e, table.only_c, table.neither) == (9, 9, 1, 1)
    assert table.phi == 0
    assert paired_from_phi(18, 10, 20, 1 / 3).both == 10
    assert paired_from_phi(18, 10, 20, -1 / 3).both == 8


def test_of_two_equally_near_tables_the_one_with_fewer_pairs_of_both():
    # 1 and 1 of 2 at phi 0: 0.5 pairs with both.
    table = paired_from_phi(1, 1, 2, 0.0)
    assert (table.both, table.only_e, table.phi) == (0, 1, -1)


def test_one_possible_table_whatever_phi():
    for phi in (-1, 0, 0.7):
        table = paired_from_phi(0, 10, 20, phi)
        assert (table.both, table.only_e, table.only_c, table.neither) == (0, 0, 10, 10)
        assert np.isnan(table.phi)


def test_missing_values_give_no_table():
    table = paired_from_phi([3, np.nan, 0], [10, 10, 0], [20, 20, 0], [np.nan, 0.1, 0.1])
    for name in ("both", "only_e", "only_c", "neither", "phi"):
        assert np.isnan(getattr(table, name)).all(), name


def test_one_pair():
    span = paired_range([0, 1, 1], [0, 0, 1], 1)
    np.testing.assert_array_equal(span.tables, [1, 1, 1])
    np.testing.assert_array_equal(span.both_max, [0, 0, 1])
    np.testing.assert_array_equal(span.p_value_max, [1, 1, 1])
    np.testing.assert_array_equal(span.difference, [0, 1, 0])
