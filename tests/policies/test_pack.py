"""The pack between the engine and the rules: what it reports, what it records."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2

from policies.errors import PolicyError
from policies.pack import Pack
from policies.record import Recorder
from policies.rules import RULES
from policies.server import Analyzer
from policies.waivers import Waiver
from tests.policies.world import UNKNOWN

SUBNET = "aws:ec2/subnet:Subnet"
BUCKET = "aws:s3/bucket:Bucket"
URN = f"urn:pulumi:dev::project::{SUBNET}::subnet"
RULE = "subnet-no-public-ip"
ADVISORY, MANDATORY = analyzer_pb2.ADVISORY, analyzer_pb2.MANDATORY
RESULTS = "results.jsonl"
Line = dict[str, Any]
Start = Callable[..., "Engine"]


def _waiver(expires: date, *findings: str) -> Waiver:
    return Waiver(
        rule=RULE,
        resource=f"{SUBNET}::subnet",
        reason="A bastion.",
        measure="Its own firewall.",
        owner="sec",
        ticket="SEC-1",
        expires=expires,
        findings=findings,
    )


def _resource(kind: str, name: str, props: Mapping[str, Any], **sources: str) -> Any:
    properties = Struct()
    properties.update(props)
    return analyzer_pb2.AnalyzerResource(
        type=kind,
        name=name,
        urn=f"urn:pulumi:dev::project::{kind}::{name}",
        properties=properties,
        propertyDependencies={
            key: analyzer_pb2.AnalyzerPropertyDependencies(urns=[urn]) for key, urn in sources.items()
        },
    )


class Engine:
    """The pack with a results file, asked as the engine asks it."""

    def __init__(self, recorder: Recorder, path: Path, *waivers: Waiver) -> None:
        self.path = path
        self.analyzer = Analyzer(Pack(RULES, waivers, recorder))

    def configure(self, **levels: analyzer_pb2.EnforcementLevel.ValueType) -> None:
        """Hand over the levels of rules, whose names have underscores here."""
        configured = {
            name.replace("_", "-"): analyzer_pb2.PolicyConfig(enforcementLevel=levels[name]) for name in levels
        }
        self.analyzer.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configured), None)

    def analyze(self, kind: str, name: str, props: Mapping[str, Any]) -> Any:
        """Show one resource before it is touched."""
        seen = _resource(kind, name, props)
        return self.analyzer.Analyze(
            analyzer_pb2.AnalyzeRequest(type=seen.type, name=seen.name, urn=seen.urn, properties=seen.properties), None
        )

    def subnet(self, **props: Any) -> Any:
        """Show the subnet."""
        return self.analyze(SUBNET, "subnet", props)

    def stack(self, *resources: Any) -> Any:
        """Show the whole stack."""
        return self.analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources), None)

    def lines(self, kind: str, rule: str = RULE) -> list[Line]:
        """What was recorded of a rule."""
        found = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [line for line in found if line["kind"] == kind and line.get("rule", rule) == rule]

    def result(self) -> Line:
        """The one result of the rule about subnets."""
        (line,) = self.lines("result")
        return line


def _said(response: Any, rule: str = RULE, level: int = MANDATORY) -> list[Any]:
    return [item for item in response.diagnostics if (item.policyName, item.enforcementLevel) == (rule, level)]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the pack with waivers, always with the same results file."""
    with ExitStack() as records:

        def start(*waivers: Waiver) -> Engine:
            recorder = records.enter_context(closing(Recorder(tmp_path / RESULTS)))
            return Engine(recorder, tmp_path / RESULTS, *waivers)

        yield start


def test_a_violation_is_reported_and_recorded(start: Start) -> None:
    """The engine is told, and the record says which rule, resource, controls and values."""
    engine = start()
    (diagnostic,) = _said(engine.subnet(mapPublicIpOnLaunch=True))
    assert diagnostic.urn == URN
    assert "expected false" in diagnostic.message
    line = engine.result()
    assert (line["urn"], line["outcome"], line["severity"]) == (URN, "violation", "high")
    assert line["controls"] == ["164.312(a)(1)", "164.312(e)(1)"]
    assert line["values"] == [{"path": "mapPublicIpOnLaunch", "value": "true"}]


def test_compliance_is_recorded_with_what_was_not_there(start: Start) -> None:
    """A rule that is met leaves no violation, and the record says that it looked."""
    engine = start()
    assert _said(engine.subnet()) == []
    assert engine.result()["outcome"] == "compliant"
    assert engine.result()["values"] == [{"path": "mapPublicIpOnLaunch", "value": "absent"}]


def test_an_unknown_value_is_recorded_and_said_to_the_engine(start: Start) -> None:
    """The engine prints an advisory message for it; the record says unknown, and what is not known."""
    engine = start()
    response = engine.subnet(mapPublicIpOnLaunch=UNKNOWN)
    assert _said(response) == []
    assert "mapPublicIpOnLaunch" in _said(response, level=ADVISORY)[0].message
    assert engine.result()["outcome"] == "unknown"
    assert "mapPublicIpOnLaunch" in engine.result()["message"]
    assert engine.result()["values"] == [{"path": "mapPublicIpOnLaunch", "value": "unknown"}]


