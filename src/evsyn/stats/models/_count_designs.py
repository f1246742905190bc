"""From counts of studies to the designs of the models that can be fitted to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, arm_counts, broadcast, broadcast_counts
from evsyn.stats.models._count_likelihood import Design, Point
from evsyn.stats.models._count_terms import Binomial, CountTerms, Hypergeometric, Poisson

__all__ = ["DATA", "Counts", "design_of", "read_counts"]

DATA: Mapping[str, tuple[str, ...]] = {
    "OR": ("events_e", "n_e", "events_c", "n_c"),
    "IRR": ("events_e", "time_e", "events_c", "time_c"),
    "PLO": ("events", "n"),
    "IRLN": ("events", "time"),
}

_MOST_TABLES = 5e6  # of the exact conditional likelihood, in memory at once


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of the studies that a model can learn from.

    Attributes
    ----------
    events, size : ndarray, shape (J, k)
        Events, and participants or person-time, of each arm.
    rates : bool
        Whether ``size`` is person-time.
    note : str
        Which studies were left out, and why.
    reason : str
        Why there is nothing to estimate; empty where there is.
    """

    events: FloatArray
    size: FloatArray
    rates: bool
    note: str
    reason: str

    @property
    def effects(self) -> tuple[FloatArray, FloatArray]:
        """Each study's own effect and its variance without any correction.

        Where a cell is empty the effect is given as 0 with an infinite variance.
        """
        x, rest = self.events, self.size if self.rates else self.size - self.events
        finite = np.minimum(x, rest).min(axis=0) > 0
        x, rest = np.where(finite, x, 1.0), np.where(finite, rest, 1.0)
        logs = np.log(x) - np.log(rest)
        variance = (1 / x if self.rates else 1 / x + 1 / rest).sum(axis=0)
        effect = logs[0] - logs[1] if len(logs) == 2 else logs[0]
        return np.where(finite, effect, 0.0), np.where(finite, variance, np.inf)

    @property
    def sampling_variance(self) -> FloatArray:
        """Variance of each study's own effect, with one half added where a cell is empty."""
        x, rest = self.events, self.size if self.rates else self.size - self.events
        empty = np.minimum(x, rest).min(axis=0) == 0
        x, rest = x + 0.5 * empty, rest + 0.5 * empty
        return np.asarray((1 / x if self.rates else 1 / x + 1 / rest).sum(axis=0))


def read_counts(measure: str, data: Mapping[str, ArrayLike], drop00: bool) -> Counts:
    """Check counts and keep the studies that can tell something.

    Parameters
    ----------
    measure : str
        One of those in `DATA`.
    data : mapping of str to array_like
        Counts by name, each of shape (k,).
    drop00 : bool
        Whether studies without events, or with nothing else, in both arms are left out.

    Returns
    -------
    Counts
        Those of the studies kept.

    Raises
    ------
    StatsError
        If a name is missing or too many, a shape is not (k,), or a count cannot be.
    """
    names = DATA[measure]
    if set(data) != set(names):
        found = ", ".join(data) or "nothing"
        raise StatsError(f"measure {measure} takes {', '.join(names)}; found {found}")
    given = {name: data[name] for name in names}
    rates = measure in ("IRR", "IRLN")
    arrays = _checked_rates(given) if rates else arm_counts(**given)
    if arrays[0].ndim != 1:
        raise StatsError(f"the data have the shape {arrays[0].shape}; they must be (k,)")
    events, size = np.array(arrays[::2]), np.array(arrays[1::2])
    missing = np.isnan(events + size).any(axis=0)
    empty = ~missing & (size == 0).any(axis=0)
    silent = np.zeros_like(empty)
    if len(events) == 2 and drop00:
        silent = (events == 0).all(axis=0)
        if not rates:
            silent |= (events == size).all(axis=0)
        silent &= ~(missing | empty)
    kept = ~(missing | empty | silent)
    words = (
        (missing, "with missing counts"),
        (empty, "with an empty arm"),
        (silent, "without events, or with nothing else, in both arms (they tell nothing here)"),
    )
    parts = [f"{int(mask.sum())} {text}" for mask, text in words if mask.any()]
    note = "studies left out: " + "; ".join(parts) if parts else ""
    events, size = events[:, kept], size[:, kept]
    return Counts(events, size, rates, note, _why_not(events, size, rates))


