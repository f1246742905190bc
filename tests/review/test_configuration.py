"""Configuration: where it is found, what it may say, every fault of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.errors import ConfigurationError
from evsyn.review.configuration import read_configuration


def test_nearest_folder_up(project: Path):
    inner = project / "data" / "deep"
    inner.mkdir()
    found = read_configuration(inner)
    assert found.root == project.resolve()
    assert found.title == "A synthetic review"
    assert found.data == project.resolve() / "data"
    assert found.output == project.resolve() / "reports"
    (report,) = found.reports
    assert (report.name, report.notebook) == ("rates", Path("notebooks/rates.ipynb"))
    assert (dict(report.parameters), report.formats) == ({"condition": "synthetic"}, ("html",))
    (analysis,) = found.analyses
    assert (analysis.measure, analysis.model, analysis.test) == ("RR", "REML", "auto")
    assert read_configuration(project / "references.bib").root == project.resolve()


def test_evsyn_toml_and_pyproject_without_a_section(tmp_path: Path):
    (tmp_path / "evsyn.toml").write_text('title = "Own file"\ndata = "tables"\n')
    inner = tmp_path / "package"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "other"\n')
    found = read_configuration(inner)
    assert (found.title, found.file.name, found.data.name) == ("Own file", "evsyn.toml", "tables")
    assert found.reports == found.analyses == ()


def test_no_project(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="evsyn init DIR"):
        read_configuration(tmp_path)
    with pytest.raises(ConfigurationError, match="no such folder"):
        read_configuration(tmp_path / "missing")


def test_every_fault_at_once(tmp_path: Path):
    (tmp_path / "evsyn.toml").write_text(
        """
titel = "x"
data = "../elsewhere"

[[reports]]
name = "a b"
notebook = "n.py"
formats = ["pdf"]
parameters = 3

[[reports]]
name = "twice"
notebook = "n.ipynb"

[[reports]]
name = "Twice"
notebook = "n.ipynb"
titl = "x"

