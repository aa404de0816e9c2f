"""Following from a distance: a helper process asks MLflow, and is ended when it takes too long."""

from __future__ import annotations

import subprocess
from contextlib import suppress

from stepwell import ConfigurationError, DecisionLog, Finding, Report, decisions
from stepwell_deploy._registry import CHECK, is_up_to_date
from stepwell_tracking import helper_command, helper_environment, tracking_uri

PATIENCE = 60.0


def follow(name: str, *, patience: float = PATIENCE) -> Report:
    """Make MLflow's registry say what the decision log of `name` says, and report how it went.

    Versions that are missing are registered, the aliases `champion`, `challenger` and `previous`
    are put right. After `patience` seconds it gives up; the next `Deploy` or `follow` goes on.
    """
    return report_of(ask(decisions(name), patience=patience))


def catch_up(log: DecisionLog, *, patience: float) -> list[Finding]:
    """Let the registry follow, unless it is known to have followed the last decision already."""
    with suppress(ConfigurationError):
        if is_up_to_date(log, tracking_uri(log.store)):
            return [up_to_date(log.name)]
    return ask(log, patience=patience)


def ask(log: DecisionLog, *, patience: float) -> list[Finding]:
    """Let a helper compare the registry with the log, and tell what it found and mended."""
    try:
        done = _run_helper(log, patience)
    except ConfigurationError as error:
        return [lagging(log.name, str(error))]
    except subprocess.TimeoutExpired:
        return [lagging(log.name, f"MLflow took longer than {patience:g} seconds.")]
    except OSError as error:
        return [lagging(log.name, f"No process could be started to ask it: {error.strerror}.")]
    return _findings(log.name, done)


def _run_helper(log: DecisionLog, patience: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        helper_command("stepwell_deploy", "follow", log.name, "--json"),
        env=helper_environment(store=log.store.url, uri=tracking_uri(log.store)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )


def report_of(findings: list[Finding]) -> Report:
    """The report of `follow`; its last finding says whether the registry agrees."""
    return Report(step="follow", findings=tuple(findings), summary=findings[-1].message)


def up_to_date(name: str) -> Finding:
    """The finding that MLflow says the same as the log."""
    message = f"MLflow's registry agrees with the decision log of '{name}'."
    return Finding(check=CHECK, verdict="passed", message=message)


def left_alone(reason: str) -> Finding:
    """The finding that the registry is not this log's to change, or no longer."""
    return Finding(check=CHECK, verdict="warned", message=reason)


def lagging(name: str, reason: str) -> Finding:
    """The finding that MLflow does not know the latest decision, and what to type."""
    return Finding(
        check=CHECK,
        verdict="warned",
        message=(
            f"MLflow's registry lags behind the decision log of '{name}', which holds: {reason} "
            f"The next Deploy catches up, or: stepwell-deploy follow {name}"
        ),
    )


def _findings(name: str, done: subprocess.CompletedProcess[str]) -> list[Finding]:
    """What the helper printed: a report, on its last line."""
    lines = done.stdout.strip().splitlines()
    try:
        return list(Report.model_validate_json(lines[-1]).findings)
    except (IndexError, ValueError):
        return [lagging(name, f"The process that asks it ended with code {done.returncode}.")]
