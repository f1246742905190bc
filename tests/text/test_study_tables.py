from __future__ import annotations

from evsyn.synthesis.results import Fact, Result, StudyRow
from evsyn.tables.provenance import Quote, Trace
from evsyn.text import characteristics_table


def fact(field, value, printed, *, arm="", status="reported", **more):
    """A printed fact (synthetic)."""
    quote = Quote("s-1", "synthetic2001", "abstract", printed, f"{printed} (synthetic)")
    trace = Trace(f"{field} {arm} {more}", quotes=(quote,))
    return Fact(field, arm, value, printed, status, trace=trace, **more)


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


def test_bounds_means_and_subgroups_are_told(assert_sound):
    facts = (
        fact("sessions", 6.0, "six", relation="≥"),
        fact("interval_weeks", 1.8, "1.8", measure="mean"),
        fact("age_mean", 30.5, "30.5", measure="mean"),
        fact("n_enrolled", 45.0, "45", arm="Treatment 1", subgroup="grade 3"),
        fact("n_enrolled", 38.0, "38", arm="Treatment 1", subgroup="grade 4"),
    )
    block = table(study(*facts, arms=("Treatment 1",)))
    assert_sound(block)
    for words in (
        "at least 6 sessions", "1.8 weeks apart, mean", "30.5 mean age", "45 enrolled (grade 3)",
        "38 enrolled (grade 4)",
    ):  # fmt: skip
        assert words in block.plain, words
    assert "mean age, mean" not in block.plain


def test_a_value_beyond_its_own_limits_is_shown_as_printed_with_its_note(assert_sound):
    facts = (
        fact("needle_mm", 200.0, "200", note="unit lost"),
        fact("needle_mm_min", 0.5, "0.5", note="not shown"),
        fact("needle_mm_max", 1.5, "1.5"),
    )
    block = table(study(*facts))
    assert_sound(block)
    assert "200 mm needles as printed (unit lost)" in block.plain
    assert "not shown" not in block.plain


def test_a_size_that_an_assumption_chose_says_so(assert_sound):
    block = table(study(fact("n_enrolled", 36.0, "36", status="assumed")))
    assert_sound(block)
    assert "36 enrolled assumed" in block.plain