[[analyses]]
name = "x"
question = "?"
measure = "HR"
designs = ["paralel"]
why = "because"
"""
    )
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(tmp_path)
    message = str(caught.value)
    for part in (
        'unknown key "titel" (did you mean "title"?)',
        "leaves the project",
        'name = "a b"',
        "ending in .ipynb",
        '"pdf" is not known',
        "parameters = 3",
        'name "Twice" is given twice',
        'reports[3]: unknown key "titl"',
        'measure = "HR"',
        '"paralel" (did you mean "parallel"?)',
        "outcomes is missing",
    ):
        assert part in message
    assert all(line.startswith("evsyn.toml: ") for line in message.splitlines())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "not valid TOML"),
        ("title = 3", "expected text"),
        ("reports = 3", r"each under \[\[reports\]\]"),
        ('data = "."', "leaves the project"),
    ],
)
def test_wrong_types(tmp_path: Path, text: str, message: str):
    (tmp_path / "evsyn.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read_configuration(tmp_path)


def test_a_file_that_is_not_utf8(tmp_path: Path):
    (tmp_path / "evsyn.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_configuration(tmp_path)


def test_paths_through_links_do_not_leave(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "data").symlink_to(outside)
    (inside / "evsyn.toml").write_text('title = "x"')
    with pytest.raises(ConfigurationError, match="leaves the project"):
        read_configuration(inside)


def test_the_repositorys_own(request):
    found = read_configuration(Path(__file__).parents[2])
    names = [report.name for report in found.reports]
    assert names == [
        "evidence_base",
        "response_rates_striae",
        "response_rates_scar",
        "comparisons_striae",
        "comparisons_scar",
        "claims",
        "summary",
    ]
    assert all(report.title.endswith("?") for report in found.reports)
    assert all(analysis.why and "\n" not in analysis.why for analysis in found.analyses)


def test_documents_have_names_for_readers(tmp_path: Path):
    path = tmp_path / "evsyn.toml"
    path.write_text('[documents]\n"a.txt" = "A synthetic article"\n')
    assert read_configuration(tmp_path).documents == {"a.txt": "A synthetic article"}
    path.write_text('[documents]\n"a.txt" = ""\n')
    with pytest.raises(ConfigurationError, match=r"documents: a\.txt is missing"):
        read_configuration(tmp_path)
    path.write_text('documents = "a.txt"\n')
    with pytest.raises(ConfigurationError, match="expected a table of names"):
        read_configuration(tmp_path)


def test_outcomes_of_the_analyses_are_named_once_in_order(tmp_path: Path):
    entry = '[[analyses]]\nname = "{}"\nquestion = "q"\nwhy = "w"\ndesigns = ["parallel"]\n'
    text = entry.format("a") + 'outcomes = ["x", "y"]\n' + entry.format("b")
    (tmp_path / "evsyn.toml").write_text(text + 'outcomes = ["y", "z"]\n')
    assert read_configuration(tmp_path).main_outcomes == ("x", "y", "z")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[reports]]\nname = "Index"\nnotebook = "n/a.ipynb"', "page of contents"),
        (f'[[reports]]\nname = "{"a" * 81}"\nnotebook = "n/a.ipynb"', "at most 80"),
        ('output = "data"', 'output = "data" and data overlap'),
        ('output = "data/pages"', 'output = "data/pages" and data overlap'),
        ('output = ".git/pages"', r"\.git overlap"),
        (
            'output = "n"\n[[reports]]\nname = "a"\nnotebook = "n/sub/a.ipynb"',
            'output = "n" and n/sub overlap',
        ),
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply|not valid TOML"),
    ],
)
def test_names_and_folders_that_would_do_harm(tmp_path: Path, text: str, message: str):
    (tmp_path / "evsyn.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read_configuration(tmp_path)


def test_notebooks_may_lie_beside_the_configuration(tmp_path: Path):
    text = '[[reports]]\nname = "a"\nnotebook = "a.ipynb"\n'
    (tmp_path / "evsyn.toml").write_text(text)
    assert read_configuration(tmp_path).reports[0].notebook == Path("a.ipynb")


def analysis(**lines: str) -> str:
    """A synthetic declaration with some lines more."""
    own = {"name": '"a"', "question": '"q"', "outcomes": '["o"]', "designs": '["parallel"]'}
    own |= {"why": '"w"', **lines}
    return "[[analyses]]\n" + "".join(f"{key} = {value}\n" for key, value in own.items())


def test_an_analysis_may_ask_for_more_than_a_mean(tmp_path: Path) -> None:
    more = {"model": '"PM"', "interval": '"PL"', "mods": '["year", "design"]', "cumulative": '""'}
    more |= {"subgroup": '"design"', "leave_one_out": "true"}
    (tmp_path / "evsyn.toml").write_text(analysis(**more), encoding="utf-8")
    (found,) = read_configuration(tmp_path).analyses
    assert (found.model, found.interval, found.mods) == ("PM", "PL", ("year", "design"))
    assert (found.subgroup, found.leave_one_out, found.cumulative) == ("design", True, "")
    (tmp_path / "evsyn.toml").write_text(analysis(), encoding="utf-8")
    (plain,) = read_configuration(tmp_path).analyses
    assert (plain.interval, plain.mods, plain.leave_one_out, plain.cumulative) == (
        "",
        (),
        False,
        None,
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"model": '"MH"', "measure": '"MD"'}, 'method="MH" pools counts as RR, OR, RD'),
        ({"model": '"Peto"', "measure": '"OR"', "test": '"knha"'}, "Peto has the Wald"),
        ({"interval": '"GENQ"'}, 'interval = "GENQ"'),
        ({"leave_one_out": '"yes"'}, "expected true or false"),
        ({"model": '"REMLL"'}, 'did you mean "REML"'),
    ],
)
def test_what_a_method_cannot_do_is_a_fault(
    tmp_path: Path, lines: dict[str, str], words: str
) -> None:
    (tmp_path / "evsyn.toml").write_text(analysis(**lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=words):
        read_configuration(tmp_path)


def test_proportions_of_arms_are_declared_as_such(tmp_path: Path) -> None:
    arms = {"measure": '"PLO"', "designs": '["single-arm"]', "arms": '["s1/e"]'}
    (tmp_path / "evsyn.toml").write_text(analysis(**arms), encoding="utf-8")
    (found,) = read_configuration(tmp_path).analyses
    assert (found.model, found.designs, found.arms) == ("GLMM", ("single-arm",), ("s1/e",))
    for wrong, words in (
        ({"measure": '"PLO"', "comparisons": '["s1"]'}, "comparisons: PLO is pooled of arms"),
        ({"measure": '"RR"', "arms": '["s1"]'}, "arms: RR is pooled of comparisons"),
    ):
        (tmp_path / "evsyn.toml").write_text(analysis(**wrong), encoding="utf-8")
        with pytest.raises(ConfigurationError, match=words):
            read_configuration(tmp_path)
