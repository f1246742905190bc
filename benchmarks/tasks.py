"""What the programs are asked to do: data from a seed (synthetic) and BCG, and their calls."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from contest import OURS, READ, Contestant, Metafor, MetaforContestant, R, Task

from evsyn import stats

try:
    import meta_analyze
    import pimeta
    import pymare
    from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator
    from statsmodels.stats.contingency_tables import StratifiedTable
    from statsmodels.stats.meta_analysis import combine_effects, effectsize_2proportions
except ImportError as fault:
    raise SystemExit(
        f"{fault}: the contest needs pymare, pimeta, pymetaanalysis and statsmodels"
    ) from fault

PYMARE, PIMETA, PYMETA, STATSMODELS = "pymare", "pimeta", "pymetaanalysis", "statsmodels"

# Vaccinated and not: cases and participants of the 13 BCG trials (Colditz et al. 1994).
BCG = np.array(
    [
        [4, 123, 11, 139],
        [6, 306, 29, 303],
        [3, 231, 11, 220],
        [62, 13598, 248, 12867],
        [33, 5069, 47, 5808],
        [180, 1541, 372, 1451],
        [8, 2545, 10, 629],
        [505, 88391, 499, 88391],
        [29, 7499, 45, 7277],
        [17, 1716, 65, 1665],
        [186, 50634, 141, 27338],
        [5, 2498, 3, 2341],
        [27, 16913, 29, 17854],
    ],
    dtype=float,
)
ABSOLUTE_LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33], dtype=float)


def effects(k: int, n: int | None = None, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic effects with tau² 0.1 and variances uniform on 0.02 to 0.5."""
    random = np.random.default_rng(seed)
    shape = k if n is None else (k, n)
    vi = random.uniform(0.02, 0.5, shape)
    return random.normal(size=shape) * np.sqrt(vi + 0.1), vi


def data() -> dict[str, np.ndarray]:
    """All arrays of the tasks by name; metafor reads the same ones."""
    random = np.random.default_rng(2)
    n = random.integers(50, 500, (1000, 2))
    events = random.binomial(n, 0.2)
    sizes = stats.effect_sizes(
        "RR", events_e=BCG[:, 0], n_e=BCG[:, 1], events_c=BCG[:, 2], n_c=BCG[:, 3]
    )
    found = {
        "bcg": BCG,
        "tables": np.column_stack([events[:, 0], n[:, 0], events[:, 1], n[:, 1]]).astype(float),
        "y13": sizes.yi,
        "v13": sizes.vi,
        "x13": ABSOLUTE_LATITUDE,
        "x50": random.normal(size=(50, 3)),
    }
    for k, n_fits in ((50, None), (20, None), (2000, None)):
        found[f"y{k}"], found[f"v{k}"] = effects(k, n_fits)
    found["y13n"], found["v13n"] = effects(13, 1000)
    found["y10n"], found["v10n"] = effects(10, 100_000)
    return found


def everything(result: Any) -> Any:
    """Read every public attribute."""
    for name in _attributes(type(result)):
        getattr(result, name)
    return result


def _attributes(kind: type, known: dict[type, tuple[str, ...]] = {}) -> tuple[str, ...]:  # noqa: B006
    if kind not in known:
        known[kind] = tuple(name for name in dir(kind) if not name.startswith("_"))
    return known[kind]


def numbers(*values: Any) -> np.ndarray:
    """One row of numbers."""
    return np.concatenate([np.ravel(np.asarray(value, dtype=float)) for value in values])


