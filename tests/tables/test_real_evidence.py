"""What follows from the evidence of this repository: known results, and laws over all of it."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from evsyn.errors import AssumptionError
from evsyn.tables.counts import fits
from evsyn.tables.derive import evidence
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.ledger import Ledger
from evsyn.tables.load import ledger_faults, read_ledger
from evsyn.tables.printed import read_printed

ROOT = Path(__file__).parents[2]


@cache
def ledger() -> Ledger:
    """The repository's own tables."""
    return read_ledger(ROOT / "data", ROOT / "references.bib")


@cache
def table(accept: str = "default") -> Evidence:
    """The tidy table under some assumptions."""
    return evidence(ledger(), accept)


def cell(study: str, arm: str, outcome: str, field: str, accept: str = "default") -> Cell | None:
    """The cell of a field without subgroup; None where there is none."""
    found = [
        one
        for one in table(accept).cells
        if one.key[:4] == (study, arm, outcome, "") and one.key.field == field
    ]
    assert len(found) < 2, found
    return found[0] if found else None


def rate(study: str, arm: str, outcome: str, accept: str = "default") -> Any:
    """Events and n; where open, what remains possible; None where there is no cell."""
    pair = []
    for field in ("events", "n"):
        one = cell(study, arm, outcome, field, accept)
        pair.append(None if one is None else list(one.candidates) or one.value)
    return None if pair == [None, None] else tuple(pair)


def test_the_tables_have_no_faults() -> None:
    assert ledger_faults(ROOT / "data", ROOT / "references.bib") == ()


@pytest.mark.parametrize(
    ("study", "arm", "outcome", "expected", "status"),
    [
        ("park2012", "dts", "improvement_marked_or_excellent", (7, 16), "reported"),
        ("park2012", "dts", "satisfaction_somewhat_or_highly", (14, 16), "derived"),
        ("skinstylus_k200044", "treated", "vas_gain_10mm", (22, 30), "reported"),
        ("kaur2024", "mn_prp", "satisfaction_very", (13, 15), "derived"),
        ("kaur2024", "mn", "satisfaction_satisfied", (11, 15), "derived"),
        ("mohamedali2017", "microneedling", "improvement_marked_or_excellent", (10, 15), "derived"),
        ("mohamedali2017", "microdermabrasion", "improvement_marked", (3, 15), "derived"),
        (
            "mohamedali2017",
            "microdermabrasion",
            "improvement_marked_or_excellent",
            ([3, 4, 5], 15),
            "ambiguous",
        ),
        ("asif2016", "mn_prp", "response_good_or_excellent", (50, 50), "derived"),
        ("asif2016", "mn_water", "response_good", (42, 50), "reported"),
        ("chawla2014", "mn_prp", "response_excellent", (5, 27), "reported"),
        ("chawla2014", "mn_vitc", "response_poor", (10, 27), "reported"),
        ("krithika2025", "mn", "response_good_or_excellent", (0, 25), "derived"),
        ("krithika2025", "prp", "response_good_or_excellent", (25, 25), "derived"),
        ("idoj2024_co2_mn", "microneedling", "pih", (2, 30), "derived"),
        ("idoj2024_co2_mn", "co2", "pih", (9, 30), "derived"),
        ("cachafeiro2016", "nafl", "pih", ([3, 6], [22, 44]), "ambiguous"),
        ("ishfaq2022", "microneedling", "gb_gt1_grade", (22, 30), "reported"),
        ("ishfaq2022", "ga", "gb_gt1_grade", (10, 30), "derived"),
    ],
)
def test_known_rates(study: str, arm: str, outcome: str, expected: Any, status: str) -> None:
    assert rate(study, arm, outcome) == expected
    found = cell(study, arm, outcome, "events")
    assert found is not None
    assert (found.status, found.assumptions) == (status, ())


def test_rates_of_jpad2525() -> None:
    made = {
        (events.key.arm_id, events.value, n.value)
        for events in table().cells
        for n in table().cells
        if events.key.study_id == "jpad2525" and events.key.field == "events"
        if n.key == events.key._replace(field="n")
    }
    assert {(26.0, 30.0), (19.0, 30.0)} <= {(events, n) for _, events, n in made}


@pytest.mark.parametrize("field", ["satisfaction_very"])
def test_kaur_is_read_as_truncated(field: str) -> None:
    found = cell("kaur2024", "mn_prp", field, "events")
    assert found is not None
    assert found.rule == "percent-and-n, truncated"


