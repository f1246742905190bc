from __future__ import annotations

import pytest

from evsyn.literals import Status, choices
from evsyn.text.status import MEANINGS, VERDICTS, status_legend, status_mark, verdict_mark


@pytest.mark.parametrize("status", choices(Status))
def test_every_status_has_word_class_and_meaning(status):
    assert status_mark(status) == (
        f'<span class="st st-{status.replace(" ", "-")}">{status}</span>'
    )
    assert status in MEANINGS


def test_unknown_status_is_plain_text():
    assert status_mark("<odd>") == "&lt;odd&gt;"


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_shape_and_word(verdict):
    made = verdict_mark(verdict)
    assert made.endswith(f"{verdict}</span>")
    assert 'aria-hidden="true"' in made


def test_shapes_of_verdicts_differ():
    shapes = [shape for shape, _ in VERDICTS.values()]
    assert len(set(shapes)) == len(shapes)


def test_missing_verdict_is_said():
    assert "no verdict" in verdict_mark("")


def test_legend_explains_every_status():
    block = status_legend()
    assert block.slot == "note"
    assert all(status in block.plain for status in choices(Status))
