"""Results as text."""

import numpy as np
import pytest

from evsyn import stats
from evsyn.stats.pooling._shown import probability, spelled

BCG = {
    "events_e": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "n_e": [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913],
    "events_c": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "n_c": [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854],
}
LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33])


@pytest.fixture(scope="module")
def ratios():
    return stats.effect_sizes("RR", **BCG)


def test_one_meta_analysis_reads_like_a_report(ratios):
    assert str(stats.pool(ratios.yi, ratios.vi)).splitlines() == [
        "random effects (REML), Hartung-Knapp test; k = 13",
        "estimate -0.7145, se 0.1808, t(12) = -3.9522, p = 0.0019",
        "95% CI -1.1084 to -0.3206",
        "95% prediction interval -1.9960 to 0.5670",
        "tau² 0.3132 (se 0.1664), I² 92.2%, H² 12.8558",
        "Q(12) = 152.2330, p < 0.0001",
    ]


def test_a_common_effect_has_a_normal_test_and_no_prediction(ratios):
    text = str(stats.pool(ratios.yi, ratios.vi, method="FE", test="z", level=0.9))
    assert text.startswith("common effect, Wald test; k = 13\n")
    assert "z = -10.6247, p < 0.0001\n90% CI" in text
    assert "prediction" not in text
    assert "tau² 0.0000, I²" in text


def test_why_a_value_is_missing_is_said():
    assert str(stats.pool([0.1], [0.1])).endswith("\none study: Hartung-Knapp needs two")


def test_several_maxima_are_said():  # synthetic
    yi, vi = np.array([0.52, 1.09, -0.29, 1.4]), np.array([0.0362, 5.6535, 0.0005, 5.5367])
    words = "several maxima of the likelihood"
    assert f"\n{words}: 2, of which" in str(stats.pool(yi, vi, method="ML"))
    assert words not in str(stats.pool(yi, vi, method="DL"))
    both = stats.pool(np.stack([yi, yi], axis=1), np.stack([vi, vi + 1], axis=1), method="ML")
    assert str(both).endswith(f"\n{words} in 1 of 2")


def test_many_are_a_table_of_the_first(ratios):
    y, v = np.tile(ratios.yi[:, None], 7), np.tile(ratios.vi[:, None], 7)
    y[1:, 3] = np.nan
    lines = str(stats.pool(y, v)).splitlines()
    assert lines[0] == ("7 meta-analyses: random effects (REML), Hartung-Knapp test; k = 1 to 13")
    assert lines[2].split()[:4] == ["0", "-0.7145", "0.1808", "0.0019"]
    assert lines[-2:] == [
        "... and 2 more",
        "no value in 1 of 7: one study: Hartung-Knapp needs two",
    ]


@pytest.mark.parametrize(
    ("test", "ratio", "joint"), [("knha", "t(11)", "F(1, 11)"), ("z", "z", "QM(1)")]
)
def test_a_regression_is_a_table_of_its_coefficients(ratios, test, ratio, joint):
    fit = stats.pool(ratios.yi, ratios.vi, mods=LATITUDE, test=test)
    lines = str(fit).splitlines()
    assert lines[1].split() == ["coef", "se", ratio, "p", "ci_lb", "ci_ub"]
    assert lines[2].split()[:2] == ["intercept", "0.2515"]
    assert lines[3].split()[:3] == ["1", "-0.0291", spelled(fit.se[1])]
    assert lines[5].startswith(f"{joint} = {spelled(fit.qm)}, p ")
    assert lines[6] == "residual tau² 0.0763, I² 68.4%, H² 3.1637, R² 75.6%"
    assert lines[7] == f"QE(11) = {spelled(fit.qe)}, p = {fit.qe_pvalue:.4f}"


def test_many_regressions_are_a_table(ratios):
    y, v = np.tile(ratios.yi[:, None], 3), np.tile(ratios.vi[:, None], 3)
    lines = str(stats.meta_regression(y, v, LATITUDE)).splitlines()
    assert lines[0].startswith("3 meta-regressions: random effects (REML)")
    assert lines[1].split()[:3] == ["coef[0]", "coef[1]", "tau2"]
    assert lines[2].split()[:4] == ["0", "0.2515", "-0.0291", "0.0763"]


def test_without_an_intercept_all_coefficients_are_tested(ratios):
    text = str(stats.meta_regression(ratios.yi, ratios.vi, LATITUDE, intercept=False))
    assert "intercept" not in text
    assert "(all coefficients)" in text


def test_strata_name_their_scale():
    text = str(stats.mantel_haenszel(**BCG, measure="RR"))
    assert text.startswith("Mantel-Haenszel, log RR; k = 13\nestimate -0.4537")
    assert str(stats.peto(**BCG)).startswith("Peto, log OR; k = 13\n")
    assert "-0.0000" not in text


def test_the_representation_of_many_is_bounded():
    y = np.linspace(0, 1, 4000).reshape(4, 1000)
    fits = stats.pool(y, np.ones_like(y)), stats.meta_regression(y, np.ones_like(y), [1, 2, 3, 5])
    for fit in fits:
        assert repr(fit).startswith(f"{type(fit).__name__}(")
        assert "method='REML'" in repr(fit)
        assert "_vi" not in repr(fit)
        assert len(repr(fit)) < 4000
        assert len(str(fit)) < 1500


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5000"), (-0.0, "0.0000"), (1e-5, "1e-05"), (2.5e7, "2.5e+07"), (np.nan, "nan")],
)
def test_numbers_keep_four_digits_at_any_scale(value, text):
    assert spelled(value) == text


def test_small_probabilities_are_below_a_limit():
    assert [probability(p) for p in (0.05, 1e-4, 9e-5)] == [
        "p = 0.0500",
        "p = 0.0001",
        "p < 0.0001",
    ]