class Tasks:
    """All tasks on one set of data."""

    def __init__(self, arrays: dict[str, np.ndarray], metafor: Metafor | None) -> None:
        self.d = arrays
        self.lists = {name: values.tolist() for name, values in arrays.items()}
        self.metafor = metafor

    def task(
        self,
        name: str,
        run: Callable[[], Any],
        answer: Callable[[Any], Any],
        peers: dict[str, Contestant],
        *,
        r: str | None = None,
        bar: float = math.nan,
        **options: Any,
    ) -> Task:
        """A task with evsyn in front, evsyn with every attribute read, and metafor behind."""
        contestants = {
            OURS: Contestant(run, lambda: answer(run())),
            READ: Contestant(lambda: everything(run()), lambda: answer(everything(run()))),
            **peers,
        }
        if r is not None and self.metafor is not None:
            contestants[R] = MetaforContestant(
                self.metafor, r, **{"rtol": 1e-3, "atol": 1e-6, **options}
            )
        return Task(name, contestants, bar)

    def all(self) -> list[Task]:
        """Every task of which evsyn has the function."""
        made = [
            *self.effect_sizes(),
            *self.single(),
            *self.regression(),
            *self.batched(),
            *self.sensitivity(),
            *self.subsets(),
            *self.permutations(),
        ]
        return made

    def effect_sizes(self) -> list[Task]:
        """Risk ratios of 13 and of 1,000 tables."""
        made = []
        for name, key, r in (("13", "bcg", "escalc13"), ("1,000", "tables", "escalc1000")):
            t = self.d[key]
            a, n, c, m = (t[:, j].copy() for j in range(4))
            la, lb, lc, ld = a.tolist(), (n - a).tolist(), c.tolist(), (m - c).tolist()

            def ours(a=a, n=n, c=c, m=m) -> Any:
                return stats.effect_sizes("RR", events_e=a, n_e=n, events_c=c, n_c=m)

            def pi(la=la, lb=lb, lc=lc, ld=ld) -> Any:
                return pimeta.escalc("RR", ai=la, bi=lb, ci=lc, di=ld)

            def sm(a=a, n=n, c=c, m=m) -> Any:
                return effectsize_2proportions(a, n, c, m, statistic="rr")

            made.append(
                self.task(
                    f"Effect sizes, log risk ratio, {name} tables",
                    ours,
                    lambda f: numbers(f.yi, f.vi),
                    {
                        PIMETA: Contestant(pi, lambda pi=pi: numbers(pi().yi, pi().vi)),
                        STATSMODELS: Contestant(sm, lambda sm=sm: numbers(*sm())),
                    },
                    r=r,
                )
            )
        return made

    def single(self) -> list[Task]:
        """One meta-analysis."""
        y, v = self.d["y13"], self.d["v13"]
        ly, lv = self.lists["y13"], self.lists["v13"]
        big_y, big_v = self.d["y2000"], self.d["v2000"]
        lby, lbv = self.lists["y2000"], self.lists["v2000"]
        a, n, c, m = (BCG[:, j].copy() for j in range(4))
        la, lb, lc, ld = (x.tolist() for x in (a, n - a, c, m - c))
        tables = np.array([[a, n - a], [c, m - c]])
        fit_pi = pimeta.rma(ly, lv, method="REML")
        fit_pm = meta_analyze.meta_analysis(effect=y, variance=v)

        def pooled(f: Any) -> np.ndarray:
            return numbers(f.estimate, f.se, f.tau2)

        def dl_sm() -> Any:
            return combine_effects(y, v, method_re="chi2")

        def mh_sm() -> Any:
            found = StratifiedTable(tables)
            return found.logodds_pooled, found.logodds_pooled_se

        def mh_pi() -> Any:
            return pimeta.rma_mh(la, lb, lc, ld, measure="OR")

        def mh_pm() -> Any:
            return meta_analyze.meta_binary(
                event_treat=a, n_treat=n, event_control=c, n_control=m, measure="OR"
            )

        def qp_mare() -> Any:
            return pymare_fit(y, v, "REML").get_re_stats()

        return [
            self.task(
                "One DL fit, k = 13",
                lambda: stats.pool(y, v, method="DL", test="z"),
                pooled,
                {
                    PIMETA: _pimeta(ly, lv, "DL"),
                    PYMETA: _pymeta(y, v, "DL"),
                    PYMARE: _pymare(y, v, "DL"),
                    STATSMODELS: Contestant(
                        dl_sm,
                        lambda: numbers(dl_sm().mean_effect_re, dl_sm().sd_eff_w_re, dl_sm().tau2),
                    ),
                },
                r="dl13",
            ),
            self.task(
                "One REML fit, k = 13",
                lambda: stats.pool(y, v, test="z"),
                pooled,
                {
                    PIMETA: _pimeta(ly, lv, "REML"),
                    PYMETA: _pymeta(y, v, "REML"),
                    PYMARE: _pymare(y, v, "REML"),
                },
                r="reml13",
                bar=5,
            ),
            self.task(
                "One REML fit, k = 2,000",
                lambda: stats.pool(big_y, big_v, test="z"),
                pooled,
                {
                    PIMETA: _pimeta(lby, lbv, "REML", most=1),
                    PYMETA: _pymeta(big_y, big_v, "REML"),
                    PYMARE: _pymare(big_y, big_v, "REML"),
                },
                r="reml2000",
                bar=20,
                most=1,
            ),
            self.task(
                "Q-profile interval of tau², k = 13",
                lambda: stats.tau2_interval(y, v),
                lambda f: numbers(f.tau2_lb, f.tau2_ub),
                {
                    PIMETA: Contestant(
                        lambda: pimeta.confint(fit_pi),
                        lambda: _limits(pimeta.confint(fit_pi)),
                        rtol=1e-3,
                    ),
                    PYMETA: Contestant(
                        fit_pm.tau2_confidence_interval,
                        lambda: _interval(fit_pm.tau2_confidence_interval()),
                    ),
                    PYMARE: Contestant(
                        qp_mare, lambda: numbers(qp_mare()["ci_l"], qp_mare()["ci_u"]), rtol=1e-4
                    ),
                },
                r="qp13",
            ),
            self.task(
                "Mantel-Haenszel odds ratio, k = 13",
                lambda: stats.mantel_haenszel(a, n, c, m, measure="OR"),
                lambda f: numbers(f.estimate, f.se),
                {
                    PIMETA: Contestant(mh_pi, lambda: _first(mh_pi(), "beta", "se")),
                    PYMETA: Contestant(
                        mh_pm, lambda: numbers(mh_pm().estimate, mh_pm().standard_error)
                    ),
                    STATSMODELS: Contestant(mh_sm, lambda: numbers(*mh_sm())),
                },
                r="mh13",
            ),
        ]

    def regression(self) -> list[Task]:
        """Meta-regression with one and with three moderators."""
        made = []
        for k, p, bar in ((13, 1, math.nan), (50, 3, math.nan)):
            y, v, x = self.d[f"y{k}"], self.d[f"v{k}"], self.d[f"x{k}"].reshape(k, p)
            ly, lv, lx = y.tolist(), v.tolist(), x.tolist()
            named = {f"x{j}": x[:, j].copy() for j in range(p)}

            def ours(y=y, v=v, x=x) -> Any:
                return stats.meta_regression(y, v, x, test="z")

            def pi(ly=ly, lv=lv, lx=lx) -> Any:
                return pimeta.rma(ly, lv, mods=lx, method="REML")

            def pm(y=y, v=v, named=named) -> Any:
                return meta_analyze.meta_regression(effect=y, variance=v, moderators=named)

            def mare(y=y, v=v, x=x) -> Any:
                return pymare_fit(y, v, "REML", x).get_fe_stats()

            made.append(
                self.task(
                    f"Meta-regression, REML, k = {k}, {p} moderator{'s' * (p > 1)}",
                    ours,
                    lambda f: numbers(f.coef, f.se),
                    {
                        PIMETA: Contestant(
                            pi, lambda pi=pi: numbers(pi().b, pi().se), rtol=1e-3, atol=1e-6
                        ),
                        PYMETA: Contestant(pm, lambda pm=pm: _coefficients(pm()), rtol=1e-5),
                        PYMARE: Contestant(
                            mare, lambda mare=mare: numbers(mare()["est"]), share=1.0, rtol=1e-3
                        ),
                    },
                    r=f"regression{k}",
                    bar=bar,
                )
            )
            last = made[-1].contestants[PYMARE]  # standard errors by another formula: left out
            last.answer = lambda mare=mare, ours=ours: numbers(mare()["est"], ours().se)
        return made

    def batched(self) -> list[Task]:
        """Many meta-analyses at once; who has no such call is asked for some of them in a loop."""
        made = []
        for name, key, method, bar, r, few in (
            ("1,000 REML fits, k = 13", "13n", "REML", 5, "reml1000", 50),
            ("100,000 DL fits, k = 10", "10n", "DL", 4, "dl100000", 100),
            ("100,000 REML fits, k = 10", "10n", "REML", 25, "reml100000", 100),
        ):
            y, v = self.d[f"y{key}"], self.d[f"v{key}"]
            share = few / y.shape[1]
            columns = [
                (np.ascontiguousarray(y[:, j]), np.ascontiguousarray(v[:, j])) for j in range(few)
            ]
            lists = [(one.tolist(), two.tolist()) for one, two in columns]

            def ours(y=y, v=v, method=method) -> Any:
                return stats.pool(y, v, method=method, test="z")

            def pi(lists=lists, method=method) -> Any:
                return [pimeta.rma(one, two, method=method).b[0] for one, two in lists]

            def pm(columns=columns, method=method) -> Any:
                return [
                    meta_analyze.meta_analysis(
                        effect=one, variance=two, tau2_method=method
                    ).estimate
                    for one, two in columns
                ]

            def sm(columns=columns) -> Any:
                return [
                    combine_effects(one, two, method_re="chi2").mean_effect_re
                    for one, two in columns
                ]

            def mare(y=y, v=v, method=method) -> Any:
                return pymare_fit(y, v, method).get_fe_stats()["est"]

            near = {"rtol": 5e-3, "atol": 5e-3}  # some stop at an absolute change of tau²
            peers = {
                PYMARE: Contestant(mare, mare, apart=1e-4, **near),
                PIMETA: Contestant(pi, pi, share=share, **near),
                PYMETA: Contestant(pm, pm, share=share, **near),
            }
            if method == "DL":  # statsmodels does not truncate tau² at 0: no answers to compare
                peers[STATSMODELS] = Contestant(sm, lambda: np.array([np.nan]), share=share)
            made.append(
                self.task(
                    name, ours, lambda f: f.estimate, peers, r=r, bar=bar, share=share, **near
                )
            )
        return made

    def sensitivity(self) -> list[Task]:
        """Refits without each study, and small-study effects."""
        y, v = self.d["y50"], self.d["v50"]
        ly, lv = self.lists["y50"], self.lists["v50"]
        fit = meta_analyze.meta_analysis(effect=y, variance=v)

        def cumulated() -> Any:
            return pimeta.cumul(ly, lv, method="REML")

        def regressed() -> Any:
            return pimeta.regtest(ly, lv, model="lm")

        return [
            self.task(
                "Leave-one-out, REML, k = 50",
                lambda: stats.leave_one_out(y, v),
                lambda f: f.estimate,
                {
                    PIMETA: Contestant(
                        lambda: pimeta.leave1out(ly, lv, method="REML"),
                        lambda: pimeta.leave1out(ly, lv, method="REML").estimate,
                        rtol=1e-3,
                        atol=1e-6,
                    ),
                    PYMETA: Contestant(
                        fit.leave_one_out,
                        lambda: [one.estimate for one in _results(fit.leave_one_out())],
                    ),
                },
                r="loo50",
                bar=60,
            ),
            self.task(
                "Cumulative, REML, k = 50",
                lambda: stats.cumulative(y, v),
                lambda f: f.estimate,
                {PIMETA: Contestant(cumulated, lambda: cumulated().estimate, rtol=1e-3, atol=1e-6)},
                r="cumulative50",
            ),
            self.task(
                "Influence, REML, k = 50",
                lambda: stats.influence(y, v),
                lambda f: f.cook_d,
                {
                    PIMETA: Contestant(
                        lambda: pimeta.influence(ly, lv, method="REML"),
                        lambda: pimeta.influence(ly, lv, method="REML").cook_d,
                        rtol=1e-2,
                        atol=1e-6,
                    )
                },
                r="influence50",
                rtol=1e-2,
            ),
            self.task(
                "Trim and fill, k = 50",
                lambda: stats.trim_and_fill(y, v),
                lambda f: numbers(f.k0, f.fit.estimate),
                {
                    PIMETA: Contestant(
                        lambda: pimeta.trimfill(ly, lv),
                        lambda: _first(pimeta.trimfill(ly, lv), "k0", "filled_effect"),
                        rtol=1e-3,
                    ),
                    PYMETA: Contestant(
                        fit.trim_and_fill,
                        lambda: _first(fit.trim_and_fill(), "k0", "adjusted_estimate"),
                    ),
                },
                r="trim50",
            ),
            self.task(
                "Egger's test, k = 50",
                lambda: stats.regression_test(y, v),
                lambda f: numbers(f.statistic, f.p_value),
                {
                    PIMETA: Contestant(regressed, lambda: _first(regressed(), "stat", "p")),
                    PYMETA: Contestant(
                        fit.egger_test,
                        lambda: _first(fit.egger_test(), "statistic t", "pvalue p_value"),
                    ),
                },
                r="egger50",
            ),
        ]

    def subsets(self) -> list[Task]:
        """All subsets of 20 studies; the answers of all subsets of 6 are compared."""
        y, v = self.d["y20"], self.d["v20"]
        ly, lv = self.lists["y20"], self.lists["v20"]
        made = []
        for name, method, bar, r, few, r_few in (
            ("GOSH, all 2^20 subsets, common effect", "EE", 500, "goshce", 2000, 500),
            ("GOSH, all 2^20 subsets, REML", "REML", 250, "goshreml", 500, 200),
        ):
            theirs = "FE" if method == "EE" else method

            def ours(method=method) -> Any:
                return stats.gosh(y, v, method=method)

            def pi(few=few, theirs=theirs) -> Any:
                return pimeta.gosh(ly, lv, method=theirs, subsets=few, seed=1)

            def small(method=method) -> Any:
                return np.sort(stats.gosh(y[:6], v[:6], method=method).estimate)

            def pi_small(theirs=theirs) -> Any:
                found = pimeta.gosh(ly[:6], lv[:6], method=theirs)
                return np.sort(np.asarray(found.estimate, dtype=float))

            near = {"rtol": 1e-3, "atol": 1e-4}
            pi_contestant = Contestant(pi, pi_small, share=few / 2**20, **near)
            task = self.task(name, ours, lambda f: f.estimate, {PIMETA: pi_contestant}, bar=bar)
            task.contestants[OURS].answer = task.contestants[READ].answer = small
            if self.metafor is not None:
                task.contestants[R] = MetaforContestant(
                    self.metafor, r, share=r_few / 2**20, most=1, **near
                )
                check = f"{r}6"
                task.contestants[R].answer = lambda check=check: self.metafor.ask(check)[1]
            made.append(task)
        return made

    def permutations(self) -> list[Task]:
        """1,000 permutations; they are random, so that the statistic of the data is compared."""
        y, v, x = self.d["y13"], self.d["v13"], self.d["x13"].reshape(-1, 1)
        fit = pimeta.rma(y.tolist(), v.tolist(), mods=x.tolist(), method="REML")
        mare = pymare_fit(y, v, "REML", x)
        observed = stats.meta_regression(y, v, x, test="z").statistic
        return [
            self.task(
                "Permutation test, 1,000, REML, k = 13, 1 moderator",
                lambda: stats.permutation_test(y, v, x, permutations=1000, seed=1, test="z"),
                lambda f: observed,
                {
                    PYMARE: Contestant(
                        lambda: mare.permutation_test(1000),
                        lambda: numbers(mare.get_fe_stats()["z"]),
                        rtol=1e-3,
                    ),
                    PIMETA: Contestant(
                        lambda: pimeta.permutest(fit, iter=100, seed=1),
                        lambda: fit.zval,
                        share=0.1,
                        rtol=1e-3,
                    ),
                },
                r="permutation",
                bar=5,
                share=0.1,
            )
        ]


