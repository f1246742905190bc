"""Bootstrap of the pooled effect and its heterogeneity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, checked_level, chosen
from evsyn.stats._special import ndtr, ndtri
from evsyn.stats.pooling.between_studies import COMMON_EFFECT, METHODS
from evsyn.stats.pooling.pool import pooled_near
from evsyn.stats.pooling.studies import study_columns
from evsyn.stats.resampling.chunks import Executor, Progress, checked_count, mapped, seeded

__all__ = ["Bootstrap", "BootstrapInterval", "bootstrap"]

VALUES = ("estimate", "tau2", "i2")
Value = Literal["estimate", "tau2", "i2"]


class BootstrapInterval(NamedTuple):
    """Limits of an interval.

    Attributes
    ----------
    ci_lb, ci_ub : float
        Lower and upper limit; ``nan`` where the kind of interval has none.
    """

    ci_lb: float
    ci_ub: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What replicates of a meta-analysis gave.

    Attributes
    ----------
    estimate, tau2, i2 : ndarray, shape (replicates,)
        Pooled effect, between-study variance and I² (percent) of each replicate.
    observed : dict of float
        The same three of the data themselves.
    kind : str
        ``"parametric"`` or ``"nonparametric"``.
    k : int
        Studies.
    method : str
        Estimator of tau².
    level : float
        Confidence level of intervals.
    """

    estimate: FloatArray
    tau2: FloatArray
    i2: FloatArray
    observed: dict[str, float]
    kind: str
    k: int
    method: str
    level: float

    def se(self, value: Value = "estimate") -> float:
        """Standard deviation of the replicates."""
        return float(self._replicates(value).std(ddof=1)) if self.estimate.size > 1 else np.nan

    def bias(self, value: Value = "estimate") -> float:
        """Mean of the replicates less the observed value."""
        return float(self._replicates(value).mean() - self.observed[value])

    def interval(
        self,
        value: Value = "estimate",
        *,
        kind: Literal["percentile", "basic", "bias-corrected"] = "percentile",
    ) -> BootstrapInterval:
        """Interval from the quantiles of the replicates.

        Parameters
        ----------
        value : {"estimate", "tau2", "i2"}, default "estimate"
            What for.
        kind : {"percentile", "basic", "bias-corrected"}, default "percentile"
            Quantiles themselves; reflected at the observed value, for tau² and I² not below 0; or
            shifted by the share of replicates below the observed value, ties counted half.

        Returns
        -------
        BootstrapInterval
            The limits; those of the bias-corrected interval are ``nan`` where all replicates lie
            on one side of the observed value.

        Raises
        ------
        StatsError
            If the value or kind is unknown.

        Notes
        -----
        The p-quantile of R replicates is number ``(R + 1) p`` in order, interpolated [1]_ (eqs
        5.6, 5.18 and, without acceleration, 5.21).

        References
        ----------
        .. [1] A. C. Davison, D. V. Hinkley, "Bootstrap methods and their application", Cambridge
           University Press (1997), sections 5.2.1 and 5.3.
        """
        chosen("kind", kind, ("percentile", "basic", "bias-corrected"))
        replicates, observed = self._replicates(value), self.observed[value]
        tails = np.array([(1 - self.level) / 2, (1 + self.level) / 2])
        if kind == "bias-corrected":
            below = (replicates < observed).mean() + (replicates == observed).mean() / 2
            if not 0 < below < 1:
                return BootstrapInterval(np.nan, np.nan)
            tails = ndtr(2 * ndtri(below) + ndtri(tails))
        low, high = np.quantile(replicates, tails, method="weibull").tolist()
        if kind == "basic":
            low, high = 2 * observed - high, 2 * observed - low
            if value != "estimate":
                low, high = max(low, 0.0), max(high, 0.0)
        return BootstrapInterval(low, high)

    def _replicates(self, value: str) -> FloatArray:
        chosen("value", value, VALUES)
        found: FloatArray = getattr(self, value)
        return found


