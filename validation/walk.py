"""Every value of the reference files beside what evsyn gives for it.

``comparisons(document)`` yields ``Comparison``s of a file: a data set with its analyses, or a file
of rows of counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evsyn import stats

CLOSED, ITERATED, EXACT = "closed", "iterated", "exact"
ITERATIVE_METHODS = {"ML", "REML", "EB", "PM"}  # the others have tau² in closed form
NAMES = {  # metafor's names and ours
    "zval": "statistic",
    "pval": "p_value",
    "se_tau2": "tau2_se",
    "I2": "i2",
    "H2": "h2",
    "QE": "q",
    "QEp": "q_pvalue",
    "QE_del": "q_del",
    "df": "df",
}
FIT = (
    *("estimate", "se", "zval", "df", "pval", "ci_lb", "ci_ub", "tau2", "se_tau2"),
    *("I2", "H2", "QE", "QEp", "k", "pi_lb", "pi_ub"),
)
DATA = {  # escalc's arguments and ours
    "x1i": "events_e",
    "t1i": "time_e",
    "x2i": "events_c",
    "t2i": "time_c",
    "m1i": "mean_e",
    "sd1i": "sd_e",
    "m2i": "mean_c",
    "sd2i": "sd_c",
    "xi": "events",
    "ri": "r",
    "ni": "n",
}


@dataclass(frozen=True)
class Comparison:
    """One value, or one vector.

    ``kind`` says how it is computed; ``scale`` is the size below which a difference is measured
    against the scale instead of the value: 1 for what has no unit, the standard error for means.
    """

    quantity: str
    found: Any
    expected: Any
    kind: str
    where: str
    scale: float = 1.0


def number(value: Any) -> float:
    """``null`` is missing, infinities are texts."""
    return math.nan if value is None else float(value)


def numbers(values: Any) -> np.ndarray:
    """Vector of values."""
    return np.array([number(value) for value in values])


def comparisons(document: Mapping[str, Any], name: str) -> Iterator[Comparison]:
    """All comparisons of a file."""
    if "rows" in document:
        rows = {
            "proportions": proportion_rows,
            "two_proportions": two_proportion_rows,
            "paired": paired_rows,
        }[name]
        for level in sorted({row["level"] for row in document["rows"]}):
            yield from rows([row for row in document["rows"] if row["level"] == level], level)
        return
    for analysis in document["analyses"]:
        yield from analysis_values(document, analysis)
    for key in ("mh", "peto"):
        if key in document:
            yield from stratified(document, key)


# ------------------------------------------------------------------ a data set


def analysis_values(
    document: Mapping[str, Any], analysis: Mapping[str, Any]
) -> Iterator[Comparison]:
    """Everything of one effect measure."""
    where = f"{document['dataset']} {analysis['id']}"
    data = document["data"][analysis["data"]]
    if analysis["measure"] != "GEN":
        made = stats.effect_sizes(analysis["measure"], **counts(data))
        for key in ("yi", "vi"):
            found, expected = getattr(made, key), numbers(analysis[key])
            scale = float(np.nanmedian(np.abs(expected))) or 1.0
            yield Comparison(f"effect sizes, {key}", found, expected, CLOSED, where, min(scale, 1))
    all_y, all_v = numbers(analysis["yi"]), numbers(analysis["vi"])
    there = ~np.isnan(all_y + all_v)
    yi, vi = all_y[there], all_v[there]
    yield from fits(yi, vi, analysis["rma"], where)
    yield from tau2_limits(yi, vi, analysis["confint"], where)
    yield from refits(yi, vi, analysis, where)
    yield from small_studies(yi, vi, analysis, where)
    for names, one in analysis.get("metareg", {}).items():
        mods = [numbers(document["moderators"][name])[there] for name in one["moderators"]]
        yield from regressions(yi, vi, np.column_stack(mods), one, f"{where} {names}")
    if "subgroup" in analysis:
        by = analysis["subgroup"]["by"]
        groups = [
            value for value, is_there in zip(document["groups"][by], there, strict=True) if is_there
        ]
        yield from subgroups(yi, vi, groups, analysis["subgroup"], where)
    if "back" in analysis:
        fit = analysis["rma"]["REML"]["z"]
        sizes = np.asarray(data["ni"], dtype=float)[there] if "ni" in data else None
        for key, expected in analysis["back"].items():
            if key != "transform":
                found = stats.back_transform(number(fit[key]), analysis["measure"], n=sizes)
                yield Comparison("back-transformed", found, number(expected), CLOSED, where)


def counts(data: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the file as arguments of ours."""
    values = {name: numbers(column) for name, column in data.items()}
    if "ai" in values:
        n1 = values["n1i"] if "n1i" in values else values["ai"] + values["bi"]
        n2 = values["n2i"] if "n2i" in values else values["ci"] + values["di"]
        return {"events_e": values["ai"], "n_e": n1, "events_c": values["ci"], "n_c": n2}
    return {DATA.get(name, {"n1i": "n_e", "n2i": "n_c"}.get(name)): values[name] for name in values}


