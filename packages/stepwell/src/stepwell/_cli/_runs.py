"""`stepwell runs`."""

from __future__ import annotations

from typing import Any

import click

from stepwell._cli._options import json_option, opened_store, print_json, store_option
from stepwell._records._history import differences, find_record, history, known_record
from stepwell._text import inert


@click.group()
def runs() -> None:
    """Runs and what they did."""


@runs.command("list")
@click.option("--pipeline", help="Only the runs of this pipeline.")
@click.option("--limit", default=20, show_default=True, help="How many, newest first.")
@store_option
@json_option
def list_(pipeline: str | None, limit: int, store: str | None, as_json: bool) -> None:
    """List runs, newest first, with those that are running or were interrupted."""
    found = history(opened_store(store), pipeline=pipeline, limit=limit)
    if as_json:
        print_json(found)
        return
    for entry in found:
        seconds = f"{entry['seconds']:.1f} s" if entry.get("seconds") is not None else ""
        line = f"{entry['run_id']}  {entry['pipeline']:<20} {entry['status']:<12} {seconds:>9}"
        click.echo(inert(line))
    if not found:
        click.echo("No runs yet: stepwell run FILE")


@runs.command()
@click.argument("run_id", metavar="RUN", default="last")
@store_option
@json_option
def show(run_id: str, store: str | None, as_json: bool) -> None:
    """Show the record of RUN: an id, the beginning of one, or `last`."""
    entry = find_record(opened_store(store), run_id)
    if as_json:
        print_json(entry.document)
        return
    record = known_record(entry)
    click.echo(inert(f"Run {record['run_id']} of {record['pipeline']}: {record['status']}"))
    git = record.get("git")
    if git:
        changes = " with uncommitted changes" if git["dirty"] else ""
        click.echo(inert(f"Commit {git['commit'][:12]}{changes}"))
    for step in record["steps"]:
        _print_step(step)
    for name, report in record["reports"].items():
        _print_report(name, report)


@runs.command()
@click.argument("first")
@click.argument("second", default="last")
@store_option
@json_option
def diff(first: str, second: str, store: str | None, as_json: bool) -> None:
    """Show in what two runs differ: packages, configuration, artifacts, verdicts and metrics."""
    opened = opened_store(store)
    found = differences(*(known_record(find_record(opened, run_id)) for run_id in (first, second)))
    if as_json:
        print_json(found)
        return
    for difference in found:
        what = inert(difference["what"])
        click.echo(f"{what}: {_shown(difference['first'])} -> {_shown(difference['second'])}")
    if not found:
        click.echo("The runs do not differ, except for their times.")


def _print_step(step: dict[str, Any]) -> None:
    package = f"{step['package']} {step['version']}" if step["package"] else "project"
    rows = f"{step['rows']:,} rows" if step["rows"] is not None else ""
    verdict = step["verdict"] or ""
    line = f"  {step['name']:<16} {step['state']:<10} {rows:>14}  {verdict:<7} {package}"
    click.echo(inert(line.rstrip()))
    if step["reason"]:
        click.echo(f"      {inert(step['reason'])}")


def _print_report(name: str, report: dict[str, Any]) -> None:
    click.echo(inert(f"{name}: {report['verdict']}. {report['summary']}".rstrip()))
    for finding in report["findings"]:
        if finding["verdict"] != "passed":
            click.echo(f"  {finding['verdict']}: {inert(finding['message'])}")


def _shown(value: Any) -> str:
    text = inert(str(value))
    return text[:12] if len(text) == 64 else text
