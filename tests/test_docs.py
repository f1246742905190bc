"""The documents are true: what they show runs, what they name exists, what exists is named.

In a document, a block ``csv NAME`` or ``bib NAME`` is a file of the reader, ``console`` blocks hold
what is typed and, where shown, what is answered; these follow each other as they stand. ``python``
blocks are run in one go; ``pycon`` blocks are one dialogue, whose answers are those shown.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import evsyn
from evsyn import literals
from evsyn.cli.main import VERBS
from evsyn.cli.main import evsyn as program
from evsyn.review.configuration import read_configuration

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
METHODS = [ROOT / "docs" / "methods.md", *sorted((ROOT / "docs" / "methods").glob("*.md"))]
TAUGHT = [ROOT / "README.md", ROOT / "docs" / "guide.md"]
PUBLIC = ("evsyn", "evsyn.stats", "evsyn.stats.convert", "evsyn.text", "evsyn.figures")

_BLOCK = re.compile(r"^```(\w+)?[ ]?(\S+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, kind: str) -> Iterator[tuple[str, str]]:
    """Label and text of each block of a kind."""
    for found, label, text in _BLOCK.findall(path.read_text(encoding="utf-8")):
        if found == kind:
            yield label, text


def typed(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Words of each line typed in a console block, and the lines that answer it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *answer = part.splitlines()
        yield shlex.split(command), answer


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of someone who follows a document: this repository's evidence, their own files."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "references.bib", tmp_path)
    (tmp_path / "evsyn.toml").write_text('title = "The reader\'s"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


@pytest.mark.parametrize("document", TAUGHT, ids=name)
def test_what_is_shown_runs_and_answers_as_shown(document: Path, reader: Path) -> None:
    lines = 0
    for kind, label, text in _BLOCK.findall(document.read_text(encoding="utf-8")):
        if kind in {"csv", "bib"}:
            (reader / label).write_text(text, encoding="utf-8")
        for words, answer in typed(text) if kind == "console" else ():
            assert words[0] == "evsyn", words
            result = CliRunner().invoke(program, words[1:])
            assert result.exit_code == 0, (words, result.output)
            if answer:
                assert result.stdout.splitlines() == answer, words
            lines += 1
    assert lines > 3
    code = "\n".join(text for _, text in blocks(document, "python"))
    assert code
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(code, document.name, "exec"), {"__name__": "document"})
    assert told.getvalue()


@pytest.mark.parametrize(
    "document", [path for path in DOCUMENTS if any(blocks(path, "pycon"))], ids=name
)
def test_dialogues_answer_as_shown(document: Path) -> None:
    text = "\n".join(text for _, text in blocks(document, "pycon"))
    dialogue = doctest.DocTestParser().get_doctest(text, {}, document.name, str(document), 0)
    assert len(dialogue.examples) > 10
    told: list[str] = []
    failed, _ = doctest.DocTestRunner(verbose=False).run(dialogue, out=told.append)
    assert not failed, "".join(told)


@pytest.mark.parametrize("document", TAUGHT, ids=name)
def test_configuration_that_is_shown_is_accepted(document: Path, tmp_path: Path) -> None:
    text = "".join(text for _, text in blocks(document, "toml"))
    shown = tomllib.loads(text)
    (tmp_path / "evsyn.toml").write_text(text, encoding="utf-8")
    found = read_configuration(tmp_path)
    assert found.title == shown.get("title", tmp_path.name)
    assert [one.name for one in found.reports] == [one["name"] for one in shown.get("reports", [])]
    assert len(found.analyses) == len(shown.get("analyses", []))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for groups in _LINK.findall(text):
        target = "".join(groups)
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        file, _, anchor = target.partition("#")
        path = (document.parent / file).resolve() if file else document
        assert path.exists(), target
        assert path.is_relative_to(ROOT), target
        if anchor:
            assert anchor in headings(path), target


def headings(path: Path) -> set[str]:
    """Anchors of a Markdown file's headings."""
    found = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("script", ["cli_reference", "api_reference", "data_dictionary"])
