"""What the OSCAL 1.2.1 documents share: ids, metadata, properties.

UUIDs are made from what they name, so equal reports give equal bytes. There is no official OSCAL catalog of the
Security Rule, so the report brings its own, and the other documents refer to it by its file name beside them.
"""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from policies.report.model import Report

VERSION = "1.2.1"
CATALOG_FILE = "oscal-catalog.json"
COMPONENT_FILE = "oscal-component-definition.json"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:private-inference:oscal")
_OURS = "urn:private-inference:policy-report"
"""Namespace of properties that OSCAL does not define."""


def text(root: str, document: Mapping[str, Any]) -> str:
    """The document under the name of its model."""
    return json.dumps({root: document}, indent=2, sort_keys=True) + "\n"


def identifier(*names: str) -> str:
    """A UUID of these names."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(names)))


def control_id(paragraph: str) -> str:
    """An OSCAL token of a paragraph: `164.312(a)(2)(iv)` becomes `hipaa-164.312.a.2.iv`."""
    return "hipaa-" + re.sub(r"[^\w-]+", ".", paragraph).strip(".")


def moment(day: date) -> str:
    """The beginning of a day in UTC: the record knows no time."""
    return f"{day.isoformat()}T00:00:00Z"


def metadata(report: Report, title: str) -> dict[str, Any]:
    """Title and versions; the date is the run's."""
    return {
        "title": title,
        "last-modified": moment(report.today),
        "version": report.run.version,
        "oscal-version": VERSION,
    }


def prop(name: str, value: str, *, own: bool = True, **more: str) -> dict[str, str]:
    """A property, which OSCAL wants on one line and not empty; `own`: of ours rather than of OSCAL's."""
    return {"name": name, "value": " ".join(value.split()) or "none", **({"ns": _OURS} if own else {}), **more}
