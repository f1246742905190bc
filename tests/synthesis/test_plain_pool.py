"""Meta-analysis of plain files: measures, methods by default, columns; synthetic unless said."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.errors import LedgerError, StatsError
from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.stats.models.count_models import glmm
from evsyn.stats.pooling.pool import pool
from evsyn.synthesis.declared import Asked
from evsyn.synthesis.layouts import POOLS
from evsyn.synthesis.plain_pool import plain_pool

BCG = Path(__file__).with_name("bcg.csv")
ONE = ("study,events,n", "A,4,50", "B,11,62", "C,0,40", "D,19,75")


@pytest.fixture
def file(tmp_path):
    def file(*lines):
        path = tmp_path / "data.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return file


def test_proportions_are_pooled_by_the_binomial_normal_model(file):
    (row,) = plain_pool(file(*ONE))
    own = glmm("PLO", events=[4, 11, 0, 19], n=[50, 62, 40, 75])
    assert (row.measure, row.method, row.test, row.transform) == ("PLO", "GLMM", "z", "expit")
    assert row.estimate == own.estimate
    assert row.natural["estimate"] == pytest.approx(own.natural().estimate)
    (other,) = plain_pool(file(*ONE), method="DL", measure="PLO")
    assert other.method == "DL"
    assert other.effects[2]["corrected"]


def test_freeman_tukey_only_on_request_and_with_its_warning(file):
    result = plain_pool(file(*ONE), measure="PFT")
    (row,) = result
    assert (row.method, row.transform) == ("REML", "Freeman-Tukey inverse")
    assert any("can mislead" in note for note in result.notes)
    assert 0 <= row.natural["estimate"] <= 1


def test_bcg_by_default():
    """Risk ratio 0.4894 (REML), metafor's vignette value, with the interval by Hartung-Knapp."""
    (row,) = plain_pool(BCG)
    assert (row.measure, row.method, row.test, row.k) == ("RR", "REML", "knha", 13)
    assert row.natural["estimate"] == pytest.approx(0.4894, abs=5e-5)
    assert row.tau2 == pytest.approx(0.3132, abs=5e-5)
    found = effect_sizes(
        "RR", **{name: [line["data"][name] for line in row.effects]
                 for name in ("events_e", "n_e", "events_c", "n_c")}
    )  # fmt: skip
    own = pool(found.yi, found.vi, test="knha", pi="hts")
    assert row.pi_ub == pytest.approx(float(own.pi_ub), rel=1e-12)


def test_the_measure_follows_the_method():
    assert plain_pool(BCG, method="Peto").rows[0].measure == "OR"
    assert plain_pool(BCG, method="MH").rows[0].measure == "RR"


def test_columns_that_are_used_are_not_called_ignored():
    result = plain_pool(BCG, asked=Asked(mods=("ablat",), subgroup="ALLOC"))
    assert "Columns ignored: year." in result.notes
    assert result.settings["mods"] == ["ablat"]


def test_double_zeros_stay_out_of_ratios_by_every_method(file):
    lines = ("study,events_e,n_e,events_c,n_c", "A,2,40,5,41", "B,0,30,0,30", "C,1,50,4,52")
    for method in ("REML", "MH", "Peto", "GLMM"):
        (row,) = plain_pool(file(*lines), measure="OR", method=method)
        assert (row.k, row.members) == (2, ("A", "C"))
        assert row.left_out == ("B: no events in either arm: a ratio says nothing",)
        assert [line["study"] for line in row.effects] == ["A", "C", "B"]
    assert plain_pool(file(*lines), measure="RD", method="MH").rows[0].k == 3


