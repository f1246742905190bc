"""The R script of an analysis: the same numbers from the package metafor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from evsyn import __version__
from evsyn.errors import StatsError
from evsyn.stats.effects.effect_sizes import MEASURES, effect_sizes
from evsyn.stats.pooling.pool import pool
from evsyn.synthesis.declared import COUNT_METHODS
from evsyn.synthesis.results import PoolRow, Result
from evsyn.text.r_language import r_comment, r_number, r_string, r_vector

__all__ = ["metafor_script"]

_ARMS = {"ai": "events_e", "n1i": "n_e", "ci": "events_c", "n2i": "n_c"}
_RATES = {"x1i": "events_e", "t1i": "time_e", "x2i": "events_c", "t2i": "time_c"}
_MEANS = {"m1i": "mean_e", "sd1i": "sd_e", "n1i": "n_e"}
_MEANS |= {"m2i": "mean_c", "sd2i": "sd_c", "n2i": "n_c"}
_COLUMNS: dict[str, dict[str, str]] = {
    name: arguments
    for names, arguments in (
        (("RR", "OR", "RD", "AS", "PETO"), _ARMS),
        (("IRR", "IRD", "IRSD"), _RATES),
        (("MD", "SMD", "SMDH", "ROM", "VR", "CVR"), _MEANS),
        (("PR", "PLN", "PLO", "PAS", "PFT"), {"xi": "events", "ni": "n"}),
        (("IR", "IRLN", "IRS"), {"xi": "events", "ti": "time"}),
        (("MN", "MNLN"), {"mi": "mean", "sdi": "sd", "ni": "n"}),
        (("COR", "ZCOR"), {"ri": "r", "ni": "n"}),
    )
    for name in names
}
"""Arguments of escalc, and the columns that they take, by measure."""

_HEAD = """\
# Needs R with the package metafor (Viechtbauer 2010, doi:10.18637/jss.v036.i03).
# Prints its numbers as CSV: Rscript FILE > numbers.csv
suppressPackageStartupMessages(library(metafor))

numbers <- list()
keep <- function(part, item, values) {
  values <- unlist(values)
  lines <- data.frame(analysis = analysis, part = part, item = item, name = names(values),
                      value = sprintf("%.17g", as.numeric(values)))
  numbers[[length(numbers) + 1]] <<- lines
}
first <- function(value) if (length(value)) as.numeric(value)[1] else NA
effect <- function(fit) list(
  estimate = first(if (is.null(fit$beta)) fit$b else fit$beta), se = first(fit$se),
  ci_lb = first(fit$ci.lb), ci_ub = first(fit$ci.ub), p_value = first(fit$pval),
  tau2 = first(fit$tau2), i2 = first(fit$I2), h2 = first(fit$H2),
  q = first(if (is.null(fit$QE)) fit$QE.LRT else fit$QE),
  q_pvalue = first(if (is.null(fit$QEp)) fit$QEp.LRT else fit$QEp))
again <- function(fits, item) list(
  estimate = fits$estimate[item], se = fits$se[item], ci_lb = fits$ci.lb[item],
  ci_ub = fits$ci.ub[item], p_value = fits$pval[item], tau2 = first(fits$tau2[item]),
  i2 = first(fits$I2[item]), h2 = first(fits$H2[item]), q = first(fits$Q[item]),
  q_pvalue = first(fits$Qp[item]))