def _checked_rates(given: Mapping[str, ArrayLike]) -> tuple[FloatArray, ...]:
    """Events and person-times, broadcast."""
    common = broadcast(**given)
    events = [name for name in common if name.startswith("events")]
    counts = dict(zip(events, broadcast_counts(**{n: common[n] for n in events}), strict=True))
    for name, values in common.items():
        wrong = np.argwhere(~np.isnan(values) & ~((values > 0) & np.isfinite(values)))
        if name not in counts and wrong.size:
            at = tuple(int(i) for i in wrong[0])
            where = ", ".join(str(i) for i in at) or "0"
            raise StatsError(
                f"study {where}: {name}={values[at]:g} is no person-time; give a number above 0"
            )
    return tuple(counts.get(name, values) for name, values in common.items())


def _why_not(events: FloatArray, size: FloatArray, rates: bool) -> str:
    """Why the effect is infinite or unknown."""
    if not events.shape[1]:
        return "no study that tells anything about the effect"
    full = np.zeros(events.shape, dtype=bool) if rates else events == size
    if len(events) == 1:
        if (events == 0).all() or full.all():
            found = "events" if not (events > 0).any() else "non-events"
            return f"no {found} in any study: the estimate is infinite"
        return ""
    for sides, words in (
        ((events[0] == 0) | full[1], "no events in the experimental arm"),
        ((events[1] == 0) | full[0], "no events in the control arm"),
    ):
        if sides.all():
            rest = "" if rates else ", or nothing else in the other,"
            return f"{words}{rest} of any study: the estimate is infinite"
    return ""


def design_of(counts: Counts, model: str, coding: float) -> tuple[Design, Point, FloatArray | None]:
    """Design of a model, where to start, and how the saturated model enters.

    Parameters
    ----------
    counts : Counts
        Counts.
    model : str
        ``UM.FS``, ``UM.RS``, ``CM.EL``, ``CM.AL``, or empty for a single arm.
    coding : float
        Share of the random effect in the experimental arm; the control arm has that less 1.

    Returns
    -------
    tuple
        Design with every random effect, that of the treatment first; start; and, where the
        saturated model is not a matter of single studies, the coefficients of each study's own
        effect in it.
    """
    spread = _spread(counts)
    if len(counts.events) == 1:
        one = np.ones((1, 1))
        centre = _centre(counts)
        start = Point(np.zeros_like(centre), np.array([centre.mean()]), np.array([spread]))
        return Design((_arm(counts, 0),), one, one), start, None
    if model.startswith("CM"):
        one = np.ones((1, 1))
        start = Point(np.zeros(counts.events.shape[1]), np.zeros(1), np.array([spread]))
        return Design((_conditional(counts, model),), one, one), start, None
    arms = (_arm(counts, 0), _arm(counts, 1))
    centre = _centre(counts)
    half, random = np.array([[0.5], [-0.5]]), np.array([[coding], [coding - 1.0]])
    if model == "UM.FS":
        start = Point(centre, np.zeros(1), np.array([spread]))
        return Design(arms, half, random, np.ones(2)), start, None
    one = np.ones((2, 1))
    scale = np.array([spread, max(0.3, float(centre.std()))])
    start = Point(np.zeros_like(centre), np.array([0.0, centre.mean()]), scale)
    design = Design(arms, np.hstack([half, one]), np.hstack([random, one]))
    return design, start, np.array([1.0, 0.0])


def _arm(counts: Counts, arm: int) -> CountTerms:
    """Likelihood of one arm's counts."""
    events, size = counts.events[arm], counts.size[arm]
    if counts.rates:
        return Poisson(events, size)
    return Binomial(events, size, np.zeros_like(size))


def _conditional(counts: Counts, model: str) -> CountTerms:
    """Likelihood of the experimental arm's events given those of both arms."""
    (events_e, events_c), (size_e, size_c) = counts.events, counts.size
    if model == "CM.EL" and not counts.rates:
        tables = np.minimum(events_e + events_c, np.minimum(size_e, size_c)).sum()
        if tables > _MOST_TABLES:
            raise StatsError(
                f"model CM.EL would sum over {tables:.3g} possible tables, more than "
                f"{_MOST_TABLES:.0e}; for counts so large UM.FS says the same"
            )
        return Hypergeometric(events_e, size_e, events_c, size_c)
    return Binomial(events_e, events_e + events_c, np.log(size_e / size_c))


def _centre(counts: Counts) -> FloatArray:
    """Logit or log rate of each study, both arms together, with one half added."""
    events, size = counts.events.sum(axis=0) + 0.5, counts.size.sum(axis=0)
    return np.asarray(np.log(events / (size if counts.rates else size - events + 1.0)))


def _spread(counts: Counts) -> float:
    """Typical distance of the studies' effects from each other, with one half added."""
    x = counts.events + 0.5
    logs = np.log(x / (counts.size if counts.rates else counts.size - counts.events + 0.5))
    effect = logs[0] - logs[1] if len(logs) == 2 else logs[0]
    return min(3.0, max(1e-3, float(effect.std())))