def test_what_a_rule_is_not_about_does_not_count_as_passed(start: Start) -> None:
    """The engine is told that it does not apply, and the record counts such resources by type, in one line a rule."""
    engine = start()
    response = engine.analyze(BUCKET, "bucket", {})
    assert RULE in {item.policy_name for item in response.not_applicable}
    engine.subnet()
    engine.stack(_resource(BUCKET, "bucket", {}), _resource(BUCKET, "other", {}), _resource(SUBNET, "subnet", {}))
    assert len(engine.lines("result")) == 1
    (line,) = engine.lines("not applicable")
    assert line["types"] == {BUCKET: 2}


def test_a_waived_violation_keeps_its_finding(start: Start) -> None:
    """It does not stop the engine, and the record still says what is wrong, who accepted it, why and until when."""
    engine = start(_waiver(date(9999, 1, 1)))
    assert _said(engine.subnet(mapPublicIpOnLaunch=True)) == []
    line = engine.result()
    assert line["outcome"] == "waived"
    assert "mapPublicIpOnLaunch" in line["message"]
    assert line["waiver"] == {
        "reason": "A bastion.",
        "measure": "Its own firewall.",
        "owner": "sec",
        "ticket": "SEC-1",
        "expires": "9999-01-01",
    }


@pytest.mark.parametrize(("finding", "outcome"), [("mapPublicIpOnLaunch", "waived"), ("another", "violation")])
def test_a_waiver_of_some_findings_leaves_the_others_violations(start: Start, finding: str, outcome: str) -> None:
    """The engine is stopped by whatever the entry does not name."""
    engine = start(_waiver(date(9999, 1, 1), finding))
    assert bool(_said(engine.subnet(mapPublicIpOnLaunch=True))) is (outcome == "violation")
    assert engine.result()["outcome"] == outcome


def test_an_expired_waiver_leaves_a_violation(start: Start) -> None:
    """The engine is stopped, and the message says that the waiver is over."""
    engine = start(_waiver(date(2020, 1, 1)))
    said = _said(engine.subnet(mapPublicIpOnLaunch=True))
    assert any("expired on 2020-01-01" in item.message for item in said)
    assert engine.result()["outcome"] == "violation"
    assert "waiver" not in engine.result()


def test_a_secret_is_judged_but_not_written_down(start: Start) -> None:
    """The record is shown to many; it says that a secret was read, not what it holds."""
    engine = start()
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": True}
    assert len(_said(engine.subnet(mapPublicIpOnLaunch=secret))) == 1
    assert engine.result()["values"] == [{"path": "mapPublicIpOnLaunch", "value": "[secret]"}]


def test_relations_are_judged_for_every_resource_even_past_an_unknown_one(start: Start) -> None:
    """One undecided bucket does not hide the violation of the next."""
    engine = start()
    first, second = (_resource(BUCKET, name, {"bucket": name}) for name in ("first", "second"))
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    versioning = _resource(kind, "v", {"versioningConfiguration": UNKNOWN}, bucket=first.urn)
    response = engine.stack(second, versioning, first)
    assert [item.urn for item in _said(response, "s3-bucket-versioned")] == [second.urn]
    assert [line["outcome"] for line in engine.lines("result", "s3-bucket-versioned")] == ["unknown", "violation"]
    assert engine.lines("not applicable", "s3-bucket-versioned")[0]["types"] == {kind: 1}


def test_what_was_read_of_a_related_resource_is_named_after_it(start: Start) -> None:
    """The record shows the value that decided, wherever it stands."""
    engine = start()
    bucket = _resource(BUCKET, "models", {})
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    engine.stack(bucket, _resource(kind, "v", {"versioningConfiguration": {"status": "Enabled"}}, bucket=bucket.urn))
    (line,) = engine.lines("result", "s3-bucket-versioned")
    assert line["outcome"] == "compliant"
    assert {"path": f"{kind}::v versioningConfiguration.status", "value": "Enabled"} in line["values"]


def test_an_inherited_service_is_recorded_with_who_answers_for_it(start: Start) -> None:
    """The engine is told of no violation; the record says what the declaration says."""
    engine = start()
    by = {"by": "security tooling account", "answers": "sec@hospital.example"}
    stack = [_resource("pulumi:pulumi:Stack", "dev", {}), _resource(SUBNET, "subnet", {})]
    assert len(_said(engine.stack(*stack), "guardduty-enabled")) == 1
    said = _resource("inference:audit:InheritedServices", "inherited-services", {"services": {"guardduty": by}})
    assert _said(engine.stack(*stack, said), "guardduty-enabled") == []
    line = engine.lines("result", "guardduty-enabled")[-1]
    assert (line["urn"], line["outcome"]) == (stack[0].urn, "inherited")
    assert line["inherited"] == {"service": "guardduty", **by}
    assert line["message"] == "inherited: security tooling account, sec@hospital.example answers for it"


