"""A verb whose help ends in examples that can be typed as they stand."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["Verb", "write_examples"]


class Verb(click.Command):
    """A command with examples.

    Parameters
    ----------
    *args, **kwargs
        As of :class:`click.Command`.
    examples : tuple of str
        Command lines shown at the end of the help.
    """

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples after the options."""
        write_examples(formatter, self.examples)


def write_examples(formatter: click.HelpFormatter, examples: tuple[str, ...]) -> None:
    """Write command lines under a heading, one a line, never wrapped.

    Parameters
    ----------
    formatter : click.HelpFormatter
        Where to.
    examples : tuple of str
        Command lines; nothing is written where there are none.
    """
    if examples:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")
