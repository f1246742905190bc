"""The evidence itself, checked by plain code that shares nothing with the package's validator."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
SEEDS = ROOT / "../shared/seeds"

COLUMNS = {
    "studies": "study_id kind year condition design allocation unit_randomised unit_analysed"
    " registration note label",
    "reports": "citekey study_id read_scope retrieved note",
    "arms": "study_id arm_id label intervention",
    "comparisons": "study_id comparison_id arm_e arm_c shared_control",
    "outcomes": "outcome_id name kind instrument scale_min scale_max unit event_is better parts"
    " mcid",
    "extractions": "extraction_id study_id arm_id outcome_id subgroup analysis_set time_printed"
    " months anchor field printed relation measure ci_level value_type citekey locator quote"
    " quote_kind extractor checked_by note",
    "assumptions": "assumption_id group requires study_id arm_id outcome_id months field value"
    " preferred_extraction statement rationale default",
    "claims": "claim_id document quote made_on study_id cites intervention comparator outcome_id"
    " months field printed n verdict reason",
    "excluded": "excluded_id candidate_for citekey reason",
    "risk_of_bias": "study_id outcome_id tool domain judgement support citekey locator quote",
    "certainty": "outcome_id comparison certainty reasons statement",
    "flow": "box n reason citekey",
    "searches": "source searched_on query records",
}
ROWS = {
    "studies": 73, "reports": 87, "arms": 91, "comparisons": 43, "outcomes": 105,
    "extractions": 585, "assumptions": 33, "claims": 52, "excluded": 18,
    "risk_of_bias": 0, "certainty": 0, "flow": 0, "searches": 0,
}  # fmt: skip
KEYS = {"reports": 2, "arms": 2, "comparisons": 2}
REQUIRED = {
    "studies": "study_id kind",
    "reports": "citekey study_id read_scope retrieved",
    "arms": "study_id arm_id label intervention",
    "comparisons": "study_id comparison_id arm_e arm_c",
    "outcomes": "outcome_id name kind",
    "extractions": "extraction_id study_id field printed citekey locator quote_kind extractor",
    "assumptions": "assumption_id group study_id field statement rationale default",
    "claims": "claim_id document quote intervention verdict reason",
    "excluded": "excluded_id candidate_for reason",
}
LISTS = {  # a leading bar admits an empty cell
    ("studies", "kind"): "trial|case series|letter|review|clearance|registry|regulator|article",
    ("studies", "design"): "|parallel|within-person|incomplete-block|single-arm",
    ("studies", "allocation"): "|randomised|non-randomised|not stated",
    ("reports", "read_scope"): "full text|abstract|page excerpt|registry record|secondary",
    ("outcomes", "kind"): "dichotomous|ordinal|continuous|count|time|unclear",
    ("outcomes", "event_is"): "|benefit|harm",
    ("outcomes", "better"): "|high|low",
    ("extractions", "analysis_set"): "|itt|completers|as printed",
    ("extractions", "anchor"): "|baseline|last session",
    ("extractions", "relation"): "|<|≤|>|≥|about",
    ("extractions", "value_type"): "|baseline|final|change|percent change",
    ("extractions", "quote_kind"): "verbatim|none",
    ("extractions", "extractor"): "r1|r2|r3",
    ("extractions", "checked_by"): "|r2|r3",
    ("assumptions", "default"): "accept|reject",
    ("claims", "verdict"): "supported|supported with assumption|partly supported|contradicted"
    "|not verifiable|internally inconsistent|superseded|not testable",
}
COUNTS = {"n_enrolled", "n_randomised", "n_completed", "n", "events", "event_count", "k"}
SHARES = {"percent", "percent_units", "percent_change", "percent_unclear"}
WORDS_ONLY = {"allocation", "indication", "cleared_on", "statement"}
NUMBERS = {
    "mean", "sd", "se", "spread_unstated", "median", "min", "max", "estimate", "ci_lb", "ci_ub",
    "p", "i2", "sessions", "sessions_min", "sessions_max", "interval_weeks", "needle_mm",
    "needle_mm_min", "needle_mm_max", "session_minutes", "followup_months", "centres", "age_mean",
}  # fmt: skip
ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
PLACE = [
    "study_id", "arm_id", "outcome_id", "subgroup", "analysis_set", "time_printed", "months",
    "anchor", "value_type",
]  # fmt: skip
WORDS = (
    {"no": 0, "none": 0, "nil": 0, "single": 1, "hundred": 100}
    | {word: value for value, word in enumerate(ONES)}
    | {word: 10 * value for value, word in enumerate(TENS, 2)}
)
Row = dict[str, str]


def table(name: str) -> list[Row]:
    """Rows of a table as they stand in the file."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number_words(text: str) -> list[Decimal]:
    """Values of the number words of a text: 'Twenty-two' is 22."""
    found: list[Decimal] = []
    before = ""
    for word in re.findall(r"[a-z]+", text.lower()):
        if before in TENS and word in ONES[1:10]:
            found[-1] += WORDS[word]
        elif word in WORDS:
            found.append(Decimal(WORDS[word]))
        before = word
    return found