def fit_values(
    found: Any,
    expected: Mapping[str, Any],
    label: str,
    kind: str,
    where: str,
    skip: Iterable[str] = (),
) -> Iterator[Comparison]:
    """A pooled effect beside a fit of the file."""
    se = number(expected["se"])
    for key in FIT:
        if key in skip or key not in expected:
            continue
        value = number(expected[key])
        name = NAMES.get(key, key)
        scale = (
            min(se, 1.0) if key in {"estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub"} else 1.0
        )
        if key in {"tau2", "se_tau2"}:
            scale = min(se * se, 1.0)
        this = CLOSED if key in {"QE", "QEp"} else EXACT if key in {"k", "df"} else kind
        yield Comparison(f"{label}, {name}", getattr(found, name), value, this, where, scale)


def fits(
    yi: np.ndarray, vi: np.ndarray, rma: Mapping[str, Any], where: str
) -> Iterator[Comparison]:
    """Every estimator of tau² with every test, and both prediction intervals."""
    for method, tests in rma.items():
        kind = ITERATED if method in ITERATIVE_METHODS else CLOSED
        for test, expected in tests.items():
            at = f"{where} {method} {test}"
            found = stats.pool(yi, vi, method=method, test=test)
            yield from fit_values(found, expected, f"pool, {kind}", kind, at)
            if expected["pi_hts_lb"] is not None:
                other = stats.pool(yi, vi, method=method, test=test, pi="hts")
                for key in ("pi_lb", "pi_ub"):
                    value = number(expected[key.replace("pi_", "pi_hts_")])
                    yield Comparison(
                        f"pool, {kind}, {key} (hts)",
                        getattr(other, key),
                        value,
                        kind,
                        at,
                        min(number(expected["se"]), 1.0),
                    )


def tau2_limits(
    yi: np.ndarray, vi: np.ndarray, confint: Mapping[str, Any], where: str
) -> Iterator[Comparison]:
    """Q-profile and profile likelihood."""
    for key, expected in confint.items():
        estimator, method = key.split("_")
        found = stats.tau2_interval(yi, vi, method=method, estimator=estimator)
        for name, value in expected.items():
            if name.split("_")[0] in {"tau2", "I2", "H2"}:
                scale = min(float(np.median(vi)), 1.0) if name.startswith("tau2") else 1.0
                yield Comparison(
                    f"tau2_interval {method}, {name.split('_')[0].lower()}",
                    getattr(found, name.lower()),
                    number(value),
                    ITERATED,
                    f"{where} {key}",
                    scale,
                )


def refits(
    yi: np.ndarray, vi: np.ndarray, analysis: Mapping[str, Any], where: str
) -> Iterator[Comparison]:
    """Leave-one-out, cumulative, influence; all by REML."""
    se = min(number(analysis["rma"]["REML"]["z"]["se"]), 1.0)
    scales = {"estimate": se, "se": se, "tau2": se * se, "tau2_del": se * se}
    for key, label, found in (
        ("leave1out", "leave_one_out", stats.leave_one_out(yi, vi)),
        ("cumul", "cumulative", stats.cumulative(yi, vi)),
        ("influence", "influence", stats.influence(yi, vi)),
    ):
        for name, values in analysis[key].items():
            if name == "from":
                continue
            ours = NAMES.get(name, name)
            kind = CLOSED if name in {"QE", "QEp", "QE_del"} else ITERATED
            yield Comparison(
                f"{label}, {ours}",
                getattr(found, ours),
                numbers(values),
                kind,
                where,
                scales.get(name, 1.0),
            )


