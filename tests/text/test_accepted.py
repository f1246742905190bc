from __future__ import annotations

from evsyn.synthesis.results import AssumptionRow
from evsyn.tables.provenance import Trace
from evsyn.text.accepted import coded, gains, told_gain
from evsyn.text.markup import plain_text


def assumption(effect="would give", **changes):
    """An assumption (synthetic) that gives a count."""
    after = (("rates", "Treatment one, Much better, 3 mo", "–", "18/20"),)
    content = {
        "assumption_id": "s-20", "group": "", "requires": (), "study_id": "synthetic2001",
        "statement": "Each group had 20 people.", "rationale": "", "default": "reject",
        "accepted": False, "effect": effect, "changes": after,
        "trace": Trace("s-20", parameters=(("table", "s"),)),
    }  # fmt: skip
    return AssumptionRow(**(content | changes))


def test_partners_are_read_from_the_effect_or_from_what_is_required(rate_row):
    ((_, gain),) = gains([assumption("alone nothing; with s-unit it would give")], [rate_row()])
    assert gain.partners == ("s-unit",)
    assert plain_text(coded(gain)) == "s-20 + s-unit"
    ((_, gain),) = gains([assumption(requires=("s-n",))], [rate_row()])
    assert gain.partners == ("s-n",)


def test_accepted_and_idle_assumptions_give_nothing(rate_row):
    rows = [assumption(accepted=True), assumption(changes=()), assumption(study_id="s9")]
    assert gains(rows, [rate_row()]) == []


def test_words_of_a_gain(rate_row):
    ((_, gain),) = gains([assumption()], [rate_row()])
    assert plain_text(told_gain(gain)) == "18/20"
