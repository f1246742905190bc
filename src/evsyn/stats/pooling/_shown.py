"""Results as text: what a statistician reads first of one analysis, a short table of many."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

__all__ = ["TESTS", "bounded", "model", "pooled_text", "probability", "regression_text", "spelled"]

TESTS = {
    "z": "Wald test",
    "knha": "Hartung-Knapp test",
    "adhoc": "Hartung-Knapp test with ad hoc correction",
}
ROWS = 5  # analyses of a batch that are shown
LARGE, SMALL = 1e6, 1e-3


def spelled(value: Any) -> str:
    """A number with four decimals, or four digits where that says too little.

    Examples
    --------
    >>> spelled(-0.71453), spelled(3.2e-9), spelled(0.0)
    ('-0.7145', '3.2e-09', '0.0000')
    """
    size = abs(float(value))
    fixed = size == 0 or SMALL <= size < LARGE or np.isnan(size)
    return f"{value + 0.0:.4f}" if fixed else f"{value:.4g}"  # + 0.0: no minus before a zero


def probability(value: Any) -> str:
    """A p-value with its sign of relation.

    Examples
    --------
    >>> probability(0.0019), probability(1e-26)
    ('p = 0.0019', 'p < 0.0001')
    """
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"


def bounded(result: Any) -> str:
    """Representation of a result whose long arrays are cut.

    Parameters
    ----------
    result : dataclass instance
        A result; fields marked ``repr=False`` are left out.

    Returns
    -------
    str
        Class and fields.
    """
    with np.printoptions(threshold=10, edgeitems=2):
        shown = (
            f"{entry.name}={getattr(result, entry.name)!r}"
            for entry in fields(result)
            if entry.repr
        )
        return f"{type(result).__name__}({', '.join(shown)})"


def pooled_text(result: Any, title: str) -> str:
    """A pooled effect as a few lines, or many as a table of the first.

    Parameters
    ----------
    result : PooledEffect or StratifiedEffect
        What is shown.
    title : str
        What was fitted; the number of studies is added.

    Returns
    -------
    str
        Lines without an end of line after the last.
    """
    if np.ndim(result.estimate):
        columns = {
            "estimate": result.estimate,
            "se": result.se,
            "p": result.p_value,
            "ci_lb": result.ci_lb,
            "ci_ub": result.ci_ub,
            "tau2": result.tau2,
            "i2": result.i2,
        }
        head = f"{np.size(result.estimate)} meta-analyses: {title}; {_studies(result.k)}"
        return "\n".join([head, *_table(columns), *_remarks(result)])
    share = f"{100 * result.level:g}%"
    name = "z" if np.isnan(result.df) else f"t({result.df:g})"
    lines = [
        f"{title}; {_studies(result.k)}",
        f"estimate {spelled(result.estimate)}, se {spelled(result.se)}, "
        f"{name} = {spelled(result.statistic)}, {probability(result.p_value)}",
        f"{share} CI {spelled(result.ci_lb)} to {spelled(result.ci_ub)}",
    ]
    if not np.isnan(result.pi_lb):
        lines.append(
            f"{share} prediction interval {spelled(result.pi_lb)} to {spelled(result.pi_ub)}"
        )
    spread = getattr(result, "tau2_se", np.nan)
    within = "" if np.isnan(spread) or result.method == "EE" else f" (se {spelled(spread)})"
    lines += [
        f"tau² {spelled(result.tau2)}{within}, I² {result.i2:.1f}%, H² {spelled(result.h2)}",
        f"Q({result.q_df:g}) = {spelled(result.q)}, {probability(result.q_pvalue)}",
    ]
    return "\n".join([*lines, *_remarks(result)])


def regression_text(result: Any, intercept: bool) -> str:
    """A meta-regression as a table of its coefficients and its tests, or many as a summary.

    Parameters
    ----------
    result : MetaRegression
        What is shown.
    intercept : bool
        Whether the first coefficient is the intercept.

    Returns
    -------
    str
        Lines without an end of line after the last.
    """
    title = f"{model(result.method)}, {TESTS[result.test]}"
    if np.ndim(result.k):
        coef = {f"coef[{at}]": row for at, row in enumerate(result.coef[:ROWS])}
        columns = coef | {"tau2": result.tau2, "i2": result.i2, "qm p": result.qm_pvalue}
        head = f"{result.k.size} meta-regressions: {title}; {_studies(result.k)}"
        return "\n".join([head, *_table(columns), *_remarks(result)])
    columns = {
        "coef": result.coef,
        "se": result.se,
        "z" if result.test == "z" else f"t({result.qe_df:g})": result.statistic,
        "p": result.p_value,
        "ci_lb": result.ci_lb,
        "ci_ub": result.ci_ub,
    }
    rows = _table(columns, rows=50, first="intercept" if intercept else "0")
    explained = "" if np.isnan(result.r2) else f", R² {result.r2:.1f}%"
    joint = f"{result.qm_df:g}" if result.test == "z" else f"{result.qm_df:g}, {result.qm_df2:g}"
    lines = [
        f"Meta-regression: {title}; {_studies(result.k)}",
        *rows,
        f"{100 * result.level:g}% confidence limits",
        f"{'QM' if result.test == 'z' else 'F'}({joint}) = {spelled(result.qm)}, "
        f"{probability(result.qm_pvalue)} ({'moderators' if intercept else 'all coefficients'})",
        f"residual tau² {spelled(result.tau2)}, I² {result.i2:.1f}%, H² {spelled(result.h2)}"
        f"{explained}",
        f"QE({result.qe_df:g}) = {spelled(result.qe)}, {probability(result.qe_pvalue)}",
    ]
    return "\n".join([*lines, *_remarks(result)])


def model(method: str) -> str:
    """Words for an estimator of tau².

    Examples
    --------
    >>> model("REML")
    'random effects (REML)'
    """
    return "common effect" if method == "EE" else f"random effects ({method})"


def _studies(k: Any) -> str:
    """Numbers of studies."""
    least, most = (np.min(k), np.max(k)) if np.size(k) else (0, 0)
    return f"k = {least}" if least == most else f"k = {least} to {most}"


def _table(columns: dict[str, Any], *, rows: int = ROWS, first: str = "0") -> list[str]:
    """The first rows in columns of one width, numbered, and how many more there are."""
    total = len(next(iter(columns.values())))
    labels = [first, *map(str, range(1, rows))][:total]
    left = max(map(len, labels), default=0)
    lines = ["".join([" " * left, *(f"{name:>12}" for name in columns)])]
    for at, label in enumerate(labels):
        cells = (f"{spelled(np.asarray(values)[at]):>12}" for values in columns.values())
        lines.append("".join([f"{label:<{left}}", *cells]))
    return lines + ([f"... and {total - rows} more"] if total > rows else [])


def _remarks(result: Any) -> list[str]:
    """What needs a word: missing values, a search without end, more than one maximum."""
    many = f" in {{}} of {np.size(result.k)}" if np.ndim(result.k) else ""
    found = []
    failed = int(np.sum(~np.asarray(result.converged, dtype=bool)))
    if failed:
        found.append("the search for tau² did not converge" + many.format(failed))
    modes = np.asarray(getattr(result, "n_modes", 1))
    several = int(np.sum(modes > 1))
    if several:
        count = many.format(several) if many else f": {modes}, of which the highest was taken"
        found.append("several maxima of the likelihood" + count)
    texts = [str(text) for text in np.atleast_1d(np.asarray(result.reason, dtype=object)) if text]
    if texts:
        found.append(texts[0] if not many else f"no value{many.format(len(texts))}: {texts[0]}")
    return found
