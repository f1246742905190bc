from __future__ import annotations

from evsyn.synthesis.results import Fact, Result, StudyRow
from evsyn.tables.provenance import Quote, Trace
from evsyn.text import characteristics_table


def fact(field, value, printed, *, arm="", status="reported"):
    """A printed fact (synthetic)."""
    quote = Quote("s-1", "synthetic2001", "abstract", printed, f"{printed} (synthetic)")
    return Fact(field, arm, value, printed, status, Trace(f"{field} {arm}", quotes=(quote,)))


def study(*facts, **changes):
    """A study (synthetic)."""
    content = {
        "study_id": "synthetic2001", "study": "Synthetic 2001", "kind": "trial", "year": 2001,
        "condition": "one;two", "design": "parallel", "allocation": "randomised",
        "arms": ("Treatment 1", "Treatment two"), "read_scope": "abstract",
        "registration": "SYN0123", "facts": facts, "citekeys": ("synthetic2001",),
    }  # fmt: skip
    return StudyRow(**(content | changes))


def table(*rows):
    return characteristics_table(Result("studies", rows, {}))


def test_study_shows_design_arms_people_treatment_and_reading(assert_sound):
    block = table(study(fact("n_randomised", 40.0, "Forty"), fact("needle_mm", 1.5, "1.5")))
    assert_sound(block)
    for words in (
        "one, two", "parallel randomised", "Treatment 1; Treatment two", "40 randomised",
        "1.5 mm needles", "abstract SYN0123",
    ):  # fmt: skip
        assert words in block.plain, words


def test_facts_of_arms_are_named_only_where_there_are_several(assert_sound):
    one = fact("n_completed", 18.0, "18", arm="Treatment 1")
    assert "18 completed (Treatment 1)" in table(study(one)).plain
    alone = table(study(one, arms=("Treatment 1",)))
    assert_sound(alone)
    assert "(Treatment 1)" not in alone.plain


def test_fact_in_words_and_fact_in_doubt(assert_sound):
    words = fact("centres", None, "several of 12")
    doubt = fact("n_enrolled", None, "36 or 34", status="conflicting")
    block = table(study(words, doubt))
    assert_sound(block)
    assert "several of 12 centres" in block.plain
    assert "36 or 34 enrolled conflicting" in block.plain


def test_same_fact_is_shown_once():
    repeated = fact("sessions", 3.0, "three")
    assert table(study(repeated, repeated)).plain.count("3 sessions") == 1


def test_kinds_group_the_studies_and_gaps_are_dashes(assert_sound):
    bare = study(kind="review", design="", allocation="", arms=(), read_scope="", registration="")
    block = table(study(), bare)
    assert_sound(block)
    assert block.html.count('scope="rowgroup"') == 2
    assert "| – | – | – | – | –" in block.plain
