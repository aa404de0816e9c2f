"""The page of a catalog in a real browser: it can be searched, and nothing in it is alive."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
import yaml

from stepwell_catalog import contracts
from stepwell_catalog._html import page

if TYPE_CHECKING:
    from pathlib import Path

    from browsers import Browser

HOSTILE = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "</script></style><h1>owned</h1>",
    "{{ 7 * 191 }} {% raw %}",
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The page of two datasets, one of which means harm wherever it can."""
    (tmp_path / "catalog").mkdir()
    for name, texts in (("harmless", ["Ordinary rows"]), ("hostile", HOSTILE)):
        text = " ".join(texts)
        columns = [{"name": one, "logicalType": "string", "description": one} for one in texts]
        document = {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": name,
            "name": name,
            "version": text,
            "status": text,
            "description": {"purpose": text},
            "team": {"name": text},
            "servers": [{"server": text, "type": "local", "path": text, "format": "csv"}],
            "schema": [{"name": name, "properties": columns}],
            "slaProperties": [{"property": text, "value": text}],
            "customProperties": [{"property": "licence", "value": text}],
        }
        path = tmp_path / "catalog" / f"{name}.odcs.yaml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
    path = tmp_path / "catalog.html"
    path.write_text(page(contracts(str(tmp_path / "catalog")), title="Data"), encoding="utf-8")
    return path


def _hidden(shown: str) -> dict[str, bool]:
    found = re.findall(r'<article class="dataset" id="dataset-(\w+)"[^>]*?( hidden="")?>', shown)
    return {name: bool(hidden) for name, hidden in found}


def test_page_finds_by_words_without_a_network(browser: Browser, written: Path) -> None:
    address = f"{written.as_uri()}#search=ORDINARY%20rows"
    shown = browser.shown(address, written.parent / "profile")
    assert _hidden(shown) == {"harmless": False, "hostile": True}
    assert "Datasets: 1 of 2" in shown


def test_what_stands_in_a_contract_stays_text(browser: Browser, written: Path) -> None:
    """Markup, templates and scripts are shown as they were written (fault 32)."""
    shown = browser.shown(written.as_uri(), written.parent / "profile")
    assert "<title>Data</title>" in shown
    assert "owned" in shown
    assert "{{ 7 * 191 }}" in shown
    elements = _Elements()
    elements.feed(shown)
    assert not {"img", "svg"} & set(elements.names)
    assert (elements.names.count("script"), elements.names.count("h1")) == (1, 1)
    assert not [name for name in elements.attributes if name.startswith("on")]


class _Elements(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_page_needs_nothing_else(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.findall(r"<link|<script src|@import|url\(|https?://", text)


def test_page_can_be_used_without_eyes_and_mouse(written: Path) -> None:
    """A language, a label, one first heading, named tables, headers with their direction."""
    text = written.read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert '<label for="query">' in text
    assert 'role="status"' in text
    assert text.count("<table>") == text.count("<caption>") == 2
    assert not re.findall(r"<th(?! scope)[ >]", text)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
