"""Mixed models for counts: against R, against brute force, laws, and the edges.

lme4 maximises with a derivative-free search on a likelihood whose inner iterations stop early, and
takes the Hessian by differences; metafor's exact conditional model differentiates its own numerical
integrals. Hence agreement to 1e-5 and less there, where the equations here are solved to rounding;
that the likelihood is not lower than at R's estimates is tested beside it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models._count_designs import design_of, read_counts
from evsyn.stats.models._count_likelihood import Point, Rule, study_likelihoods
from evsyn.stats.models.count_models import glmm

REFERENCE = Path(__file__).parents[2] / "reference" / "r_glmm.json"
ANALYSES = json.loads(REFERENCE.read_text(encoding="utf-8"))["analyses"]
NAMES = {
    "OR": ("events_e", "n_e", "events_c", "n_c"),
    "IRR": ("events_e", "time_e", "events_c", "time_c"),
    "PLO": ("events", "n"),
    "IRLN": ("events", "time"),
}
IDS = [f"{item['id']}-{item['measure']}-{item['model']}" for item in ANALYSES]
KEYS = {"estimate": "estimate", "ci_lb": "ci_lb", "ci_ub": "ci_ub", "tau2": "tau2", "k": "k"}
KEYS |= {"I2": "i2", "H2": "h2", "QE_LRT": "q_lrt", "QE_df": "q_df", "QEp_LRT": "q_lrt_pvalue"}
# where R stops short of the maximum, shown by a likelihood below the one here
MISSED = {("hine1989", "CM.EL"), ("hart1999", "UM.RS")}


def data_of(item):
    return dict(zip(NAMES[item["measure"]], item["data"].values(), strict=True))


def fitted(item, method, quadrature=None):
    """Fit of an analysis; several tests look at the same one."""
    return refitted(ANALYSES.index(item), method, quadrature)


@cache
def refitted(at, method, quadrature):
    item = ANALYSES[at]
    model = item["model"] or None
    return glmm(item["measure"], model=model, method=method, quadrature=quadrature, **data_of(item))


@pytest.mark.parametrize("item", ANALYSES, ids=IDS)
def test_common_effect_agrees_with_r(item):
    reference = item["EE"] or item["ML"] | item["ML_default"]
    fit = fitted(item, "EE")
    assert fit.converged
    assert fit.k == reference["k"]
    if reference["QE_df"] is None:  # metafor could not fit its saturated model
        return
    np.testing.assert_allclose(fit.q_lrt, reference["QE_LRT"], rtol=2e-3)
    if item["EE"] is None:
        return
    rtol = 1e-4 if item["model"] == "CM.EL" and item["measure"] == "OR" else 2e-5
    for key in KEYS.keys() & {key for key, value in reference.items() if value is not None}:
        np.testing.assert_allclose(
            getattr(fit, KEYS[key]), reference[key], rtol=rtol, atol=1e-7, err_msg=key
        )
    np.testing.assert_allclose(fit.se, reference["se"], rtol=1e-5)
    if item["model"] != "UM.RS":  # there lme4's infinite effects of studies are -15 or so
        np.testing.assert_allclose(fit.q_wald, reference["QE_Wld"], rtol=2e-3)
        np.testing.assert_allclose(fit.log_likelihood, reference["log_likelihood"], rtol=1e-9)
    else:
        np.testing.assert_allclose(fit.q_wald, reference["QE_Wld"], rtol=2e-2)
        np.testing.assert_allclose(fit.sigma2, reference["sigma2"], rtol=1e-5)


@pytest.mark.parametrize("item", ANALYSES, ids=IDS)
def test_random_effects_agree_with_r(item):
    reference = item["ML"] or item["ML_default"]
    laplace = item["model"] == "UM.RS"  # lme4 has no more nodes for two random effects
    fit = fitted(item, "ML", 1 if laplace else None)
    assert fit.converged
    if (item["id"], item["model"]) in MISSED:
        assert fit.log_likelihood > reference["log_likelihood"] + 1e-5
        return
    rtol = 1e-5 if item["ML"] else 2e-3
    if item["ML"] and item["model"] == "CM.EL" and item["measure"] == "OR":
        rtol = 5e-4  # the standard error, by differences of a numerical integral
    for key in KEYS.keys() & {key for key, value in reference.items() if value is not None}:
        np.testing.assert_allclose(
            getattr(fit, KEYS[key]), reference[key], rtol=5 * rtol, atol=1e-6, err_msg=key
        )
    np.testing.assert_allclose(
        [fit.estimate, fit.tau2], [reference["estimate"], reference["tau2"]], rtol=rtol, atol=1e-8
    )
    np.testing.assert_allclose(fit.se, reference["se"], rtol=10 * rtol)
    if laplace:
        np.testing.assert_allclose(fit.log_likelihood, reference["log_likelihood"], rtol=1e-7)
        np.testing.assert_allclose(fit.sigma2, reference["sigma2"], rtol=rtol, atol=1e-12)


@pytest.mark.parametrize("item", [item for item in ANALYSES if item.get("ML_7")])
def test_as_many_nodes_as_r_give_its_answer(item):
    fit = fitted(item, "ML", 7)
    for key in ("estimate", "tau2"):
        np.testing.assert_allclose(getattr(fit, key), item["ML_7"][key], rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(fit.se, item["ML_7"]["se"], rtol=1e-4)


@pytest.mark.parametrize("item", ANALYSES, ids=IDS)
def test_likelihood_is_not_lower_than_at_the_estimates_of_r(item):
    reference, model = item["ML"] or item["ML_default"], item["model"]
    counts = read_counts(item["measure"], data_of(item), True)
    design, start, _ = design_of(counts, model, 0.5)
    fit = fitted(item, "ML")
    fixed = np.array([reference["estimate"]])
    scale = np.sqrt([reference["tau2"]])
    if model == "UM.RS":
        scale = np.sqrt([reference["tau2"], reference["sigma2"]])
        fixed = np.array([reference["estimate"], start.fixed[1]])
    highest = -np.inf
    own, level = start.own, fixed[-1]
    for _ in range(60):  # levels are not printed by R: they are maximised over
        parts = study_likelihoods(design, Point(own, fixed, scale), Rule(65))
        highest = max(highest, float(parts.value.sum()))
        if design.own is not None:
            own = own - np.clip(parts.gradient[0] / parts.hessian[0, 0], -1, 1)
        elif model == "UM.RS":
            step = parts.gradient[1].sum() / parts.hessian[1, 1].sum()
            level = level - np.clip(step, -1, 1)
            fixed = np.array([fixed[0], level])
        else:
            break
    assert fit.log_likelihood >= highest - 1e-9


@pytest.mark.parametrize("measure", ["OR", "IRR"])
def test_random_levels_against_brute_force(measure):
    size = {
        "OR": ([30, 25, 40, 22], [28, 30, 35, 20]),
        "IRR": ([30.5, 25, 40, 22], [28, 30, 35, 20]),
    }
    columns = ([2, 9, 5, 0], size[measure][0], [6, 8, 14, 3], size[measure][1])
    fit = glmm(measure, model="UM.RS", **dict(zip(NAMES[measure], columns, strict=True)))
    assert fit.converged
    a, n1, c, n2 = (np.array(item, dtype=float) for item in columns)
    u, v = np.meshgrid(np.linspace(-8.5, 8.5, 171), np.linspace(-8.5, 8.5, 171))
    weight = np.log(17 / 170) * 2 - 0.5 * (u * u + v * v) - np.log(2 * np.pi)

    def log_likelihood(estimate, tau, sigma, level):
        total = 0.0
        for i in range(4):
            logs = weight
            for x, n, side in ((a[i], n1[i], 0.5), (c[i], n2[i], -0.5)):
                eta = level + sigma * v + side * (estimate + tau * u)
                if measure == "OR":
                    logs = logs + x * eta - n * np.logaddexp(0, eta)
                    logs = logs + sum(np.log((n - j) / (x - j)) for j in range(int(x)))
                else:
                    logs = logs + x * (eta + np.log(n)) - n * np.exp(eta)
                    logs = logs - sum(np.log(j + 1) for j in range(int(x)))
            total += np.log(np.exp(logs).sum())
        return total

    levels = np.linspace(-6, 2, 30)
    tau, sigma = np.sqrt(fit.tau2), np.sqrt(fit.sigma2)
    for _ in range(6):  # the level is not part of the result: it is searched for
        values = [log_likelihood(fit.estimate, tau, sigma, level) for level in levels]
        best = levels[int(np.argmax(values))]
        levels = best + (levels - levels.mean()) / 8
    np.testing.assert_allclose(max(values), fit.log_likelihood, rtol=1e-8)
    for move in (-0.05, 0.05):
        assert log_likelihood(fit.estimate + move, tau, sigma, best) < fit.log_likelihood
        assert log_likelihood(fit.estimate, abs(tau + move), sigma, best) < fit.log_likelihood
        assert log_likelihood(fit.estimate, tau, sigma + move, best) < fit.log_likelihood


COLUMNS = ([3, 0, 5, 1], [40, 30, 50, 44], [9, 4, 11, 0], [41, 32, 48, 40])
TABLES = dict(zip(NAMES["OR"], COLUMNS, strict=True))


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_exchange_of_arms_turns_the_sign(model):
    other = dict(zip(NAMES["OR"], (*COLUMNS[2:], *COLUMNS[:2]), strict=True))
    there, back = glmm("OR", model=model, **TABLES), glmm("OR", model=model, **other)
    np.testing.assert_allclose(there.estimate, -back.estimate, rtol=1e-8)
    np.testing.assert_allclose([there.se, there.tau2], [back.se, back.tau2], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(there.log_likelihood, back.log_likelihood, rtol=1e-11)


@pytest.mark.parametrize("model", ["UM.FS", "CM.EL"])
def test_events_and_non_events_exchanged_turn_the_sign(model):
    flipped = TABLES | {
        "events_e": np.subtract(TABLES["n_e"], TABLES["events_e"]),
        "events_c": np.subtract(TABLES["n_c"], TABLES["events_c"]),
    }
    there, back = glmm("OR", model=model, **TABLES), glmm("OR", model=model, **flipped)
    np.testing.assert_allclose(there.estimate, -back.estimate, rtol=1e-8)
    np.testing.assert_allclose(there.log_likelihood, back.log_likelihood, rtol=1e-10)


@pytest.mark.parametrize("model", ["UM.FS", "CM.EL", "CM.AL", "UM.RS"])
def test_double_zero_studies_change_nothing_by_default(model):
    more = {
        name: [*values, extra]
        for (name, values), extra in zip(TABLES.items(), (0, 25, 0, 20), strict=True)
    }
    with_it, without = glmm("OR", model=model, **more), glmm("OR", model=model, **TABLES)
    assert with_it.estimate == without.estimate
    assert with_it.k == 4
    assert "1 without events" in with_it.note
    assert without.note == ""


def test_double_zero_studies_count_where_levels_are_random():
    more = {
        name: [*values, extra]
        for (name, values), extra in zip(TABLES.items(), (0, 25, 0, 20), strict=True)
    }
    kept = glmm("OR", model="UM.RS", drop00=False, **more)
    assert kept.k == 5
    assert kept.converged
    assert kept.sigma2 != glmm("OR", model="UM.RS", **more).sigma2
    fixed = glmm("OR", model="CM.EL", drop00=False, **more)
    np.testing.assert_allclose(
        fixed.estimate, glmm("OR", model="CM.EL", **more).estimate, rtol=1e-9
    )


def test_person_time_in_any_unit():
    data = {"events_e": [3, 0, 5], "events_c": [9, 4, 11]}
    days = {"time_e": np.array([900.0, 700, 1200]), "time_c": np.array([880.0, 750, 1100])}
    for model in ("UM.FS", "CM.EL", "UM.RS"):
        fits = [
            glmm("IRR", model=model, **data, **{name: t * unit for name, t in days.items()})
            for unit in (1.0, 1e-15, 1e15)
        ]
        for fit in fits[1:]:
            assert fit.converged
            np.testing.assert_allclose(fit.estimate, fits[0].estimate, rtol=1e-7)
            np.testing.assert_allclose(fit.tau2, fits[0].tau2, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_no_events_in_one_arm_is_infinite(model):
    fit = glmm("OR", model=model, events_e=[0, 0], n_e=[9, 8], events_c=[3, 1], n_c=[9, 9])
    assert np.isnan([fit.estimate, fit.se, fit.tau2, fit.ci_lb, fit.q_lrt]).all()
    assert "infinite" in fit.reason
    assert not fit.converged


def test_no_study():
    with pytest.raises(StatsError, match="events is empty"):
        glmm("PLO", events=[], n=[])
    fit = glmm("PLO", events=[np.nan], n=[4])
    assert fit.k == 0
    assert np.isnan(fit.estimate)
    assert fit.reason.startswith("no study")


def test_one_study():
    fit = glmm("PLO", events=[3], n=[12])
    np.testing.assert_allclose(fit.estimate, np.log(3 / 9), rtol=1e-12)
    np.testing.assert_allclose(fit.se, np.sqrt(1 / 3 + 1 / 9), rtol=1e-12)
    assert (fit.tau2, fit.i2, fit.h2, fit.q_df, fit.q_lrt_pvalue) == (0.0, 0.0, 1.0, 0, 1.0)
    student = glmm("PLO", events=[3], n=[12], test="t")
    assert np.isnan([student.ci_lb, student.p_value]).all()
    assert student.reason == "one study: t needs two"


def test_all_events_or_none_in_single_studies_are_no_obstacle():
    fit = glmm("PLO", events=[0, 12, 5, 7], n=[9, 12, 10, 11])
    assert fit.converged
    assert np.isfinite([fit.estimate, fit.se, fit.tau2, fit.q_wald]).all()


def test_likelihood_that_rises_for_ever_is_said():
    fit = glmm("OR", model="CM.EL", events_e=[0, 40], n_e=[50, 50], events_c=[40, 0], n_c=[50, 50])
    assert np.isnan(fit.estimate)
    assert "without end" in fit.reason


def test_test_and_level():
    normal, student = glmm("OR", **TABLES), glmm("OR", test="t", level=0.9, **TABLES)
    assert normal.estimate == student.estimate
    assert np.isnan(normal.df)
    assert student.df == 3
    np.testing.assert_allclose(student.ci_ub - student.estimate, 2.3533634348 * student.se)
    np.testing.assert_allclose(normal.ci_ub - normal.estimate, 1.9599639845 * normal.se)
    half = 2.3533634348 * np.sqrt(student.se**2 + student.tau2)
    np.testing.assert_allclose(student.pi_ub - student.estimate, half)
    common = glmm("OR", method="FE", **TABLES)
    assert (common.method, common.tau2) == ("EE", 0.0)
    assert np.isnan(common.pi_lb)


def test_coding_of_the_random_effect():
    item = next(item for item in ANALYSES if item["model"] == "UM.FS")
    fits = {coding: glmm("OR", coding=coding, **data_of(item)) for coding in (0, 0.5, 1)}
    assert all(fit.converged for fit in fits.values())
    assert len({round(fit.log_likelihood, 6) for fit in fits.values()}) == 3


def test_natural_scale():
    fit = glmm("PLO", events=[3, 5], n=[12, 30])
    scale = fit.natural()
    np.testing.assert_allclose(scale.estimate, 1 / (1 + np.exp(-fit.estimate)))
    assert 0 < scale.ci_lb < scale.estimate < scale.ci_ub < 1
    ratio = glmm("OR", **TABLES)
    np.testing.assert_allclose(ratio.natural().ci_ub, np.exp(ratio.ci_ub))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "RR"}, "measure='RR' is unknown"),
        ({"measure": "OR", "model": "CM"}, "model='CM' is unknown; use one of UM.FS"),
        ({"measure": "IRR", "model": "CM.AL"}, "model='CM.AL' is unknown"),
        ({"measure": "PLO", "model": "CM.EL"}, "does not apply: measure PLO has a single arm"),
        ({"measure": "OR", "method": "REML"}, "method='REML' is unknown"),
        ({"measure": "OR", "test": "knha"}, "test='knha' is unknown"),
        ({"measure": "OR", "level": 95}, "level=95"),
        ({"measure": "OR", "coding": 2}, "coding=2 is not allowed"),
        ({"measure": "OR", "quadrature": 0}, "quadrature=0 is not allowed"),
        ({"measure": "OR", "quadrature": 7.5}, "quadrature=7.5 is not allowed"),
    ],
)
def test_unknown_options_are_refused(options, message):
    with pytest.raises(StatsError, match=message):
        glmm(**options, **TABLES)


@pytest.mark.parametrize("seed", range(25))
def test_random_counts_are_fitted_without_a_warning(seed):
    rng = np.random.default_rng(seed)
    k, most = int(rng.integers(1, 20)), int(10 ** rng.uniform(0.5, 4))
    n1, n2 = rng.integers(1, most + 1, (2, k))
    level = rng.normal(-2, rng.choice([0.1, 1, 3]), k)
    effect = rng.normal(0.3, rng.choice([0, 0.1, 1, 3]), k)
    a = rng.binomial(n1, 1 / (1 + np.exp(-level - effect / 2)))
    c = rng.binomial(n2, 1 / (1 + np.exp(-level + effect / 2)))
    for measure, model in (
        ("OR", "UM.FS"),
        ("OR", "CM.AL"),
        ("OR", "CM.EL"),
        ("IRR", "UM.FS"),
        ("IRR", "CM.EL"),
    ):
        columns = dict(zip(NAMES[measure], (a, n1, c, n2), strict=True))
        fit = glmm(measure, model=model, **columns)
        assert fit.converged or fit.reason, (measure, model)
        if not fit.reason:
            assert fit.log_likelihood >= fit.log_likelihood_common - 1e-10
            assert np.isfinite([fit.estimate, fit.se, fit.q_lrt, fit.q_wald]).all()
    single = glmm("PLO", events=a, n=n1)
    assert single.converged or single.reason


@pytest.mark.parametrize("n", [1e7, 1e9])
def test_large_counts_keep_their_digits(n):
    logits = np.array([-1.4, -0.7, -1.1, -0.2, -1.9])
    data = {"events": np.round(n / (1 + np.exp(-logits))), "n": np.full(5, n)}
    fit = glmm("PLO", **data)
    assert fit.converged
    # sampling errors vanish beside the differences: mean and variance of the logits remain
    np.testing.assert_allclose(fit.estimate, logits.mean(), atol=20 / n + 1e-9)
    np.testing.assert_allclose(fit.tau2, logits.var(), rtol=100 / n + 1e-9)
    rate = glmm("IRLN", events=data["events"], time=data["n"])
    assert rate.converged
    logs = np.log(data["events"] / n)
    np.testing.assert_allclose(rate.estimate, logs.mean(), atol=20 / n + 1e-9)
    np.testing.assert_allclose(rate.tau2, logs.var(), rtol=100 / n + 1e-9)
    two = glmm(
        "OR", events_e=data["events"], n_e=data["n"], events_c=np.full(5, n / 2), n_c=data["n"]
    )
    assert two.converged
    np.testing.assert_allclose(two.estimate, logits.mean(), atol=20 / n + 1e-9)


def test_counts_beyond_arithmetic_are_not_called_converged():
    logits = np.array([-1.4, -0.7, -1.1, -0.2, -1.9])
    fit = glmm("PLO", events=np.round(1e14 / (1 + np.exp(-logits))), n=np.full(5, 1e14))
    assert not fit.converged or abs(fit.estimate - logits.mean()) < 1e-6


def test_too_many_tables_are_refused():
    with pytest.raises(StatsError, match=r"CM\.EL would sum over 1e\+07 possible tables"):
        glmm("OR", model="CM.EL", events_e=[1e7], n_e=[2e7], events_c=[1], n_c=[1e9])
