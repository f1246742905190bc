"""Sentences, tables and numbers of a report; every number keeps its trace."""

from __future__ import annotations

from evsyn.text.assumption_tables import assumptions_table, if_accepted
from evsyn.text.claim_tables import claims_answer, claims_facts, claims_table, verdict_legend
from evsyn.text.comparison_answers import comparisons_answer
from evsyn.text.comparison_sentences import (
    comparisons_facts,
    what_if_sentence,
)
from evsyn.text.comparison_tables import comparisons_table
from evsyn.text.finding_tables import findings_table
from evsyn.text.other_scales import scales_table
from evsyn.text.overview_lists import overview_lists
from evsyn.text.pool_tables import pool_table
from evsyn.text.rate_sentences import rates_answer, rates_facts
from evsyn.text.rate_tables import rates_table
from evsyn.text.review_tables import reviews_table
from evsyn.text.sections import (
    claims_limits,
    evidence_answer,
    limits,
    overview_facts,
    rests_on,
)
from evsyn.text.status import status_legend
from evsyn.text.study_tables import characteristics_table

__all__ = [
    "assumptions_table",
    "characteristics_table",
    "claims_answer",
    "claims_facts",
    "claims_limits",
    "claims_table",
    "comparisons_answer",
    "comparisons_facts",
    "comparisons_table",
    "evidence_answer",
    "findings_table",
    "if_accepted",
    "limits",
    "overview_facts",
    "overview_lists",
    "pool_table",
    "rates_answer",
    "rates_facts",
    "rates_table",
    "rests_on",
    "reviews_table",
    "scales_table",
    "status_legend",
    "verdict_legend",
    "what_if_sentence",
]
