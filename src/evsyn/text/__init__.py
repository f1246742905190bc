"""Sentences, tables and numbers of a report; every number keeps its trace."""

from __future__ import annotations

from evsyn.text.rate_tables import rates_table
from evsyn.text.status import status_legend

__all__ = ["rates_table", "status_legend"]
