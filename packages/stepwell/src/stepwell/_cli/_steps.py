"""`stepwell steps` and `stepwell show`."""

from __future__ import annotations

import dataclasses

import click

from stepwell._cli._options import json_option, print_json
from stepwell._contract import contract_of
from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._installed import InstalledStep, installed_steps


@click.command()
@json_option
def steps(as_json: bool) -> None:
    """List installed steps with their versions, and what is wrong with those that do not work."""
    found = [step.examined() for step in installed_steps()]
    if as_json:
        print_json([dataclasses.asdict(step) for step in found])
        return
    for step in found:
        click.echo(f"{step.name:<20} {step.package} {step.version:<10} {step.health}")
        if step.problem:
            click.echo(f"    {step.problem}")


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
    click.echo(f"  {contract['description']}\n")
    click.echo("Fields")
    for name, field in contract["configuration"].get("properties", {}).items():
        required = name in contract["configuration"].get("required", ())
        default = "required" if required else f"default {field.get('default')!r}"
        click.echo(f"  {name:<24} {_type(field):<18} {default}")
        click.echo(f"      {field.get('description', '')}")
    for title in ("inputs", "outputs"):
        click.echo(title.capitalize())
        for name, port in contract[title].items():
            click.echo(
                f"  {name:<24} {port['kind']:<18} {'optional' if port['optional'] else ''}".rstrip()
            )


def _found(name: str) -> InstalledStep:
    every = {step.name: step for step in installed_steps()}
    wanted = name.replace("_", "-")
    if wanted not in every:
        raise ConfigurationError(
            f"No installed package brings a step {name!r}.",
            hint=f"{did_you_mean(wanted, every)} Installed: {listed(sorted(every))}.".strip(),
        )
    return every[wanted]


def _type(field: dict[str, object]) -> str:
    if "type" in field:
        return str(field["type"])
    options = field.get("anyOf")
    if isinstance(options, list):
        return " or ".join(dict.fromkeys(_type(option) for option in options))
    return "choice" if "enum" in field or "const" in field else "object"
