"""Commands that installed packages add to the command line."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

Install = Callable[..., str]

GREET = """
import click

@click.command()
@click.argument("name")
def greet(name):
    "Greet NAME."
    click.echo(f"Hello {name}")
"""


def stepwell(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stepwell", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_command_of_a_package_runs_and_is_listed_with_its_package(install: Install) -> None:
    install("stepwell-greeting", GREET, commands={"greet": "stepwell_greeting:greet"})
    assert stepwell("greet", "Ada").stdout == "Hello Ada\n"
    assert re.search(r"greet +Of stepwell-greeting\.", stepwell("--help").stdout)


def test_mistyped_command_of_a_package_is_suggested(install: Install) -> None:
    install("stepwell-greeting", GREET, commands={"greet": "stepwell_greeting:greet"})
    refused = stepwell("grete", "Ada")
    assert refused.returncode == 2
    assert "Did you mean 'greet'?" in refused.stderr


def test_own_command_is_not_taken_over_by_a_package(install: Install) -> None:
    install("stepwell-greeting", GREET, commands={"steps": "stepwell_greeting:greet"})
    assert "Hello" not in stepwell("steps", "--json").stdout
    assert "Of stepwell-greeting" not in stepwell("--help").stdout


def test_two_packages_with_one_command_are_both_named_and_none_wins(install: Install) -> None:
    for name in ("stepwell-here", "stepwell-there"):
        install(name, GREET, commands={"greet": f"{name.replace('-', '_')}:greet"})
    refused = stepwell("greet", "Ada")
    assert refused.returncode == 1
    assert "stepwell-here and stepwell-there both claim the command 'greet'" in refused.stderr


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import missing_library", "cannot be imported: ModuleNotFoundError"),
        ("raise SystemExit(0)", "cannot be imported: SystemExit"),
        ("greet = 'hello'", "is no click command"),
    ],
)
def test_broken_command_says_what_mends_it_and_harms_no_other(
    install: Install, source: str, reason: str
) -> None:
    install("stepwell-broken", source, commands={"greet": "stepwell_broken:greet"})
    refused = stepwell("greet")
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert "pip install" in refused.stderr
    assert stepwell("steps", "--json").returncode == 0
