from __future__ import annotations

from types import SimpleNamespace

from evsyn.tables.provenance import Trace
from evsyn.text.claim_evidence import field_words, printed_lines
from evsyn.text.markup import plain_text


def claim(evidence):
    """A claim (synthetic) with what its sources print."""
    return SimpleNamespace(evidence=evidence, study_id="s", trace=Trace("claim"))


def told(evidence, ledger=None):
    return [plain_text(line) for line in printed_lines(claim(evidence), ledger)]


def test_estimate_limits_and_p_are_one_result():
    said = "0.57 (a_v_b, estimate); 0.20 (a_v_b, ci lb); 0.94 (a_v_b, ci ub); 0.003 (a_v_b, p)"
    assert told(said) == ["0.57 (0.20 to 0.94), P = 0.003 a_v_b"]
    assert told("<0.001 (p)") == ["P <0.001"]


def test_comparison_is_named_by_its_arms():
    arms = [SimpleNamespace(study_id="s", arm_id=name, label=name.upper()) for name in "ab"]
    comparison = SimpleNamespace(study_id="s", comparison_id="a_v_b", arm_e="a", arm_c="b")
    ledger = SimpleNamespace(comparisons=[comparison], arms=arms)
    assert told("0.35 (a_v_b, p)", ledger) == ["P = 0.35 A against B"]


def test_values_say_what_they_are_in_readers_words():
    assert told("90 % (Needling, percent unclear)") == ["90 % (of what is not stated), Needling"]
    assert told("22 (One, n enrolled); six (k)") == ["22 enrolled, One", "six studies"]
    assert told("") == []
    assert told("4.03 (Laser, mean)") == ["4.03 (mean), Laser"]


def test_one_of_something_is_singular():
    assert told("Single (centres); single (One, sessions)") == [
        "Single centre", "single session, One",
    ]  # fmt: skip
    assert told("1 (n)") == ["1 person assessed"]


def test_words_of_a_source_are_quoted():
    assert told("skin is skin (statement)") == ["“skin is skin”"]
    assert told("all skin (face, indication)") == ["cleared for “all skin” face"]
    assert told("2018-03-01 (cleared on)") == ["cleared on 2018-03-01"]
    assert told("2021 (cleared on)") == ["cleared in 2021"]
    assert field_words("n_enrolled") == "enrolled"
