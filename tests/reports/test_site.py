"""Files beside the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.errors import Fault
from evsyn.reports.numbers import PageNumbers
from evsyn.reports.plan import planned
from evsyn.reports.render import Setting
from evsyn.reports.site import findings_document, keep_numbers, kept_numbers, label, write_site
from evsyn.tables.provenance import Finding


@pytest.mark.parametrize(
    ("name", "notebook", "words"),
    [
        ("response_rates_striae", "response_rates", "Response rates · striae"),
        ("response_rates", "response_rates", "Response rates"),
        ("acne-scars", "response_rates", "Acne scars"),
        ("claims", "", "Claims"),
    ],
)
def test_label(name: str, notebook: str, words: str) -> None:
    assert label(name, notebook) == words


def test_numbers_are_kept_between_builds(tmp_path: Path) -> None:
    numbers = PageNumbers("T", "A", [{"text": "7"}], ["1"], 2, {"t1": {"values": {"z": 1, "a": 2}}})
    keep_numbers(tmp_path, "q", numbers)
    kept = kept_numbers(tmp_path, "q")
    assert kept == numbers
    assert list(kept.traces["t1"]["values"]) == ["z", "a"]
    assert kept_numbers(tmp_path, "absent") is None
    (tmp_path / "pages" / "q.json").write_text('{"other": 1}')
    assert kept_numbers(tmp_path, "q") is None


def test_findings_and_faults_in_a_stable_order() -> None:
    finding = Finding("b.csv", 3, "conflict", "warning", "printed", "m", extractions=("E1", "E2"))
    fault = Fault("a.csv", 9, "x", "n", severity="error")
    document = findings_document([finding, fault], version="0")
    assert document["summary"] == {"error": 1, "warning": 1, "note": 0}
    assert [row["file"] for row in document["findings"]] == ["a.csv", "b.csv"]
    assert document["findings"][1]["extractions"] == ["E1", "E2"]
    assert document == findings_document([fault, finding], version="0")


def test_site_is_written_with_its_digests(project) -> None:
    made = project()
    setting = Setting("Synthetic review", (), "00", "0")
    numbers = PageNumbers("How many?", "Seven.")
    digests = write_site(
        planned(made.configuration), [("rates", numbers)], setting=setting, findings=made.check()
    )
    assert sorted(digests) == ["findings.json", "index.html", "numbers.json"]
    assert sorted(path.name for path in made.configuration.output.iterdir()) == sorted(digests)
    assert "How many?" in made.page("index")