def test_what_is_assumed_of_mohamed_ali() -> None:
    for name, events in (("mohamedali2017-excellent-0", 3), ("mohamedali2017-excellent-2", 5)):
        home = ("mohamedali2017", "microdermabrasion", "improvement_marked_or_excellent")
        assert rate(*home, name) == (events, 15)
        found = cell(*home, "events", name)
        assert found is not None
        assert (found.status, found.assumptions) == ("assumed", (name,))
    home = ("mohamedali2017", "microneedling", "improvement_marked_or_excellent")
    assert cell(*home, "events", name).status == "derived"  # type: ignore[union-attr]


NASSAR = ("needling", "microdermabrasion_sonophoresis")


@pytest.mark.parametrize(
    ("accept", "needling", "other"),
    [
        ("default", None, None),
        ("nassar2016-20-20,nassar2016-patients", (18, 20), (10, 20)),
        ("nassar2016-10-30,nassar2016-patients", (9, 10), (15, 30)),
        ("nassar2016-30-10,nassar2016-patients", (27, 30), (5, 10)),
        ("nassar2016-patients", ([9, 18, 27], [10, 20, 30]), ([5, 10, 15], [10, 20, 30])),
        ("nassar2016-20-20", (None, 20), (None, 20)),
        ("nassar2016-20-20,nassar2016-amount", (None, 20), (None, 20)),
    ],
)
def test_nothing_follows_from_nassar_without_assumptions(
    accept: str, needling: Any, other: Any
) -> None:
    found = tuple(rate("nassar2016", arm, "histology_increase", accept) for arm in NASSAR)
    assert found == (needling, other)
    for one in table(accept).cells:
        if one.key.study_id == "nassar2016" and one.key.field in ("events", "n"):
            assert one.status in ("assumed", "ambiguous")
            assert set(one.assumptions) <= set(accept.split(","))
            assert one.assumptions


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        ("nassar2016-10-30", "requires nassar2016-patients"),
        ("nassar2016-20-20,nassar2016-10-30,nassar2016-patients", "exclude each other"),
        ("nassar2016-patients,nassar2016-amount", "exclude each other"),
    ],
)
def test_choices_on_nassar_that_cannot_be_made(accept: str, message: str) -> None:
    with pytest.raises(AssumptionError, match=message):
        evidence(ledger(), accept)


def test_osman_has_no_events_without_an_assumption() -> None:
    arms, outcome = ("microneedling", "eryag"), "clinical_histological_improvement"
    for arm in arms:
        assert cell("osman2017", arm, outcome, "events") is None
        assert cell("osman2017", arm, outcome, "percent_unclear") is not None
    made = {rate("osman2017", arm, outcome, "osman2017-patients") for arm in arms}
    assert made == {(21, 30), (9, 30)}


def test_nimrf_has_events_but_no_n() -> None:
    for arm, events in (("co2", 6), ("nimrf", 4)):
        assert rate("nimrf_co2_striae", arm, "pih") == (events, None)
    assert rate("nimrf_co2_striae", "co2", "pih", "nimrf-completers") == (6, 10)
    assert rate("nimrf_co2_striae", "co2", "pih", "nimrf-enrolled") == (6, 14)


@pytest.mark.parametrize(
    ("study", "rule", "words"),
    [
        ("asif2016", "count-beats-percent", ["42 of 50 is 84%", "printed is 6%"]),
        ("asif2016", "fits-no-total", ["42 (6%)"]),
        ("kaur2024", "count-beats-percent", ["3 of 15 is 20%", "printed is 80%"]),
        ("kaur2024", "count-beats-percent", ["1 of 15 is 6.667%", "printed is 3.33%"]),
        ("kaur2024", "truncated", ["86.6%"]),
        ("hkjd2018_825", "fits-no-total", ["91.8%", "36"]),
        ("alam2014", "interval-off-centre", ["0.4 (-2.3 to 3.5)", "midpoint is 0.6"]),
        ("skinpen_den160029", "conflict", ["needle_mm_max", "2.0", "1.5"]),
        ("skinpen_neck_nct03803059", "conflict", ["n_enrolled", "35", "33"]),
        ("skinpen_neck_nct03803059", "conflict", ["followup_months", "6", "3"]),
        ("shen2022", "conflict", ["ci_lb", "-0.12", "0.12"]),
        ("majid2009", "united-differs", ["printed 34", "parts make 32"]),
        ("cachafeiro2016", "ambiguous", ["3 of 22 or 6 of 44"]),
    ],
)
def test_known_findings(study: str, rule: str, words: list[str]) -> None:
    found = [f for f in table().findings if f.study_id == study and f.rule == rule]
    assert any(all(word in f.message for word in words) for f in found), found