def pymare_fit(y: np.ndarray, v: np.ndarray, method: str, x: np.ndarray | None = None) -> Any:
    """PyMARE's summary; normal quantiles, as everybody else here."""
    if method == "DL":
        estimator = DerSimonianLaird(small_sample_correction="wald")
    else:
        estimator = VarianceBasedLikelihoodEstimator(method=method, small_sample_correction="wald")
    return estimator.fit_dataset(pymare.Dataset(y, v, x, add_intercept=True)).summary()


def _pymare(y: np.ndarray, v: np.ndarray, method: str) -> Contestant:
    def run() -> Any:
        found = pymare_fit(y, v, method)
        return found.get_fe_stats(), found.tau2

    def answer() -> Any:
        fixed, tau2 = run()
        return numbers(fixed["est"], fixed["se"], tau2)

    return Contestant(run, answer, rtol=1e-3)


def _pimeta(y: list[float], v: list[float], method: str, **options: Any) -> Contestant:
    def run() -> Any:
        return pimeta.rma(y, v, method=method)

    return Contestant(run, lambda: numbers(run().b, run().se, run().tau2), rtol=1e-3, **options)


def _pymeta(y: np.ndarray, v: np.ndarray, method: str) -> Contestant:
    def run() -> Any:
        return meta_analyze.meta_analysis(effect=y, variance=v, tau2_method=method)

    return Contestant(
        run, lambda: numbers(run().estimate, run().standard_error, run().tau2), rtol=1e-5
    )


def _first(found: Any, *names: str) -> np.ndarray:
    """Values of attributes, each the first there is of several names; lists by their first."""
    values = []
    for choices in names:
        name = next(name for name in choices.split() if hasattr(found, name))
        values.append(np.ravel(np.asarray(getattr(found, name), dtype=float))[0])
    return np.array(values)


def _limits(found: Any) -> np.ndarray:
    return numbers(found["ci_lb"], found["ci_ub"])


def _interval(found: Any) -> np.ndarray:
    return _first(found, "ci_low low lower", "ci_high high upper")


def _results(found: Any) -> Any:
    return [getattr(one, "result", one) for one in found.results]


def _coefficients(found: Any) -> np.ndarray:
    table = found.coefficients
    return numbers(table["estimate"], table["standard_error"])
