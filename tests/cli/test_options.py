"""Options that verbs share."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from evsyn.cli.main import VERBS, evsyn
from evsyn.cli.options import Settings, common_options, refuse_with_file


@common_options
@click.command()
@click.pass_context
def probe(ctx: click.Context) -> None:
    settings = ctx.ensure_object(Settings)
    click.echo(repr(settings))


def test_defaults() -> None:
    assert CliRunner().invoke(probe, []).output.strip() == repr(Settings())


def test_every_option_reaches_the_settings(tmp_path: Path) -> None:
    words = ["--format", "csv", "--project", str(tmp_path), "-o", "x.csv", "-q", "-v", "--debug"]
    expected = Settings("csv", tmp_path, Path("x.csv"), quiet=True, verbose=True, debug=True)
    assert CliRunner().invoke(probe, words).output.strip() == repr(expected)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert CliRunner().invoke(probe, ["--project", str(tmp_path / "no")]).exit_code == 2


@click.command()
@click.option("--study", default="")
@click.pass_context
def plain(ctx: click.Context, study: str) -> None:
    refuse_with_file(ctx, "study")
    click.echo(f"read {study}")


@pytest.mark.parametrize(("words", "code"), [([], 0), (["--study", "x"], 2)])
def test_a_plain_file_refuses_what_needs_a_project(words: list[str], code: int) -> None:
    result = CliRunner().invoke(plain, words)
    assert result.exit_code == code
    assert ("--study: a plain FILE" in result.stderr) is bool(code)


@pytest.mark.parametrize("verb", VERBS)
def test_analysis_verbs_take_assumptions(verb: str) -> None:
    command = evsyn.get_command(click.Context(evsyn), verb)
    assert command is not None
    names = {parameter.name for parameter in command.params}
    takes = verb in {
        "rates",
        "compare",
        "pool",
        "export",
        "build",
        "assumptions",
        "claims",
        "trace",
    }
    assert ("accept" in names) is takes
    if verb in {"rates", "compare", "pool", "export", "build", "assumptions"}:
        assert {"condition", "study", "outcome"} <= names
