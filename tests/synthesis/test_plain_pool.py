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