def small_studies(
    yi: np.ndarray, vi: np.ndarray, analysis: Mapping[str, Any], where: str
) -> Iterator[Comparison]:
    """Tests of asymmetry, trim and fill, fail-safe N."""
    names = {"b": "estimate", **NAMES}
    se = min(number(analysis["rma"]["REML"]["z"]["se"]), 1.0)
    for model, expected in analysis["regtest"].items():
        found = stats.regression_test(yi, vi, model=model, force=True)
        kind = CLOSED if model == "lm" else ITERATED
        for key, value in expected.items():
            ours = names.get(key, key)
            this = EXACT if key == "df" else kind
            scale = se if key.startswith("limit") else se * se if key == "tau2" else 1.0
            yield Comparison(
                f"regression_test {model}, {ours}",
                getattr(found, ours),
                number(value),
                this,
                where,
                scale,
            )
    ranked, expected = stats.rank_test(yi, vi, force=True), analysis["ranktest"]
    yield Comparison("rank_test, tau", ranked.tau, number(expected["tau"]), CLOSED, where)
    yield Comparison("rank_test, p_value", ranked.p_value, number(expected["pval"]), CLOSED, where)
    filled, expected = stats.trim_and_fill(yi, vi, force=True), analysis["trimfill"]
    yield Comparison("trim_and_fill, k0", filled.k0, number(expected["k0"]), EXACT, where)
    same_side = filled.side == expected["side"]
    yield Comparison("trim_and_fill, side", float(same_side), 1.0, EXACT, where)
    yield Comparison("trim_and_fill, k0_se", filled.k0_se, number(expected["se_k0"]), CLOSED, where)
    yield from fit_values(filled.fit, expected, "trim_and_fill, fit", ITERATED, where)
    safe, expected = stats.failsafe_n(yi, vi), analysis["fsn"]
    yield Comparison("failsafe_n, n", safe.n, number(expected["fsnum"]), EXACT, where)
    yield Comparison("failsafe_n, p_value", safe.p_value, number(expected["pval"]), CLOSED, where)
    yield Comparison(
        "failsafe_n, n_exact", safe.n_exact, number(expected["unrounded"]), CLOSED, where
    )


def regressions(
    yi: np.ndarray, vi: np.ndarray, mods: np.ndarray, expected: Mapping[str, Any], where: str
) -> Iterator[Comparison]:
    """Meta-regression by REML with z and knha."""
    names = {
        "b": "coef",
        "zval": "statistic",
        "pval": "p_value",
        "se_tau2": "tau2_se",
        "QM": "qm",
        "QM_df1": "qm_df",
        "QM_df2": "qm_df2",
        "QMp": "qm_pvalue",
        "QE": "qe",
        "QEp": "qe_pvalue",
        "I2": "i2",
        "H2": "h2",
        "R2": "r2",
    }
    for test in ("z", "knha"):
        found = stats.meta_regression(yi, vi, mods, test=test)
        se = np.array(numbers(expected[test]["se"]))
        yield Comparison("meta_regression, k", found.k, expected["k"], EXACT, where)
        yield Comparison(
            "meta_regression, tau2_null",
            found.tau2_null,
            number(expected["tau2_null"]),
            ITERATED,
            where,
        )
        for key, value in expected[test].items():
            if key == "terms":
                continue
            ours = names.get(key, key)
            kind = EXACT if "_df" in key else CLOSED if key in {"QE", "QEp"} else ITERATED
            wanted = numbers(value) if isinstance(value, list) else number(value)
            scale = float(min(se.min(), 1.0)) if key in {"b", "se", "ci_lb", "ci_ub"} else 1.0
            if key in {"tau2", "se_tau2"}:
                scale = min(float(np.median(vi)), 1.0)
            yield Comparison(
                f"meta_regression, {ours}",
                getattr(found, ours),
                wanted,
                kind,
                f"{where} {test}",
                scale,
            )


