"""Building: stale ones only, each for itself, the same bytes, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evsyn.errors import ConfigurationError, ReportError
from evsyn.reports.build import ReportOutcome, build
from evsyn.reports.lock import locked

CODE = "{'data': 1}"


def states(result) -> dict[str, str]:
    return {outcome.name: outcome.state for outcome in result.reports}


def bytes_of(made) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(made.configuration.output.iterdir())}


def test_a_build_writes_page_and_site_then_is_fresh(project) -> None:
    made = project()
    seen: list[tuple[str, int, int]] = []
    result = build(made, progress=lambda outcome, done, of: seen.append((outcome.state, done, of)))
    assert result.ok and states(result) == {"rates": "built"} and seen == [("built", 1, 1)]
    assert list(bytes_of(made)) == ["findings.json", "index.html", "numbers.json", "rates.html"]
    page = made.page("rates")
    assert "condition = acne, level = 0.95" in page and "Doe J. A synthetic trial" in page
    assert build(made, progress=lambda *told: seen.append(told[0].state)).count("fresh") == 1
    assert seen[-1] == "fresh"


def test_a_rebuild_gives_the_same_bytes(project, notebook_text) -> None:
    texts = {"b": notebook_text(("markdown", "# B"), CODE), "a": notebook_text("1")}
    made = project(texts)
    build(made, jobs=2)
    first = bytes_of(made)
    result = build(made, force=True)
    assert states(result) == {"b": "built", "a": "built"}
    assert {outcome.reason for outcome in result.reports} == {"asked for"}
    assert bytes_of(made) == first
    assert all(str(made.root).encode() not in content for content in first.values())


def test_one_failure_does_not_stop_the_others(project, notebook_text) -> None:
    made = project({"bad": notebook_text("1 / 0"), "good": notebook_text(CODE)})
    result = build(made)
    assert states(result) == {"bad": "failed", "good": "built"} and not result.ok
    failed = result.reports[0]
    assert failed.error.startswith("notebooks/bad.ipynb, cell 1, line 1: ZeroDivisionError")
    assert list(bytes_of(made)) == ["findings.json", "good.html", "index.html", "numbers.json"]
    again = build(made)
    assert again.reports[0].reason == "the last build failed"
    assert states(again) == {"bad": "failed", "good": "fresh"}


def test_a_failure_keeps_the_old_page(project, notebook_text) -> None:
    made = project({"q": notebook_text(("markdown", "# Old"), "1")})
    build(made)
    (made.root / "notebooks" / "q.ipynb").write_text(notebook_text("1 / 0"))
    assert states(build(made)) == {"q": "failed"}
    assert "<h1>Old</h1>" in made.page("q") and "Old" in made.page("index")


def test_only_what_is_named_and_stale_is_built(project, notebook_text) -> None:
    made = project({"a": notebook_text("1"), "b": notebook_text("1")})
    assert states(build(made, names=["b"])) == {"b": "built"}
    (made.root / "notebooks" / "b.ipynb").write_text(notebook_text("2"))
    result = build(made)
    assert [outcome.reason for outcome in result.reports] == [
        "not built here yet",
        "notebooks/b.ipynb changed",
    ]
    with pytest.raises(ConfigurationError, match='no report "c"'):
        build(made, names=["c"])


def test_an_edited_or_missing_site_file_is_written_again(project) -> None:
    made = project()
    build(made)
    before = bytes_of(made)
    (made.configuration.output / "numbers.json").write_text("{}")
    (made.configuration.output / "index.html").unlink()
    assert states(build(made)) == {"rates": "fresh"}
    assert bytes_of(made) == before


def test_parameters_given_for_a_build(project) -> None:
    made = project()
    build(made, parameters={"condition": "scar", "elsewhere": 1})
    assert "condition = scar" in made.page("rates")
    assert build(made).reports[0].reason == "parameters changed"


def test_unknown_parameters_and_citations_fail_the_report(project, notebook_text) -> None:
    made = project(None, colour="red")
    assert 'no parameter "colour"' in build(made).reports[0].error
    made = project({"q": notebook_text(("markdown", "# Q\n\nAs said [@roe2002]."))})
    assert 'q.ipynb, cell 1: cites "roe2002"' in build(made).reports[0].error


def test_a_page_that_is_no_longer_declared_goes_away(project, notebook_text) -> None:
    made = project({"a": notebook_text("1"), "b": notebook_text("1")})
    build(made)
    fewer = project({"a": notebook_text("1")})
    build(fewer)
    assert "b.html" not in bytes_of(fewer) and "b.html" not in fewer.page("index")


def test_a_project_without_data_or_bibliography(project, notebook_text) -> None:
    made = project({"q": notebook_text(("markdown", "# Q"), "1")})
    for path in (made.root / "data" / "extractions.csv", made.root / "references.bib"):
        path.unlink()
    (made.root / "data").rmdir()
    assert build(made).ok


def test_two_builds_are_kept_apart_and_jobs_checked(project) -> None:
    made = project()
    with pytest.raises(ReportError, match="jobs = 0: allowed is 1 or more"):
        build(made, jobs=0)
    if os.name == "posix":
        with locked(made.root / ".evsyn"), pytest.raises(ReportError, match="another build"):
            build(made)


def test_an_error_of_a_tool_is_an_outcome(project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("synthetic")

    monkeypatch.setattr("evsyn.reports.render.render_page", broken)
    outcome = build(project()).reports[0]
    assert isinstance(outcome, ReportOutcome) and outcome.state == "failed"
    assert outcome.error == "notebooks/rates.ipynb: ZeroDivisionError: synthetic"


WRITES = "open('data/extractions.csv', 'a').write('E2,8\\n')"


def test_a_notebook_that_writes_evidence_fails(project, notebook_text) -> None:
    made = project({"bad": notebook_text(WRITES), "next": notebook_text("1")})
    bad, after = build(made).reports
    assert bad.error.startswith("notebooks/bad.ipynb: while it ran, data/extractions.csv changed; ")
    assert after.error.startswith(
        "notebooks/next.ipynb: not run, since the build began data/extractions.csv changed; "
    )
    assert "bad.html" not in bytes_of(made)
    bibliography = project({"q": notebook_text("open('references.bib', 'w').close()")})
    assert "while it ran, references.bib changed" in build(bibliography).reports[0].error


@pytest.mark.parametrize("name", ["index", "Index"])
def test_a_report_named_like_the_list_is_refused(project, notebook_text, name: str) -> None:
    made = project({name: notebook_text("1")})
    with pytest.raises(ConfigurationError, match=f'evsyn.toml: a report is named "{name}"'):
        build(made)
    assert not made.configuration.output.exists()


def test_another_language_fails_the_report(project, notebook_text) -> None:
    text = notebook_text("x <- 1").replace('"language": "python"', '"language": "R"')
    error = build(project({"q": text})).reports[0].error
    assert 'q.ipynb: metadata.kernelspec.language is "R"; allowed is "python"' in error


INTERRUPTED = """\
import sys
from pathlib import Path
from types import SimpleNamespace
from evsyn.reports.build import build
from evsyn.review.configuration import Configuration, DeclaredReport
root = Path(sys.argv[1])
report = DeclaredReport("slow", Path("notebooks/slow.ipynb"))
configuration = Configuration(root, root / "evsyn.toml", "S", root / "data",
                              root / "references.bib", root / "reports", (report,))
try:
    build(SimpleNamespace(configuration=configuration, check=lambda: ()))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems")
@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_leaves_no_process_and_no_file(
    project, notebook_text, tmp_path: Path, times: int
) -> None:
    slow = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\n"
    made = project({"slow": notebook_text(slow + "time.sleep(600)")})
    (tmp_path / "t").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(made.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path / "t")},
    )
    mark = made.root / "pid"
    try:
        for _ in range(600):
            if mark.is_file() and mark.read_text():
                break
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)
        kernel = int(mark.read_text())
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        said, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert said == "interrupted\n" and errors == ""
    assert not Path(f"/proc/{kernel}").exists()
    assert not made.configuration.output.exists()
    assert [*(made.root / ".evsyn" / "tmp").iterdir()] == []
    assert [*(tmp_path / "t").iterdir()] == []