def plain(text: str) -> str:
    """One kind of minus, no thousands separators."""
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.replace("−", "-").replace("–", "-"))


def value_of(row: Row) -> Decimal | None:
    """The number a cell prints, or None where it prints words."""
    text = plain(row["printed"]).lstrip("<>")
    if row["field"] in SHARES and text.lower() == "all":
        return Decimal(100)
    if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text):
        return Decimal(text)
    words = number_words(text)
    return words[0] if len(words) == 1 and row["field"] not in WORDS_ONLY else None


def occurs(row: Row, quote: str) -> bool:
    """Whether a quote carries what a cell prints, as a number in digits or words or verbatim."""
    value = value_of(row)
    if value is None or row["printed"].lower() == "all":
        return re.search(rf"(?<!\w){re.escape(row['printed'])}(?!\w)", quote, re.I) is not None
    found = set(number_words(quote))
    for match in re.finditer(r"-?(?:\d+\.?\d*|\.\d+)", plain(quote)):
        number = Decimal(match.group())
        found.add(number)
        if match.group()[0] == "-" and plain(quote)[max(match.start() - 1, 0)].isalnum():
            found.add(-number)  # a glued hyphen may be a dash
    return value in found


def citekeys() -> list[str]:
    """Keys of the bibliography in file order."""
    text = (ROOT / "references.bib").read_text(encoding="utf-8")
    return re.findall(r"^@\w+\{([^,\s]+),$", text, re.M)


