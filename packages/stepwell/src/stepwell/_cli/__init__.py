"""The command line `stepwell`. Nothing but click is imported before a command is chosen."""

from __future__ import annotations

from importlib import import_module

import click

CANCELLED = 130

_COMMANDS = {
    "run": ("_run", "Run a pipeline."),
    "plan": ("_plan", "Show what a run would do."),
    "steps": ("_steps", "List installed steps and whether they are healthy."),
    "show": ("_steps", "Show what a step takes, gives and can be told."),
    "check": ("_check", "Check that a package and its steps keep the protocol."),
    "runs": ("_runs", "List, show and compare runs."),
    "records": ("_records", "Verify the chain of run records."),
    "store": ("_store", "Look after the store."),
    "completion": ("_completion", "Print the script for shell completion."),
}


class _Commands(click.Group):
    """Commands that are imported when they are used; their names and one line each stand above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"stepwell._cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Cancelled.", err=True)
            ctx.exit(CANCELLED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        near = [] if args[0] in _COMMANDS else get_close_matches(args[0], _COMMANDS, n=1)
        if near:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