def subgroups(
    yi: np.ndarray, vi: np.ndarray, groups: Sequence[Any], expected: Mapping[str, Any], where: str
) -> Iterator[Comparison]:
    """Fits of each group, differences between them."""
    texts = [str(value) for value in groups]
    for method in ("EE", "REML", "DL"):
        found = stats.subgroup(yi, vi, texts, method=method, test="z")
        kind = ITERATED if method == "REML" else CLOSED
        for at, level in enumerate(found.levels):
            fit = expected["groups"][level].get(method)
            if fit is None:
                continue
            for key in (
                "estimate",
                "se",
                "zval",
                "pval",
                "ci_lb",
                "ci_ub",
                "tau2",
                "I2",
                "H2",
                "QE",
                "QEp",
            ):
                ours = NAMES.get(key, key)
                value = getattr(found, ours)[at]
                scale = (
                    min(number(fit["se"]), 1.0)
                    if key in {"estimate", "se", "ci_lb", "ci_ub"}
                    else 1.0
                )
                scale = scale if key != "tau2" else min(number(fit["se"]) ** 2, 1.0)
                yield Comparison(
                    f"subgroup, {ours}",
                    value,
                    number(fit[key]),
                    kind,
                    f"{where} {level} {method}",
                    scale,
                )
        between = expected["between_separate_tau2"].get(method)
        if between is not None:
            for key, ours in (
                ("Q", "q_between"),
                ("pval", "q_between_pvalue"),
                ("df", "q_between_df"),
            ):
                this = EXACT if key == "df" else kind
                yield Comparison(
                    f"subgroup, {ours}",
                    getattr(found, ours),
                    number(between[key]),
                    this,
                    f"{where} {method}",
                )
    common, wanted = (
        stats.subgroup(yi, vi, texts, test="z", common_tau2=True),
        expected["common_tau2_REML"],
    )
    for key, ours in (
        ("QM", "q_between"),
        ("QMp", "q_between_pvalue"),
        ("tau2", "tau2_residual"),
        ("QE", "q_within"),
        ("QEp", "q_within_pvalue"),
    ):
        scale = min(float(np.median(vi)), 1.0) if key == "tau2" else 1.0
        yield Comparison(
            f"subgroup common tau², {ours}",
            getattr(common, ours),
            number(wanted[key]),
            ITERATED,
            where,
            scale,
        )


def stratified(document: Mapping[str, Any], key: str) -> Iterator[Comparison]:
    """Mantel-Haenszel and Peto."""
    names = {
        **NAMES,
        "CMH": "cmh",
        "CMHp": "cmh_pvalue",
        "tarone": "tarone",
        "tarone_p": "tarone_pvalue",
        "breslow_day": "breslow_day",
        "breslow_day_p": "breslow_day_pvalue",
    }
    block = document[key]
    data = counts(document["data"][block["data"]])
    fits_of = {"OR": block} if key == "peto" else {m: v for m, v in block.items() if m != "data"}
    for measure, expected in fits_of.items():
        found = (
            stats.peto(**data) if key == "peto" else stats.mantel_haenszel(**data, measure=measure)
        )
        se = min(number(expected["se"]), 1.0)
        for name, value in expected.items():
            if name == "data":
                continue
            ours = names.get(name, name)
            kind = EXACT if name in {"k", "k_yi"} else CLOSED
            scale = se if name in {"estimate", "se", "ci_lb", "ci_ub"} else 1.0
            yield Comparison(
                f"{'peto' if key == 'peto' else 'mantel_haenszel'}, {ours}",
                getattr(found, ours),
                number(value),
                kind,
                f"{document['dataset']} {measure}",
                scale,
            )


# ------------------------------------------------------------------ rows of counts


def column(rows: Sequence[Mapping[str, Any]], *path: str) -> np.ndarray:
    """A value, or a pair of limits, of every row."""
    made = []
    for row in rows:
        value: Any = row
        for name in path:
            value = value[name]
        made.append([number(one) for one in value] if isinstance(value, list) else number(value))
    return np.array(made)


def limits(found: Any) -> np.ndarray:
    """Both limits of every row."""
    return np.column_stack([found.ci_lb, found.ci_ub])


