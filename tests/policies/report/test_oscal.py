"""OSCAL: the three documents fit the models of compliance-trestle, refer to each other, and say satisfied of green rows only."""

import json
from typing import Any

import pytest
from pydantic import BaseModel
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.component import ComponentDefinition

from policies.outcomes import Outcome
from policies.profiles import load_profile
from policies.report.formats import FORMATS
from policies.report.formats.oscal import control_id
from policies.report.model import Report
from policies.rules import RULES as PACK
from tests.policies.report.samples import ALL_SIGNED, PROFILE, WHOLE, everything, report, varied

MODELS: dict[str, tuple[str, type[BaseModel]]] = {
    "oscal-catalog.json": ("catalog", Catalog),
    "oscal-component-definition.json": ("component-definition", ComponentDefinition),
    "oscal-assessment-results.json": ("assessment-results", AssessmentResults),
}
REPORTS = {
    "varied": varied(),
    "clean": report(everything(Outcome.COMPLIANT), ALL_SIGNED),
    "of the whole pack": report([], rules=PACK, profile=load_profile("rule")),
    "of the proposed rule": report([], rules=PACK, profile=load_profile("nprm-2025")),
}


def read(found: Report, file: str) -> dict[str, Any]:
    """The document inside its model's name."""
    document: dict[str, Any] = json.loads(FORMATS[file](found))[MODELS[file][0]]
    return document


def result(found: Report) -> dict[str, Any]:
    """The one result of the assessment."""
    (only,) = read(found, "oscal-assessment-results.json")["results"]
    return dict(only)


@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("file", MODELS)
def test_documents_fit_their_models(file: str, found: Report) -> None:
    """Nothing is missing, and nothing is there that OSCAL does not know."""
    _, model = MODELS[file]
    model.model_validate(read(found, file))


def test_a_document_that_lacks_something_does_not_fit() -> None:
    """The models are strict enough to notice."""
    broken = read(varied(), "oscal-assessment-results.json")
    del broken["results"][0]["findings"][0]["target"]
    with pytest.raises(ValueError, match="target"):
        AssessmentResults.model_validate(broken)


@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS)
def test_uuids_are_unique_and_references_are_met(found: Report) -> None:
    """Observations, risks, subjects and controls that are referred to exist."""
    assessed = result(found)
    made = [item["uuid"] for part in ("observations", "findings", "risks") for item in assessed.get(part, [])]
    things = [item["uuid"] for item in assessed.get("local-definitions", {}).get("inventory-items", [])]
    assert len(set(made + things)) == len(made + things)
    for finding in assessed["findings"]:
        assert {item["observation-uuid"] for item in finding.get("related-observations", [])} <= set(made)
        assert {item["risk-uuid"] for item in finding.get("related-risks", [])} <= set(made)
    subjects = [subject for item in assessed.get("observations", []) for subject in item.get("subjects", [])]
    assert {subject["subject-uuid"] for subject in subjects} == set(things)


@pytest.mark.parametrize("found", REPORTS.values(), ids=REPORTS)
def test_every_row_is_a_control_a_reviewed_one_and_a_finding(found: Report) -> None:
    """The three documents speak of the same rows."""
    rows = {control_id(row.control.id) for row in found.rows}
    groups = read(found, "oscal-catalog.json")["groups"]
    assert {control["id"] for group in groups for control in group["controls"]} == rows
    selected = result(found)["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert {item["control-id"] for item in selected} == rows
    assert {item["target"]["target-id"].removesuffix("_smt") for item in result(found)["findings"]} == rows
    (component,) = read(found, "oscal-component-definition.json")["components"]
    (implementation,) = component["control-implementations"]
    assert {item["control-id"] for item in implementation["implemented-requirements"]} <= rows


def test_only_green_rows_are_satisfied() -> None:
    """With everything compliant and nothing signed, one row is."""
    findings = result(report(everything(Outcome.COMPLIANT)))["findings"]
    said = {item["target"]["target-id"]: item["target"]["status"]["state"] for item in findings}
    assert [name for name, state in said.items() if state == "satisfied"] == [f"{control_id(WHOLE)}_smt"]
    assert len(said) == len(PROFILE.controls)


def test_a_waiver_is_a_risk_with_its_measure_and_deadline() -> None:
    """It is approved, not gone."""
    (risk,) = result(varied())["risks"]
    assert (risk["status"], risk["deadline"]) == ("deviation-approved", "2026-06-30T00:00:00Z")
    assert risk["mitigating-factors"][0]["description"] == "The host is watched"


def test_an_attestation_is_an_examined_observation_that_expires() -> None:
    """Beside the tests of the rules."""
    methods = {item["title"]: item for item in result(varied())["observations"]}
    attested = methods["Attestation of 164.308(a)(2)"]
    assert (attested["methods"], attested["expires"]) == (["EXAMINE"], "2026-12-31T00:00:00Z")
    assert methods["closed: violation"]["methods"] == ["TEST"]
