"""Results as records and as a table."""

from __future__ import annotations

import json

from evsyn.synthesis.overview import studies
from evsyn.synthesis.rates import rates


def test_records_are_plain_and_survive_json(synthetic):
    synthetic.study().outcome("o").counts("o", e=(4, 9))
    result = rates(synthetic.evidence())
    record = result.records()[0]
    assert record["events"] == 4
    assert record["citekeys"] == ["s1-report"]
    assert record["trace"] == result.rows[0].trace.trace_id
    assert json.loads(json.dumps(record)) == record
    contract = (
        "study_id arm_id outcome_id subgroup months anchor events n events_min events_max rate "
        "ci_lb ci_ub ci_method status reason assumptions citekeys"
    )
    assert set(contract.split()) <= set(record)


def test_frame_and_notebook_display(synthetic):
    synthetic.study().outcome("o").counts("o", e=(4, 9))
    result = rates(synthetic.evidence())
    frame = result.to_frame()
    assert list(frame["arm_id"]) == ["e", "c"]
    assert "<table" in result._repr_html_()
    assert len(list(result)) == len(result) == 2


def test_facts_are_records_too(synthetic):
    synthetic.study()
    synthetic.value("n_enrolled", "20")
    (record,) = studies(synthetic.evidence()).records()
    assert record["facts"][0]["value"] == 20
    json.dumps(record)
