"""JUnit XML: a suite for each rule with a case for each resource, and one suite for the rows of the Security Rule.

Only what is compliant passes; what would make the exit status 1 fails; everything else is skipped, with the reason.
"""

import xml.etree.ElementTree as ET

from policies.outcomes import Outcome
from policies.report.model import Report
from policies.report.results import Result
from policies.report.rows import Row
from policies.report.rules import RuleReport, label
from policies.report.states import LABELS, State
from policies.report.words import source


def write(report: Report) -> str:
    """The document; it has no durations, which the record does not know."""
    root = ET.Element("testsuites", name=f"{report.run.pack} {report.run.version}: {report.stack}")
    for item in report.rules:
        _rule(root, item, report)
    suite = _suite(root, report.profile.title, report)
    for row in report.rows:
        _row(suite, row)
    for each in root:
        _count(each)
    _count(root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, report: Report) -> ET.Element:
    return ET.SubElement(root, "testsuite", name=name, timestamp=f"{report.run.date}T00:00:00", hostname="none")


def _rule(root: ET.Element, item: RuleReport, report: Report) -> None:
    suite = _suite(root, item.rule.name, report)
    if not item.results:
        case = ET.SubElement(suite, "testcase", classname=item.rule.name, name=LABELS[item.state].lower())
        fails = report.applied and item.state is State.NOT_RUN
        ET.SubElement(case, "error" if fails else "skipped", message=f"{LABELS[item.state]}: nothing was judged")
    for result in item.results:
        case = ET.SubElement(suite, "testcase", classname=item.rule.name, name=label(result))
        if result.source:
            case.set("file", result.source.file)
            case.set("line", str(result.source.line))
        if tag := _tag(item, result, applied=report.applied):
            found = ET.SubElement(case, tag, message=_plain(f"{result.outcome.value}: {result.message}"))
            found.text = _plain(f"{result.urn}\n{source(result)}\nFix: {item.rule.remediation}")


def _tag(item: RuleReport, result: Result, *, applied: bool) -> str:
    """What a case that does not pass is; empty where it passes."""
    if result.outcome is Outcome.COMPLIANT:
        return "skipped" if item.level else ""
    if result.outcome is Outcome.VIOLATION and not item.level:
        return "failure"
    return "error" if result.outcome is Outcome.UNKNOWN and applied else "skipped"


def _row(suite: ET.Element, row: Row) -> None:
    case = ET.SubElement(suite, "testcase", classname=row.control.id, name=row.control.title)
    failing = any(item.failing for item, _ in row.evidence) or row.attestation_state is State.EXPIRED
    if failing or not row.shown:
        ET.SubElement(case, "failure" if failing else "skipped", message=row.label)


def _count(element: ET.Element) -> None:
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(1 for _ in element.iter(tag))))


def _plain(text: str) -> str:
    """The text without the control characters that XML 1.0 cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n" or (sign >= " " and sign not in "\ufffe\uffff"))
