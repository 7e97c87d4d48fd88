"""Every rule: compliant, violated, unknown, not applicable."""

import json

import pytest

from policies.controls import load_controls
from policies.outcomes import Outcome
from policies.rules import RULES
from policies.rules.rule import Rule, Strength
from tests.policies.breaks import BREAKS, Break
from tests.policies.breaks.services import DATA_EVENTS
from tests.policies.world import UNKNOWN, change, judge, load, resources

NAMES = [rule.name for rule in RULES]
UNKNOWN_IN_PREVIEW = {
    "eks-cluster-endpoint-private": ("cluster", ("vpcConfig", "endpointPublicAccess")),
    "eks-cluster-secrets-encrypted": ("cluster", ("encryptionConfig", "provider", "keyArn")),
    "eks-cluster-logs-enabled": ("cluster", ("enabledClusterLogTypes",)),
    "launch-template-volumes-encrypted": ("template", ("blockDeviceMappings", 0, "ebs", "kmsKeyId")),
    "security-group-no-open-ingress": ("ingress", ("cidrIpv4",)),
    "kms-key-policy-limited": ("key", ("policy",)),
    "ecr-repository-encrypted-kms": ("repository", ("encryptionConfigurations", 0, "kmsKey")),
    "log-group-encrypted": ("logs", ("kmsKeyId",)),
    "iam-policy-no-wildcard-action": ("policy", ("policy",)),
    "iam-role-trust-limited": ("role", ("assumeRolePolicy",)),
    "pod-image-by-digest": ("triton", ("spec", "template", "spec", "containers", 0, "image")),
    "pod-service-account-token-not-mounted": ("triton", ("spec", "template", "spec", "automountServiceAccountToken")),
    "namespace-pod-security-enforced": ("inference", ("metadata", "labels")),
    "cloudtrail-enabled-and-protected": ("trail", ("kmsKeyId",)),
    "config-hipaa-conformance-pack-deployed": ("pack", ("templateBody",)),
    "sns-topic-encrypted": ("alarms", ("kmsMasterKeyId",)),
    "backup-vault-encrypted": ("vault", ("kmsKeyArn",)),
    "load-balancer-internal": ("balancer", ("internal",)),
    "load-balancer-listener-tls": ("https", ("sslPolicy",)),
    "vpc-endpoint-policy-limited": ("kms-endpoint", ("policy",)),
    "ec2-instance-volumes-encrypted": ("tunnel", ("rootBlockDevice", "kmsKeyId")),
    "resource-policy-limited": ("bucket-policy", ("policy",)),
    "iam-role-service-trust-limited": ("role", ("assumeRolePolicy",)),
    "rbac-data-and-identities-closed": ("reader", ("rules", 0, "verbs")),
    "autoscaling-group-health-checked": ("machines", ("healthCheckType",)),
    "ebs-volume-encrypted": ("volume", ("kmsKeyId",)),
    "ec2-instance-has-role": ("tunnel", ("iamInstanceProfile",)),
    "ec2-instance-in-vpc": ("tunnel", ("subnetId",)),
    "ec2-storage-backed-up": ("volume", ("arn",)),
    "eks-cluster-version-supported": ("cluster", ("version",)),
    "gateway-deidentifies": ("gateway-deployment", ("spec", "template", "spec", "containers", 0, "env")),
    "gateway-token-lifetime-bounded": ("gateway-deployment", ("spec", "template", "spec", "containers", 0, "env")),
    "iam-no-inline-policy": ("role", ("inlinePolicies",)),
    "iam-password-policy-strong": ("passwords", ("minimumPasswordLength",)),
    "iam-policy-kms-limited": ("policy", ("policy",)),
    "iam-role-session-bounded": ("role", ("maxSessionDuration",)),
    "iam-user-no-policies": ("roles-only", ("users",)),
    "kms-key-deletion-delayed": ("key", ("deletionWindowInDays",)),
    "launch-configuration-closed": ("old-machines", ("associatePublicIpAddress",)),
    "load-balancer-certificate-managed": ("https", ("certificateArn",)),
    "load-balancer-deletion-protected": ("balancer", ("enableDeletionProtection",)),
    "model-bucket-read-only": ("role", ("assumeRolePolicy",)),
    "model-mounted-read-only": ("triton", ("spec", "template", "spec", "containers", 0, "volumeMounts")),
    "pod-security-restricted": ("triton", ("spec", "template", "spec", "securityContext")),
    "pod-service-account-own": ("triton", ("spec", "template", "spec", "serviceAccountName")),
    "proxy-keeps-no-text": ("triton-proxy", ("data", "envoy.json")),
    "rbac-subjects-named": ("readers", ("subjects", 0, "name")),
    "route-not-to-internet": ("route", ("destinationCidrBlock",)),
    "s3-bucket-acl-disabled": ("bucket", ("acl",)),
    "secret-encrypted-kms": ("api-key", ("kmsKeyId",)),
    "secret-no-lasting-token": ("pull-secret", ("type",)),
    "service-account-token-not-automounted": ("gateway-account", ("automountServiceAccountToken",)),
    "ssm-document-not-public": ("patching", ("permissions",)),
    "storage-class-encrypted": ("encrypted-volumes", ("parameters", "kmsKeyId")),
    "workload-namespace-own": ("triton", ("metadata", "namespace")),
    "model-hash-verified": ("triton", ("spec", "template", "spec", "initContainers", 0, "env", 1, "value")),
    "iam-policy-resources-named": ("policy", ("policy",)),
    "rbac-role-of-the-stack": ("readers", ("roleRef", "name")),
}


