"""Examples at the end of a verb's help."""

from __future__ import annotations

import click
from click.testing import CliRunner

from evsyn.cli.verb import Verb, write_examples


def test_examples_are_never_wrapped() -> None:
    example = "evsyn compare " + "--long-option value " * 10 + "end"
    command = Verb("synthetic", callback=lambda: None, examples=(example, "evsyn short"))
    output = CliRunner().invoke(command, ["--help"]).output
    assert output.endswith(f"\nExamples:\n  {example}\n  evsyn short\n")


def test_no_examples_no_heading() -> None:
    formatter = click.HelpFormatter()
    write_examples(formatter, ())
    assert formatter.getvalue() == ""
