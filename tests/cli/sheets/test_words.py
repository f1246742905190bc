"""Words that the tables share."""

from __future__ import annotations

from collections import Counter

import pytest

from evsyn.cli.sheets.words import (
    Reasons,
    against,
    closing,
    level_words,
    method,
    named,
    out_of,
    plural,
)
from evsyn.literals import OneArmMethod, PairedTest, TwoArmTest, choices


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("wilson", "Wilson"),
        ("wilson-cc", "Wilson cc"),
        ("clopper-pearson", "Clopper-Pearson"),
        ("mid-p", "mid-p"),
        ("mcnemar-exact", "McNemar exact"),
        ("mcnemar-mid-p", "McNemar-mid-p"),
        ("chi-square", "chi-square"),
        ("n-1", "n-1"),
    ],
)
def test_people_get_a_capital(code: str, name: str) -> None:
    assert method(code) == name


@pytest.mark.parametrize("alias", [OneArmMethod, TwoArmTest, PairedTest])
def test_names_of_methods_differ(alias: object) -> None:
    names = [method(code) for code in choices(alias)]
    assert len(set(names)) == len(names)


def test_small_words() -> None:
    assert level_words({"level": 0.9}) == "90% CI"
    assert level_words({"level": 0.999}) == "99.9% CI"
    assert named("a", "", "b") == "a · b"
    assert against("a", "") == "a"
    assert (out_of(7, 16), out_of(None, 16), out_of(7, None), out_of(None, None)) == (
        "7/16",
        "?/16",
        "7/?",
        "",
    )
    assert (plural(1, "rate"), plural(0, "rate")) == ("1 rate", "0 rates")


def test_a_reason_is_told_once() -> None:
    reasons = Reasons(symbols=False)
    cells = [reasons.cell("not found", why) for why in ("x", "y", "x", "")]
    assert cells == ["not found [1]", "not found [2]", "not found [1]", "not found"]
    assert reasons.told() == ("x", "y")


def test_the_closing_line_counts_what_has_no_number() -> None:
    counts = Counter({"not found": 2, "ambiguous": 1, "derived": 5})
    assert closing(counts, "5 rates", assumptions=False) == (
        "5 rates · 1 ambiguous · 2 not found in what was read"
    )
    assert closing(Counter(), "5 rates", assumptions=True).endswith("shows what would change")