def test_generated_pages_are_current(script: str) -> None:
    path = ROOT / "scripts" / f"{script}.py"
    done = subprocess.run(
        [sys.executable, str(path), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented(verb: str) -> None:
    assert f"## evsyn {verb}\n" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"`{verb}`" in (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"`{verb}`" in changelog


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_documented(module: str) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for public in importlib.import_module(module).__all__:
        assert re.search(rf"^\| `{public}[`(]", page, re.MULTILINE), f"{module}.{public}"


def test_every_method_of_a_review_is_documented() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for member in vars(evsyn.Review):
        if not member.startswith("_") and member != "configuration":
            assert f"`Review.{member}" in page, member


def test_every_method_of_the_statistics_has_its_formula() -> None:
    page = "".join(path.read_text(encoding="utf-8") for path in METHODS[1:])
    aliases = [
        *("OneArmMethod", "RdMethod", "RrMethod", "OrMethod", "TwoArmTest", "PairedMethod"),
        *("PairedTest", "PairedRatioMethod", "PoolMethod", "PoolTest", "PoolMeasure"),
        *("ComparisonMeasure", "Tau2Method", "ZeroCells"),
    ]
    for alias in aliases:
        for method in set(literals.choices(getattr(literals, alias))) - {"GEN"}:
            assert re.search(rf"`[^`]*\b{re.escape(method)}\b[^`]*`", page), f"{alias}: {method}"
    for module in ("evsyn.stats", "evsyn.stats.convert"):
        for public in importlib.import_module(module).__all__:
            if public.islower() and public != "convert":
                assert f"`{public}`" in page, public


def test_methods_are_listed_with_their_page() -> None:
    rows = dict(
        re.findall(r"^\| \[[^\]]*\]\(([^)]*)\) \| (.*) \|$", METHODS[0].read_text("utf-8"), re.M)
    )
    assert sorted(rows) == [f"methods/{path.name}" for path in METHODS[1:]]
    for public in importlib.import_module("evsyn.stats").__all__:
        if public.islower() and public != "convert":
            homes = [page for page, functions in rows.items() if f"`{public}`" in functions]
            assert len(homes) == 1, public
            assert f"`{public}`" in (ROOT / "docs" / homes[0]).read_text("utf-8"), public


def test_every_source_is_cited_and_every_citation_has_its_source() -> None:
    entries = (ROOT / "docs" / "methods" / "references.md").read_text(encoding="utf-8")
    listed = set()
    for entry in re.findall(r"^- (.*)$", entries, re.M):
        year = re.findall(r"\((\d{4})\)|, (\d{4})[,.]", entry)[-1]
        listed.add((re.split(r"[ .]", entry)[0], "".join(year)))
    pages = " ".join(path.read_text("utf-8") for path in METHODS if path.name != "references.md")
    more = r"(?:,\s+\w[\w-]+)*\s+and\s+\w[\w-]+|\s+et\s+al\."
    cited = set(re.findall(rf"([A-Z]\w+)(?:{more})?\s+(\d{{4}})[abc]?\b", pages))
    handbook = {("Higgins", "2023")}
    assert cited - listed == set()
    assert listed - cited - handbook == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_files_that_are_named_exist(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for path in re.findall(r"`((?:docs|scripts|tests|requirements|src|notebooks)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path
    if document.name == "CONTRIBUTING.md":
        inside = (
            r"`((?:stats|tables|sources|synthesis|text|figures|cli|reports|review)/[a-z_/]+\.py)`"
        )
        for path in re.findall(inside, text):
            assert (ROOT / "src" / "evsyn" / path).exists(), path


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Why each library")[1]
    extras = project["optional-dependencies"]["dev"]
    for requirement in [*project["dependencies"], *extras]:
        package = re.split(r"[\[>=<]", requirement)[0]
        if package != "pandas-stubs":
            assert re.search(rf"\b{re.escape(package)}\b", reasons), package