def test_pairs_enter_no_method_of_counts(file):
    lines = ("study,both,only_e,only_c,neither", "A,10,12,4,20", "B,7,9,6,14")
    (row,) = plain_pool(file(*lines), measure="OR", method="MH")
    assert row.estimate is None
    assert "the same people in both arms" in row.left_out[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "MH", "measure": "SMD"}, 'method="MH" pools counts as RR, OR, RD'),
        ({"method": "MH", "test": "knha", "measure": "RR"}, "MH has the Wald interval only"),
        ({"method": "GLMM", "asked": Asked(mods=("ablat",))}, "GLMM takes no moderators"),
        ({"method": "EE", "asked": Asked(interval="PL")}, "EE gives no interval of tau²"),
        ({"asked": Asked(interval="GENQ")}, 'interval="GENQ"'),
        ({"method": "REMLL"}, "REMLL.*did you mean"),
        ({"asked": Asked(mods=("ablatt",))}, 'no column "ablatt" .did you mean "ablat"'),
        ({"asked": Asked(subgroup="x")}, 'no column "x"'),
        ({"asked": Asked(cumulative="x")}, 'no column "x"'),
        ({"level": 1.0}, "level=1.0"),
    ],
)
def test_what_cannot_be_done_is_refused(options, words):
    with pytest.raises(StatsError, match=words):
        plain_pool(BCG, **options)


def test_a_measure_that_the_columns_do_not_make_is_refused(file):
    with pytest.raises(LedgerError, match=r"do not make MD; they make PLO, PR, PLN, PAS, PFT"):
        plain_pool(file(*ONE), measure="MD")


def test_every_layout_names_its_default_among_its_measures():
    assert all(layout.measure in layout.measures for layout in POOLS)


MIXED = (
    *("study,yi,vi,dose,kind", "A,0.1,0.04,10,x", "B,0.3,0.05,20,y", "C,0.2,0.02,ten,x"),
    *("D,0.4,0.03,NA,y", 'E,0.6,0.05,"1,200",y', "F,0.2,0.04,,x"),
)


@pytest.mark.parametrize("asked", [Asked(mods=("dose",)), Asked(cumulative="DOSE")])
def test_a_column_of_numbers_and_words_is_refused_with_every_line(file, asked):
    path = file(*MIXED)
    with pytest.raises(StatsError) as error:
        plain_pool(path, asked=asked)
    first, second = str(error.value).splitlines()
    assert first == (
        f'{path}:4: dose: "ten" is not a number, and 2 others are; leave the cell empty where it '
        "is not known"
    )
    assert second.startswith(f'{path}:6: dose: "1,200" is not a number')
    assert "leave out the thousands separator: 1200" in second


def test_columns_of_words_are_categories_and_an_order_of_words_is_said(file):
    result = plain_pool(file(*MIXED), asked=Asked(mods=("kind",), cumulative="kind"))
    (row,) = result
    assert [line["term"] for line in row.regression] == ["intercept", "kind: y"]
    assert "".join(line["at"] for line in row.cumulative) == "xxxyyy"
    said = "all studies: cumulative: kind is words; added in their alphabetical order."
    assert said in result.notes
    assert not any(
        "alphabetical" in note for note in plain_pool(BCG, asked=Asked(cumulative="year")).notes
    )


def test_subgroups_may_be_numbers_and_words(file):
    (row,) = plain_pool(file(*MIXED), asked=Asked(subgroup="dose"))
    assert [line["subgroup"] for line in row.subgroups] == ["10", "20", "1,200", "ten"]


def test_missing_moderators_are_missing_numbers(file):
    lines = [line.replace("ten", "30").replace('"1,200"', "40") for line in MIXED]
    (row,) = plain_pool(file(*lines), asked=Asked(mods=("dose",)))
    assert row.regression_fit["left_out"] == ["D", "F"]


def test_names_in_large_or_small_letters():
    (row,) = plain_pool(BCG, measure="or", method="peto")
    assert (row.measure, row.method) == ("OR", "Peto")
    (row,) = plain_pool(BCG, method="fe", test="Z")
    assert (row.method, row.test) == ("EE", "z")
    with pytest.raises(StatsError, match=r'method="HKSJ" \(.*--test knha'):
        plain_pool(BCG, method="HKSJ")
