from __future__ import annotations

from types import SimpleNamespace

from evsyn.tables.provenance import Finding, Quote
from evsyn.text import findings_table

FINDING = Finding(
    file="data/synthetic.csv", line=7, rule="fits-no-count", severity="warning", column="printed",
    message="71 % fits no count of 43", study_id="synthetic2001", verdict="impossible",
    expected="69.8 or 72.1", found="71", extractions=("s-1", "gone"),
)  # fmt: skip


def evidence():
    """Evidence (synthetic) with one extraction."""
    quote = Quote("s-1", "synthetic2001", "abstract", "71", "71 % (synthetic)")
    ledger = SimpleNamespace(
        extraction={"s-1": None},
        label=lambda name: "Synthetic 2001",
        bibliography=SimpleNamespace(entries={"synthetic2001": None}),
    )
    return SimpleNamespace(ledger=ledger, quotes=lambda names: tuple(quote for _ in names))


def test_finding_says_what_would_fit_and_what_is_printed(assert_sound):
    block = findings_table([FINDING], evidence=evidence())
    assert_sound(block)
    row = block.plain.split("\n")[-1].replace("\N{NO-BREAK SPACE}", " ")
    assert row == (
        "Synthetic 2001 [synthetic2001] | △ impossible 71 % fits no count of 43 "
        "data/synthetic.csv:7 | 69.8 or 72.1 | 71"
    )


def test_trace_ends_in_the_printed_value():
    (trace,) = findings_table([FINDING], evidence=evidence()).traces
    assert [quote.extraction_id for quote in trace.quotes] == ["s-1"]
    assert ("rule", "fits-no-count") in trace.parameters


def test_finding_on_the_ledger_names_its_file(assert_sound):
    bare = Finding("data/synthetic.csv", 0, "rule", "error", "", "something is off")
    block = findings_table([bare], evidence=evidence())
    assert_sound(block)
    assert "✕ error something is off" in block.plain


def test_nothing_found_is_said(assert_sound):
    block = findings_table([], evidence=evidence())
    assert_sound(block)
    assert "Nothing was found." in block.plain