@pytest.mark.parametrize("name", COLUMNS)
def test_table_has_its_form(name: str) -> None:
    raw = (DATA / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw and raw.endswith(b"\n")
    header, *records = list(csv.reader(raw.decode("utf-8").splitlines()))
    assert header == COLUMNS[name].split()
    assert {len(record) for record in records} <= {len(header)}
    assert not [cell for record in records for cell in record if cell != cell.strip()]
    assert len(records) == ROWS[name]


def test_no_other_tables() -> None:
    assert {path.stem for path in DATA.iterdir()} == set(COLUMNS)


@pytest.mark.parametrize("name", REQUIRED)
def test_keys_are_unique_and_required_cells_filled(name: str) -> None:
    rows = table(name)
    keys = Counter(tuple(list(row.values())[: KEYS.get(name, 1)]) for row in rows)
    assert [key for key, times in keys.items() if times > 1] == []
    assert [row for row in rows for column in REQUIRED[name].split() if not row[column]] == []


@pytest.mark.parametrize(("name", "column"), LISTS)
def test_closed_lists(name: str, column: str) -> None:
    assert {row[column] for row in table(name)} <= set(LISTS[name, column].split("|"))


def test_foreign_keys() -> None:
    studies = {row["study_id"] for row in table("studies")}
    arms = {(row["study_id"], row["arm_id"]) for row in table("arms")}
    pairs = {(row["study_id"], row["comparison_id"]) for row in table("comparisons")}
    outcomes = {row["outcome_id"] for row in table("outcomes")}
    reports = {(row["citekey"], row["study_id"]) for row in table("reports")}
    extractions = {row["extraction_id"]: row["study_id"] for row in table("extractions")}
    assumptions = {row["assumption_id"]: row for row in table("assumptions")}
    assert not arms & pairs
    for name in REQUIRED:
        for row in table(name):
            where = f"{name}: {row}"
            assert not row.get("study_id") or row["study_id"] in studies, where
            for outcome in [row.get("outcome_id", ""), *row.get("parts", "").split(";")]:
                assert not outcome or outcome in outcomes, where
            if name in ("extractions", "assumptions") and row["arm_id"]:
                assert (row["study_id"], row["arm_id"]) in arms | pairs, where
            if name == "comparisons":
                assert {(row["study_id"], row[side]) for side in ("arm_e", "arm_c")} <= arms, where
            if name == "extractions":
                assert (row["citekey"], row["study_id"]) in reports, where
    for row in assumptions.values():
        assert bool(row["value"]) != bool(row["preferred_extraction"]), row
        assert not row["requires"] or row["requires"] in assumptions, row
        preferred = row["preferred_extraction"]
        assert not preferred or extractions.get(preferred) == row["study_id"], row


def test_bibliography_is_cited_and_complete() -> None:
    keys = citekeys()
    assert len(keys) == len(set(keys)) == 85
    used = {row["citekey"] for name in ("reports", "extractions") for row in table(name)}
    used |= {row["citekey"] for row in table("excluded") if row["citekey"]}
    assert used == set(keys)
    text = (ROOT / "references.bib").read_text(encoding="utf-8")
    assert len(re.findall(r"^@", text, re.M)) == len(keys) == len(re.findall(r"^\}$", text, re.M))
    for entry in re.split(r"\n(?=@)", text):
        names = re.findall(r"^  (\w+) = \{.*\},$", entry, re.M)
        assert len(names) == len(set(names)) == entry.strip().count("\n") - 1, entry
        assert entry.count("{") == entry.count("}"), entry
        assert {"title", "note"} & set(names), entry


def test_every_study_has_a_report_and_an_extraction_unless_narrative() -> None:
    read = {row["study_id"] for row in table("reports")}
    extracted = {row["study_id"] for row in table("extractions")}
    studies = {row["study_id"]: row["kind"] for row in table("studies")}
    assert read == set(studies)
    assert {studies[study] for study in set(studies) - extracted} <= {"review"}


def test_printed_values_are_numbers_within_range() -> None:
    for row in table("extractions"):
        field, value = row["field"], value_of(row)
        assert field in COUNTS | SHARES | WORDS_ONLY | NUMBERS, row
        if field in WORDS_ONLY:
            continue
        assert value is not None, row
        top = {"percent": 100, "percent_units": 100, "percent_unclear": 100, "i2": 100, "p": 1}
        assert field not in top or 0 <= value <= top[field], row
        assert field not in COUNTS or (value >= 0 and value % 1 == 0), row
        assert field not in ("sd", "se", "spread_unstated") or value >= 0, row


def test_quotes_carry_their_values() -> None:
    rows = table("extractions")
    for row in rows:
        quote = row["quote"]
        assert (row["quote_kind"] == "verbatim") == bool(quote), row
        assert len(quote.split()) <= 25, row
        assert not quote or occurs(row, quote), row
    without = {row["extraction_id"] for row in rows if not row["quote"]}
    assert without == {f"long2020-0{number}" for number in range(3, 9)}


def test_relation_stands_where_the_value_is_a_bound() -> None:
    for row in table("extractions"):
        sign = row["printed"][0]
        assert sign not in "<>" or row["relation"] == sign, row
    bounds = {
        row["extraction_id"]: row["relation"]
        for row in table("extractions")
        if row["relation"] and row["field"] != "p"
    }
    assert bounds == {"mohamedali2017-03": "≥", "majid2009-07": ">"}


def test_times_and_anchors_agree() -> None:
    for row in table("extractions"):
        assert not row["months"] or re.fullmatch(r"\d+(\.\d)?", row["months"]), row
        assert not row["anchor"] or row["months"], row
        assert not row["months"] or row["time_printed"], row
        at_baseline = row["months"] == "0" and row["anchor"] == "baseline"
        assert at_baseline == (row["value_type"] == "baseline"), row
        weeks = re.search(r"(\d+) weeks", row["time_printed"])
        if weeks and row["months"]:
            months = Decimal(int(weeks[1]) * 7) / Decimal("30.4375")
            assert round(months, 1) == Decimal(row["months"]), row


def test_spreads_and_limits_join_a_value() -> None:
    centres = defaultdict(set)
    for row in table("extractions"):
        if row["field"] in ("mean", "median", "percent", "estimate"):
            centres[tuple(row[column] for column in PLACE)].add(row["field"])
    for row in table("extractions"):
        key = tuple(row[column] for column in PLACE)
        if row["field"] in ("sd", "se", "spread_unstated"):
            assert "mean" in centres[key], row
        if row["field"] in ("ci_lb", "ci_ub"):
            assert row["measure"] and row["ci_level"] and centres[key], row


def test_one_source_prints_one_value_in_a_cell_unless_it_contradicts_itself() -> None:
    cell = [*PLACE, "field", "measure"]
    printed = defaultdict(list)
    for row in table("extractions"):
        printed[tuple(row[column] for column in [*cell, "citekey"])].append(row["extraction_id"])
    assert [ids for ids in printed.values() if len(ids) > 1] == [
        ["skinpen_neck_nct03803059-05", "skinpen_neck_nct03803059-06"],
        ["shen2022-04", "shen2022-05"],
    ]


def test_no_more_events_than_people() -> None:
    sizes: dict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    place = ("study_id", "arm_id", "outcome_id", "subgroup")
    rows = [(row, value_of(row)) for row in table("extractions")]
    for row, value in rows:
        if row["field"] == "n" and value is not None:
            sizes[tuple(row[column] for column in place)].append(value)
    for row, value in rows:
        if row["field"] == "events" and value is not None:
            assert all(value <= n for n in sizes[tuple(row[c] for c in place)]), row


def test_scales_unite_outcomes_that_are_no_unions_themselves() -> None:
    outcomes = {row["outcome_id"]: row for row in table("outcomes")}
    for row in outcomes.values():
        parts = [part for part in row["parts"].split(";") if part]
        assert row["kind"] != "ordinal" or len(parts) > 1, row
        assert len(set(parts)) == len(parts) and row["outcome_id"] not in parts, row
        assert {outcomes[part]["kind"] for part in parts} <= {"dichotomous"}, row
        assert not any(outcomes[part]["parts"] for part in parts), row
    assert outcomes["improvement_marked_or_excellent"]["parts"].count(";") == 1
    assert outcomes["response_good_or_excellent"]["parts"].count(";") == 1


def test_every_outcome_is_used_or_unites() -> None:
    used = {row["outcome_id"] for name in ("extractions", "claims") for row in table(name)}
    part_of = {part for row in table("outcomes") for part in row["parts"].split(";")}
    idle = [
        row["outcome_id"]
        for row in table("outcomes")
        if row["outcome_id"] not in used | part_of and not row["parts"]
    ]
    assert idle == []


def test_unclear_percentages_belong_to_unclear_outcomes() -> None:
    kinds = {row["outcome_id"]: row["kind"] for row in table("outcomes")}
    unclear = {
        row["outcome_id"] for row in table("extractions") if row["field"] == "percent_unclear"
    }
    assert {outcome for outcome, kind in kinds.items() if kind == "unclear"} == unclear


def test_claims_carry_their_values() -> None:
    for row in table("claims"):
        if row["printed"]:
            assert occurs(row, row["quote"]), row
        assert not row["field"] or row["field"] in COUNTS | SHARES | WORDS_ONLY | NUMBERS, row


def test_claims_are_quoted_from_their_documents() -> None:
    if not SEEDS.is_dir():
        pytest.skip("the documents of the claims are not at hand")
    for row in table("claims"):
        assert row["quote"] in (SEEDS / row["document"]).read_text(encoding="utf-8"), row


def test_evidence_is_pinned() -> None:
    pinned = json.loads((Path(__file__).parent / "hashes.json").read_text(encoding="utf-8"))
    files = [*sorted(DATA.glob("*.csv")), ROOT / "references.bib"]
    found = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    assert found == pinned, "after a deliberate change: python scripts/pin_data.py"


def test_pin_script_compares() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "pin_data.py")]
    done = subprocess.run([*script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    wrong = subprocess.run([*script, "--nonsense"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "usage" in wrong.stderr
