"""`stepwell catalog`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepwell.authoring import inert

if TYPE_CHECKING:
    from stepwell.authoring import Store

catalog_option = click.option(
    "--catalog", "folder", default="catalog", show_default=True, help="The folder of contracts."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
store_option = click.option(
    "--store", metavar="URL", help="Path or URL of the store (default: the project's)."
)


@click.group()
def catalog() -> None:
    """The data catalog: which datasets there are, and what is known about them."""


@catalog.command()
@click.argument("source", metavar="FILE")
@click.option("--name", help="The name of the dataset (default: that of the file).")
@click.option("--output", metavar="PATH", help="Where to write; - prints it.")
@catalog_option
def draft(source: str, name: str | None, output: str | None, folder: str) -> None:
    """Write a first contract from the data in FILE, or in a folder of files."""
    from stepwell_catalog._draft import draft as drafted
    from stepwell_catalog._draft import draft_text

    document = drafted(source, name=name)
    text = draft_text(document)
    if output == "-":
        click.echo(text, nl=False)
        return
    path = Path(output or Path(folder) / f"{document['name']}.odcs.yaml")
    _write(path, text, mode="x")
    click.echo(f"Wrote {path}. What is to be filled in: stepwell catalog lint {path}")


@catalog.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@catalog_option
@store_option
@json_option
def lint(
    files: tuple[Path, ...], strict: bool, folder: str, store: str | None, as_json: bool
) -> None:
    """Check contracts: what is wrong, where, and what to do. Exits 1 if there is an error."""
    from stepwell_catalog._catalog import files_of, folder_of
    from stepwell_catalog._lint import lint as linted

    paths = list(files) or files_of(folder_of(folder))
    found = linted(paths, _existing(store))
    if as_json:
        _print_json([{"file": one.path.as_posix(), **vars(one.problem)} for one in found])
    for one in () if as_json else found:
        click.echo(f"{inert(str(one.path))}: {one.problem.level}: {inert(str(one.problem))}")
    failing = [one for one in found if strict or one.problem.level == "error"]
    if not as_json:
        click.echo(f"Contracts: {len(paths)}. Findings: {len(found)}.")
    sys.exit(1 if failing else 0)


@catalog.command("list")
@catalog_option
@json_option
def list_(folder: str, as_json: bool) -> None:
    """List the datasets."""
    from stepwell_catalog._catalog import contracts
    from stepwell_catalog._view import summary_of

    found = [summary_of(one) for one in contracts(folder)]
    if as_json:
        _print_json(found)
        return
    for one in found:
        personal = "personal data" if one["personal"] else ""
        line = f"{one['name']:<24} {one['version']:<10} {one['owner'] or '':<20} {personal}"
        click.echo(inert(line.rstrip()))
    if not found:
        click.echo("No datasets yet: stepwell catalog draft FILE")


@catalog.command()
@click.argument("name")
@catalog_option
@json_option
def show(name: str, folder: str, as_json: bool) -> None:
    """Show what is known about the dataset NAME."""
    from stepwell_catalog._catalog import contract_named
    from stepwell_catalog._view import view_of

    view = view_of(contract_named(folder, name))
    if as_json:
        _print_json(view)
    else:
        _print_view(view)


@catalog.command()
@click.argument("words", nargs=-1, required=True)
@catalog_option
@json_option
def search(words: tuple[str, ...], folder: str, as_json: bool) -> None:
    """Find the datasets in which all WORDS occur: in names, purposes, owners, tags, columns."""
    from stepwell_catalog._catalog import contracts
    from stepwell_catalog._search import search as searched
    from stepwell_catalog._view import summary_of

    found = searched(contracts(folder), " ".join(words))
    if as_json:
        _print_json([{**summary_of(one), "found_in": places} for one, places in found])
        return
    for one, places in found:
        click.echo(inert(f"{one.name} {one.version}: {', '.join(places)}"))
    if not found:
        click.echo("No dataset has all of these words.")


@catalog.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("catalog.html"),
    show_default=True,
    help="Where to write the page.",
)
@click.option("--title", default="Data catalog", show_default=True, help="Its heading.")
@catalog_option
def html(output: Path, title: str, folder: str) -> None:
    """Write the catalog as one page that can be searched without a network."""
    from stepwell_catalog._catalog import contracts
    from stepwell_catalog._html import page

    found = contracts(folder)
    _write(output, page(found, title=title), mode="w")
    click.echo(f"Wrote {output}. Datasets: {len(found)}.")


@catalog.command()
@click.argument("about", required=False)
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print a Mermaid flowchart.")
@store_option
@json_option
def lineage(about: str | None, as_mermaid: bool, store: str | None, as_json: bool) -> None:
    """Show which pipelines and models used which version of a dataset, and the reverse.

    ABOUT is a dataset (NAME or NAME@VERSION), a model version, or the name of a deployed model.
    """
    from stepwell_catalog._lineage import as_json as lineage_json
    from stepwell_catalog._lineage import lineage_of
    from stepwell_catalog._mermaid import mermaid

    found = lineage_json(lineage_of(_opened(store)).of(about))
    if as_json:
        _print_json(found)
    elif as_mermaid:
        click.echo(mermaid(found), nl=False)
    else:
        _print_lineage(found)


def _write(path: Path, text: str, *, mode: str) -> None:
    """Write a file. Raises ClickException if it cannot be written, or is there with mode x."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.ClickException(f"{path} exists, and is not written over.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None


def _opened(url: str | None) -> Store:
    from stepwell import settings
    from stepwell.authoring import Store

    return Store(settings().store if url is None else url)


def _existing(url: str | None) -> Store | None:
    """The store, unless none was named and the project has none yet: nothing is made for a look."""
    from stepwell import settings

    where = settings().store if url is None else url
    is_there = url is not None or "://" in where or Path(where).is_dir()
    return _opened(where) if is_there else None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def _print_view(view: dict[str, Any]) -> None:
    click.echo(inert(f"{view['name']} {view['version']} ({view['file']})"))
    for label in ("status", "owner", "purpose", "licence", "legal_basis", "retention"):
        click.echo(inert(f"  {label.replace('_', ' '):<12} {view[label] or 'not said'}"))
    for server in view["servers"]:
        click.echo(inert(f"  {'server':<12} {server['name']}: {server['place']}"))
    for column in view["columns"]:
        facts = [column["classification"], *column["roles"], *column["constraints"]]
        told = ", ".join(dict.fromkeys(filter(None, facts)))
        click.echo(inert(f"  {column['name']:<24} {column['type'] or 'any':<16} {told}".rstrip()))
        if column["description"]:
            click.echo(inert(f"      {column['description']}"))
    for rule in view["quality"]:
        click.echo(inert(f"  {'quality':<12} {rule['column'] or 'table'}: {rule['rule']}"))


def _print_lineage(found: dict[str, Any]) -> None:
    for dataset in found["datasets"]:
        click.echo(inert(f"{dataset['name']} {dataset['version']}"))
        for use in dataset["pipelines"]:
            runs = use["runs"]
            click.echo(inert(f"  {use['pipeline']}: {len(runs)} of its runs, last {runs[-1]}"))
            for model in use["models"]:
                deployed = ", ".join(f"{d['name']} v{d['version']}" for d in model["deployed_as"])
                told = f", deployed as {deployed}" if deployed else ""
                click.echo(inert(f"    model {model['model_version']}{told}"))
    if found["records_not_read"]:
        count = found["records_not_read"]
        click.echo(
            f"{count} records are of another version of Stepwell and were not read.", err=True
        )
    if not found["datasets"]:
        click.echo("No run has used a dataset of a catalog yet.")
