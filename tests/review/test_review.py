"""The review as users hold it."""

from __future__ import annotations

from pathlib import Path

import pytest

import evsyn
from evsyn.errors import AssumptionError, ConfigurationError, LedgerError, TableError
from evsyn.review.review import Review, load


def test_public_names():
    assert evsyn.load is load
    assert evsyn.Review is Review
    with pytest.raises(AttributeError, match="nothing"):
        evsyn.nothing  # noqa: B018


def test_load_reads_tables_when_needed(project: Path, monkeypatch: pytest.MonkeyPatch):
    (project / "data" / "studies.csv").write_text("wrong\n")
    review = load(project)
    assert review.title == "A synthetic review"
    assert review.root == project.resolve()
    with pytest.raises(LedgerError):
        review.rates()
    monkeypatch.chdir(project / "data")
    assert load().root == project.resolve()


def test_results(project: Path):
    review = load(project)
    rates = review.rates()
    assert [(row.events, row.n) for row in rates] == [(8, 11), (3, None)]
    assert rates.rows[0].study == "Made 2001"
    assumed = review.rates(assumptions="twelve")
    assert [(row.n, row.status) for row in assumed] == [(11, "reported"), (12, "assumed")]
    assert assumed.assumptions == ("twelve",)
    (row,) = review.compare(measure="RD", assumptions=("twelve",))
    assert row.estimate == pytest.approx(8 / 11 - 3 / 12)
    assert [row.claim_id for row in review.claims()] == ["k1"]
    (assumption,) = review.assumptions()
    assert "3/12" in assumption.effect
    assert review.overview(condition="synthetic").rows[0].value == 1
    assert [row.study_id for row in review.studies()] == ["s1"]
    assert review.cite("made2001").citation()


def test_evidence_is_made_once_per_selection(project: Path):
    review = load(project)
    assert review.evidence() is review.evidence("default")
    assert review.evidence("twelve") is review.evidence(["twelve"])
    assert review.evidence("twelve") is not review.evidence()
    with pytest.raises(AssumptionError, match="twelv"):
        review.evidence("twelv")


def test_pool_of_what_is_declared(project: Path):
    review = load(project)
    (row,) = review.pool()
    assert (row.group, row.k, row.estimate) == ("healing", 0, None)
    (again,) = review.pool("healing", assumptions="twelve")
    assert (again.k, again.members) == (1, ("Made 2001",))
    with pytest.raises(ConfigurationError, match='did you mean "healing"'):
        review.pool("heling")
    (project / "pyproject.toml").write_text('[tool.evsyn]\ntitle = "x"\n')
    nothing = load(project).pool()
    assert len(nothing) == 0
    assert "No analysis is declared: [[tool.evsyn.analyses]] in pyproj" in nothing.notes[0]


def test_check_of_a_sound_project(project: Path):
    assert [finding.severity for finding in load(project).check()] == []


def test_check_reports_every_kind_at_once(project: Path):
    (project / "notebooks" / "rates.ipynb").unlink()
    table = project / "data" / "extractions.csv"
    table.write_text(table.read_text().replace("x2,s1", "x2,s9"))
    bibliography = project / "references.bib"
    bibliography.write_text(bibliography.read_text() + "@misc{made2001, title = {Twice}}\n")
    found = load(project).check()
    rules = {finding.rule for finding in found}
    assert {"missing-notebook"} < rules
    assert any('"s9"' in finding.message for finding in found)
    assert any(finding.file == "references.bib" for finding in found)
    assert list(found) == sorted(found)


def test_a_project_without_data(project: Path):
    for table in (project / "data").iterdir():
        table.unlink()
    (project / "data").rmdir()
    review = load(project)
    assert review.check() == ()
    assert list(review.bibliography.entries) == ["made2001"]
    (project / "references.bib").unlink()
    assert not load(project).bibliography.entries
    with pytest.raises(TableError):
        load(project).cite("made2001")


def test_what_if_of_the_repository():
    review = load(Path(__file__).parents[2])
    (row,) = review.what_if("C04", "C05", n_e=10, n_c=10)
    assert row.p_value == pytest.approx(0.141, abs=5e-4)


def test_arms_are_pooled_where_that_is_declared(project: Path):
    (project / "pyproject.toml").write_text(
        '[tool.evsyn]\ntitle = "x"\n[[tool.evsyn.analyses]]\nname = "share"\nquestion = "q"\n'
        'why = "w"\noutcomes = ["healed"]\ndesigns = ["parallel"]\nmeasure = "PLO"\n'
        'arms = ["s1/e"]\n',
        encoding="utf-8",
    )
    review = load(project)
    (row,) = review.pool()
    assert (row.measure, row.method, row.estimate) == ("PLO", "GLMM", None)
    with pytest.raises(ConfigurationError, match=r"declared for arms .PLO., and this is a measure"):
        review.pool(measure="RR")
    assert review.pool(measure="PR", method="REML").rows[0].method == "REML"
