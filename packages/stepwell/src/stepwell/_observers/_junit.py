"""The reports of a run as JUnit XML, which every CI system shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from stepwell._pipelines._events import Event, RunFinished
from stepwell._pipelines._run import Run, StepRun
from stepwell._protocol._report import Finding, Report

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnit:
    """Writes `<run id>.xml` into a folder: a suite for each step, a case for each finding."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def on_event(self, event: Event) -> None:
        """Write the file when the run has ended."""
        if isinstance(event, RunFinished):
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{event.run.id}.xml").write_bytes(junit_xml(event.run))


def junit_xml(run: Run) -> bytes:
    """The run as JUnit XML: failed findings are failures, steps that raised are errors, steps that
    were blocked or skipped are skipped cases; warnings stand in the output of their case.
    """
    root = ElementTree.Element("testsuites", name=run.pipeline)
    for step in run.steps:
        root.append(_suite(step))
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def junit_of_report(name: str, report: Report) -> bytes:
    """A report on its own as JUnit XML, with a case for each finding."""
    root = ElementTree.Element("testsuites", name=name)
    root.append(_suite_of(name, _cases(report)))
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _suite(step: StepRun) -> ElementTree.Element:
    cases = [_step_case(step), *(c for report in step.reports.values() for c in _cases(report))]
    return _suite_of(step.name, cases, time=f"{step.seconds:.3f}")


def _suite_of(
    name: str, cases: list[ElementTree.Element], **attributes: str
) -> ElementTree.Element:
    counts: dict[str, int] = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    counted = {of: str(count) for of, count in counts.items()}
    suite = ElementTree.Element("testsuite", {"name": name, **attributes, **counted})
    suite.extend(cases)
    return suite


def _step_case(step: StepRun) -> ElementTree.Element:
    case = _case(step.name, "runs")
    if step.state in ("failed", "cancelled"):
        ElementTree.SubElement(case, "error", message=_clean(step.reason or step.state))
    elif step.state in ("blocked", "skipped"):
        ElementTree.SubElement(case, "skipped", message=_clean(step.reason or step.state))
    return case


def _cases(report: Report) -> list[ElementTree.Element]:
    return [_finding_case(report.step, finding) for finding in report.findings]


def _finding_case(step: str, finding: Finding) -> ElementTree.Element:
    columns = f" ({', '.join(finding.columns)})" if finding.columns else ""
    case = _case(step, f"{finding.check}{columns}")
    if finding.verdict == "failed":
        ElementTree.SubElement(case, "failure", message=_clean(finding.message))
    elif finding.verdict == "warned":
        ElementTree.SubElement(case, "system-out").text = _clean(f"warned: {finding.message}")
    return case


def _case(step: str, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", classname=_clean(step), name=_clean(name))


def _clean(text: str) -> str:
    """`text` without the characters that XML cannot hold."""
    return _NOT_XML.sub("�", text)
