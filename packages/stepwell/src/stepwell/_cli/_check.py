"""`stepwell check`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

import click

from stepwell._cli._options import json_option, print_json
from stepwell._errors import ConfigurationError
from stepwell._protocol._report import Finding, Report
from stepwell._text import inert


@click.command()
@click.argument("package")
@click.option(
    "--expect-failure",
    "expected",
    metavar="CHECK=REASON",
    multiple=True,
    help="A check that fails for now, and why; if it passes, that is a failure. May be repeated.",
)
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the results into this file, as JUnit XML.",
)
@json_option
def check(package: str, expected: tuple[str, ...], junit: Path | None, as_json: bool) -> None:
    """Check that PACKAGE, which is installed, and its steps keep the protocol.

    Every step is run many times on its own example, in temporary folders.
    """
    from stepwell.testing import conformance_report

    report = conformance_report(package, expected_failures=dict(map(_expected, expected)))
    if junit is not None:
        from stepwell._observers._junit import junit_of_report

        junit.write_bytes(junit_of_report(package, report))
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        _print(report)
    sys.exit(1 if report.verdict == "failed" else 0)


def _expected(text: str) -> tuple[str, str]:
    name, equals, reason = text.partition("=")
    if not equals:
        raise ConfigurationError(
            f"--expect-failure {text}: there is no '='.",
            hint=f'Write --expect-failure "{text}=why".',
        )
    return name, reason


def _print(report: Report) -> None:
    """A line for each step and for the package itself, below it what did not pass."""
    click.echo(f"{report.details['package']} {report.details['version']}")
    for subject, group in groupby(report.findings, lambda found: str(found.details["subject"])):
        findings = list(group)
        passed = sum(finding.verdict == "passed" for finding in findings)
        click.echo(f"  {subject:<28} {passed:>3} of {len(findings)} checks passed")
        for finding in findings:
            if finding.verdict != "passed":
                _print_finding(finding)
    click.echo(report.summary)


def _print_finding(finding: Finding) -> None:
    details = finding.details
    colour = "red" if finding.verdict == "failed" else "yellow"
    click.echo(f"    {click.style(str(details['result']), fg=colour)}: {details['check']}")
    remedy = str(details["remedy"] or "")
    for text in filter(None, (finding.message.removesuffix(remedy).rstrip(), remedy)):
        click.echo(f"        {inert(text)}")
