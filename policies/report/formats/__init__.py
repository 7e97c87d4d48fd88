"""The formats of the report, one a module: each makes text of the result model, and equal reports give equal bytes."""

from collections.abc import Callable, Mapping

from policies.report.formats import (
    html_page,
    json_document,
    junit,
    markdown,
    oscal_assessment,
    oscal_catalog,
    oscal_component,
    sarif,
)
from policies.report.model import Report

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "report.html": html_page.write,
    "report.md": markdown.write,
    "report.json": json_document.write,
    "report.sarif": sarif.write,
    "report.junit.xml": junit.write,
    "oscal-catalog.json": oscal_catalog.write,
    "oscal-component-definition.json": oscal_component.write,
    "oscal-assessment-results.json": oscal_assessment.write,
}
"""What writes each file of a report."""
