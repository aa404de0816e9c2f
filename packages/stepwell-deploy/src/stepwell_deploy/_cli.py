"""The command `stepwell-deploy`: read the decision log, let MLflow follow, go back."""

from __future__ import annotations

import os
import sys

import click

from stepwell import Decision, Report, StepwellError, decisions
from stepwell_deploy._follow import PATIENCE, follow, lagging, up_to_date
from stepwell_deploy._registry import follow_log
from stepwell_deploy._rollback import rollback
from stepwell_deploy._standing import standing_of
from stepwell_tracking import Mlflow, prepare_process, told


@click.group()
@click.option("--store", help="Path or URL of the store (default: the project's).")
def cli(store: str | None) -> None:
    """Which model is in production, since when, and why."""
    if store is not None:
        os.environ["STEPWELL_STORE"] = store


@cli.command("status")
@click.argument("name")
def status_command(name: str) -> None:
    """Show who is champion, who was before, and who challenges."""
    standing = standing_of(decisions(name).entries())
    for place in ("champion", "previous", "challenger"):
        decision: Decision | None = getattr(standing, place)
        click.echo(f"{place:<11}{_line(decision) if decision else 'nobody'}")


@cli.command("log")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document for each decision.")
def log_command(name: str, as_json: bool) -> None:
    """List every decision, refusals too."""
    for decision in decisions(name).entries():
        click.echo(decision.model_dump_json() if as_json else _line(decision))
        if not as_json:
            click.echo("".join(f"    {reason}\n" for reason in decision.reasons), nl=False)


@cli.command("follow")
@click.argument("name")
@click.option("--patience", default=PATIENCE, help="The most seconds to wait for MLflow.")
@click.option("--json", "as_helper", is_flag=True, hidden=True, help="As Deploy starts it.")
def follow_command(name: str, patience: float, as_helper: bool) -> None:
    """Make MLflow's registry and its aliases say what the log says."""
    if as_helper:
        click.echo(_follow_here(name).model_dump_json())
        return
    report = follow(name, patience=patience)
    for finding in report.findings:
        click.echo(finding.message)
    sys.exit(0 if _agrees(report) else 1)


@cli.command("rollback")
@click.argument("name")
@click.option("--reason", required=True, help="Why; it stands in the decision log for good.")
@click.option("--to", type=int, help="The version to go back to (default: the one before).")
def rollback_command(name: str, reason: str, to: int | None) -> None:
    """Make an earlier champion the champion again."""
    done = rollback(name, reason=reason, to=to)
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


def _follow_here(name: str) -> Report:
    """Follow in this process, which is the helper's; whatever goes wrong becomes a finding."""
    prepare_process()
    log = decisions(name)
    try:
        moved = follow_log(log, Mlflow.connect(log.store))
    except Exception as error:  # MLflow raises what its client, its database or its files raise
        return Report(step="follow", findings=(lagging(name, told(error)),))
    return Report(step="follow", findings=(*moved, up_to_date(name)))


def _agrees(report: Report) -> bool:
    return report.findings[-1].verdict == "passed"


def _line(decision: Decision) -> str:
    version = f"version {decision.version}" if decision.version else ""
    when = f"{decision.at:%Y-%m-%d %H:%M}" if decision.at else ""
    model = decision.model_version or "no model"
    return f"{decision.number:>4}  {when}  {decision.outcome:<11} {model} {version}".rstrip()
