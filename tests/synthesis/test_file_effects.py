"""Effects of files by any measure; synthetic numbers."""

from __future__ import annotations

import math

import pytest

from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.synthesis.file_effects import file_members
from evsyn.synthesis.layouts import POOLS, read_plain


@pytest.fixture
def members(tmp_path):
    """Write lines to a file and read them as studies."""

    def members(measure, *lines):
        path = tmp_path / "data.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        plain = read_plain(path, POOLS, measure=measure)
        return file_members(plain, measure)

    return members


def test_one_arm(members):
    found = members("PLO", "study,xi,ni,place", "A,3,40,x", "B,0,30,y", "C,,20,z")
    own = effect_sizes("PLO", events=[3, 0], n=[40, 30])
    assert [member.yi for member in found] == [*own.yi, None]
    assert found[0].design == "single-arm"
    assert found[0].data == {"events": 3, "n": 40}
    assert found[0].columns["place"] == "x"
    assert found[1].corrected
    assert found[2].reason == "events is empty"
    assert found[2].status == "not found"
    assert found[0].trace.parameters[1] == ("line", "2")


def test_a_ratio_without_events_says_nothing(members):
    found = members("PETO", "study,ai,n1i,ci,n2i", "A,0,40,0,41", "B,2,30,5,31")
    assert found[0].yi is None
    assert found[0].reason == "no events in either arm: a ratio says nothing"
    assert found[1].yi is not None
    (pairs,) = members("MPRR", "study,both,only_e,only_c,neither", "A,0,0,0,9")
    assert pairs.yi is None


def test_effects_as_given_by_any_name(members):
    (one,) = members("PLO", "study,yi,sei", "A,-1.5,0.4")
    assert (one.yi, one.vi) == (-1.5, pytest.approx(0.16))


@pytest.mark.parametrize("measure", ["MC", "SMCC", "SMCR", "ROMC"])
def test_metafors_names_of_changes(members, measure):
    """m1i, sd1i are after, m2i, sd2i before; SMCR divides by sd1i, as there."""
    own = members(measure, "study,mean_pre,mean_post,sd_pre,sd_post,n,r", "A,20,15,4,4.5,30,0.6")
    sds = "4,4.5" if measure == "SMCR" else "4.5,4"
    theirs = members(measure, "study,m1i,m2i,sd1i,sd2i,ni,ri", f"A,15,20,{sds},30,0.6")
    assert theirs[0].yi == own[0].yi
    assert theirs[0].vi == own[0].vi
    assert own[0].design == "within-person"


def test_an_sd_after_is_not_needed(members):
    (short,) = members("MC", "study,mean_pre,mean_post,sd_pre,n,r", "A,20,15,4,30,0.5")
    assert short.vi == pytest.approx(16 / 30)
    assert math.isclose(short.yi, -5)
