"""What every statistical function does first and last: check, broadcast, solve, return.

Arguments are array_like and broadcast against each other; ``nan`` stands for a missing value and
travels through. A count that cannot be is a ``StatsError`` that names the study, never a ``nan``.
Results keep the broadcast shape; for scalar arguments they are plain numbers.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError, did_you_mean
from evsyn.stats._special import ndtri

__all__ = [
    "BoolArray",
    "FloatArray",
    "Intervals",
    "TestResult",
    "TextArray",
    "arm_counts",
    "broadcast_counts",
    "checked_level",
    "chosen",
    "find_root",
    "float_array",
    "normal_quantile",
    "reasons",
    "refuse",
    "unwrapped",
]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.object_]

_NO_NUMBERS = (str, bytes, np.datetime64, np.timedelta64)  # though float() takes some of them
_MISSING = ("NAType", "NaTType", "MaskedConstant")  # types of pandas' and numpy's missing values
_DOUBLE = 8  # bytes
_HARTUNG_KNAPP = ("hksj", "hk", "knha", "hakn", "hartung-knapp", "knapp-hartung")
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Estimates with their confidence limits.

    Attributes
    ----------
    estimate, ci_lb, ci_ub : ndarray of float
        Estimate, lower and upper limit, in the broadcast shape of the arguments; a float where
        they were scalars; ``nan`` where undefined.
    method : str
        The interval's name.
    level : float
        Confidence level, a share.
    reason : ndarray of str
        Why there is no number; empty where there is one.
    corrected : ndarray of bool
        Where a continuity correction that was asked for has changed estimate and limits.
    """

    estimate: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    method: str
    level: float
    reason: TextArray
    corrected: BoolArray | bool = False


@dataclass(frozen=True, slots=True)
class TestResult:
    """Two-sided p-values.

    Attributes
    ----------
    p_value : ndarray of float
        Two-sided p, in the broadcast shape of the arguments; ``nan`` where undefined.
    statistic : ndarray of float
        The test statistic where the test has one, else ``nan``.
    method : str
        The test's name.
    reason : ndarray of str
        Why there is no p-value; empty where there is one.
    """

    __test__ = False  # not a test class, whatever its name makes a test runner think

    p_value: FloatArray
    statistic: FloatArray
    method: str
    reason: TextArray


