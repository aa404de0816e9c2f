"""`stepwell catalog`."""

import click


@click.group()
def catalog() -> None:
    """The data catalog."""
