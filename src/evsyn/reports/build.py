"""Build the reports of a project: stale ones only, side by side, each for itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import evsyn
from evsyn.errors import ConfigurationError, EvsynError, ReportError
from evsyn.reports.files import digest, write_atomic
from evsyn.reports.installed import distributions
from evsyn.reports.lock import locked
from evsyn.reports.manifest import Manifest, Record
from evsyn.reports.numbers import PageNumbers
from evsyn.reports.plan import Plan, planned
from evsyn.reports.site import INDEX, keep_numbers, kept_numbers, label, write_site

if TYPE_CHECKING:
    from evsyn.reports.render import Setting
    from evsyn.review.configuration import DeclaredReport
    from evsyn.review.review import Review

__all__ = ["BuildResult", "Progress", "ReportOutcome", "build"]


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What became of one report.

    Attributes
    ----------
    name : str
        Name of the report.
    state : str
        ``fresh``, ``built`` or ``failed``.
    seconds : float
        Time it took.
    reason : str
        Why it was built; empty for a fresh one.
    error : str
        Why it failed; empty otherwise.
    """

    name: str
    state: str
    seconds: float = 0.0
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What became of the reports that were asked for, in the order declared."""

    reports: tuple[ReportOutcome, ...]

    def count(self, state: str) -> int:
        """How many reports have a state."""
        return sum(outcome.state == state for outcome in self.reports)

    @property
    def ok(self) -> bool:
        """Whether no report failed."""
        return not self.count("failed")


Progress = Callable[[ReportOutcome, int, int], None]


def build(
    review: Review,
    *,
    names: Iterable[str] = (),
    force: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
    parameters: Mapping[str, object] | None = None,
) -> BuildResult:
    """Build the stale reports of a project.

    A report that fails does not keep the others from being built; its old page stays.

    Parameters
    ----------
    review : Review
        The project.
    names : iterable of str
        Reports to build; all of them by default.
    force : bool
        Build fresh ones too.
    jobs : int
        Notebooks that run at the same time.
    progress : callable, optional
        Called in this thread after each report with its outcome, how many are done and how many
        there are.
    parameters : mapping, optional
        Values that replace those declared, in every notebook that has such a parameter.

    Returns
    -------
    BuildResult
        One outcome per report.

    Raises
    ------
    ConfigurationError
        If a name is not declared, or a report is called ``index`` like the list of reports.
    ReportError
        If another build of the project is running, or ``jobs`` is not positive.
    """
    if jobs < 1:
        raise ReportError(f"jobs = {jobs}: allowed is 1 or more")
    plan = planned(review.configuration, parameters)
    _refuse_index(plan)
    chosen = plan.chosen(names)
    distributions(plan.state, keep=True)
    if not force and _all_fresh(plan, chosen):
        outcomes = [ReportOutcome(report.name, "fresh") for report in chosen]
        for done, outcome in enumerate(outcomes, start=1):
            if progress:
                progress(outcome, done, len(outcomes))
        return BuildResult(tuple(outcomes))
    with locked(plan.state):
        return _Build(review, planned(review.configuration, parameters)).run(
            chosen, force=force, jobs=jobs, progress=progress
        )


def _refuse_index(plan: Plan) -> None:
    """Refuse a report whose page would have the name of the list of reports."""
    for report in plan.configuration.reports:
        if f"{report.name.lower()}.html" == INDEX:
            raise ConfigurationError(
                f'{plan.configuration.file.name}: a report is named "{report.name}", like the '
                f"list of reports ({INDEX}); allowed is any other name, e.g. overview"
            )


def _all_fresh(plan: Plan, chosen: Iterable[DeclaredReport]) -> bool:
    return not any(plan.why(report) for report in chosen) and _site_stands(plan)


def _site_stands(plan: Plan) -> bool:
    """Whether the files beside the pages are as the last build left them."""
    names = {report.name for report in plan.configuration.reports}
    if not plan.manifest.site or set(plan.manifest.reports) - names:
        return False
    for name, recorded in plan.manifest.site.items():
        path = plan.output / name
        if not path.is_file() or digest(path.read_bytes()) != recorded:
            return False
    return True


class _Build:
    """One build under its lock."""

    def __init__(self, review: Review, plan: Plan) -> None:
        self.review = review
        self.plan = plan
        self.stopped = threading.Event()
        self.records = dict(plan.manifest.reports)

    def run(
        self,
        chosen: tuple[DeclaredReport, ...],
        *,
        force: bool,
        jobs: int,
        progress: Progress | None,
    ) -> BuildResult:
        """Build what is stale, then the files beside the pages."""
        outcomes: dict[str, ReportOutcome] = {}
        stale: list[tuple[DeclaredReport, str]] = []

        def settle(outcome: ReportOutcome) -> None:
            outcomes[outcome.name] = outcome
            if progress:
                progress(outcome, len(outcomes), len(chosen))

        for report in chosen:
            why = self.plan.why(report)
            if why or force or kept_numbers(self.plan.state, report.name) is None:
                stale.append((report, why or ("asked for" if force else "no record of it here")))
            else:
                settle(ReportOutcome(report.name, "fresh"))
        try:
            if stale:
                self._run_all(stale, jobs, settle)
        except BaseException:  # what is built stays built; the site is written next time
            Manifest(self.records).write(self.plan.state)
            raise
        self._clear_removed()
        self._write_site()
        return BuildResult(tuple(outcomes[report.name] for report in chosen))

    def _run_all(
        self,
        stale: list[tuple[DeclaredReport, str]],
        jobs: int,
        settle: Callable[[ReportOutcome], None],
    ) -> None:
        from evsyn.reports.kernel import kill_running, undisturbed

        pool = ThreadPoolExecutor(max_workers=min(jobs, len(stale)), thread_name_prefix="report")
        try:
            waiting: set[Future[ReportOutcome]] = {
                pool.submit(self._one, report, why) for report, why in stale
            }
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda one: one.result().name):
                    settle(future.result())
        except BaseException:
            with undisturbed():  # a second signal may not keep the first from being obeyed
                self.stopped.set()
                kill_running()
                pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown()

    def _one(self, report: DeclaredReport, why: str) -> ReportOutcome:
        """Build one report; whatever goes wrong is its outcome."""
        start = time.monotonic()
        error = ""
        try:
            inputs = self.plan.inputs(report).digests
            page = self._page(report)
            self.records[report.name] = Record(inputs, page)
        except EvsynError as failure:
            error = str(failure)
        except Exception as failure:  # a fault of ours or of a tool: the others are still built
            error = f"{report.notebook.as_posix()}: {type(failure).__name__}: {failure}"
        if error:
            self.records[report.name] = Record({}, "")
        state = "failed" if error else "built"
        return ReportOutcome(report.name, state, time.monotonic() - start, why, error)

    def _page(self, report: DeclaredReport) -> str:
        """Run a notebook, render it, write the page; returns the page's digest."""
        from evsyn.reports.notebook import run_notebook
        from evsyn.reports.parameters import declared_parameters
        from evsyn.reports.render import render_page

        plan = self.plan
        source = plan.root / report.notebook
        given = plan.parameters(report)
        if changes := plan.evidence_changes():
            raise ReportError(
                f"{report.notebook.as_posix()}: not run, since the build began {changes[0]}; "
                "build again once the evidence is as it should be"
            )
        executed = run_notebook(
            source,
            plan.state / "executed" / f"{report.name}.ipynb",
            parameters=given,
            root=plan.root,
            stopped=self.stopped,
        )
        if changes := plan.evidence_changes():
            raise ReportError(
                f"{report.notebook.as_posix()}: while it ran, {', '.join(changes)}; a notebook "
                "may read the evidence, not write it: put the file back, write elsewhere"
            )
        defaults = {p.name: p.default for p in declared_parameters(source) or ()}
        rendered = render_page(
            executed,
            name=report.name,
            notebook=report.notebook.as_posix(),
            parameters=defaults | given,
            setting=self.setting,
            cite=self._citation,
            title=report.title,
        )
        keep_numbers(plan.state, report.name, rendered.numbers)
        write_atomic(plan.output / f"{report.name}.html", rendered.html, plan.state)
        return digest(rendered.html.encode())

    def _citation(self, citekey: str) -> str:
        return str(self.review.cite(citekey).citation())

    @property
    def setting(self) -> Setting:
        """What every page shares."""
        from evsyn.reports.render import Link, Setting

        configuration = self.plan.configuration
        return Setting(
            review=configuration.title,
            links=tuple(
                Link(r.name, label(r.name, r.notebook.stem)) for r in configuration.reports
            ),
            data=self.plan.data,
            version=evsyn.__version__,
        )

    def _clear_removed(self) -> None:
        """Take away pages of reports that are no longer declared, if nobody changed them."""
        declared = {report.name for report in self.plan.configuration.reports}
        for name in [name for name in self.records if name not in declared]:
            page = self.plan.output / f"{name}.html"
            if page.is_file() and digest(page.read_bytes()) == self.records[name].page:
                page.unlink()
            (self.plan.state / "pages" / f"{name}.json").unlink(missing_ok=True)
            del self.records[name]

    def _write_site(self) -> None:
        """Write the files beside the pages, and the record of this build."""
        built: list[tuple[str, PageNumbers]] = []
        for report in self.plan.configuration.reports:
            numbers = kept_numbers(self.plan.state, report.name)
            if numbers is not None and (self.plan.output / f"{report.name}.html").is_file():
                built.append((report.name, numbers))
        findings = self.review.check() if self.plan.configuration.data.is_dir() else ()
        site = write_site(self.plan, built, setting=self.setting, findings=findings)
        Manifest(self.records, site).write(self.plan.state)
