"""The command line `stepwell`. Nothing but click is imported before a command is chosen."""

from __future__ import annotations

import click

from stepwell._cli._commands import CANCELLED, Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stepwell", prog_name="stepwell")
@click.option("--debug", is_flag=True, help="Show tracebacks; their messages may quote data.")
@click.pass_context
def stepwell(ctx: click.Context, debug: bool) -> None:
    """Machine-learning pipelines made of pip packages."""
    ctx.obj = debug


def main() -> None:
    """The entry point: every error of Stepwell becomes one readable message and an exit code.

    0 succeeded, 3 blocked, 1 failed, 2 usage, 130 cancelled.
    """
    import signal
    import sys

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it cancels, as Ctrl-C does
    debug = "--debug" in sys.argv[1:]
    try:
        stepwell.main(prog_name="stepwell")
    except KeyboardInterrupt:
        sys.exit(CANCELLED)
    except Exception as error:
        from stepwell._errors import ConfigurationError, PipelineError, StepwellError
        from stepwell._text import inert

        if debug or not isinstance(error, StepwellError):
            raise
        click.echo(f"Error: {inert(str(error), most=1_000)}", err=True)
        sys.exit(2 if isinstance(error, ConfigurationError | PipelineError) else 1)
