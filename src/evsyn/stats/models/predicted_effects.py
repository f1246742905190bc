"""Best linear unbiased predictions of the random intercepts of a multilevel fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.errors import StatsError, did_you_mean
from evsyn.stats._arrays import FloatArray
from evsyn.stats.models.dependent_rows import IntArray
from evsyn.stats.models.mixed import MultilevelFit
from evsyn.stats.models.mixed_likelihood import marginal, weighted

__all__ = ["RandomEffects", "random_effects"]


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """Predicted deviations of groups from the mean of the model.

    Attributes
    ----------
    effect, se : ndarray, shape (groups,)
        Prediction and the standard error of prediction.
    group : ndarray of int, shape (k,)
        Number of the group of each row in the analysis, in the order of `effect`.
    """

    effect: FloatArray
    se: FloatArray
    group: IntArray


def random_effects(fit: MultilevelFit, component: str) -> RandomEffects:
    """Predict the random effects of one component.

    Parameters
    ----------
    fit : MultilevelFit
        Fit of `multilevel`.
    component : str
        One of ``fit.components``.

    Returns
    -------
    RandomEffects
        Deviations, sorted as the labels of the groups are (for nested groups within their outer
        group), with the standard errors of prediction.

    Raises
    ------
    StatsError
        If the fit has no such component.

    Notes
    -----
    ``u = sigma2 Z' W (y - X b)``, with prediction error variance
    ``sigma2 I - sigma2² Z' P Z`` [1]_; the variances are taken as known.

    References
    ----------
    .. [1] G. K. Robinson, "That BLUP is a good thing: the estimation of random effects", Stat Sci
       6 (1991) 15-32.

    Examples
    --------
    The first four districts of Konstantopoulos (2011, Res Synth Methods 2:61-76):

    >>> from evsyn.stats.models.mixed import multilevel
    >>> yi = [-0.18, -0.22, 0.23, -0.30, 0.13, -0.26, 0.19, 0.32, 0.45, 0.38, 0.29]
    >>> yi += [0.16, 0.65, 0.36, 0.60]
    >>> vi = [0.118, 0.118, 0.144, 0.144, 0.014, 0.014, 0.015, 0.024, 0.023, 0.043, 0.012]
    >>> vi += [0.020, 0.004, 0.004, 0.007]
    >>> district = [11] * 4 + [12] * 4 + [18] * 3 + [27] * 4
    >>> fit = multilevel(yi, vi, groups={"district": district, "school": range(15)})
    >>> random_effects(fit, "district").effect.round(4)
    array([-0.1869, -0.114 ,  0.1014,  0.1995])
    """
    if component not in fit.components:
        hint = did_you_mean(component, fit.components)
        raise StatsError(
            f"component={component!r} is unknown; use {', '.join(fit.components)}{hint}"
        )
    model = fit.model
    number = fit.components.index(component)
    codes, sigma2 = model.intercepts[number], float(fit.theta[number])
    found = weighted(model, fit.theta)
    root = np.linalg.cholesky(found.covariance)
    groups = int(codes.max()) + 1
    pull, spread = np.zeros(groups), np.zeros((groups, model.design.shape[1]))
    precision = np.zeros(groups)
    for stack in model.stacks:
        w = np.linalg.inv(marginal(model, stack, fit.theta))
        of_row = codes[np.where(stack.present, stack.rows, 0)]
        own = stack.present
        residual = w @ (stack.y - stack.x @ found.coef)[:, :, None]
        np.add.at(pull, of_row[own], residual[:, :, 0][own])
        np.add.at(spread, of_row[own], (w @ stack.x @ root)[own])
        inside = (w * stack.intercepts[number]).sum(axis=2)
        np.add.at(precision, of_row[own], inside[own])
    variance = sigma2 - sigma2**2 * (precision - (spread**2).sum(axis=1))
    return RandomEffects(
        effect=model.scale * sigma2 * pull,
        se=model.scale * np.sqrt(np.maximum(variance, 0.0)),
        group=codes,
    )
