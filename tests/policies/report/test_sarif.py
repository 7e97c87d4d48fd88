"""SARIF: findings at the line that made the resource, waived ones suppressed with their reason, nothing lost in silence."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from policies.outcomes import Outcome
from policies.report.formats import sarif
from policies.report.model import Report
from policies.rules import RULES as PACK
from tests.policies.report.samples import everything, report, varied

SCHEMA = json.loads((Path(__file__).parent / "github_sarif.schema.json").read_text())


def log(found: Report) -> dict[str, Any]:
    """The one run of the log, which fits the schema."""
    document = json.loads(sarif.write(found))
    Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    (only,) = document["runs"]
    return dict(only)


def results(found: Report) -> dict[str, dict[str, Any]]:
    """The results by the resource's name."""
    return {item["locations"][0]["logicalLocations"][0]["name"]: item for item in log(found)["results"]}


def test_each_outcome_has_its_kind_and_level() -> None:
    """An unknown outcome is an open question, not a pass; what is compliant is no finding."""
    kinds = {name: (item["kind"], item["level"]) for name, item in results(varied()).items()}
    assert kinds == {"public-a": ("fail", "error"), "bastion": ("fail", "error"), "private-a": ("open", "none")}


def test_a_finding_is_at_the_line_that_made_the_resource() -> None:
    """One whose line is not known is at the project's file, because GitHub drops what has no place."""
    places = {name: item["locations"][0]["physicalLocation"] for name, item in results(varied()).items()}
    assert places["public-a"] == {"artifactLocation": {"uri": "infra/network.py"}, "region": {"startLine": 42}}
    assert places["private-a"] == {"artifactLocation": {"uri": "Pulumi.yaml"}, "region": {"startLine": 1}}


def test_a_waiver_is_a_suppression_with_its_justification() -> None:
    """Only what is waived is suppressed, and whoever reads it sees why, by whom and until when."""
    found = results(varied())
    assert [name for name, item in found.items() if "suppressions" in item] == ["bastion"]
    (suppression,) = found["bastion"]["suppressions"]
    assert suppression["justification"] == "Bastion <b> Instead: The host is watched (sec, SEC-1, until 2026-06-30)"


def test_rules_that_did_not_run_or_stop_nothing_are_notified() -> None:
    """A log without results is not taken for a clean one."""
    found = log(varied(enforcement={"closed": "advisory"}))
    said = [item["message"]["text"] for item in found["invocations"][0]["toolConfigurationNotifications"]]
    assert said == ["closed: set to advisory.", "scanned: it was not run."]
    assert {item["level"] for item in found["results"] if item["ruleId"] == "closed"} == {"note"}


def test_results_point_at_their_rules() -> None:
    """Index and id agree, and fingerprints tell results apart."""
    found = log(varied())
    names = [item["id"] for item in found["tool"]["driver"]["rules"]]
    assert all(names[item["ruleIndex"]] == item["ruleId"] for item in found["results"])
    assert len({item["partialFingerprints"]["ruleAndResource/v1"] for item in found["results"]}) == 3


def test_every_rule_of_the_pack_is_described_within_githubs_limits() -> None:
    """Tags, texts and scores of the real rules."""
    found = log(report(everything(Outcome.COMPLIANT)[:0], rules=PACK))
    assert len(found["tool"]["driver"]["rules"]) == len(PACK)