@pytest.mark.parametrize("rule", NAMES)
def test_each_rule_has_a_subject_in_the_compliant_stack(rule: str) -> None:
    """A rule that matched nothing would pass without having run."""
    outcomes = {verdict.outcome for (name, _), verdict in judge(load()).items() if name == rule}
    assert Outcome.COMPLIANT in outcomes
    assert outcomes <= {Outcome.COMPLIANT, Outcome.NOT_APPLICABLE}


@pytest.mark.parametrize("broken", BREAKS, ids=lambda item: f"{item.rule}:{item.name}:{'/'.join(map(str, item.path))}")
def test_a_broken_property_makes_its_rule_fire_and_no_other(broken: Break) -> None:
    """One change to the compliant stack is found by the rule it concerns, on the resource it concerns.

    Where it cannot but break another rule too, the break names it.
    """
    world = load()
    broken.apply(world)
    fired = {key for key, verdict in judge(world).items() if verdict.outcome is Outcome.VIOLATION}
    assert (broken.rule, broken.subject) in fired
    assert {rule for rule, _ in fired} == {broken.rule, *broken.also}


def test_every_rule_is_broken_by_something() -> None:
    """No rule is without a violating test."""
    assert {item.rule for item in BREAKS} == set(NAMES)


@pytest.mark.parametrize("rule", UNKNOWN_IN_PREVIEW)
def test_a_value_that_a_preview_cannot_know_is_unknown_and_not_compliant(rule: str) -> None:
    """What cannot be read yet is not evidence."""
    name, path = UNKNOWN_IN_PREVIEW[rule]
    world = load()
    change(world, name, path, UNKNOWN)
    verdict = judge(world)[rule, name]
    assert verdict.outcome is Outcome.UNKNOWN
    assert "can't be known during preview" in verdict.messages[0]


