"""`stepwell steps` and `stepwell show`."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from stepwell._cli._options import json_option, print_json
from stepwell._contract import contract_of, in_words
from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._installation._installed import InstalledStep, installed_steps
from stepwell._text import inert

_WIDEST = 40


@click.command()
@json_option
def steps(as_json: bool) -> None:
    """List installed steps with their versions, and what is wrong with those that do not work."""
    from stepwell._installation._examination import examined

    found = examined(installed_steps())
    if as_json:
        print_json([dataclasses.asdict(step) for step in found])
        return
    for step in found:
        package = f"{step.package} {step.version}"
        click.echo(f"{step.name:<20} {package:<30} {step.health}")
        if step.problem:
            click.echo(f"    {inert(step.problem)}")


@click.command()
@click.argument("step")
@json_option
def show(step: str, as_json: bool) -> None:
    """Show the contract of STEP: its fields, inputs and outputs."""
    contract = contract_of(_found(step).load())
    if as_json:
        print_json(contract)
        return
    click.echo(f"{contract['name']} ({contract['package']} {contract['version']})")
    click.echo(f"  {contract['description']}")
    if contract["effects"]:
        click.echo("  It has effects on the outside world, and never comes from the cache.")
    click.echo()
    _print_fields(contract["configuration"])
    inputs = {name: _port(port) for name, port in contract["inputs"].items()}
    if contract["judge"]:
        inputs["reports"] = "every earlier report"
    _print_ports("Inputs", inputs)
    _print_ports("Outputs", {name: _port(port) for name, port in contract["outputs"].items()})


def _found(name: str) -> InstalledStep:
    every = {step.name: step for step in installed_steps()}
    kebab = name.replace("_", "-")
    found = every.get(name) or every.get(kebab)
    if found is None:
        raise ConfigurationError(
            f"No installed package brings a step {name!r}.",
            hint=f"{did_you_mean(kebab, every)} Installed: {listed(sorted(every))}.".strip(),
        )
    return found


def _print_fields(schema: dict[str, Any]) -> None:
    click.echo("Fields")
    fields = schema.get("properties", {})
    types = {name: in_words(field, schema.get("$defs", {})) for name, field in fields.items()}
    width = min(max(map(len, types.values()), default=0), _WIDEST)
    for name, field in fields.items():
        is_required = name in schema.get("required", ())
        default = "required" if is_required else f"default {field.get('default')!r}"
        click.echo(f"  {name:<24} {types[name]:<{width}}  {default}")
        click.echo(f"      {field.get('description', '')}")


def _print_ports(heading: str, ports: dict[str, str]) -> None:
    click.echo(heading)
    for name, text in ports.items() or [("none", "")]:
        click.echo(f"  {name:<24} {text}".rstrip())


def _port(port: dict[str, Any]) -> str:
    optional = "optional" if port["optional"] else "may be None" if port.get("nullable") else ""
    return f"{port['kind']:<18} {optional}".rstrip()