class _Sampled(NamedTuple):
    """What is sampled from: the data, the fit, and how."""

    yi: FloatArray
    vi: FloatArray
    mean: float
    tau2: float
    kind: str
    method: str


def bootstrap(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    kind: Literal["parametric", "nonparametric"] = "parametric",
    method: str = "REML",
    level: float = 0.95,
    replicates: int = 1000,
    seed: int | np.random.SeedSequence | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Bootstrap:
    """Refit a meta-analysis to data drawn anew.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; an absent study (``nan``) is left out.
    kind : {"parametric", "nonparametric"}, default "parametric"
        Effects from the fitted normal distribution, variances as they are; or studies drawn with
        replacement.
    method : str, default "REML"
        Estimator of tau², as in `pool`, in the data and in each replicate.
    level : float, default 0.95
        Confidence level of the intervals.
    replicates : int, default 1000
        Number of replicates.
    seed : int or SeedSequence, optional
        Seed.
    progress : callable, optional
        Called with the share done, in 0..1.
    executor : Executor, optional
        Where to compute, see `mapped`; the result does not depend on it.

    Returns
    -------
    Bootstrap
        The replicates, with standard errors, biases and intervals on request.

    Raises
    ------
    StatsError
        If the arrays are not (k,) alike, fewer than two studies are present, the fit has no value
        or an option is none.

    Notes
    -----
    Parametric: ``y* ~ N(estimate, vi + tau²)``. With few studies neither kind is to be trusted on
    tau²: the parametric takes the estimate for the truth, and drawing studies twice makes them
    agree more than studies do.

    References
    ----------
    A. C. Davison, D. V. Hinkley, "Bootstrap methods and their application", Cambridge University
    Press (1997), chapter 2. B. Switzer, P. Paese, F. Drasgow, "Bootstrap estimates of standard
    errors in validity generalization", J Appl Psychol 77 (1992) 123-129.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = bootstrap(yi, vi, method="DL", seed=1)
    >>> low, high = found.interval()
    >>> -1.8 < low < -1.6 < found.observed["estimate"] < -1.3 < high < -1.1
    True
    """
    chosen("kind", kind, ("parametric", "nonparametric"))
    chosen("method", method, (*METHODS, "FE", "CE"))
    level, count = checked_level(level), checked_count("replicates", replicates)
    studies = study_columns(yi, vi)
    if not studies.single:
        raise StatsError(f"yi has the shape {studies.yi.shape}; give one analysis, (k,)")
    present = studies.present[:, 0]
    y, v = studies.yi[present, 0], studies.vi[present, 0]
    if y.size < 2:
        raise StatsError(f"{y.size} complete studies are too few to draw from; give two or more")
    name = "EE" if method in COMMON_EFFECT else method
    fit = pooled_near(study_columns(y, v), (name, "z", "test"), level)
    observed = {value: float(getattr(fit, value)) for value in VALUES}
    if not np.isfinite(list(observed.values())).all():
        raise StatsError(f"the data have no fit to draw from: {fit.reason}")
    source = _Sampled(y, v, observed["estimate"], observed["tau2"], kind, name)
    tasks = seeded(seed, count)
    parts = list(mapped(partial(_replicates, source), tasks, executor=executor, progress=progress))
    estimate, tau2, i2 = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Bootstrap(estimate, tau2, i2, observed, kind, y.size, name, level)


def _replicates(source: _Sampled, task: tuple[Any, int]) -> list[FloatArray]:
    """Estimate, tau² and I² of a block of replicates."""
    seed, count = task
    generator, k = np.random.default_rng(seed), source.yi.size
    if source.kind == "parametric":
        spread = np.sqrt(source.vi + source.tau2)[:, None]
        y = source.mean + spread * generator.standard_normal((k, count))
        v = np.broadcast_to(source.vi[:, None], y.shape)
    else:
        drawn = generator.integers(0, k, size=(k, count))
        y, v = source.yi[drawn], source.vi[drawn]
    fit = pooled_near(study_columns(y, v), (source.method, "z", "test"), 0.95)
    return [fit.estimate, fit.tau2, fit.i2]