@pytest.mark.parametrize(
    ("rule", "name", "path", "subject"),
    [
        ("s3-bucket-encrypted-kms", "bucket-encryption", ("rules",), "bucket"),
        ("s3-bucket-tls-only", "bucket-policy", ("policy",), "bucket"),
        ("s3-bucket-versioned", "bucket-versioning", ("versioningConfiguration",), "bucket"),
        ("s3-bucket-public-access-blocked", "bucket-block", ("blockPublicAcls",), "bucket"),
        ("vpc-flow-logs-enabled", "flow-log", ("trafficType",), "vpc"),
        ("triton-reached-by-gateway-only", "triton-in", ("spec", "ingress"), "triton"),
        ("namespace-default-deny", "inference-deny", ("metadata", "namespace"), "inference"),
        ("s3-bucket-data-events-recorded", "trail", (*DATA_EVENTS, 2, "startsWiths", 0), "bucket"),
        ("audit-log-bucket-locked", "archive-lock", ("rule", "defaultRetention", "days"), "archive"),
        ("config-recorder-enabled", "recording", ("isEnabled",), "recorder"),
        ("guardduty-features-enabled", "feature-runtime", ("status",), "detector"),
        ("guardduty-findings-reach-people", "threats", ("eventPattern",), "detector"),
        ("eks-guardduty-agent-installed", "network", ("addonName",), "cluster"),
        ("eks-network-policy-enforced", "network", ("configurationValues",), "cluster"),
        ("log-metric-filter-alarmed", "root-use-alarm", ("metricName",), "root-use"),
        ("backup-vault-locked", "vault-lock", ("minRetentionDays",), "vault"),
        ("vpc-endpoints-complete", "sts-endpoint", ("serviceName",), "vpc"),
        ("admission-policies-enforced", "images-bound", ("spec", "validationActions"), "images"),
        ("admission-policies-enforced", "images-bound", ("spec", "matchResources"), "inference"),
        ("namespace-quota-present", "gateway-quota", ("spec", "hard"), "gateway"),
        ("workload-disruption-budgeted", "triton-budget", ("spec", "selector"), "triton"),
        ("workload-autoscaled", "gateway-scaler", ("spec", "maxReplicas"), "gateway-deployment"),
        ("gateway-replicated", "gateway-scaler", ("spec", "minReplicas"), "gateway-deployment"),
        ("rbac-role-of-the-stack", "reader", ("metadata", "name"), "readers"),
        ("gateway-to-triton-mutual-tls", "triton-proxy", ("data", "envoy.json"), "triton"),
        ("gateway-to-triton-mutual-tls", "gateway-certificate", ("spec", "secretName"), "gateway-deployment"),
        ("backup-deletion-denied", "vault-policy", ("policy",), "vault"),
        ("model-bucket-read-only", "policy", ("policy",), "role"),
        ("s3-bucket-changes-noticed", "feature-buckets", ("status",), "bucket"),
        ("s3-bucket-copied", "selection", ("resources",), "bucket"),
        ("s3-bucket-locked", "bucket-lock", ("rule",), "bucket"),
        ("s3-bucket-versions-kept", "bucket-lifecycle", ("rules",), "bucket"),
        ("secret-rotated", "api-key-rotation", ("rotationRules",), "api-key"),
    ],
)
def test_a_relation_through_an_unknown_value_is_unknown(
    rule: str, name: str, path: tuple[str, ...], subject: str
) -> None:
    """A related resource that cannot be read yet leaves its subject undecided."""
    world = load()
    change(world, name, path, UNKNOWN)
    assert judge(world)[rule, subject].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("rule", "name", "path", "source", "subject"),
    [
        ("admission-policies-enforced", "images-bound", ("spec", "policyName"), "images", "images"),
        ("workload-autoscaled", "triton-scaler", ("spec", "scaleTargetRef", "name"), "triton", "triton"),
        ("gateway-to-triton-mutual-tls", "triton-proxy", ("metadata", "name"), "triton-proxy", "triton"),
    ],
)
def test_a_name_that_a_preview_does_not_know_is_told_by_where_it_comes_from(
    rule: str, name: str, path: tuple[str, ...], source: str, subject: str
) -> None:
    """What refers to another resource is related to it before either has a name."""
    world = load()
    change(world, name, path, UNKNOWN)
    refers = subject if name == source else name
    next(item for item in world if item["name"] == refers)["from"] = {"spec": source}
    assert judge(world)[rule, subject].outcome is Outcome.COMPLIANT


def test_triton_without_any_network_policy_is_a_violation() -> None:
    """Pods that no policy governs are open to everybody."""
    world = load()
    change(world, "triton-in", ())
    change(world, "inference-deny", ())
    assert judge(world)["triton-reached-by-gateway-only", "triton"].outcome is Outcome.VIOLATION


@pytest.mark.parametrize(("way_out", "outcome"), [(False, Outcome.COMPLIANT), (True, Outcome.VIOLATION)])
def test_egress_to_public_addresses_needs_a_vpc_without_a_way_out(way_out: bool, outcome: Outcome) -> None:
    """S3's public addresses may be named where no route leads to any other public address."""
    world = load()
    s3 = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]}
    change(world, "gateway-in", ("spec", "egress"), [s3])
    if way_out:
        gateway = {"type": "aws:ec2/internetGateway:InternetGateway", "name": "internet", "props": {}}
        world.append({**gateway, "from": {"vpcId": "vpc"}})
    assert judge(world)["network-policy-no-open-peer", "gateway-in"].outcome is outcome


@pytest.mark.parametrize(("way_out", "outcome"), [(False, Outcome.COMPLIANT), (True, Outcome.VIOLATION)])
def test_a_node_port_needs_a_closed_vpc_and_policies_that_see_callers(way_out: bool, outcome: Outcome) -> None:
    """A load balancer outside the cluster may reach nodes where nobody else can."""
    world = load()
    change(world, "gateway-service", ("spec",), {"type": "NodePort", "externalTrafficPolicy": "Local"})
    if way_out:
        gateway = {"type": "aws:ec2/internetGateway:InternetGateway", "name": "internet", "props": {}}
        world.append({**gateway, "from": {"vpcId": "vpc"}})
    assert judge(world)["service-not-public", "gateway-service"].outcome is outcome


def test_data_events_of_every_bucket_are_those_of_the_models_too() -> None:
    """A selector without a bucket, or one that names the beginning of its ARN, takes the bucket's events."""
    for change_selector in (((*DATA_EVENTS, 2),), ((*DATA_EVENTS, 2, "startsWiths", 0), "arn:aws:s3:::")):
        world = load()
        change(world, "trail", *change_selector)
        assert judge(world)["s3-bucket-data-events-recorded", "bucket"].outcome is Outcome.COMPLIANT