def float_array(name: str, value: ArrayLike, *, may_be_empty: bool = False) -> FloatArray:
    """Argument as an array of floats; ``None``, ``nan`` and masked values are missing ones.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    value : array_like
        Numbers in any shape.
    may_be_empty : bool, default False
        Whether an array of size 0 is meant, such as moderators of which there are none.

    Raises
    ------
    StatsError
        If it is empty and may not be, or something in it is no number; digits in quotation
        marks are none.
    """
    try:
        array = np.asarray(_without_masks(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise StatsError(f"{_named(name, value)} is not an array of numbers: {error}") from error
    if not (array.size or may_be_empty):
        raise StatsError(f"{name} is empty; give one study or more")
    kind = array.dtype.kind
    if isinstance(value, np.ma.MaskedArray) and kind in "fiubO":
        array = np.where(np.ma.getmaskarray(value), np.nan, array)
        kind = array.dtype.kind
    if kind in "fiub":
        if array.dtype.itemsize <= _DOUBLE:
            return np.asarray(array, dtype=np.float64)
        with np.errstate(over="ignore"):  # infinite, which is refused where it matters
            return np.asarray(array, dtype=np.float64)
    return _numbers(name, value, array if kind == "O" else np.array(value, dtype=object))


def _without_masks(value: Any) -> Any:
    """Lists with ``nan`` for masked constants, which numpy would warn of; else as it is."""
    if not isinstance(value, list | tuple):
        return np.nan if value is np.ma.masked else value
    if {type(np.ma.masked), list, tuple}.isdisjoint(map(type, value)):
        return value
    return [_without_masks(item) for item in value]


def _numbers(name: str, value: object, array: NDArray[Any]) -> FloatArray:
    """Objects as floats; the first that is none is named with its place."""
    found = np.empty(array.shape)
    for at, item in np.ndenumerate(array):
        try:
            if isinstance(item, _NO_NUMBERS):
                raise TypeError
            missing = item is None or type(item).__name__ in _MISSING
            found[at] = np.nan if missing else float(item)
        except (TypeError, ValueError, OverflowError) as error:
            where = "" if not at else f"study {at[0] if len(at) == 1 else at}: "
            why = "is too large" if isinstance(error, OverflowError) else "is none"
            words = f"{where}{_seen(item)} {why}"
            raise StatsError(f"{_named(name, value)} is not an array of numbers: {words}") from None
    return found


def _named(name: str, value: object) -> str:
    """Name of an argument, with its value where that takes no more than a line."""
    text = _seen(value)
    return name if "\n" in text else f"{name}={text}"


def _seen(value: object) -> str:
    """Value for a message; its type where it has more digits than can be written."""
    try:
        return reprlib.repr(value)
    except ValueError:
        return type(value).__name__


def broadcast(**arrays: ArrayLike) -> dict[str, FloatArray]:
    """Broadcast arguments to their common shape.

    Parameters
    ----------
    **arrays : array_like
        Numbers by the name of their argument.

    Returns
    -------
    dict of ndarray
        Views of the common shape, by name, in the order given.

    Raises
    ------
    StatsError
        If one is empty, something is no number, or shapes do not fit each other.

    Examples
    --------
    >>> {name: array.shape for name, array in broadcast(mean=[3, 4], sd=1).items()}
    {'mean': (2,), 'sd': (2,)}
    """
    floats = {name: float_array(name, value) for name, value in arrays.items()}
    try:
        common = np.broadcast_arrays(*floats.values())
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in floats.items())
        raise StatsError(f"shapes do not fit each other: {shapes}") from error
    return dict(zip(floats, common, strict=True))


def broadcast_counts(**arrays: ArrayLike) -> tuple[FloatArray, ...]:
    """Check that counts are whole and not negative, and broadcast them.

    Parameters
    ----------
    **arrays : array_like
        Counts by the name of their argument; ``nan`` is a missing count.

    Returns
    -------
    tuple of ndarray
        One array each, in the order given.

    Raises
    ------
    StatsError
        If one is empty, shapes do not fit each other, or a count is negative, infinite or not
        whole.

    Examples
    --------
    >>> broadcast_counts(both=[3, 4], neither=1)
    (array([3., 4.]), array([1., 1.]))
    """
    common = broadcast(**arrays)
    for name, array in common.items():
        wrong = ~np.isnan(array) & ~((array >= 0) & (array == np.floor(array)) & np.isfinite(array))
        refuse(wrong, f"{name}={{:g}} is no count; give whole numbers, 0 or more", array)
    return tuple(np.array(array) for array in common.values())


def arm_counts(**arrays: ArrayLike) -> tuple[FloatArray, ...]:
    """Check events against the totals of their arms, and broadcast them.

    Parameters
    ----------
    **arrays : array_like
        In pairs: the events of an arm, then its total: ``events_e, n_e, events_c, n_c``.

    Returns
    -------
    tuple of ndarray
        One array each, in the order given.

    Raises
    ------
    StatsError
        As `broadcast_counts`, and where events exceed their arm's total.

    Examples
    --------
    >>> arm_counts(events=[1, 2], n=4)
    (array([1., 2.]), array([4., 4.]))
    """
    common = broadcast_counts(**arrays)
    names = list(arrays)
    for at in range(0, len(common), 2):
        events, n = common[at], common[at + 1]
        refuse(
            events > n, f"{names[at]}={{:g}} lies outside 0..{{:g}} (the arm's total)", events, n
        )
    return common


def refuse(wrong: BoolArray, message: str, *values: FloatArray) -> None:
    """Raise for the first fault, with the study's position and the values there.

    Parameters
    ----------
    wrong : ndarray of bool
        Where the fault is.
    message : str
        What is wrong, with a place in braces for each of ``values``.
    *values : ndarray
        Numbers for the message, in the shape of ``wrong``.

    Raises
    ------
    StatsError
        If ``wrong`` holds anywhere.
    """
    positions = np.argwhere(wrong)
    if positions.shape[0]:
        at = tuple(int(i) for i in positions[0])
        where = ", ".join(str(i) for i in at) or "0"
        where = f"({where})" if len(at) > 1 else where
        more = f" (and {len(positions) - 1} more)" if len(positions) > 1 else ""
        raise StatsError(f"study {where}: {message.format(*(value[at] for value in values))}{more}")


def checked_level(level: float) -> float:
    """Confidence level as a float strictly between 0 and 1.

    Raises
    ------
    StatsError
        If it is not; a percentage is named as such.
    """
    try:
        value = float(level)
    except (TypeError, ValueError) as error:
        raise StatsError(f"level={level!r} is no number; give a share such as 0.95") from error
    if not 0.0 < value < 1.0:
        hint = f"; {value:g} % is level={value / 100:g}" if 1.0 < value < 100.0 else ""
        raise StatsError(f"level={value:g} lies outside 0..1, ends excluded{hint}")
    return value


def chosen(name: str, value: object, allowed: Iterable[str]) -> str:
    """Option value, checked against those allowed.

    Raises
    ------
    StatsError
        If it is none of them; the message lists them and the nearest.
    """
    options = tuple(allowed)
    if not isinstance(value, str) or value not in options:
        hint = _hint(name, value, options) if isinstance(value, str) else ""
        raise StatsError(f"{name}={value!r} is unknown; use one of {', '.join(options)}{hint}")
    return value


def _hint(name: str, value: str, options: tuple[str, ...]) -> str:
    """What was probably meant, whatever the case of its letters."""
    folded = {option.lower(): option for option in reversed(options)}
    if value.lower() in _HARTUNG_KNAPP:
        if name == "method" and "REML" in options:
            return ' (Hartung-Knapp is test="knha")'
        if "knha" in options:
            return ' (did you mean "knha"?)'
    if value.lower() in folded:
        return f' (did you mean "{folded[value.lower()]}"?)'
    return did_you_mean(value, options)


def normal_quantile(level: float) -> float:
    """Quantile of the standard normal for a two-sided interval at ``level``.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return float(-ndtri((1.0 - level) / 2.0))


def reasons(shape: tuple[int, ...], *cases: tuple[BoolArray, str]) -> TextArray:
    """Texts by mask, the first that holds; empty where none does.

    Examples
    --------
    >>> reasons((2,), (np.array([True, False]), "no participants"))
    array(['no participants', ''], dtype=object)
    """
    text = np.full(shape, "", dtype=object)
    for mask, words in reversed(cases):
        text[np.broadcast_to(mask, shape)] = words
    return text


def unwrapped(array: NDArray[Any]) -> Any:
    """Array as it is, or the number itself where the arguments were scalars."""
    return array[()] if array.ndim == 0 else array


def find_root(
    function: Callable[..., FloatArray],
    lower: ArrayLike,
    upper: ArrayLike,
    *args: ArrayLike,
    rtol: float = 4.0 * _EPS,
    max_iterations: int = 200,
) -> FloatArray:
    """Root of a function in each bracket, by Chandrupatla's method on arrays.

    Parameters
    ----------
    function : callable
        ``function(x, *args)``, elementwise on 1-D arrays; infinite values count by their sign.
    lower, upper : array_like
        Ends of the brackets. Where the function has the same sign at both, or is ``nan`` at one,
        the root is ``nan``.
    *args : array_like
        Further arguments of the function, broadcast with the ends.
    rtol : float
        Width of the last bracket, relative to the root.
    max_iterations : int
        Bound on the steps; bisection alone needs about 60.

    Returns
    -------
    ndarray
        Roots in the broadcast shape.

    References
    ----------
    .. [1] T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero
       of a nonlinear function without using derivatives", Advances in Engineering Software 28
       (1997) 145-149.

    Examples
    --------
    >>> find_root(lambda x, c: x * x - c, 0, 10, [2.0, 9.0])
    array([1.41421356, 3.        ])
    """
    ends = [np.asarray(item, dtype=np.float64) for item in (lower, upper, *args)]
    common = np.broadcast_arrays(*ends)
    shape = common[0].shape
    b, a, *rest = (np.array(item).ravel() for item in common)
    roots = np.full(a.shape, np.nan)
    with np.errstate(all="ignore"):
        fa, fb = function(a, *rest), function(b, *rest)
        roots[fa == 0] = a[fa == 0]
        roots[fb == 0] = b[fb == 0]
        open_ = (np.sign(fa) * np.sign(fb)) < 0
        active = np.flatnonzero(open_)
        a, b, fa, fb = a[open_], b[open_], fa[open_], fb[open_]
        rest = [item[open_] for item in rest]
        t = np.full(a.shape, 0.5)
        for _ in range(max_iterations):
            if not active.size:
                break
            x = a + t * (b - a)
            fx = function(x, *rest)
            same = np.sign(fx) == np.sign(fa)
            c, fc = np.where(same, a, b), np.where(same, fa, fb)
            b, fb = np.where(same, b, a), np.where(same, fb, fa)
            a, fa = x, fx
            best = np.where(np.abs(fa) < np.abs(fb), a, b)
            roots[active] = best
            limit = 0.5 * rtol * np.abs(best) / np.abs(b - a)
            going = ~((fa == 0) | (limit > 0.5) | (a == b))
            t = _next_fraction(a, b, c, fa, fb, fc)
            t = np.clip(t, limit, 1.0 - limit)
            active, rest = active[going], [item[going] for item in rest]
            a, b, fa, fb, t = a[going], b[going], fa[going], fb[going], t[going]
    return roots.reshape(shape)


def _next_fraction(a: FloatArray, b: FloatArray, c: FloatArray, *values: FloatArray) -> FloatArray:
    """Where between the ends to look next: inverse quadratic if it is safe, else the middle."""
    fa, fb, fc = values
    xi = (a - b) / (c - b)
    phi = (fa - fb) / (fc - fb)
    safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
    t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return cast(FloatArray, np.where(safe & np.isfinite(t), t, 0.5))
