from __future__ import annotations

from dataclasses import replace
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
        outcome={"marked_better": SimpleNamespace(name="Markedly better")},
        arm={
            ("synthetic2001", "one"): SimpleNamespace(label="Treatment one"),
            ("synthetic2001", "two"): SimpleNamespace(label="Treatment two"),
        },
        comparisons=(
            SimpleNamespace(
                study_id="synthetic2001", comparison_id="one_v_two", arm_e="one", arm_c="two"
            ),
        ),
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


def test_findings_on_one_printed_value_share_a_row(assert_sound):
    other = replace(FINDING, rule="other", message="71 (synthetic) fits no total", expected="",
                    found="of 43: 71")  # fmt: skip
    apart = replace(FINDING, line=8)
    block = findings_table([FINDING, apart, other], evidence=evidence())
    assert_sound(block)
    assert len(block.traces) == 2
    row = block.plain.split("\n")[-2]
    assert "71 % fits no count of 43 71 (synthetic) fits no total" in row
    assert row.endswith("| 69.8 or 72.1 | of 43: 71")
    assert ("rule", "fits-no-count, other") in block.traces[0].parameters


def test_ids_are_told_in_words_of_readers(assert_sound):
    said = "ci_lb (one_v_two, marked_better): 3 (not known) and needle_mm_max of skin_x differ"
    block = findings_table([replace(FINDING, message=said)], evidence=evidence())
    assert_sound(block)
    assert (
        "lower confidence limit (Treatment one v Treatment two, Markedly better): 3 (not known) "
        "and needle length, longest, mm of skin_x differ"
    ) in block.plain
