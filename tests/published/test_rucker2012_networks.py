"""Networks as R's netmeta, the program of Rücker 2012 (Res Synth Methods 3:312-324), prints them.

Counts and means: data sets of the R package metadat. Figures: for Senn et al. 2013 (Stat Methods
Med Res 22:169-189) the output of netmeta 3.4-0 on its ``Senn2013`` as printed in the course "Study
design and causal inference" of CTTIR (course 3, lab of week 4, session 3); these data have standard
errors of four decimals. For the others the output of netmeta printed on the pages of metadat
(``dat.linde2015`` ...). P-scores under REML: page ``dat.senn2013`` of metadat, after Rücker &
Schwarzer 2015 (BMC Med Res Methodol 15:58).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.models.network_arms import contrasts
from evsyn.stats.models.network_designs import network_decomposition
from evsyn.stats.models.network_evidence import network_splits
from evsyn.stats.models.network_model import network
from evsyn.stats.models.network_ranking import network_ranks

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference/r_network.json").read_text(encoding="utf-8")
)
TWO, FOUR = 5.1e-3, 5.1e-5  # half of the last decimal printed


def fitted(name, measure="", **options):
    case = REFERENCE[name]
    data = {
        key: np.array(values, dtype=float)
        for key, values in case["data"].items()
        if key not in ("study", "treatment")
    }
    rows = contrasts(
        measure or case["measure"],
        study=case["data"]["study"],
        treatment=case["data"]["treatment"],
        **data,
    )
    vi = np.round(np.sqrt(rows.vi), 4) ** 2 if name == "senn2013" else rows.vi
    return network(
        rows.yi, vi, treat_e=rows.treat_e, treat_c=rows.treat_c, study=rows.study, **options
    )


SENN = fitted("senn2013", method="DL", reference="placebo")
SHORT = ("acar", "benf", "metf", "migl", "piog", "plac", "rosi", "sita", "sulf", "vild")
LONG = dict(zip(SHORT, SENN.treatments, strict=True))


def test_senn_effects():
    assert (SENN.k, SENN.comparisons, len(SENN.treatments), SENN.designs) == (26, 28, 10, 15)
    printed = {
        "acar": (-0.8418, -1.3236, -0.3600),
        "benf": (-0.7311, -1.2918, -0.1705),
        "metf": (-1.1268, -1.4291, -0.8244),
        "migl": (-0.9497, -1.4040, -0.4955),
        "piog": (-1.1291, -1.5596, -0.6986),
        "rosi": (-1.2335, -1.4839, -0.9830),
        "sita": (-0.5700, -1.2640, 0.1240),
        "sulf": (-0.4166, -0.8887, 0.0556),
        "vild": (-0.7000, -1.3927, -0.0073),
    }
    for name, values in printed.items():
        at, versus = SENN.treatments.index(LONG[name]), SENN.versus
        found = (versus.estimate[at], versus.ci_lb[at], versus.ci_ub[at])
        np.testing.assert_allclose(found, values, atol=FOUR, err_msg=name)
    p = [SENN.versus.p_value[SENN.treatments.index(LONG[name])] for name in SHORT if name != "plac"]
    np.testing.assert_allclose(p[-3:], [0.1075, 0.0838, 0.0476], atol=FOUR)
    between = {
        ("acar", "metf"): (0.2850, -0.2208, 0.7908),
        ("acar", "sulf"): (-0.4252, -0.9456, 0.0951),
        ("rosi", "sulf"): (-0.8169, -1.2817, -0.3521),
    }
    for (e, c), values in between.items():
        at = SENN.treatments.index(LONG[e]), SENN.treatments.index(LONG[c])
        found = SENN.estimate[at], SENN.ci_lb[at], SENN.ci_ub[at]
        np.testing.assert_allclose(found, values, atol=FOUR)


def test_senn_heterogeneity():
    assert SENN.tau2 == pytest.approx(0.1087, abs=FOUR)
    assert SENN.i2 == pytest.approx(81.4, abs=0.051)


def test_senn_p_scores():
    printed = {
        "rosi": 0.8934,
        "metf": 0.7818,
        "piog": 0.7746,
        "migl": 0.6137,
        "acar": 0.5203,
        "benf": 0.4358,
        "vild": 0.4232,
        "sita": 0.3331,
        "sulf": 0.2103,
        "plac": 0.0139,
    }
    np.testing.assert_allclose(SENN.p_score, [printed[name] for name in SHORT], atol=FOUR)


def test_senn_decomposition():
    parts = network_decomposition(SENN)
    found = [parts.q, parts.q_within, parts.q_between]
    np.testing.assert_allclose(found, [96.99, 74.46, 22.53], atol=TWO)
    assert (parts.q_df, parts.q_within_df, parts.q_between_df) == (18, 11, 7)
    assert parts.q_between_pvalue == pytest.approx(0.0021, abs=FOUR)
    design = {name: at for at, name in enumerate(parts.designs)}
    printed = {
        "metf plac": (42.16, 2),
        "plac rosi": (21.27, 5),
        "benf plac": (4.38, 1),
        "migl plac": (6.45, 2),
        "metf rosi": (0.19, 1),
    }
    for names, (q, df) in printed.items():
        at = design[tuple(LONG[name] for name in names.split())]
        assert parts.q_design[at] == pytest.approx(q, abs=TWO)
        assert parts.q_design_df[at] == df
    detached = {
        "rosi sulf": (6.77, 0.3425),
        "metf sulf": (7.51, 0.2760),
        "plac rosi": (16.29, 0.0123),
        "metf piog": (17.13, 0.0088),
        "piog plac": (17.25, 0.0084),
        "metf plac": (22.07, 0.0012),
        "acar plac": (22.44, 0.0010),
        "piog rosi": (22.48, 0.0010),
        "acar sulf": (22.52, 0.0010),
        "metf rosi": (22.52, 0.0010),
        "acar metf plac": (22.38, 0.0004),
    }
    for names, (q, p) in detached.items():
        at = design[tuple(LONG[name] for name in names.split())]
        assert parts.q_detached[at] == pytest.approx(q, abs=TWO), names
        assert parts.q_detached_pvalue[at] == pytest.approx(p, abs=FOUR), names
        assert parts.q_detached_df[at] == (5 if len(names.split()) == 3 else 6)
    assert parts.q_random == pytest.approx(2.19, abs=TWO)
    found = [parts.q_random_pvalue, parts.tau2_within]
    np.testing.assert_allclose(found, [0.9483, 0.1442], atol=FOUR)


def test_senn_p_scores_by_restricted_likelihood():
    # Full standard errors here, as the page computes them from means and standard deviations.
    case = REFERENCE["senn2013"]["data"]
    rows = contrasts(
        "MD",
        study=case["study"],
        treatment=case["treatment"],
        mean=case["mean"],
        sd=case["sd"],
        n=case["n"],
    )
    fit = network(
        rows.yi,
        rows.vi,
        treat_e=rows.treat_e,
        treat_c=rows.treat_c,
        study=rows.study,
        method="REML",
        reference="placebo",
    )
    printed = [0.519, 0.438, 0.786, 0.614, 0.778, 0.012, 0.898, 0.329, 0.207, 0.420]
    np.testing.assert_allclose(fit.p_score, printed, atol=5.1e-4)
    assert fit.tau2 == pytest.approx(0.0999, abs=FOUR)
    assert fit.q == pytest.approx(96.9841, abs=FOUR)
    at = fit.treatments.index("rosiglitazone")
    found = fit.versus.estimate[at], fit.versus.se[at], fit.versus.ci_lb[at]
    np.testing.assert_allclose(found, (-1.2337, 0.1235, -1.4757), atol=FOUR)


# name, measure, studies, rows, designs; Q, df: whole, within, between; tau², I².
NETWORKS = {
    "baker2009": ("OR", 38, 74, 13, (60.86, 46, 43.20, 34, 17.66, 12), 0.0111, 24.4),
    "dogliotti2014": ("OR", 19, 27, 10, (18.76, 16, 13.17, 11, 5.59, 5), 0.0134, 14.7),
    "franchini2012": ("MD", 7, 9, 5, (2.29, 4, 1.61, 2, 0.68, 2), 0.0, 0.0),
    "linde2015": ("OR", 59, 73, 21, (79.37, 58, 49.41, 39, 29.95, 19), 0.0352, 26.9),
    "stowe2010": ("MD", 29, 31, 4, (48.15, 27, 46.91, 25, 1.24, 2), 0.1518, 43.9),
    "woods2010": ("OR", 3, 8, 2, (0.57, 2, 0.56, 1, 0.00, 1), 0.0, 0.0),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_heterogeneity_and_inconsistency(name):
    measure, k, rows, designs, q, tau2, i2 = NETWORKS[name]
    fit = fitted(name, measure, method="DL")
    assert (fit.k, fit.comparisons, fit.designs) == (k, rows, designs)
    parts = network_decomposition(fit)
    np.testing.assert_allclose([parts.q, parts.q_within, parts.q_between], q[::2], atol=TWO)
    assert (parts.q_df, parts.q_within_df, parts.q_between_df) == q[1::2]
    assert fit.tau2 == pytest.approx(tau2, abs=FOUR)
    assert fit.i2 == pytest.approx(i2, abs=0.051)


# Ratio or difference and its limits, relative to the reference, random effects.
EFFECTS = {
    ("linde2015", "OR", "Placebo"): {
        "TCA": (1.72, 1.42, 2.09),
        "SSRI": (1.68, 1.40, 2.01),
        "SNRI": (1.74, 1.25, 2.42),
        "NRI": (1.42, 0.84, 2.40),
        "Low-dose SARI": (1.78, 1.18, 2.70),
        "NaSSa": (1.14, 0.82, 1.60),
        "rMAO-A": (1.05, 0.69, 1.62),
        "Hypericum": (1.99, 1.58, 2.49),
    },
    ("baker2009", "OR", "Placebo"): {
        "Budesonide": (0.80, 0.59, 1.10),
        "Budesonide+Formoterol": (0.67, 0.49, 0.90),
        "Fluticasone": (0.86, 0.75, 0.99),
        "Fluticasone+Salmeterol": (0.75, 0.66, 0.86),
        "Formoterol": (1.00, 0.80, 1.25),
        "Salmeterol": (0.80, 0.72, 0.89),
        "Tiotropium": (0.69, 0.61, 0.77),
    },
    ("dogliotti2014", "OR", "Placebo/Control"): {
        "Apixaban": (0.33, 0.24, 0.47),
        "Aspirin": (0.76, 0.60, 0.98),
        "Dabigatran 110mg": (0.38, 0.25, 0.57),
        "Dabigatran 150mg": (0.27, 0.18, 0.41),
        "Rivaroxaban": (0.32, 0.22, 0.48),
        "VKAs": (0.41, 0.32, 0.54),
    },
    ("stowe2010", "MD", "Placebo"): {
        "COMTI": (-0.95, -1.27, -0.63),
        "Dopamine Agonist": (-1.49, -1.86, -1.12),
        "MAOBI": (-1.03, -1.56, -0.50),
    },
    ("woods2010", "OR", "Fluticasone"): {
        "Placebo": (1.81, 0.54, 6.10),
        "SFC": (0.52, 0.09, 2.85),
        "Salmeterol": (0.77, 0.19, 3.08),
    },
    ("franchini2012", "MD", "Bromocriptine"): {
        "Cabergoline": (-0.30, -0.71, 0.11),
        "Placebo": (0.52, -0.41, 1.46),
        "Pramipexole": (-1.29, -2.31, -0.26),
        "Ropinirole": (0.05, -0.59, 0.68),
    },
}


@pytest.mark.parametrize("case", EFFECTS, ids=[case[0] for case in EFFECTS])
def test_effects(case):
    name, measure, reference = case
    fit = fitted(name, measure, method="DL", reference=reference)
    scale = np.exp if measure == "OR" else np.positive
    for treatment, printed in EFFECTS[case].items():
        at = fit.treatments.index(treatment)
        found = fit.versus.estimate[at], fit.versus.ci_lb[at], fit.versus.ci_ub[at]
        np.testing.assert_allclose(scale(found), printed, atol=TWO, err_msg=treatment)


def test_p_scores_of_antidepressants():
    fit = fitted("linde2015", method="DL", small_values="bad")
    printed = {
        "Hypericum": 0.8939,
        "Low-dose SARI": 0.7201,
        "SNRI": 0.6892,
        "TCA": 0.6802,
        "SSRI": 0.6164,
        "NRI": 0.4445,
        "NaSSa": 0.2128,
        "rMAO-A": 0.1521,
        "Placebo": 0.0908,
    }
    found = dict(zip(fit.treatments, fit.p_score, strict=True))
    for treatment, score in printed.items():
        assert found[treatment] == pytest.approx(score, abs=FOUR), treatment


def test_ranks_and_direct_estimates_in_parkinson_disease():
    fit = fitted("stowe2010", method="DL", reference="Placebo")
    assert fit.treatments == ("COMTI", "Dopamine Agonist", "MAOBI", "Placebo")
    np.testing.assert_allclose(fit.p_score, [0.4659, 0.9677, 0.5664, 0.0], atol=FOUR)
    # The page's rankogram has 1000 draws: three standard errors of a share near 0.5 are 0.047.
    printed = [
        [0.006, 0.352, 0.642, 0],
        [0.917, 0.080, 0.003, 0],
        [0.077, 0.568, 0.355, 0],
        [0, 0, 0, 1],
    ]
    np.testing.assert_allclose(network_ranks(fit, seed=1).probability, printed, atol=0.05)
    splits = network_splits(fit)
    pairs = list(zip(splits.treat_e, splits.treat_c, strict=True))
    direct = dict(zip(pairs, splits.direct, strict=True))
    assert direct["COMTI", "Placebo"] == pytest.approx(-0.93, abs=TWO)
    assert direct["Dopamine Agonist", "Placebo"] == pytest.approx(-1.49, abs=TWO)
    assert direct["MAOBI", "Placebo"] == pytest.approx(-1.03, abs=TWO)
    assert direct["COMTI", "MAOBI"] == pytest.approx(-0.02, abs=TWO)
    assert np.isnan(direct["COMTI", "Dopamine Agonist"])
