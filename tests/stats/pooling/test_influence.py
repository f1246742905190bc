"""Influence diagnostics against R, and at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.influence import influence

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_influence.json").read_text(encoding="utf-8")
)
NAMES = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "q_del", "hat", "weight")


def runs():
    for name, given in REFERENCE["sets"].items():
        for run in given["runs"]:
            label = f"{name}-{run['method']}-{run['test']}-{'mods' if run['mods'] else 'mean'}"
            yield pytest.param(given, run, id=label)


@pytest.mark.parametrize(("given", "run"), list(runs()))
def test_against_reference(given, run):
    mods = np.column_stack(given["mods"]) if run["mods"] else None
    options = {"method": run["method"], "test": run["test"], "mods": mods}
    found = influence(given["yi"], given["vi"], **options)
    for name in NAMES:
        np.testing.assert_allclose(
            getattr(found, name), run[name], rtol=1e-7, atol=1e-10, err_msg=name
        )
    dfbs = np.column_stack(list(run["dfbs"].values()))
    np.testing.assert_allclose(found.dfbs.reshape(dfbs.shape), dfbs, rtol=1e-7, atol=1e-10)
    assert found.is_influential.tolist() == run["is_influential"]
    assert (found.reason == "").all()


def test_some_study_is_flagged_somewhere():
    flags = [sum(run["is_influential"]) for s in REFERENCE["sets"].values() for run in s["runs"]]
    assert max(flags) > 0
    assert min(flags) == 0


def test_uncentred_moderators_change_the_intercept_alone():
    given = REFERENCE["sets"]["bcg"]
    mods = np.column_stack(given["mods"])
    plain = influence(given["yi"], given["vi"], mods=mods)
    moved = influence(given["yi"], given["vi"], mods=mods + np.array([0.0, 1960.0]))
    for name in NAMES:
        np.testing.assert_allclose(getattr(moved, name), getattr(plain, name), rtol=1e-9)
    np.testing.assert_allclose(moved.dfbs[:, 1:], plain.dfbs[:, 1:], rtol=1e-9)


@pytest.mark.parametrize("size", [1e-15, 1e15])
def test_scale_does_not_matter(size):
    given = REFERENCE["sets"]["raudenbush1985"]
    yi, vi = np.array(given["yi"]), np.array(given["vi"])
    plain, scaled = influence(yi, vi), influence(yi * size, vi * size**2)
    for name in ("rstudent", "dffits", "cook_d", "cov_r", "q_del", "hat", "weight", "dfbs"):
        np.testing.assert_allclose(getattr(scaled, name), getattr(plain, name), rtol=1e-8)


def test_absent_studies_are_rows_without_numbers():
    given = REFERENCE["sets"]["bcg"]
    yi, vi = np.array(given["yi"]), np.array(given["vi"])
    mods = np.column_stack(given["mods"]).astype(float)
    full = influence(np.delete(yi, 3), np.delete(vi, 3), mods=np.delete(mods, 3, axis=0))
    mods[3, 1] = np.nan
    found = influence(yi, vi, mods=mods)
    assert found.reason[3] == "the study lacks an effect size, a variance or a moderator"
    for name in (*NAMES, "dfbs"):
        values = getattr(found, name)
        assert np.isnan(values[3]).all()
        np.testing.assert_allclose(np.delete(values, 3, axis=0), getattr(full, name), rtol=1e-9)
    assert not found.is_influential[3]


def test_two_studies_and_one():
    two = influence([0.1, 0.9], [0.04, 0.09])
    assert np.isfinite(two.rstudent).all()
    one = influence([0.1], [0.04])
    assert np.isnan(one.rstudent).all()
    assert one.reason[0] == "nothing can be fitted, or tested, without the study"


def test_design_that_needs_a_study():
    mods = [0.0, 0.0, 0.0, 0.0, 1.0]
    found = influence([0.1, 0.3, 0.2, 0.6, 0.9], [0.04] * 5, mods=mods)
    assert np.isnan(found.rstudent[4])
    assert found.reason[4] == "nothing can be fitted, or tested, without the study"
    assert np.isfinite(found.rstudent[:4]).all()


def test_bad_input_is_refused():
    with pytest.raises(StatsError, match="must be"):
        influence(np.zeros((2, 2)), np.ones((2, 2)))
    with pytest.raises(StatsError, match="method='XX'"):
        influence([0.1, 0.2], [1.0, 1.0], method="XX")


def test_more_studies_than_pairs_can_be_laid_out_for_are_refused():
    many = np.linspace(0.1, 0.9, 5001)
    with pytest.raises(StatsError, match=r"5001 studies; .* 5,000 studies or fewer"):
        influence(many, many)
