"""A report on the terminal, as JSON of Great Expectations, and as JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from stepwell import Finding, Report


_COLOURS = {"passed": "green", "warned": "yellow", "failed": "red"}


def printed(report: Report, form: str) -> str:
    """The report as `table`, `gx` or `junit`."""
    if form == "gx":
        return json.dumps(_plain(report.details), indent=2)
    return _junit(report) if form == "junit" else _table(report)


def _table(report: Report) -> str:
    import click

    lines = [
        click.style(one.verdict, fg=_COLOURS.get(one.verdict)) + "  " + _inert(one.message)
        for one in report.findings
    ]
    return "\n".join([*lines, _inert(report.summary)])


def _junit(report: Report) -> str:
    failed = [finding for finding in report.findings if finding.verdict == "failed"]
    suite = ElementTree.Element(
        "testsuite",
        name=_inert(str(report.details.get("suite_name", "suite"))),
        tests=str(len(report.findings)),
        failures=str(len(failed)),
    )
    for finding in report.findings:
        suite.append(_case(finding))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _case(finding: Finding) -> ElementTree.Element:
    name = f"{finding.check}({', '.join(finding.columns)})"
    case = ElementTree.Element("testcase", classname="stepwell.check-data", name=_inert(name))
    if finding.verdict == "failed":
        ElementTree.SubElement(case, "failure", message=_inert(finding.message))
    elif finding.verdict == "warned":
        ElementTree.SubElement(case, "system-out").text = _inert(finding.message)
    return case


def _inert(text: str) -> str:
    """Without control characters, which terminals obey and XML cannot hold."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
