"""report.json and its published schema."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from policies.outcomes import Outcome
from policies.report.formats.json_document import SCHEMA, SCHEMA_FILE, document, write
from policies.report.model import Report
from policies.report.states import ATTESTATION_STATES, INFRASTRUCTURE_STATES, RULE_STATES, State
from tests.policies.report.samples import ALL_SIGNED, INHERITED, PEOPLE, WAIVER, everything, report, varied

PUBLISHED = json.loads(SCHEMA_FILE.read_text())


def check(text: str) -> dict[str, Any]:
    """The document, which fits the published schema."""
    found: dict[str, Any] = json.loads(text)
    Draft202012Validator(PUBLISHED, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found)
    return found


@pytest.mark.parametrize(
    "found",
    [varied(), varied(enforcement={"closed": "advisory"}), report(everything(Outcome.COMPLIANT), ALL_SIGNED)],
    ids=["varied", "loose", "clean"],
)
def test_every_report_fits_the_published_schema(found: Report) -> None:
    """The schema is strict: it knows every field and lets no other in."""
    Draft202012Validator.check_schema(PUBLISHED)
    assert check(write(found))["schema"] == SCHEMA


@pytest.mark.parametrize("name", sorted(PUBLISHED["properties"]))
def test_the_schema_refuses_a_report_without_a_field(name: str) -> None:
    """Each field is required."""
    broken = {key: value for key, value in document(varied()).items() if key != name}
    with pytest.raises(ValidationError, match=name):
        check(json.dumps(broken))


def test_the_schema_names_every_state() -> None:
    """A state that is added is published."""
    control, rule = PUBLISHED["$defs"]["control"]["properties"], PUBLISHED["$defs"]["rule"]["properties"]
    assert control["state"]["enum"] == [state.value for state in State]
    assert rule["state"]["enum"] == [state.value for state in RULE_STATES]
    assert set(control["infrastructure"]["enum"]) == {*INFRASTRUCTURE_STATES, State.UNDECIDED}
    assert set(PUBLISHED["properties"]["summary"]["properties"]["attestations"]["properties"]) == set(
        ATTESTATION_STATES
    )


def test_evidence_has_value_line_waiver_and_declaration() -> None:
    """What a reviewer would ask for is there for every result."""
    rules = {item["name"]: item for item in check(write(varied()))["rules"]}
    found = {item["name"]: item for item in rules["closed"]["results"] + rules["logged"]["results"]}
    assert found["public-a"]["values"] == [{"path": "mapPublicIpOnLaunch", "value": "false"}]
    assert found["public-a"]["source"] == {"file": "infra/network.py", "line": 42}
    assert found["private-a"]["source"] is None
    assert found["bastion"]["waiver"] == WAIVER
    assert found["other"]["inherited"] == INHERITED


def test_both_halves_of_a_row_are_there() -> None:
    """What infrastructure shows, what must be signed, and what was."""
    row = next(item for item in check(write(varied()))["controls"] if item["id"] == PEOPLE)
    assert (row["state"], row["infrastructure"], row["shown"]) == ("attested", "not decided", True)
    assert row["attestation"]["needed"] == {"who": "security official", "document": "Policy", "months": 12}
    assert row["attestation"]["signed"]["by"] == "Robin Example"