def test_relations_fall_back_on_inputs_where_a_preview_has_no_outputs(start: Start) -> None:
    """A provider that cannot be configured yet returns nothing; what the program declares still counts."""
    namespace, policy = "kubernetes:core/v1:Namespace", "kubernetes:networking.k8s.io/v1:NetworkPolicy"
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    rule, engine = "namespace-default-deny", start()
    engine.analyze(namespace, "inference", {"metadata": {"name": "inference"}})
    engine.analyze(policy, "deny", {"metadata": {"namespace": "inference"}, "spec": spec})
    named, deny = _resource(namespace, "inference", {}), _resource(policy, "deny", {})
    assert _said(engine.stack(named, deny), rule) == []
    assert {item.urn for item in _said(engine.stack(named), rule)} == {named.urn}


def test_a_resource_that_the_run_left_alone_is_unknown_to_rules_about_it(start: Start) -> None:
    """With --target the engine shows the others only as parts of the stack: that is no evidence about them."""
    engine = start()
    engine.stack(_resource(SUBNET, "subnet", {"mapPublicIpOnLaunch": False}))
    assert engine.result()["outcome"] == "unknown"
    assert "--target" in engine.result()["message"]


def test_an_advisory_rule_does_not_stop_the_engine_and_the_record_says_so(start: Start) -> None:
    """Whoever lowers a rule is seen in the report, and the violation stays one."""
    engine = start()
    engine.configure(subnet_no_public_ip=ADVISORY)
    response = engine.subnet(mapPublicIpOnLaunch=True)
    assert (len(_said(response)), len(_said(response, level=ADVISORY))) == (0, 1)
    assert engine.result()["outcome"] == "violation"
    assert engine.lines("run")[0]["enforcement"] == {RULE: "advisory"}


def test_a_disabled_rule_leaves_no_result_and_the_record_says_so(start: Start) -> None:
    """What did not run is nothing: neither compliant nor not applicable."""
    engine = start()
    engine.configure(subnet_no_public_ip=analyzer_pb2.DISABLED)
    engine.subnet(mapPublicIpOnLaunch=True)
    engine.stack(_resource(SUBNET, "subnet", {}), _resource(BUCKET, "bucket", {}))
    assert engine.lines("result") == engine.lines("not applicable") == []
    assert engine.lines("run")[0]["enforcement"] == {RULE: "disabled"}


def test_a_rule_set_to_remediate_stays_mandatory(start: Start) -> None:
    """Nothing is remedied, so the engine has to stop."""
    engine = start()
    engine.configure(subnet_no_public_ip=analyzer_pb2.REMEDIATE)
    assert len(_said(engine.subnet(mapPublicIpOnLaunch=True))) == 1
    assert engine.lines("run")[0]["enforcement"] == {}


def test_the_engine_is_told_everything_about_each_rule(start: Start) -> None:
    """One mandatory policy for each rule, with its severity, framework, remediation and link."""
    told = {item.name: item for item in start().analyzer.GetAnalyzerInfo(None, None).policies}  # type: ignore[no-untyped-call]
    assert list(told) == [rule.name for rule in RULES]
    for rule in RULES:
        policy = told[rule.name]
        assert (policy.description, policy.remediation_steps, policy.url) == (
            rule.description,
            rule.remediation,
            rule.link,
        )
        assert analyzer_pb2.PolicySeverity.Name(policy.severity) == f"POLICY_SEVERITY_{rule.severity.name}"
        assert (policy.enforcementLevel, policy.framework.name) == (MANDATORY, "HIPAA Security Rule")
        assert policy.framework.specification == rule.controls()[0]
        assert list(policy.tags) == list(rule.controls())


@pytest.mark.parametrize(("dry_run", "mode"), [(True, "preview"), (False, "up"), (None, "state")])
def test_the_record_says_what_the_engine_does(start: Start, dry_run: bool | None, mode: str) -> None:
    """It tells of a preview or an update of a stack; `pulumi policy analyze` tells of neither."""
    engine = start()
    if dry_run is not None:
        engine.analyzer.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", dry_run=dry_run), None)
    engine.configure()
    (line,) = engine.lines("run")
    assert (line["mode"], line["stack"]) == (mode, "" if dry_run is None else "dev")


def test_the_record_begins_anew_with_each_run(start: Start) -> None:
    """Results of an earlier run never mix with those of this one, and their waivers neither."""
    start(_waiver(date(9999, 1, 1))).subnet(mapPublicIpOnLaunch=True)
    (line,) = (json.loads(line) for line in start().path.read_text().splitlines())
    assert (line["kind"], line["waivers"]) == ("run", [])


def test_without_a_results_file_rules_still_decide() -> None:
    """The record is optional; enforcement is not."""
    assert len(_said(Engine(Recorder(None), Path()).subnet(mapPublicIpOnLaunch=True))) == 1


def test_a_results_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """Evidence is not lost silently."""
    with pytest.raises(PolicyError, match="cannot be written"):
        Engine(Recorder(tmp_path), tmp_path)
