"""The command `stepwell-deploy`: read the decision log, let MLflow follow, go back."""

from __future__ import annotations

import sys

import click

from stepwell import Decision, DecisionLog, Report, StepwellError, settings
from stepwell.authoring import Store
from stepwell_deploy._follow import (
    PATIENCE,
    ask,
    lagging,
    left_alone,
    report_of,
    up_to_date,
)
from stepwell_deploy._registry import follow_log
from stepwell_deploy._rollback import roll_back
from stepwell_deploy._standing import standing_of
from stepwell_deploy._versions import LeftAlone
from stepwell_tracking import Mlflow, prepare_process, told


@click.group()
@click.option("--store", help="Path or URL of the store (default: the project's).")
@click.pass_context
def cli(context: click.Context, store: str | None) -> None:
    """Which model is in production, since when, and why."""
    context.obj = Store(settings().store if store is None else store)


@cli.command("status")
@click.argument("name")
@click.pass_obj
def status_command(store: Store, name: str) -> None:
    """Show who is champion, who was before, and who challenges."""
    standing = standing_of(DecisionLog(store, name).entries())
    for place in ("champion", "previous", "challenger"):
        decision: Decision | None = getattr(standing, place)
        click.echo(f"{place:<11}{_line(decision) if decision else '   -  nobody'}")


@cli.command("log")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document for each decision.")
@click.pass_obj
def log_command(store: Store, name: str, as_json: bool) -> None:
    """List every decision, refusals too."""
    for decision in DecisionLog(store, name).entries():
        if as_json:
            click.echo(decision.model_dump_json())
            continue
        click.echo(_line(decision))
        for reason in decision.reasons:
            click.echo(f"      {reason}")


@cli.command("follow")
@click.argument("name")
@click.option("--patience", default=PATIENCE, help="The most seconds to wait for MLflow.")
@click.option("--json", "as_helper", is_flag=True, hidden=True, help="As Deploy starts it.")
@click.pass_obj
def follow_command(store: Store, name: str, patience: float, as_helper: bool) -> None:
    """Make MLflow's registry and its aliases say what the log says."""
    log = DecisionLog(store, name)
    if as_helper:
        click.echo(_follow_here(log).model_dump_json())
        return
    findings = ask(log, patience=patience)
    for finding in findings:
        click.echo(finding.message)
    sys.exit(0 if findings[-1].verdict == "passed" else 1)


@cli.command("rollback")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the decision log for good.")
@click.option("--to", type=int, help="The version to go back to (default: the one before).")
@click.pass_obj
def rollback_command(store: Store, name: str, reason: str, to: int | None) -> None:
    """Make an earlier champion the champion again."""
    done = roll_back(DecisionLog(store, name), reason=reason, to=to, patience=PATIENCE)
    click.echo(done.report.summary)
    for finding in done.report.findings:
        click.echo(finding.message)


def main() -> None:
    """Run the command; an error becomes one line and exit code 1."""
    try:
        cli(standalone_mode=True)
    except StepwellError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


def _follow_here(log: DecisionLog) -> Report:
    """Follow in this process, which is the helper's; whatever goes wrong becomes a finding."""
    prepare_process()
    try:
        moved = follow_log(log, Mlflow.connect(log.store))
    except LeftAlone as error:
        return report_of([left_alone(error.message)])
    except Exception as error:  # MLflow raises what its client, its database or its files raise
        return report_of([lagging(log.name, told(error))])
    return report_of([*moved, up_to_date(log.name)])


def _line(decision: Decision) -> str:
    version = f"version {decision.version}" if decision.version else ""
    when = f"{decision.at:%Y-%m-%d %H:%M}" if decision.at else ""
    model = decision.model_version or "no model"
    return f"{decision.number:>4}  {when}  {decision.outcome:<11} {model} {version}".rstrip()