# Tolerances of metafor are absolute; these go with the scale of the data.
precise <- function(yi, vi, ...) {
  scale <- max(mean(vi), var(yi), na.rm = TRUE)
  list(threshold = 1e-13 * scale, maxiter = 10000, tol = 1e-14 * scale,
       tau2.max = 1e4 * scale, ...)
}
"""

_HIGHEST = """\
# The likelihood has more than one maximum here, and a search may stop at a lower one: start at
# several places and take the highest.
highest <- function(data, method, test, mods = ~ 1) {
  scale <- max(mean(data$vi), var(data$yi), na.rm = TRUE)
  fits <- lapply(scale * c(0, 0.01, 0.1, 0.5, 2, 10), function(start)
    rma(yi, vi, mods = mods, data = data, method = method, test = test, level = 100 * level,
        control = precise(data$yi, data$vi, tau2.init = start)))
  fits[[which.max(sapply(fits, function(fit) as.numeric(logLik(fit))))]]
}
"""

_TAIL = """
write.csv(do.call(rbind, numbers), row.names = FALSE, quote = TRUE)
"""


def metafor_script(result: Result[PoolRow]) -> str:
    """Return an R script that makes the same analyses in metafor.

    Parameters
    ----------
    result : Result of PoolRow
        What was pooled.

    Returns
    -------
    str
        ASCII. Data stand in it as plain vectors; names from files are strings and nothing else.
        Running it prints CSV: analysis, part, item, name, value.

    Raises
    ------
    StatsError
        If nothing was pooled: there is no analysis to write.
    """
    rows = [row for row in result if row.estimate is not None]
    if not rows:
        why = "; ".join(f"{row.group}: {row.reason}" for row in result)
        raise StatsError(f"nothing was pooled, so there is no script to write ({why or 'no rows'})")
    level = result.settings.get("level", 0.95)
    share = float(level) if isinstance(level, (int, float)) else 0.95
    parts = [r_comment(f"Meta-analysis in metafor, written by evsyn {__version__}."), _HEAD]
    scripts = [_Script(row, share) for row in rows]
    if any(script.several for script in scripts):
        parts.append(_HIGHEST)
    parts += [script.text() for script in scripts]
    return "\n".join([*parts, _TAIL.lstrip("\n")])


class _Script:
    """The part of a script that makes one analysis."""

    def __init__(self, row: PoolRow, level: float) -> None:
        self.row = row
        self.level = level
        self.studies = [line for line in row.effects if line["pooled"]]
        self.counts = row.method in COUNT_METHODS
        self.several = self.maxima()

    def maxima(self) -> bool:
        """Whether the likelihood of tau² has more than one maximum in any of the fits."""
        if self.row.method not in ("ML", "REML"):
            return False
        k = len(self.studies)
        parts = [np.ones(k, dtype=bool)]
        if self.row.leave_one_out:
            parts += list(~np.eye(k, dtype=bool))
        if self.row.cumulative:
            ranks = np.array([line["rank"] for line in self.studies])
            parts += [ranks <= last for last in range(1, k + 1)]
        for line in self.row.subgroups:
            parts.append(np.array([own["subgroup"] == line["subgroup"] for own in self.studies]))
        yi, vi = (
            np.where(np.array(parts).T, np.array([[line[name]] for line in self.studies]), np.nan)
            for name in ("yi", "vi")
        )
        modes = pool(yi, vi, method=cast(Any, self.row.method), test="z").n_modes
        return bool((modes > 1).any()) or self.row.regression_fit.get("n_modes", 1) > 1

    def text(self) -> str:
        """Data, fit, and all that was asked beside it."""
        lines = [r_comment(self.row.group), f"analysis <- {r_string(self.row.group)}"]
        lines += [r_comment(f"not pooled: {text}") for text in self.row.left_out]
        lines += [f"level <- {r_number(self.level)}", *self.data(), *self.fit()]
        lines += [*self.regression(), *self.subgroups(), *self.refits()]
        return "\n".join(lines) + "\n"

    def data(self) -> Iterator[str]:
        """Columns as vectors; effects by escalc where it gives the same."""
        columns: dict[str, list[Any]] = {"study": [line["study"] for line in self.studies]}
        names = self.escalc()
        for name in dict.fromkeys(names.values()):
            columns[name] = [line["data"][name] for line in self.studies]
        if not names:
            columns |= {name: [line[name] for line in self.studies] for name in ("yi", "vi")}
        if self.row.regression:
            for at, term in enumerate(self.row.regression_fit["terms"], 1):
                columns[f"m{at}"] = [line["moderators"].get(term) for line in self.studies]
        if self.row.subgroups:
            columns["group"] = [line["subgroup"] for line in self.studies]
        if self.row.cumulative:
            columns["rank"] = [line["rank"] for line in self.studies]
        cells = [f"  {name} = {r_vector(values)}" for name, values in columns.items()]
        yield "dat <- data.frame(\n" + ",\n".join(cells) + "\n)"
        if names and not self.counts:
            given = ", ".join(f"{theirs} = {ours}" for theirs, ours in names.items())
            yield f'dat <- escalc(measure = "{self.row.measure}", {given}, data = dat)'
        elif not names:
            yield "# yi and vi as evsyn has them: no columns from which escalc makes the same"

    def escalc(self) -> dict[str, str]:
        """Arguments of escalc, if the columns are there and give the effects that were pooled."""
        names = _COLUMNS.get(self.row.measure, {})
        data = [line["data"] for line in self.studies]
        if not names or any(name not in study for study in data for name in names.values()):
            return {}
        if self.counts:
            return names
        columns = {name: [study[name] for study in data] for name in names.values()}
        if self.row.measure not in MEASURES:
            return {}
        made = effect_sizes(self.row.measure, **cast(Any, columns))
        same = all(
            np.allclose(getattr(made, name), [line[name] for line in self.studies], rtol=1e-12)
            for name in ("yi", "vi")
        )
        return names if same else {}

    def call(self, test: str = "", *, data: str = "dat", more: str = "") -> str:
        """A call that fits the model to some data; the test by its code, or an R expression."""
        row = self.row
        shown = test if "[" in test else r_string(test or row.test)
        level = f"level = 100 * level, data = {data}{more}"
        if self.several:
            return f'highest({data}, method = "{row.method}", test = {shown}{more})'
        if not self.counts:
            return (
                f'rma(yi, vi, method = "{row.method}", test = {shown}, control = control, {level})'
            )
        given = ", ".join(f"{theirs} = {ours}" for theirs, ours in _COLUMNS[row.measure].items())
        if row.method == "MH":
            return f'rma.mh({given}, measure = "{row.measure}", {level})'
        if row.method == "Peto":
            return f"rma.peto({given}, {level})"
        return f'rma.glmm({given}, measure = "{row.measure}", nAGQ = 50, {level})'

    def fit(self) -> Iterator[str]:
        """The pooled effect with its prediction interval and the interval of tau²."""
        row = self.row
        if not self.counts:
            yield "control <- precise(dat$yi, dat$vi)"
        yield f"fit <- {self.call()}"
        yield "found <- effect(fit)"
        yield "keep('pooled', 0, c(k = nrow(dat), found))"
        if row.pi_lb is not None:
            yield (
                "# Prediction interval with t on k - 2 (Higgins 2009), in every version of metafor"
            )
            yield "half <- qt((1 + level) / 2, df = nrow(dat) - 2) * sqrt(fit$tau2 + fit$se^2)"
            yield "keep('pooled', 0, list(pi_lb = found$estimate - half,"
            yield "                       pi_ub = found$estimate + half))"
        if row.interval == "QP":
            yield "limits <- confint(fit, control = control[c('tol', 'maxiter', 'tau2.max')])"
            yield "keep('pooled', 0, list(tau2_ci_lb = limits$random['tau^2', 'ci.lb'],"
            yield "                       tau2_ci_ub = limits$random['tau^2', 'ci.ub']))"
        elif row.interval == "PL":
            yield from self.profile()

    def profile(self) -> Iterator[str]:
        """Limits of tau² at which the profile likelihood falls off."""
        method = "ML" if self.row.method == "ML" else "REML"
        yield "height <- function(tau2) as.numeric(logLik("
        yield f'  rma(yi, vi, method = "{method}", tau2 = tau2, data = dat)))'
        yield f'best <- rma(yi, vi, method = "{method}", control = control, data = dat)$tau2'
        yield "drop <- function(tau2) height(tau2) - height(best) + qchisq(level, df = 1) / 2"
        yield "top <- max(best, mean(dat$vi))"
        yield "while (drop(top) > 0) top <- 2 * top"
        yield "lower <- if (drop(0) >= 0) 0 else uniroot(drop, c(0, best), tol = control$tol)$root"
        yield "upper <- uniroot(drop, c(best, top), tol = control$tol)$root"
        yield "keep('pooled', 0, list(tau2_ci_lb = lower, tau2_ci_ub = upper))"

    def regression(self) -> Iterator[str]:
        """The meta-regression, its terms as plain columns."""
        about: Mapping[str, Any] = self.row.regression_fit
        if not self.row.regression:
            return
        for at, term in enumerate(about["terms"], 1):
            yield r_comment(f"m{at} is {term}")
        terms = " + ".join(f"m{at}" for at, _ in enumerate(about["terms"], 1))
        yield f"model <- {self.call(about['test'], more=f', mods = ~ {terms}')}"
        yield "for (item in seq_along(model$se))"
        yield "  keep('regression', item, list("
        yield "    coef = model$beta[item], se = model$se[item], statistic = model$zval[item],"
        yield "    p_value = model$pval[item],"
        yield "    ci_lb = model$ci.lb[item], ci_ub = model$ci.ub[item]))"
        yield "keep('regression_fit', 0, list("
        yield "  k = model$k, qm = model$QM, qm_pvalue = model$QMp, qe = model$QE,"
        yield "  qe_pvalue = model$QEp, tau2 = model$tau2, i2 = model$I2, h2 = model$H2,"
        yield "  r2 = first(model$R2)))"

    def subgroups(self) -> Iterator[str]:
        """Each group apart, and the test between their means."""
        if not self.row.subgroups:
            return
        yield "means <- list()"
        wald = self.row.reason.endswith("as chosen")
        for at, line in enumerate(self.row.subgroups, 1):
            name = r_string(line["subgroup"])
            yield f"part <- dat[dat$group %in% {name}, ]"
            yield f"fit_of_part <- {self.call(line['test'], data='part')}"
            yield f"keep('subgroups', {at}, c(k = nrow(part), effect(fit_of_part)))"
            if not wald and line["test"] != "z":
                yield f"fit_of_part <- {self.call('z', data='part')}"
            yield (
                f"means[[{at}]] <- c(first(if (is.null(fit_of_part$beta)) fit_of_part$b else"
                " fit_of_part$beta), first(fit_of_part$se))"
            )
        if self.row.subgroup_test["q"] is not None:
            yield "means <- do.call(rbind, means)"
            yield 'between <- rma(yi = means[, 1], sei = means[, 2], method = "FE")'
            yield "keep('subgroup_test', 0, list(q = between$QE, q_pvalue = between$QEp))"

    def refits(self) -> Iterator[str]:
        """Studies left out in turn, and added one by one."""
        always = self.several or self.row.method == "GLMM"
        if lines := self.row.leave_one_out:
            mixed = {line["test"] for line in lines} != {self.row.test}
            if always or mixed:
                yield from self.tests(lines, mixed=mixed)
                yield "for (item in seq_len(nrow(dat))) {"
                yield "  rest <- dat[-item, ]"
                call = self.call("tests[item]" if mixed else "", data="rest")
                yield f"  keep('leave_one_out', item, effect({call}))"
                yield "}"
            else:
                yield "without <- leave1out(fit)"
                yield "for (item in seq_len(nrow(dat)))"
                yield "  keep('leave_one_out', item, again(without, item))"
        if lines := self.row.cumulative:
            yield "ordered <- dat[order(dat$rank), ]"
            mixed = {line["test"] for line in lines} != {self.row.test}
            if always or mixed:
                yield from self.tests(lines, mixed=mixed)
                yield "for (item in seq_len(nrow(dat))[-1]) {"
                yield "  some <- ordered[seq_len(item), ]"
                call = self.call("tests[item]" if mixed else "", data="some")
                yield f"  keep('cumulative', item, effect({call}))"
                yield "}"
            else:
                yield f"adding <- cumul({self.call(data='ordered')})"
                yield "for (item in seq_len(nrow(dat)))"
                yield "  keep('cumulative', item, again(adding, item))"

    def tests(self, lines: Sequence[Mapping[str, Any]], *, mixed: bool) -> Iterator[str]:
        """The interval of each refit, where they differ: by the rule, from its own k and tau²."""
        if mixed:
            yield f"tests <- {r_vector([line['test'] for line in lines])}"
