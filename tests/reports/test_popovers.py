"""A trace as a reader sees it."""

from __future__ import annotations

from evsyn.reports.popovers import popover
from evsyn.tables.provenance import Quote, Step, Trace

SYNTHETIC = Trace(
    "10/15 = 67%",
    ("Doe 2001", "", "arm A"),
    (("rate", 2 / 3), ("ci_lb", 0.42), ("p_value", None)),
    (Step("Rate", "10 ÷ 15", "derived"),),
    (
        Quote("E1", "doe2001", "abstract", "40%", "40% were marked, 26.7% excellent", "marked"),
        Quote(
            "E2", "doe2001", "abstract", "26.7%", "40% were marked, 26.7% excellent", "excellent"
        ),
        Quote("E3", "a leaflet", "", "fifteen", "", "n"),
    ),
    (("a1", "Both are shares of patients"),),
    (("condition", "striae"),),
    "derived",
)


def shown():
    trace = SYNTHETIC.as_dict() | {"id": SYNTHETIC.trace_id}
    return popover(trace, lambda key: "Doe J. A <title>." if key == "doe2001" else "")


def test_title_path_status_and_steps() -> None:
    card = shown()
    assert card.id == SYNTHETIC.trace_id and card.title == "10/15 = 67%"
    assert card.path == ("Doe 2001", "arm A") and card.status == "derived"
    assert [step["label"] for step in card.steps] == ["Rate"]


def test_values_have_words_twelve_digits_and_no_gaps() -> None:
    assert shown().values == (("rate", "0.666666666667"), ("lower limit", "0.42"))


def test_one_quote_stands_once_for_all_its_values() -> None:
    first, second = shown().sources
    assert first.text == "40% were marked, 26.7% excellent"
    assert first.what == "marked; excellent" and first.extraction == "E1, E2"
    assert first.citation == "Doe J. A &lt;title&gt;."
    assert second.text == "" and second.printed == "fifteen" and second.citation == "a leaflet"


def test_assumptions_and_parameters() -> None:
    assert shown().assumptions == (("a1", "Both are shares of patients"),)
    assert shown().parameters == (("condition", "striae"),)
