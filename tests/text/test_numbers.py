from __future__ import annotations

import math

import pytest

from evsyn.synthesis.results import Result
from evsyn.tables.provenance import Trace
from evsyn.text import numbers
from evsyn.text.numbers import MISSING, number, traced_words

TRACE = Trace("synthetic", parameters=(("filter", "none"),))
ID = TRACE.trace_id


def data(text, value):
    return f'<data value="{value}" data-trace="{ID}">{text}</data>'


def test_number_has_its_full_value_and_trace():
    assert number("67%", 2 / 3, TRACE) == data("67%", "0.666666666667")


@pytest.mark.parametrize("value", [None, math.nan])
def test_missing_number_has_no_trace(value):
    assert number("x", value, TRACE) == MISSING


@pytest.mark.parametrize(
    ("made", "text", "value"),
    [
        (numbers.count(15, TRACE), "15", "15"),
        (numbers.share(0.125, TRACE), "13%", "0.125"),
        (numbers.share(0.125, TRACE, digits=1, sign=""), "12.5", "0.125"),
        (numbers.ratio(1.8, TRACE), "1.80", "1.8"),
        (numbers.p_value(0.0138, TRACE), "0.014", "0.0138"),
        (numbers.p_value(0.0001, TRACE), "&lt;0.001", "0.0001"),
        (numbers.months(1.0, TRACE), "1", "1"),
    ],
)
def test_kinds_of_numbers(made, text, value):
    assert made.startswith(data(text, value))


def test_months_have_their_unit():
    assert numbers.months(1.0, TRACE).endswith(" month")
    assert numbers.months(2.8, TRACE).endswith(" months")
    assert numbers.months(None, TRACE) == ""


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("40% of 15 is 6", f"{data('40%', '40')} of {data('15', '15')} is {data('6', '6')}"),
        ("90 % of", f"{data('90 %', '90')} of"),
        ("p −0.5", f"p {data('−0.5', '-0.5')}"),
        ("of 1,845 people", f"of {data('1,845', '1845')} people"),
        ("CO2 and a-20-b", '<span class="name">CO2</span> and <span class="name">a-20-b</span>'),
        ("by Doe 2001.", 'by <span class="name">Doe 2001</span>.'),
        ("in 2001", f"in {data('2001', '2001')}"),
        (
            "the 4th of 2.3.4",
            'the <span class="quote">4th</span> of <span class="quote">2.3.4</span>',
        ),
        ("a < b", "a &lt; b"),
        ("", ""),
    ],
)
def test_numbers_within_words(words, made):
    assert traced_words(words, TRACE) == made


def test_group_shares_one_trace():
    made = numbers.group(TRACE, numbers.count(1, TRACE), numbers.count(2, TRACE))
    assert made.startswith(f'<span class="nums" data-trace="{ID}">')


def test_count_ends_in_the_options_that_chose_the_rows():
    shown, trace = numbers.counted("studies", 12, "rows", settings={"condition": "x", "study": ""})
    assert trace.parameters == (("condition", "x"),)
    assert trace.ends
    assert trace.trace_id in shown
    assert numbers.chosen({}) == (("filter", "none"),)


def test_notes_are_traced_only_where_they_hold_numbers():
    result = Result("rates", (), {"level": 0.9}, ("No number here.", "3 reviews left out."))
    notes, traces = numbers.noted(result)
    assert len(notes) == 2
    assert [trace.title for trace in traces] == ["3 reviews left out."]


def test_distinct_keeps_the_first_of_each():
    assert numbers.distinct([TRACE, TRACE, Trace("")]) == (TRACE,)


def test_level_is_a_percentage():
    assert numbers.level_of(Result("rates", (), {"level": 0.9})) == "90%"
    assert numbers.level_of(Result("rates", (), {})) == "95%"
