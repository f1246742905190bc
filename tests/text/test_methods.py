"""The Methods paragraph says what was done here, and cites no more than that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evsyn import __version__
from evsyn.synthesis.declared import Asked
from evsyn.synthesis.plain_pool import plain_pool
from evsyn.synthesis.results import Result
from evsyn.text.methods import methods_text

BCG = Path(__file__).parents[1] / "synthesis" / "bcg.csv"


def told(path=BCG, **options):
    """Text and keys of an analysis; every number cited is in the list, and the other way round."""
    found = methods_text(plain_pool(path, **options))
    cited = {int(n) for group in re.findall(r"\[([\d, ]+)\]", found.text) for n in group.split(",")}
    assert cited == set(range(1, len(found.citations) + 1))
    assert found.text.endswith(f"Computed with evsyn {__version__}.")
    return found.text, {work.key for work in found.citations}


def test_the_default():
    text, keys = told()
    assert text.startswith("The risk ratio of 13 studies was pooled on the log scale in a random-")
    assert "Hartung and Knapp's, with t on k - 1" in text
    assert "because k > 2 and tau² > 0" in text
    assert keys == {
        *("deeks2024", "viechtbauer2005", "hartung2001", "inthout2014", "higgins2002"),
        *("viechtbauer2007", "higgins2009"),
    }


@pytest.mark.parametrize(
    ("options", "words", "key", "absent"),
    [
        ({"method": "DL"}, "DerSimonian and Laird", "dersimonian1986", "viechtbauer2005"),
        ({"method": "PM"}, "Paule and Mandel", "paule1982", "viechtbauer2005"),
        ({"method": "SJ"}, "Sidik and Jonkman", "sidik2005", "viechtbauer2005"),
        ({"method": "HE"}, "Hedges", "hedges1983", "viechtbauer2005"),
        ({"method": "EB"}, "empirical Bayes", "morris1983", "viechtbauer2005"),
        ({"method": "EE"}, "one effect common to all", "deeks2024", "higgins2009"),
        ({"test": "z"}, "is Wald's, as chosen", "viechtbauer2005", "hartung2001"),
        ({"test": "adhoc"}, "never below the usual one", "rover2015", "hartung2001"),
        ({"asked": Asked(interval="PL")}, "profile likelihood", "hardy1996", "viechtbauer2007"),
        ({"method": "MH"}, "nothing was added", "greenland1985", "robins1986"),
        ({"method": "MH", "measure": "OR"}, "Mantel", "robins1986", "greenland1985"),
        ({"method": "Peto"}, "rare events", "yusuf1985", "mantel1959"),
        ({"method": "GLMM", "measure": "OR"}, "mixed model", "stijnen2010", "viechtbauer2005"),
        ({"asked": Asked(mods=("ablat",))}, "regressed on ablat", "knapp2003", "lau1992"),
        ({"asked": Asked(cumulative="year")}, "one by one", "lau1992", "knapp2003"),
        ({"asked": Asked(leave_one_out=True)}, "left out in turn", "deeks2024", "lau1992"),
        ({"asked": Asked(subgroup="alloc")}, "Subgroups by alloc", "deeks2024", "lau1992"),
    ],
)
def test_what_was_chosen_is_said_and_cited(options, words, key, absent):
    text, keys = told(**options)
    assert words in text
    assert key in keys
    assert absent not in keys


def test_empty_cells_and_studies_left_out(tmp_path):
    path = tmp_path / "data.csv"  # synthetic
    path.write_text(
        "study,events_e,n_e,events_c,n_c\nA,2,40,5,41\nB,0,30,0,30\nC,0,50,4,52\n",
        encoding="utf-8",
    )
    text, _ = told(path)
    assert "0.5 was added to the cells of C, which have an empty one" in text
    assert "1 study was not pooled (B: no events in either arm: a ratio says nothing)" in text
    assert "Two studies allow no prediction interval" in text


def test_the_double_arcsine_is_warned_of(tmp_path):
    path = tmp_path / "data.csv"  # synthetic
    path.write_text("study,events,n\nA,2,40\nB,5,30\nC,9,50\n", encoding="utf-8")
    assert "schwarzer2019" in told(path, measure="PFT")[1]
    assert "schwarzer2019" not in told(path)[1]


def test_names_cannot_cite(tmp_path):
    path = tmp_path / "data.csv"  # synthetic
    path.write_text(
        "study,events_e,n_e,events_c,n_c\nA,2,40,5,41\n[@lau1992],0,30,0,30\nC,1,50,4,52\n",
        encoding="utf-8",
    )
    assert "lau1992" not in told(path)[1]


def test_nothing_pooled():
    assert methods_text(Result("pool", (), {})).text.startswith("Nothing was pooled.")


def test_records_are_csl_with_their_number():
    found = methods_text(plain_pool(BCG))
    records = found.records()
    assert [record["number"] for record in records] == list(range(1, len(records) + 1))
    assert records[1]["DOI"] == "10.3102/10769986030003261"
    assert found.with_references().splitlines()[-1].startswith(f"[{len(records)}] ")
