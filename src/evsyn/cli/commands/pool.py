"""``evsyn pool``: meta-analysis."""

from __future__ import annotations

from pathlib import Path

import click

from evsyn.cli.options import (
    Settings,
    accept_option,
    common_options,
    file_argument,
    filter_options,
    level_option,
    refuse_with_file,
)
from evsyn.cli.output import Answer, deliver
from evsyn.cli.project import evidence_words, open_review
from evsyn.literals import ComparisonMeasure, PoolMethod, PoolTest, choices

__all__ = ["pool"]
