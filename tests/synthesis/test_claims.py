"""Claims beside what the sources print."""

from __future__ import annotations

import pytest

from evsyn.errors import TableError
from evsyn.synthesis.claims import claim_quote, claims


def test_every_claim_has_a_trace_that_ends_in_its_words(trials):
    result = claims(trials)
    assert len(result) == len(trials.ledger.claims)
    ids = [row.trace.trace_id for row in result]
    assert len(set(ids)) == len(ids)
    for row, claim in zip(result, trials.ledger.claims, strict=True):
        assert row.verdict == claim.verdict
        assert row.trace.quotes[0].text == claim.quote
    assert result.notes[0].startswith("Verdicts: ")


def test_nassar_claim_shows_what_is_printed(trials):
    row = next(row for row in claims(trials) if row.claim_id == "C04")
    assert "90 % (Needling therapy, percent unclear)" in row.evidence
    assert row.citekeys == ("nassar2016",)


def test_one_document(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("percent", "40", "e", "o")
    synthetic.claim("a", outcome_id="o", printed="40").claim("b", document="other.txt", study_id="")
    found = synthetic.evidence()
    (row,) = claims(found, document="synthetic.txt")
    assert row.evidence == "40 % (Experimental, percent)"
    assert [quote.extraction_id for quote in row.trace.quotes] == ["a", "x1"]
    (other,) = claims(found, document="other.txt")
    assert (other.evidence, other.study, other.citekeys) == ("", "", ())
    with pytest.raises(TableError, match=r'no claim of "synthetic\.tx"'):
        claims(found, document="synthetic.tx")


def test_claim_quote(synthetic):
    synthetic.claim("a", printed="40", comparator="laser")
    quote = claim_quote(synthetic.claims[0])
    assert (quote.extraction_id, quote.citekey, quote.printed) == ("a", "synthetic.txt", "40")
    assert quote.what == "percent, needles, v laser"


def test_no_claims(synthetic):
    assert claims(synthetic.evidence()).notes == ("No claims in the ledger.",)
