"""Declared meta-analyses: what may be pooled, how, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evsyn.errors import StatsError, did_you_mean
from evsyn.literals import PoolMeasure, SynthesisMethod, Tau2Method, choices

__all__ = ["COUNT_METHODS", "TESTS", "Analysis", "Asked", "as_asked", "spelled", "spelling_hint"]

TESTS = ("auto", "knha", "adhoc", "z")
"""How the interval of a pooled effect may be made; ``auto`` is the rule of the Handbook."""

COUNT_METHODS = {
    "MH": ("RR", "OR", "RD", "IRR", "IRD"),
    "Peto": ("OR", "PETO"),
    "GLMM": ("OR", "PLO", "IRR", "IRLN"),
}
"""Methods that pool counts, not effects with variances, and the measures that they give."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What may be pooled, as declared.

    Attributes
    ----------
    name, question, why : str
        Its name, the question it answers, and why these studies may stand together.
    outcomes : tuple of str
        Outcomes united; several are different definitions, which the result says.
    comparisons, arms : tuple of str
        ``study/comparison`` (for a measure of one arm: ``study/arm``) or study ids; empty: every
        one of the outcomes.
    designs, allocations : tuple of str
        Designs and allocations admitted.
    measure, model, test : str
        Effect measure, method (estimator of tau², or a method of counts), interval of the mean.
    assumptions : str
        Assumptions accepted for it.
    interval : str
        Interval of tau²: ``QP`` or ``PL``; empty: the default, QP.
    mods : tuple of str
        Columns of the moderators of a meta-regression.
    subgroup : str
        Column whose values are pooled apart.
    leave_one_out : bool
        Whether to pool again without each study in turn.
    cumulative : str or None
        Column by whose order studies are added one by one; empty: as listed; None: not asked.
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
    interval: str = ""
    mods: tuple[str, ...] = ()
    subgroup: str = ""
    leave_one_out: bool = False
    cumulative: str | None = None
    arms: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, object]:
        """What is asked beside the pooled effect, by the name of the option."""
        return _beside(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked in place of what is declared; what is empty leaves the declaration.

    Attributes
    ----------
    method, test, interval : str
        Method, interval of the mean, interval of tau².
    mods : tuple of str
        Columns of moderators.
    subgroup : str
        Column of subgroups.
    leave_one_out : bool
        Whether studies are left out in turn.
    cumulative : str or None
        Column of the order in which studies are added.
    """

    method: str = ""
    test: str = ""
    interval: str = ""
    mods: tuple[str, ...] = ()
    subgroup: str = ""
    leave_one_out: bool = False
    cumulative: str | None = None

    @property
    def settings(self) -> dict[str, object]:
        """What is asked beside the pooled effect, by the name of the option."""
        return _beside(self)


def _beside(asked: Analysis | Asked) -> dict[str, object]:
    given: dict[str, object] = {"interval": asked.interval, "mods": list(asked.mods)}
    given |= {"subgroup": asked.subgroup, "leave_one_out": asked.leave_one_out}
    found = {name: value for name, value in given.items() if value}
    return found if asked.cumulative is None else {**found, "cumulative": asked.cumulative}


def as_asked(analysis: Analysis, asked: Asked) -> Analysis:
    """Return an analysis with what is asked in place of what is declared, checked.

    Parameters
    ----------
    analysis : Analysis
        As declared.
    asked : Asked
        What replaces it.

    Returns
    -------
    Analysis
        What will be done.

    Raises
    ------
    StatsError
        If a name is not allowed, or the method does not pool the measure, has no such interval,
        or takes no moderators.

    Examples
    --------
    >>> as_asked(Analysis(measure="OR"), Asked(method="MH")).model
    'MH'
    """
    found = replace(
        analysis,
        measure=spelled(analysis.measure, choices(PoolMeasure)),
        model=spelled(asked.method or analysis.model, choices(SynthesisMethod)),
        test=spelled(asked.test or analysis.test, TESTS),
        interval=spelled(asked.interval or analysis.interval, choices(Tau2Method)),
        mods=asked.mods or analysis.mods,
        subgroup=asked.subgroup or analysis.subgroup,
        leave_one_out=asked.leave_one_out or analysis.leave_one_out,
        cumulative=analysis.cumulative if asked.cumulative is None else asked.cumulative,
    )
    for what, value, allowed in (
        ("method", found.model, choices(SynthesisMethod)),
        ("test", found.test, TESTS),
        ("interval", found.interval or "QP", choices(Tau2Method)),
    ):
        if value not in allowed:
            near = spelling_hint(value, allowed) or did_you_mean(value, allowed)
            raise StatsError(f'{what}="{value}"{near}; allowed: {", ".join(allowed)}')
    _refuse(found)
    return found


_SAME = {"fe": "EE", "ce": "EE"}
"""Other names of a method: fixed effect, common effect."""

_KNAPP = frozenset({"hksj", "hk", "kh", "hartung-knapp", "knapp-hartung"})


def spelled(value: str, allowed: Sequence[str]) -> str:
    """Return a name as it is spelled among those allowed, or as it stands where it is none.

    Examples
    --------
    >>> spelled("peto", ("EE", "Peto")), spelled("FE", ("EE", "Peto")), spelled("x", ("EE",))
    ('Peto', 'EE', 'x')
    """
    own = value.strip().casefold()
    names = {name.casefold(): name for name in allowed}
    return names.get(own) or names.get(_SAME.get(own, "").casefold()) or value


def spelling_hint(value: str, allowed: Sequence[str]) -> str:
    """What to take where a name is that of the interval of Hartung and Knapp; else empty.

    Examples
    --------
    >>> spelling_hint("HKSJ", ("REML", "DL"))
    ' (the interval of Hartung and Knapp: --test knha, with any estimator of tau²)'
    """
    if value.strip().casefold() not in _KNAPP and not (
        value.casefold() in TESTS and value.casefold() not in allowed
    ):
        return ""
    if "knha" in allowed:
        return ' (did you mean "knha"?)'
    code = value.casefold() if value.casefold() in TESTS else "knha"
    what = "the interval of Hartung and Knapp" if code == "knha" else "an interval of the mean"
    return f" ({what}: --test {code}, with any estimator of tau²)"


def _refuse(analysis: Analysis) -> None:
    """Refuse what a method cannot do."""
    model = analysis.model
    measures = COUNT_METHODS.get(model, ())
    if measures and analysis.measure not in measures:
        raise StatsError(
            f'method="{model}" pools counts as {", ".join(measures)}; {analysis.measure} is pooled '
            "by inverse variance, e.g. REML"
        )
    if measures and analysis.test not in ("auto", "z"):
        raise StatsError(
            f'test="{analysis.test}": {model} has the Wald interval only; leave it out'
        )
    if analysis.interval and (measures or model == "EE"):
        raise StatsError(
            f'interval="{analysis.interval}": {model} gives no interval of tau²; take an estimator '
            "of tau², e.g. REML, or leave it out"
        )
    if analysis.mods and measures:
        raise StatsError(
            f"mods={','.join(analysis.mods)}: {model} takes no moderators; take an estimator of "
            "tau², e.g. REML"
        )
