"""Log likelihoods of counts as functions of a linear predictor, with their derivatives.

Each class holds the counts of k studies; called with linear predictors of shape (k, m) it gives
log probability, first and second derivative, each (k, m). All three are log-concave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evsyn.stats._arrays import FloatArray
from evsyn.stats._special import gammaln

__all__ = ["Binomial", "CountTerms", "Hypergeometric", "Poisson", "Values"]

Values = tuple[FloatArray, FloatArray, FloatArray]
Positions = NDArray[np.intp]

_NEGLIGIBLE = 41.0  # on the log scale: below a relative 1e-17
_LARGE = 1e5  # counts from which differences of large terms would cost digits
_SMALL = 20_000  # elements that are summed faster than sorted out
_BLOCK = 4_000_000  # elements of the largest temporary array of the hypergeometric sums


class CountTerms(Protocol):
    """Counts of k studies that give log probabilities by linear predictor."""

    def __call__(self, eta: FloatArray) -> Values:
        """Log probability and its two derivatives at ``eta``, shape (k, m)."""

    def saturated(self) -> FloatArray:
        """Highest log probability of each study, shape (k,)."""


@dataclass(frozen=True, slots=True)
class Binomial:
    """Events among participants, the linear predictor being the logit of the risk.

    Attributes
    ----------
    events, n : ndarray, shape (k,)
        Events and participants.
    offset : ndarray, shape (k,)
        Added to the linear predictor.
    """

    events: FloatArray
    n: FloatArray
    offset: FloatArray
    constant: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        x, n = self.events, self.n
        constant = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
        object.__setattr__(self, "constant", constant)

    def __call__(self, eta: FloatArray) -> Values:
        """Log probability and its two derivatives at ``eta``, shape (k, m)."""
        eta = eta + self.offset[:, None]
        events, n = self.events[:, None], self.n[:, None]
        small = np.exp(-np.abs(eta))
        low = 1.0 / (1.0 + small)
        risk = np.where(eta >= 0, low, small * low)
        value = np.where(eta >= 0, events - n, events) * eta - n * np.log1p(small)
        value += self.constant[:, None]
        at = np.flatnonzero((self.n > _LARGE) & (self.events > 0) & (self.events < self.n))
        if at.size:
            value[at] = self._about_the_top(eta[at], at)
        return value, events - n * risk, -n * (small * low * low)

    def _about_the_top(self, eta: FloatArray, at: Positions) -> FloatArray:
        """Log probability of large counts as distance from its maximum, which keeps the digits."""
        x, rest, n = self.events[at], (self.n - self.events)[at], self.n[at]
        away = np.clip(eta - np.log(x / rest)[:, None], -600.0, 600.0)
        share = (x / n)[:, None]
        below = n[:, None] * (np.log1p(share * np.expm1(away)) - share * away)
        return np.asarray(self.saturated()[at][:, None] - below)

    def saturated(self) -> FloatArray:
        """Highest log probability of each study, shape (k,)."""
        x, rest, n = self.events, self.n - self.events, self.n
        logs = [np.log(np.where(part > 0, part / np.maximum(n, 1), 1.0)) for part in (x, rest)]
        return np.asarray(self.constant + x * logs[0] + rest * logs[1])


@dataclass(frozen=True, slots=True)
class Poisson:
    """Events in person-time, the linear predictor being the logarithm of the rate.

    Attributes
    ----------
    events, time : ndarray, shape (k,)
        Events and person-time.
    """

    events: FloatArray
    time: FloatArray

    def __call__(self, eta: FloatArray) -> Values:
        """Log probability and its two derivatives at ``eta``, shape (k, m)."""
        events = self.events[:, None]
        eta = eta + np.log(self.time)[:, None]
        mean = np.exp(np.minimum(eta, 700.0))
        value = events * eta - mean - gammaln(events + 1)
        at = np.flatnonzero(self.events > _LARGE)
        if at.size:  # as distance from its maximum, which keeps the digits
            away = np.minimum(eta[at] - np.log(events[at]), 700.0)
            value[at] = self.saturated()[at][:, None] - events[at] * (np.expm1(away) - away)
        return value, events - mean, -mean

    def saturated(self) -> FloatArray:
        """Highest log probability of each study, shape (k,)."""
        x = self.events
        return np.asarray(x * np.log(np.where(x > 0, x, 1.0)) - x - gammaln(x + 1))


@dataclass(frozen=True, slots=True)
class _Tables:
    """The possible tables of all studies, one below the other.

    ``shift`` is how many events more than observed the experimental arm has, ``logs`` how many
    more such tables there are, as a logarithm; ``starts`` is where each study begins.
    """

    study: Positions
    starts: Positions
    shift: FloatArray
    logs: FloatArray

    def sums(self, eta: FloatArray) -> Values:
        """Log probability of the observed tables and its two derivatives, each (k, m)."""
        shift = self.shift[:, None]
        terms = self.logs[:, None] + shift * eta[self.study]
        top = np.maximum.reduceat(terms, self.starts, axis=0)
        weights = np.exp(terms - top[self.study])
        total = np.add.reduceat(weights, self.starts, axis=0)
        mean = np.add.reduceat(weights * shift, self.starts, axis=0) / total
        weights *= np.square(shift - mean[self.study])
        spread = np.add.reduceat(weights, self.starts, axis=0) / total
        return -top - np.log(total), -mean, -spread

    def within_reach(self, lowest: FloatArray, highest: FloatArray) -> _Tables:
        """Only the tables that are not negligible somewhere between these predictors."""
        study = self.study
        low, high = (self.logs + self.shift * end[study] for end in (lowest, highest))
        low_top, high_top = (np.maximum.reduceat(x, self.starts)[study] for x in (low, high))
        rising = np.where(low == low_top, self.shift, -np.inf)
        falling = np.where(high == high_top, self.shift, np.inf)
        first = np.maximum.reduceat(rising, self.starts)[study]
        last = np.minimum.reduceat(falling, self.starts)[study]
        kept = (low > low_top - _NEGLIGIBLE) | (self.shift > first)
        kept &= (high > high_top - _NEGLIGIBLE) | (self.shift < last)
        study = study[kept]
        starts = np.flatnonzero(np.diff(study, prepend=-1))
        return _Tables(study, starts, self.shift[kept], self.logs[kept])


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Events of one arm given those of both; the linear predictor is the log odds ratio.

    Attributes
    ----------
    events_e, n_e, events_c, n_c : ndarray, shape (k,)
        Events and participants of the two arms; in every study the events of the experimental
        arm could have been others.
    """

    events_e: FloatArray
    n_e: FloatArray
    events_c: FloatArray
    n_c: FloatArray
    low: FloatArray = field(init=False)
    high: FloatArray = field(init=False)
    tables: _Tables = field(init=False)

    def __post_init__(self) -> None:
        total = self.events_e + self.events_c
        low, high = np.maximum(0.0, total - self.n_c), np.minimum(self.n_e, total)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        lengths = (high - low + 1).astype(np.intp)
        study = np.repeat(np.arange(lengths.size), lengths)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
        events = low[study] + (np.arange(study.size) - starts[study])
        logs = self._log_tables(events, study) - self._log_tables(self.events_e)[study]
        tables = _Tables(study, starts, events - self.events_e[study], logs)
        object.__setattr__(self, "tables", tables)

    def __call__(self, eta: FloatArray) -> Values:
        """Log probability and its two derivatives at ``eta``, shape (k, m)."""
        tables, width = self.tables, eta.shape[1]
        if tables.study.size * width > _SMALL:
            tables = tables.within_reach(eta.min(axis=1), eta.max(axis=1))
        columns = max(1, _BLOCK // max(1, tables.study.size))
        if width <= columns:
            return tables.sums(eta)
        parts = [tables.sums(eta[:, at : at + columns]) for at in range(0, width, columns)]
        value, first, second = (np.hstack(items) for items in zip(*parts, strict=True))
        return value, first, second

    def _log_tables(self, events: FloatArray, study: Positions | slice = slice(None)) -> FloatArray:
        """Logarithm of the number of tables with these events in the experimental arm."""
        n_e, n_c = self.n_e[study], self.n_c[study]
        others = (self.events_e + self.events_c)[study] - events
        below = gammaln(events + 1) + gammaln(n_e - events + 1)
        return np.asarray(-below - gammaln(others + 1) - gammaln(n_c - others + 1))

    def saturated(self) -> FloatArray:
        """Highest log probability of each study, shape (k,)."""
        eta = self.own_estimates()[0]
        finite = np.isfinite(eta)
        value = self(np.where(finite, eta, 0.0)[:, None])[0][:, 0]
        return np.where(finite, value, 0.0)

    def own_estimates(self) -> tuple[FloatArray, FloatArray]:
        """Conditional maximum likelihood estimate of each study and its information.

        Returns
        -------
        tuple of ndarray
            Log odds ratios, infinite where the events are the fewest or most possible, and the
            information, 0 there.
        """
        lowest, highest = self.events_e == self.low, self.events_e == self.high
        inside = ~(lowest | highest)
        a, c = self.events_e + 0.5, self.events_c + 0.5
        eta = np.log(a / (self.n_e - a + 1)) - np.log(c / (self.n_c - c + 1))
        for _ in range(100):
            _, first, second = self(eta[:, None])
            step = np.where(inside, np.clip(-first[:, 0] / second[:, 0], -1.0, 1.0), 0.0)
            eta = eta + step
            if np.abs(step).max(initial=0.0) < 1e-13 * (1 + np.abs(eta).max(initial=0.0)):
                break
        information = np.where(inside, -self(eta[:, None])[2][:, 0], 0.0)
        infinite = np.where(lowest, -np.inf, np.inf)
        return np.where(inside, eta, infinite), information