def proportion_rows(rows: Sequence[Mapping[str, Any]], level: float) -> Iterator[Comparison]:
    """Intervals of one proportion."""
    x, n = column(rows, "x"), column(rows, "n")
    for method in (
        "wald",
        "wilson",
        "wilson-cc",
        "clopper-pearson",
        "jeffreys",
        "agresti-coull",
        "mid-p",
    ):
        found = stats.proportion_interval(x, n, method=method, level=level)
        key = method.replace("-", "_")
        kind = ITERATED if method == "mid-p" else CLOSED
        yield Comparison(
            f"proportion_interval {method}", limits(found), column(rows, key), kind, f"{level}"
        )


def two_proportion_rows(rows: Sequence[Mapping[str, Any]], level: float) -> Iterator[Comparison]:
    """Intervals and tests of two proportions, numbers needed to treat."""
    table = [column(rows, name) for name in ("x1", "n1", "x2", "n2")]
    for measure, key, method, add in (
        ("RD", "wald", "wald", 0.0),
        ("RD", "newcombe", "newcombe", 0.0),
        ("RD", "miettinen_nurminen", "miettinen-nurminen", 0.0),
        ("RD", "mee", "mee", 0.0),
        ("RR", "katz", "katz", 0.0),
        ("RR", "katz_half", "katz", 0.5),
        ("RR", "koopman", "koopman", 0.0),
        ("RR", "miettinen_nurminen", "miettinen-nurminen", 0.0),
        ("OR", "woolf", "woolf", 0.0),
        ("OR", "woolf_half", "woolf", 0.5),
        ("OR", "miettinen_nurminen", "miettinen-nurminen", 0.0),
    ):
        found = stats.two_proportion_interval(
            *table, measure=measure, method=method, level=level, add=add
        )
        kind = CLOSED if method in {"wald", "newcombe", "katz", "woolf"} else ITERATED
        label = f"two_proportion_interval {measure} {method}{' + 1/2' if add else ''}"
        yield Comparison(label, limits(found), column(rows, measure.lower(), key), kind, f"{level}")
        if not add:
            estimate = column(rows, measure.lower(), "estimate")
            yield Comparison(
                f"two_proportion_interval {measure}, estimate",
                found.estimate,
                estimate,
                CLOSED,
                f"{level}",
            )
    for method, p_value, statistic in (
        ("fisher", "fisher", None),
        ("fisher-mid-p", "fisher_midp", None),
        ("chi-square", "chisq_p", "chisq"),
        ("yates", "yates_p", "yates"),
        ("n-1", "n1_p", "n1_chisq"),
    ):
        tested = stats.two_proportion_test(*table, method=method)
        label = f"two_proportion_test {method}"
        yield Comparison(
            f"{label}, p_value", tested.p_value, column(rows, "tests", p_value), CLOSED, ""
        )
        if statistic:
            expected = column(rows, "tests", statistic)
            yield Comparison(f"{label}, statistic", tested.statistic, expected, CLOSED, "")
    needed = stats.nnt(*table, method="newcombe", level=level)
    yield Comparison(
        "nnt, estimate", needed.estimate, column(rows, "nnt", "estimate"), CLOSED, f"{level}"
    )
    ends = np.column_stack([needed.ci_ub, needed.ci_lb])
    yield Comparison("nnt, limits", ends, column(rows, "nnt", "newcombe_ends"), CLOSED, f"{level}")


def paired_rows(rows: Sequence[Mapping[str, Any]], level: float) -> Iterator[Comparison]:
    """Intervals and tests of pairs."""
    table = [column(rows, name) for name in "abcd"]
    for method in ("wald", "bonett-price", "newcombe", "tango"):
        found = stats.paired_interval(*table, method=method, level=level)
        kind = ITERATED if method == "tango" else CLOSED
        expected = column(rows, "ci", method.replace("-", "_"))
        yield Comparison(f"paired_interval {method}", limits(found), expected, kind, f"{level}")
    for method, key in (
        ("mcnemar", "chisq_p"),
        ("mcnemar-cc", "cc_p"),
        ("mcnemar-exact", "exact_p"),
        ("mcnemar-mid-p", "mid_p"),
    ):
        tested = stats.paired_test(*table, method=method)
        expected = column(rows, "mcnemar", key)
        yield Comparison(f"paired_test {method}, p_value", tested.p_value, expected, CLOSED, "")