def test_an_arn_that_a_preview_does_not_mention_is_unknown() -> None:
    """A provider that cannot be configured yet says nothing of what it will make up."""
    world = load()
    change(world, "bucket", ("arn",))
    assert judge(world)["s3-bucket-data-events-recorded", "bucket"].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("rule", ["s3-bucket-access-logged", "s3-bucket-data-events-recorded"])
def test_recording_the_writing_of_records_is_not_asked_for(rule: str) -> None:
    """A bucket that takes access logs would fill itself."""
    world = load()
    for item in world:
        if item["name"] in ("bucket-logging", "archive-logging"):
            item["from"]["targetBucket"] = "logs"
    world.append({"type": "aws:s3/bucket:Bucket", "name": "logs", "from": {}, "props": {"bucket": "access-logs"}})
    assert judge(world)[rule, "logs"].outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("prefix", "outcome"),
    [("AWSLogs/123456789012/*", Outcome.COMPLIANT), ("*", Outcome.VIOLATION), ("AWSLogs/*", Outcome.VIOLATION)],
)
def test_log_delivery_needs_no_condition_below_the_accounts_own_prefix(prefix: str, outcome: Outcome) -> None:
    """AWS writes each account's logs below its number, so that the resource says on whose behalf."""
    world = load()
    policy = next(item for item in world if item["name"] == "archive-policy")["props"]["policy"]
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::trail/{prefix}",
    }
    statements = [*json.loads(policy)["Statement"], delivery]
    change(world, "archive-policy", ("policy",), json.dumps({"Statement": statements}))
    assert judge(world)["resource-policy-limited", "archive-policy"].outcome is outcome


@pytest.mark.parametrize(
    ("rule", "name", "path", "value"),
    [
        ("load-balancer-target-tls", "targets", ("targetType",), "lambda"),
        ("load-balancer-firewalled", "balancer", ("loadBalancerType",), "network"),
        ("vpc-endpoint-policy-limited", "kms-endpoint", ("vpcEndpointType",), "GatewayLoadBalancer"),
    ],
)
def test_what_aws_does_not_offer_is_not_asked_for(rule: str, name: str, path: tuple[str, ...], value: str) -> None:
    """Such a resource is no evidence either."""
    world = load()
    change(world, name, path, value)
    assert judge(world)[rule, name].outcome is Outcome.NOT_APPLICABLE


def test_a_violation_found_before_an_unknown_value_stays_a_violation() -> None:
    """An unknown value hides nothing that was already seen."""
    world = load()
    change(world, "cluster", ("vpcConfig", "endpointPublicAccess"), True)
    change(world, "cluster", ("vpcConfig", "endpointPrivateAccess"), UNKNOWN)
    assert judge(world)["eks-cluster-endpoint-private", "cluster"].outcome is Outcome.VIOLATION


def test_a_related_resource_is_found_by_value_too() -> None:
    """State files of other programs may name the bucket instead of referring to it."""
    world = load()
    policy = next(item for item in world if item["name"] == "bucket-policy")
    policy["from"] = {}
    policy["props"]["bucket"] = "models"
    assert judge(world)["s3-bucket-tls-only", "bucket"].outcome is Outcome.COMPLIANT
    policy["props"]["bucket"] = "another"
    assert judge(world)["s3-bucket-tls-only", "bucket"].outcome is Outcome.VIOLATION


def test_rules_link_only_to_controls_of_the_security_rule() -> None:
    """Every citation is a paragraph that exists."""
    known = {control.id for control in load_controls()}
    assert {control for rule in RULES for control in rule.evidence} <= known


def test_encryption_at_rest_is_never_cited_as_transmission_security() -> None:
    """A rule about stored data does not evidence 164.312(e)."""
    at_rest = [rule for rule in RULES if "encrypted" in rule.name]
    assert at_rest
    assert not any(control.startswith("164.312(e)") for rule in at_rest for control in rule.evidence)


def test_messages_name_resource_finding_control_and_remedy() -> None:
    """Whoever reads a violation knows what, why and how to mend it."""
    rule = next(item for item in RULES if item.name == "subnet-no-public-ip")
    world = load()
    change(world, "subnet", ("mapPublicIpOnLaunch",), True)
    finding = judge(world)["subnet-no-public-ip", "subnet"].messages[0]
    subject = next(item for item in resources(world) if item.name == "subnet")
    message = rule.explain(subject, finding)
    for part in ("aws:ec2/subnet:Subnet::subnet", "mapPublicIpOnLaunch", "164.312(a)(1)", rule.remediation, rule.link):
        assert part in message


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rules_are_complete(rule: Rule) -> None:
    """Each rule has a name of the form resource-first, a sentence, a remedy, a link and evidence."""
    assert rule.name == rule.name.lower().replace("_", "-")
    assert rule.description.endswith(".")
    assert rule.remediation.endswith(".")
    assert rule.link.startswith("https://")
    assert rule.evidence
    assert set(rule.evidence.values()) <= set(Strength)
