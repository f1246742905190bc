"""What is to be built, and from what."""

from __future__ import annotations

import pytest

from evsyn.errors import ConfigurationError
from evsyn.reports.plan import planned


def test_reports_in_the_order_declared(project, notebook_text) -> None:
    plan = planned(project({"b": notebook_text("1"), "a": notebook_text("1")}).configuration)
    assert [report.name for report in plan.chosen(())] == ["b", "a"]
    assert [report.name for report in plan.chosen(["a", "b"])] == ["b", "a"]
    assert [report.name for report in plan.chosen(["a"])] == ["a"]


def test_an_unknown_name_is_refused(project) -> None:
    plan = planned(project().configuration)
    with pytest.raises(ConfigurationError) as caught:
        plan.chosen(["rats"])
    assert 'no report "rats" is declared (did you mean "rates"?); allowed: rates' in str(
        caught.value
    )


def test_values_given_apply_where_they_are_declared(project, notebook_text) -> None:
    texts = {"a": notebook_text(("parameters", "x = 1\ny = 2")), "b": notebook_text("1")}
    plan = planned(project(texts, y=3).configuration, {"x": 5, "z": 7})
    first, second = plan.chosen(())
    assert plan.parameters(first) == {"y": 3, "x": 5}
    assert plan.parameters(second) == {"y": 3}


def test_inputs_name_notebook_and_parameters_first(project) -> None:
    made = project()
    plain = planned(made.configuration).inputs(made.configuration.reports[0]).digests
    assert list(plain)[:3] == ["notebooks/rates.ipynb", "parameters", "data/extractions.csv"]
    given = planned(made.configuration, {"condition": "scar"})
    changed = given.inputs(made.configuration.reports[0]).changes(plain)
    assert changed == ["parameters changed"]


def test_the_evidence_has_a_digest(project) -> None:
    made = project()
    before = planned(made.configuration).data
    assert len(before) == 64
    (made.root / "references.bib").write_text("")
    assert planned(made.configuration).data != before
