"""Numbers that carry their trace: ``<data value=… data-trace=…>`` around what is printed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evsyn import formats
from evsyn.synthesis.results import Result
from evsyn.tables.provenance import Quote, Step, Trace
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span

__all__ = [
    "MISSING",
    "chosen",
    "count",
    "counted",
    "distinct",
    "group",
    "level_of",
    "months",
    "noted",
    "number",
    "p_value",
    "ratio",
    "share",
    "share_digits",
    "traced_words",
]

MISSING = element("span", escape(formats.MISSING), class_="none")
_TOKEN = re.compile(
    r"[^\W\d]\w*(?:-\w+)*(?: (?:19|20)\d\d(?!\w|\.\d))?|[−-]?\d+(?:[.,·]\d+)*(?!\w)(?: ?%)?|\d\w*"
)


def number(text: str, value: float | None, trace: Trace) -> Markup:
    """Return a printed number with its full value and the trace that explains it.

    Parameters
    ----------
    text : str
        The number as the reader sees it.
    value : float or None
        The number itself; None and nan print as a missing value without a trace.
    trace : Trace
        Where the number comes from.

    Returns
    -------
    Markup
        A ``data`` element.

    Examples
    --------
    >>> number("67%", 2 / 3, Trace("10/15"))  # doctest: +ELLIPSIS
    '<data value="0.666666666667" data-trace="t...">67%</data>'
    """
    if value is None or math.isnan(value):
        return MISSING
    return element("data", escape(text), value=formats.compact(value), data_trace=trace.trace_id)


def count(value: int | None, trace: Trace) -> Markup:
    """Return a whole number."""
    return MISSING if value is None else number(formats.whole(value), value, trace)


def share(proportion: float | None, trace: Trace, *, digits: int = 0, sign: str = "%") -> Markup:
    """Return a proportion in 0..1 as a percentage; ``sign=""`` leaves the per cent sign out."""
    text = formats.percent(proportion, digits).removesuffix("%") + sign
    return number(text, proportion, trace)


def ratio(value: float | None, trace: Trace) -> Markup:
    """Return an effect size with as many digits as a reader can use."""
    return number(formats.ratio(value), value, trace)


def p_value(value: float | None, trace: Trace) -> Markup:
    """Return a p value."""
    return number(formats.p_value(value), value, trace)


def share_digits(sizes: Iterable[int | None]) -> int:
    """Decimals of percentages in one table: none where any group has fewer than 100 people.

    Examples
    --------
    >>> share_digits([15, 240]), share_digits([120, 240]), share_digits([])
    (0, 1, 0)
    """
    known = [size for size in sizes if size]
    return 1 if known and min(known) >= 100 else 0


def group(trace: Trace, *parts: Markup) -> Markup:
    """Return numbers of one trace that are read as one: ``10/15``, ``3 to 5``, ``1.13 to 2.86``."""
    return element("span", *parts, class_="nums", data_trace=trace.trace_id)


def traced_words(text: str, trace: Trace) -> Markup:
    """Return words in which every number refers to the trace that explains the sentence.

    Parameters
    ----------
    text : str
        A sentence, e.g. the reason of a row.
    trace : Trace
        What explains it.

    Returns
    -------
    Markup
        Numbers as ``data``; names that hold digits, such as ids and ``Doe 2001``, as names.

    Examples
    --------
    >>> traced_words("6 by CO2", Trace("six"))  # doctest: +ELLIPSIS
    '<data value="6" data-trace="t...">6</data> by <span class="name">CO2</span>'
    """
    parts: list[Markup] = []
    end = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        value = _value(word)
        parts.append(escape(text[end : match.start()]))
        if value is not None:
            parts.append(number(word, value, trace))
        elif word[0].isdigit():
            parts.append(span("quote", word))
        elif " " in word and not word[0].isupper():
            parts += [escape(word[:-4]), number(word[-4:], _value(word[-4:]), trace)]
        else:
            parts.append(span("name", word) if any(map(str.isdigit, word)) else escape(word))
        end = match.end()
    parts.append(escape(text[end:]))
    return joined(parts)


def _value(printed: str) -> float | None:
    plain = printed.removesuffix("%").strip().replace("−", "-").replace("·", ".")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    try:
        return float(plain)
    except ValueError:
        return None


def counted(
    what: str,
    value: int,
    how: str,
    *,
    settings: Mapping[str, object],
    quotes: Sequence[Quote] = (),
) -> tuple[Markup, Trace]:
    """Return a count of rows, traced to the table and the options that chose the rows.

    Parameters
    ----------
    what : str
        What is counted: ``studies``.
    value : int
        How many.
    how : str
        How they were counted, in words.
    settings : mapping
        Options under which the rows were made; they end the trace.
    quotes : sequence of Quote
        Printed values that were counted, if any.

    Returns
    -------
    tuple of Markup and Trace
        The number and its trace.
    """
    trace = Trace(
        title=f"{formats.whole(value)} {what}",
        values=((what, float(value)),),
        steps=(Step("Count", how),),
        quotes=tuple(quotes),
        parameters=chosen(settings),
    )
    return count(value, trace), trace


def level_of(result: Result[Any]) -> str:
    """Return the confidence level of a result as a percentage."""
    level = result.settings.get("level", 0.95)
    return formats.percent(float(level) if isinstance(level, int | float) else 0.95)


def chosen(settings: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Options as the parameters that end a trace; unused filters are left out."""
    used = tuple((name, formats.setting(value)) for name, value in settings.items() if value != "")
    return used or (("filter", "none"),)


def noted(result: Result[Any]) -> tuple[list[Markup], list[Trace]]:
    """Return the notes of a result, their numbers traced to the options they were made under."""
    notes: list[Markup] = []
    traces: list[Trace] = []
    for note in result.notes:
        trace = Trace(note, steps=(Step("Note", note),), parameters=chosen(result.settings))
        words = traced_words(note, trace)
        notes.append(words)
        if words != escape(note):
            traces.append(trace)
    return notes, traces


def distinct(traces: Iterable[Trace]) -> tuple[Trace, ...]:
    """Traces without repetition, in the order of first use."""
    return tuple({trace.trace_id: trace for trace in traces if trace.title}.values())


def months(value: float | None, trace: Trace) -> Markup:
    """Return a time in months, or nothing."""
    if value is None:
        return EMPTY
    unit = "month" if value == 1 else "months"
    return joined([number(formats.compact(value), value, trace), escape(unit)], " ")
