from __future__ import annotations

import pytest

from evsyn.synthesis.results import ClaimRow, Result
from evsyn.tables.provenance import Quote, Step, Trace
from evsyn.text import claims_answer, claims_facts, claims_table, verdict_legend
from evsyn.text.status import VERDICTS


def claim(number=1, **changes):
    """A claim (synthetic)."""
    content = {
        "claim_id": f"S{number}", "document": "synthetic.txt", "quote": f"{number}0 of 10 improve",
        "study_id": "synthetic2001", "cites": "Synthetic et al", "intervention": "treatment one",
        "comparator": "treatment two", "outcome_id": "better", "months": 3.0, "field": "percent",
        "printed": "90", "n": "20", "verdict": "contradicted", "reason": "Table 1 prints 50 %.",
        "evidence": "50 % (Synthetic 2001)", "citekeys": ("synthetic2001",),
    }  # fmt: skip
    content |= changes
    quote = Quote(content["claim_id"], "synthetic.txt", "", "90", content["quote"])
    trace = Trace(f"Claim {content['claim_id']}", steps=(Step("Claim", "read"),), quotes=(quote,))
    return ClaimRow(**content, trace=trace)


def claims(*rows):
    return Result("claims", rows, {"document": ""})


def test_row_shows_quote_slots_evidence_and_verdict(assert_sound):
    block = claims_table(claims(claim()))
    assert_sound(block)
    for words in (
        "“10 of 10 improve” S1", "treatment treatment one", "against treatment two",
        "time 3 months", "of how many 20", "percent 90", "50 % Synthetic 2001",
        "contradicted Table 1 prints",
    ):  # fmt: skip
        assert words in " ".join(block.plain.split()), words


def test_empty_slots_are_not_shown(assert_sound):
    block = claims_table(claims(claim(comparator="", n="", months=None, evidence="")))
    assert_sound(block)
    assert "against" not in block.plain.split("Verdict")[1].split("nothing")[0]
    assert "nothing" in block.plain


def test_claims_stand_with_their_document_under_its_name():
    rows = claims(claim(1), claim(2, document="other.txt"), claim(3))
    block = claims_table(rows, documents={"other.txt": "The other page"})
    assert block.html.count('scope="rowgroup"') == 2
    assert block.plain.index("S1") < block.plain.index("S3") < block.plain.index("S2")
    assert "The other page" in block.plain


@pytest.mark.parametrize("count", [1, 3])
def test_answer_counts_verdicts_and_quotes_what_is_contradicted(assert_sound, count):
    rows = [claim(number) for number in range(count)]
    block = claims_answer(claims(*rows, claim(9, verdict="supported", quote="all is well")))
    assert_sound(block)
    assert block.plain.startswith(
        f"Of {count + 1} statements in {count + 1} quoted passages of 1 document, "
        f"1 is supported as it stands and {count} "
        f"{'is' if count == 1 else 'are'} contradicted by the sources."
    )
    assert "all is well" not in block.plain
    assert "The sources contradict “00 of 10 improve”" in block.plain


def test_answer_counts_a_quote_once(assert_sound):
    block = claims_answer(claims(claim(1), claim(2, quote="10 of 10 improve")))
    assert_sound(block)
    assert block.plain.startswith("Of 2 statements in 1 quoted passage of 1 document, 2 are")


def test_claim_on_a_study_without_a_value_names_what_was_read():
    block = claims_table(claims(claim(evidence="", study="Synthetic 2001")))
    assert "Synthetic 2001" in block.plain
    assert "nothing to hold against it in what was read" in " ".join(block.plain.split())


def test_answer_without_contradiction_or_claim(assert_sound):
    fine = claims_answer(claims(claim(verdict="supported")))
    assert_sound(fine)
    assert "contradict" not in fine.plain
    assert claims_answer(claims()).plain == "No claim was examined."


def test_facts_have_every_verdict(assert_sound):
    block = claims_facts(claims(claim()))
    assert_sound(block)
    assert block.plain.count("\n") == len(VERDICTS) - 1
    assert "1 contradicted" in block.plain


def test_legend_explains_every_verdict():
    assert all(verdict in verdict_legend().plain for verdict in VERDICTS)
