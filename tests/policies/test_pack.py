"""The pack between the engine and the rules: what it reports, what it records."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import (
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.policy import PolicyCustomTimeouts, _NotApplicableError
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from policies.errors import PolicyError
from policies.exemptions import Exemption
from policies.pack import policies
from policies.record import Recorder
from policies.rules import RULES
from tests.policies.world import UNKNOWN

SUBNET = "aws:ec2/subnet:Subnet"
URN = f"urn:pulumi:dev::project::{SUBNET}::subnet"
OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


def _exemption(expires: date, *findings: str) -> Exemption:
    return Exemption(
        rule="subnet-no-public-ip",
        resource=f"{SUBNET}::subnet",
        reason="A bastion.",
        owner="sec",
        expires=expires,
        findings=findings,
    )


class Pack:
    """The pack with a results file, asked about one resource at a time."""

    def __init__(self, path: Path, *exemptions: Exemption) -> None:
        self.path = path
        self.recorder = Recorder.start({"POLICY_RESULTS": str(path)}, exemptions)
        self.policies = {item.name: item for item in policies(RULES, exemptions, self.recorder)}
        self.violations: list[tuple[str, str | None]] = []

    def report(self, message: str, urn: str | None) -> None:
        self.violations.append((message, urn))

    def subnet(self, kind: str = SUBNET, **props: Any) -> None:
        policy = self.policies["subnet-no-public-ip"]
        assert isinstance(policy, ResourceValidationPolicy)
        args = ResourceValidationArgs(kind, unknown_checking_proxy(props), URN, "subnet", OPTIONS, None)
        policy.validate(args, self.report)

    def last(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.path.read_text().splitlines()[-1])
        return line


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def test_a_violation_is_reported_and_recorded(results: Path) -> None:
    """The engine is told, and the record says which rule, resource and controls."""
    pack = Pack(results)
    pack.subnet(mapPublicIpOnLaunch=True)
    assert len(pack.violations) == 1
    assert pack.violations[0][1] == URN
    line = pack.last()
    assert (line["rule"], line["urn"], line["outcome"]) == ("subnet-no-public-ip", URN, "violation")
    assert line["controls"] == ["164.312(a)(1)", "164.312(e)(1)"]
    assert line["severity"] == "high"


def test_compliance_is_recorded(results: Path) -> None:
    """A rule that is met leaves a line, and no violation."""
    pack = Pack(results)
    pack.subnet(mapPublicIpOnLaunch=False)
    assert pack.violations == []
    assert pack.last()["outcome"] == "compliant"


def test_an_unknown_value_is_recorded_and_said_to_the_engine(results: Path) -> None:
    """The engine prints an advisory message for it; the record says unknown."""
    pack = Pack(results)
    with pytest.raises(UnknownValueError):
        pack.subnet(mapPublicIpOnLaunch=UNKNOWN)
    assert pack.last()["outcome"] == "unknown"
    assert "mapPublicIpOnLaunch" in pack.last()["message"]


def test_another_type_is_not_applicable_to_engine_and_record(results: Path) -> None:
    """Resources that a rule does not speak about do not count as passed."""
    pack = Pack(results)
    with pytest.raises(_NotApplicableError):
        pack.subnet(kind="aws:s3/bucket:Bucket")
    assert pack.last()["outcome"] == "not applicable"


def test_an_exempted_violation_is_waived_and_keeps_its_finding(results: Path) -> None:
    """It does not stop the engine, and the record still says what is wrong, who accepted it and until when."""
    pack = Pack(results, _exemption(date(9999, 1, 1)))
    pack.subnet(mapPublicIpOnLaunch=True)
    assert pack.violations == []
    line = pack.last()
    assert line["outcome"] == "waived"
    assert "mapPublicIpOnLaunch" in line["message"]
    assert line["waiver"] == {"reason": "A bastion.", "owner": "sec", "expires": "9999-01-01"}


@pytest.mark.parametrize(("finding", "outcome"), [("mapPublicIpOnLaunch", "waived"), ("another", "violation")])
def test_an_exemption_from_some_findings_leaves_the_others_violations(
    results: Path, finding: str, outcome: str
) -> None:
    """The engine is stopped by whatever the entry does not name."""
    pack = Pack(results, _exemption(date(9999, 1, 1), finding))
    pack.subnet(mapPublicIpOnLaunch=True)
    assert pack.last()["outcome"] == outcome
    assert bool(pack.violations) is (outcome == "violation")


def test_an_expired_exemption_is_a_violation_again(results: Path) -> None:
    """The engine is stopped, and the message says that the exemption is over."""
    pack = Pack(results, _exemption(date(2020, 1, 1)))
    pack.subnet(mapPublicIpOnLaunch=True)
    assert any("expired on 2020-01-01" in message for message, _ in pack.violations)
    assert pack.last()["outcome"] == "violation"
    assert "waiver" not in pack.last()


def test_relations_are_judged_for_every_resource_even_past_an_unknown_one(results: Path) -> None:
    """One undecided bucket does not hide the violation of the next."""
    pack = Pack(results)
    buckets = [_resource("aws:s3/bucket:Bucket", name, {"bucket": name}) for name in ("first", "second")]
    versioning = _resource("aws:s3/bucketVersioning:BucketVersioning", "v", {"versioningConfiguration": UNKNOWN})
    versioning.property_dependencies["bucket"] = [buckets[0]]
    policy = pack.policies["s3-bucket-versioned"]
    assert isinstance(policy, StackValidationPolicy)
    with pytest.raises(UnknownValueError):
        policy.validate(StackValidationArgs([*buckets, versioning]), pack.report)
    assert [urn for _, urn in pack.violations] == [buckets[1].urn]
    lines = [json.loads(line) for line in results.read_text().splitlines()[1:]]
    assert [line["outcome"] for line in lines] == ["unknown", "violation", "not applicable"]


def _resource(kind: str, name: str, props: dict[str, Any]) -> PolicyResource:
    urn = f"urn:pulumi:dev::project::{kind}::{name}"
    return PolicyResource(kind, unknown_checking_proxy(props), urn, name, OPTIONS, None, None, [], {})


def test_an_inherited_service_is_recorded_with_who_answers_for_it(results: Path) -> None:
    """The engine is told of no violation; the record says what the declaration says."""
    pack = Pack(results)
    policy = pack.policies["guardduty-enabled"]
    assert isinstance(policy, StackValidationPolicy)
    stack = [_resource("pulumi:pulumi:Stack", "dev", {}), _resource(SUBNET, "subnet", {})]
    policy.validate(StackValidationArgs(stack), pack.report)
    assert [urn for _, urn in pack.violations] == [stack[0].urn]
    by = {"by": "security tooling account", "answers": "sec@hospital.example"}
    said = _resource("inference:audit:InheritedServices", "inherited-services", {"services": {"guardduty": by}})
    policy.validate(StackValidationArgs([*stack, said]), pack.report)
    assert len(pack.violations) == 1
    line = next(line for line in map(json.loads, results.read_text().splitlines()) if line.get("inherited"))
    assert (line["urn"], line["outcome"]) == (stack[0].urn, "inherited")
    assert line["inherited"] == {"service": "guardduty", **by}
    assert line["message"] == "inherited: security tooling account, sec@hospital.example answers for it"


def test_relations_fall_back_on_inputs_where_a_preview_has_no_outputs(results: Path) -> None:
    """A provider that cannot be configured yet returns nothing; what the program declares still counts."""
    pack = Pack(results)
    namespace = _resource("kubernetes:core/v1:Namespace", "inference", {})
    deny = _resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "deny", {})
    declared: dict[str, dict[str, Any]] = {
        namespace.urn: {"metadata": {"name": "inference"}},
        deny.urn: {"metadata": {"namespace": "inference"}, "spec": {"policyTypes": ["Ingress", "Egress"]}},
    }
    relation, any_rule = pack.policies["namespace-default-deny"], pack.policies["subnet-no-public-ip"]
    assert isinstance(relation, StackValidationPolicy)
    assert isinstance(any_rule, ResourceValidationPolicy)
    for item in (namespace, deny):
        props = unknown_checking_proxy(declared[item.urn])
        with pytest.raises(_NotApplicableError):
            any_rule.validate(
                ResourceValidationArgs(item.resource_type, props, item.urn, item.name, OPTIONS, None),
                pack.report,
            )
    relation.validate(StackValidationArgs([namespace, deny]), pack.report)
    assert pack.violations == []
    relation.validate(StackValidationArgs([namespace]), pack.report)
    assert {urn for _, urn in pack.violations} == {namespace.urn}


def test_the_record_begins_anew_with_each_run(results: Path) -> None:
    """Results of an earlier run never mix with those of this one."""
    Pack(results).subnet(mapPublicIpOnLaunch=True)
    Pack(results)
    assert [json.loads(line)["kind"] for line in results.read_text().splitlines()] == ["run"]


def test_without_a_results_file_rules_still_decide(tmp_path: Path) -> None:
    """The record is optional; enforcement is not."""
    pack = Pack(tmp_path / "unused")
    pack.recorder = Recorder.start({}, ())
    pack.policies = {item.name: item for item in policies(RULES, (), pack.recorder)}
    pack.subnet(mapPublicIpOnLaunch=True)
    assert len(pack.violations) == 1


def test_a_results_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """Evidence is not lost silently."""
    with pytest.raises(PolicyError, match="POLICY_RESULTS"):
        Recorder.start({"POLICY_RESULTS": str(tmp_path)}, ())
