"""`stepwell completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    For example: stepwell completion bash >> ~/.bashrc
    """
    from stepwell._cli import stepwell

    class_ = get_completion_class(shell)
    assert class_ is not None  # the choice above names shells that click knows
    click.echo(class_(stepwell, {}, "stepwell", "_STEPWELL_COMPLETE").source())
