"""Declared meta-analyses: what may be pooled, and why."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TESTS", "Analysis"]

TESTS = ("auto", "knha", "adhoc", "z")
"""How the interval of a pooled effect may be made; ``auto`` is the rule of the Handbook."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What may be pooled, as declared.

    Attributes
    ----------
    name, question, why : str
        Its name, the question it answers, and why these studies may stand together.
    outcomes : tuple of str
        Outcomes united; several are different definitions, which the result says.
    comparisons : tuple of str
        ``study/comparison`` or study ids; empty: every comparison of the outcomes.
    designs, allocations : tuple of str
        Designs and allocations admitted.
    measure, model, test : str
        Effect measure, estimator of tau², interval.
    assumptions : str
        Assumptions accepted for it.
    """

    name: str = ""
    question: str = ""
    outcomes: tuple[str, ...] = ()
    comparisons: tuple[str, ...] = ()
    designs: tuple[str, ...] = ()
    allocations: tuple[str, ...] = ()
    measure: str = "RR"
    model: str = "REML"
    test: str = "auto"
    why: str = ""
    assumptions: str = "default"
