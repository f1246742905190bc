"""The works that a Methods paragraph cites: complete, each with its address."""

from __future__ import annotations

import re

import pytest

from evsyn.text.method_references import REFERENCES


@pytest.mark.parametrize("key", REFERENCES)
def test_every_work_is_complete(key):
    work = REFERENCES[key]
    item = work.csl()
    assert item["id"] == key == work.key
    assert key.endswith(str(work.year))
    assert work.doi or work.url
    assert all(", " in name for name in work.authors)
    if work.doi:
        assert re.fullmatch(r"10\.\d{4,}/\S+", work.doi)
        assert item["type"] == "article-journal"
        assert {"volume", "page", "container-title"} <= set(item)
    if "-" in work.page:
        first, last = map(int, work.page.split("-"))
        assert first < last


def test_a_line_of_the_list():
    """As PubMed gives it: Stat Med. 2001 Dec 30;20(24):3875-89."""
    assert REFERENCES["hartung2001"].printed() == (
        "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials "
        "with binary outcome. Statistics in Medicine. 2001;20(24):3875-3889. doi:10.1002/sim.1009"
    )
    assert REFERENCES["lau1992"].printed().startswith("Lau J, Antman EM, Jimenez-Silva J,")