def test_conflicts_are_these_only() -> None:
    found = [
        (f.study_id, f.message.split(": ")[1]) for f in table().findings if f.rule == "conflict"
    ]
    assert len(found) == 4
    none = [f.study_id for f in table("none").findings if f.rule == "conflict"]
    assert {"alam2014", "fabbrocini2009", "afra2019"} <= set(none)


@pytest.mark.parametrize("accept", ["default", "none", "all"])
def test_every_count_fits_its_n_and_its_percentage(accept: str) -> None:
    cells = {one.key: one for one in table(accept).cells}
    checked = 0
    for key, one in cells.items():
        n, percent = cells.get(key._replace(field="n")), cells.get(key._replace(field="percent"))
        if key.field != "events" or one.value is None or n is None or n.value is None:
            continue
        assert 0 <= one.value <= n.value
        share = read_printed(percent.text, "percent") if percent is not None else None
        if share is not None and one.rule.startswith("percent"):
            assert fits(int(one.value), int(n.value), share, truncated=True)
            checked += 1
    assert checked > 10


@pytest.mark.parametrize("accept", ["default", "none", "all"])
def test_every_trace_ends_in_rows_of_the_ledger(accept: str) -> None:
    found = table(accept)
    for one in found.cells:
        assert all(name in ledger().extraction for name in one.extractions)
        assert set(one.assumptions) <= set(found.selection.accepted)
        assert one.extractions or one.assumptions
        assert len(found.quotes(one.extractions)) == len(one.extractions)
        assert set(one.citekeys) == {ledger().extraction[x].citekey for x in one.extractions}
        assert {ledger().extraction[x].study_id for x in one.extractions} <= {one.key.study_id}


def test_every_printed_value_is_in_a_cell() -> None:
    used = {name for one in table("none").cells for name in one.extractions}
    assert used == set(ledger().extraction)


def choices() -> list[str]:
    """Each assumption with what it requires, alternatives among the defaults rejected."""
    return [",".join(["none", *row.requires, row.assumption_id]) for row in ledger().assumptions]


@pytest.mark.parametrize("accept", choices())
def test_rejecting_an_assumption_makes_all_that_follows_disappear(accept: str) -> None:
    name = accept.rsplit(",", 1)[1]
    requires = accept.rsplit(",", 1)[0]
    with_it, without = table(accept), table(requires)
    before = {one.key: one for one in without.cells}
    cells = {one.key: one for one in with_it.cells}
    touched = 0
    for one in with_it.cells:
        if name in one.assumptions:
            touched += 1
            assert before.get(one.key) != one
        elif one.key in before:
            assert before[one.key] == one
        else:  # the n of an outcome that is counted by the assumption only
            assert one.key.field == "n"
            assert name in cells[one.key._replace(field="events")].assumptions
    assert not any(name in one.assumptions for one in without.cells)
    row = ledger().assumption[name]
    follows = any(c.key.study_id == row.study_id and c.rule for c in without.cells)
    assert touched or follows  # an assumption that changes nothing states what follows already


def test_the_order_of_rows_does_not_matter() -> None:
    def cells(found: Evidence) -> Any:
        return {
            one.key if one.key.months is None else one.key._replace(time_printed=""): (
                one.value,
                one.candidates,
                one.status,
                one.rule,
                frozenset(one.extractions),
                one.assumptions,
            )
            for one in found.cells
        }

    def rules(found: Evidence) -> Any:
        return sorted((f.rule, f.study_id, tuple(sorted(f.extractions))) for f in found.findings)

    before = table()
    for seed in range(3):
        chance = random.Random(seed)
        tables = {
            spec.name: tuple(chance.sample(rows, len(rows)))
            for spec in fields(Ledger)
            if isinstance(rows := getattr(ledger(), spec.name), tuple)
        }
        after = evidence(replace(ledger(), **tables))
        assert cells(after) == cells(before)
        assert rules(after) == rules(before)
