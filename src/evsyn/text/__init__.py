"""Sentences, tables and numbers of a report; every number keeps its trace."""

from __future__ import annotations

from evsyn.text.comparison_tables import comparisons_table
from evsyn.text.rate_tables import rates_table
from evsyn.text.status import status_legend

__all__ = ["comparisons_table", "rates_table", "status_legend"]
