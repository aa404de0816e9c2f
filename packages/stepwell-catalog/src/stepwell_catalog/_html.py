"""The catalog as one page that needs nothing else: no network, no server, no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from stepwell_catalog._contract import Contract
from stepwell_catalog._search import texts_of
from stepwell_catalog._view import view_of


def page(contracts: Sequence[Contract], *, title: str) -> str:
    """The page. Whatever stands in a contract is text in it, and only its own script may run."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    script, style = _file("search.js"), _file("page.css")
    datasets = [
        {**view_of(one), "words": " ".join(text for _, text in texts_of(one)).casefold()}
        for one in contracts
    ]
    template = environment.from_string(_file("page.html.jinja"))
    return template.render(
        title=title,
        datasets=datasets,
        script=script,
        style=style,
        script_digest=_digest(script),
        style_digest=_digest(style),
    )


def _file(name: str) -> str:
    return (files("stepwell_catalog") / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """What the page's security policy knows its own script and style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
