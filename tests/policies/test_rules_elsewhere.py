"""Rules on what other programs do: where they do not apply, what else satisfies them, what they read in another form."""

import json
from datetime import date
from typing import Any

import pytest

from policies.outcomes import Outcome
from policies.rules import eks_versions
from policies.rules.backup_selection import daily
from tests.policies.breaks.workloads import FIRST, GATEWAY, POD
from tests.policies.test_services import declared
from tests.policies.world import World, change, judge, load

BUCKETS = ("bucket", "archive")
KEY_FILE = {"name": "GATEWAY_DEIDENTIFY_KEY_FILE", "value": "/etc/key/key"}


def _entry(kind: str, name: str, props: dict[str, Any], **origin: str) -> dict[str, Any]:
    return {"type": kind, "name": name, "from": origin, "props": props}


def _outcome(world: World, rule: str, subject: str) -> Outcome:
    return judge(world)[rule, subject].outcome


@pytest.mark.parametrize(
    ("rule", "subject", "path", "value"),
    [
        ("load-balancer-deletion-protected", "balancer", ("enableDeletionProtection",), False),
        ("kms-key-deletion-delayed", "key", ("deletionWindowInDays",), 7),
    ],
)
@pytest.mark.parametrize(
    ("declared_of", "outcome"),
    [(BUCKETS, Outcome.NOT_APPLICABLE), (BUCKETS[:1], Outcome.VIOLATION), ((), Outcome.VIOLATION)],
)
def test_only_a_stack_that_may_be_destroyed_with_all_it_stores_needs_no_protection_from_slips(
    rule: str, subject: str, path: tuple[str], value: object, declared_of: tuple[str, ...], outcome: Outcome
) -> None:
    """Every one of its buckets says so; one that does not makes the stack one that lasts."""
    world = load()
    change(world, subject, path, value)
    for bucket in declared_of:
        change(world, bucket, ("forceDestroy",), True)
    assert _outcome(world, rule, subject) is outcome


@pytest.mark.parametrize(
    ("version", "day", "outcome"),
    [
        ("1.34", date(2026, 12, 1), Outcome.COMPLIANT),
        ("1.34", date(2026, 12, 2), Outcome.VIOLATION),
        ("1.35", date(2026, 12, 2), Outcome.COMPLIANT),
        ("1.36", date(2030, 1, 1), Outcome.COMPLIANT),
        ("1.9", date(2026, 12, 2), Outcome.VIOLATION),
        ("latest", date(2026, 12, 2), Outcome.VIOLATION),
    ],
)
def test_a_version_is_supported_until_its_day(
    version: str, day: date, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later ones than the table knows are younger than all in it; older ones ended long ago."""
    monkeypatch.setattr(eks_versions, "today", lambda: day)
    world = load()
    change(world, "cluster", ("version",), version)
    assert _outcome(world, "eks-cluster-version-supported", "cluster") is outcome


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cron(0 5 * * ? *)", True),
        ("cron(0 5 ? * * *)", True),
        ("cron(0 0/6 1/1 * ? *)", True),
        ("rate(1 day)", True),
        ("rate(12 hours)", True),
        ("rate(2 days)", False),
        ("cron(0 5 1 * ? *)", False),
        ("cron(0 5 ? * MON-FRI *)", False),
        ("cron(0 5 * 1 ? *)", False),
        ("every day", False),
    ],
)
def test_a_schedule_is_daily_when_it_leaves_no_day_out(schedule: str, expected: bool) -> None:
    """Expressions of AWS Backup: six fields, or a rate."""
    assert daily(schedule) is expected


@pytest.mark.parametrize(
    ("selection", "outcome"),
    [
        ({"resources": ["*"]}, Outcome.COMPLIANT),
        ({"resources": ["arn:aws:ec2:us-east-1:123456789012:volume/vol-1"]}, Outcome.COMPLIANT),
        ({"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}]}, Outcome.COMPLIANT),
        ({"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "weekly"}]}, Outcome.VIOLATION),
        (
            {
                "resources": ["*"],
                "conditions": [{"stringEquals": [{"key": "aws:ResourceTag/backup", "value": "daily"}]}],
            },
            Outcome.COMPLIANT,
        ),
        (
            {"resources": ["*"], "conditions": [{"stringEquals": [{"key": "aws:ResourceTag/backup", "value": "no"}]}]},
            Outcome.VIOLATION,
        ),
        (
            {
                "resources": ["*"],
                "conditions": [{"stringNotEquals": [{"key": "aws:ResourceTag/backup", "value": "x"}]}],
            },
            Outcome.VIOLATION,
        ),
        ({"resources": []}, Outcome.VIOLATION),
    ],
)
def test_a_selection_takes_by_arn_pattern_or_tag(selection: dict[str, Any], outcome: Outcome) -> None:
    """Conditions narrow it; one that cannot be decided here counts for nothing."""
    world = load()
    change(world, "volume", ("tags",), {"backup": "daily"})
    next(item for item in world if item["name"] == "selection")["props"] = selection
    assert _outcome(world, "ec2-storage-backed-up", "volume") is outcome


@pytest.mark.parametrize(("status", "outcome"), [("Enabled", Outcome.COMPLIANT), ("Disabled", Outcome.VIOLATION)])
def test_a_replica_is_a_copy(status: str, outcome: Outcome) -> None:
    """A bucket that is replicated needs no backup."""
    world = load()
    change(world, "selection", ("resources", 0))
    rules = {"rules": [{"status": status}]}
    world.append(_entry("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "replica", rules, bucket="bucket"))
    assert _outcome(world, "s3-bucket-copied", "bucket") is outcome


def test_records_that_are_locked_for_six_years_need_no_copy() -> None:
    """Nobody can lose them by a mistake; that is no evidence of a copy either."""
    world = load()
    change(world, "selection", ("resources", 0))
    change(world, "bucket-lock", ("rule", "defaultRetention"), {"mode": "COMPLIANCE", "years": 6})
    assert _outcome(world, "s3-bucket-copied", "bucket") is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("notification", "outcome"),
    [
        ({"eventbridge": True}, Outcome.COMPLIANT),
        ({"topics": [{"topicArn": "arn:aws:sns:us-east-1:123456789012:changes"}]}, Outcome.COMPLIANT),
        ({}, Outcome.VIOLATION),
    ],
)
def test_a_notification_does_what_guardduty_does(notification: dict[str, Any], outcome: Outcome) -> None:
    """It needs somewhere to go."""
    world = load()
    change(world, "feature-buckets", ("status",), "DISABLED")
    world.append(_entry("aws:s3/bucketNotification:BucketNotification", "notice", notification, bucket="bucket"))
    assert _outcome(world, "s3-bucket-changes-noticed", "bucket") is outcome


@pytest.mark.parametrize(
    ("selector", "outcome"),
    [
        ({"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}, Outcome.COMPLIANT),
        ({"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::models/"]}]}, Outcome.COMPLIANT),
        ({"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::other/"]}]}, Outcome.VIOLATION),
        (
            {
                "readWriteType": "WriteOnly",
                "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
            },
            Outcome.VIOLATION,
        ),
    ],
)
def test_basic_event_selectors_record_objects_too(selector: dict[str, Any], outcome: Outcome) -> None:
    """Trails of older programs have no advanced ones."""
    world = load()
    change(world, "trail", ("advancedEventSelectors",))
    change(world, "trail", ("eventSelectors",), [selector])
    assert _outcome(world, "s3-bucket-data-events-recorded", "bucket") is outcome


def test_an_instance_may_take_role_and_subnet_from_its_launch_template() -> None:
    """What it does not say itself, its template says."""
    world = load()
    for name in ("iamInstanceProfile", "subnetId"):
        change(world, "tunnel", (name,))
    change(world, "tunnel", ("launchTemplate",), {"name": "nodes"})
    change(world, "template", ("name",), "nodes")
    change(world, "template", ("iamInstanceProfile",), {"name": "tunnel"})
    change(world, "template", ("networkInterfaces", 0, "subnetId"), "subnet-1")
    assert _outcome(world, "ec2-instance-has-role", "tunnel") is Outcome.COMPLIANT
    assert _outcome(world, "ec2-instance-in-vpc", "tunnel") is Outcome.COMPLIANT


def test_a_group_is_behind_a_load_balancer_by_an_attachment_too() -> None:
    """Without any it may judge its machines by themselves."""
    world = load()
    change(world, "machines", ("targetGroupArns",))
    change(world, "machines", ("healthCheckType",), "EC2")
    assert _outcome(world, "autoscaling-group-health-checked", "machines") is Outcome.NOT_APPLICABLE
    world.append(_entry("aws:autoscaling/attachment:Attachment", "attached", {}, autoscalingGroupName="machines"))
    assert _outcome(world, "autoscaling-group-health-checked", "machines") is Outcome.VIOLATION


@pytest.mark.parametrize(("gateway", "outcome"), [("internet", Outcome.VIOLATION), ("vpn", Outcome.UNKNOWN)])
def test_a_route_to_a_gateway_without_an_id_is_told_by_where_it_comes_from(gateway: str, outcome: Outcome) -> None:
    """A preview does not know the gateway's id, but which gateway it is."""
    world = load()
    world.append(_entry("aws:ec2/internetGateway:InternetGateway", "internet", {}))
    world.append(_entry("aws:ec2/vpnGateway:VpnGateway", "vpn", {}))
    change(world, "route", ("destinationCidrBlock",), "0.0.0.0/0")
    change(world, "route", ("gatewayId",), "04da6b54-80e4-46f7-96ec-b56ff0331ba9")
    next(item for item in world if item["name"] == "route")["from"]["gatewayId"] = gateway
    assert _outcome(world, "route-not-to-internet", "route") is outcome


def test_a_certificate_of_the_stack_is_known_before_its_arn() -> None:
    """Its origin says that it is ACM's."""
    world = load()
    world.append(_entry("aws:acm/certificate:Certificate", "certificate", {}))
    change(world, "https", ("certificateArn",), "04da6b54-80e4-46f7-96ec-b56ff0331ba9")
    next(item for item in world if item["name"] == "https")["from"]["certificateArn"] = "certificate"
    assert _outcome(world, "load-balancer-certificate-managed", "https") is Outcome.COMPLIANT


def test_a_password_needs_a_password_policy_in_the_stack() -> None:
    """A stack that gives a user one says what it must be like."""
    world = load()
    world.append(_entry("aws:iam/userLoginProfile:UserLoginProfile", "login", {"user": "somebody"}))
    assert _outcome(world, "iam-password-policy-strong", "login") is Outcome.COMPLIANT
    change(world, "passwords", ())
    assert _outcome(world, "iam-password-policy-strong", "login") is Outcome.VIOLATION


def test_the_gateways_own_policy_and_lifetime_are_good_enough() -> None:
    """What the image holds replaces every identifier, and takes tokens of an hour."""
    world = load()
    change(world, "deidentification", ())
    for _ in range(2):
        change(world, GATEWAY, (*FIRST, "env", 6))
    for rule in ("gateway-deidentifies", "gateway-token-lifetime-bounded"):
        assert _outcome(world, rule, GATEWAY) is Outcome.COMPLIANT


def test_windows_pods_are_not_asked_for_what_only_linux_has() -> None:
    """They may not share the host's processes all the same."""
    world = load()
    change(world, GATEWAY, (*POD, "os"), {"name": "windows"})
    for name in ("allowPrivilegeEscalation", "capabilities"):
        change(world, GATEWAY, (*FIRST, "securityContext", name))
    assert _outcome(world, "pod-security-restricted", GATEWAY) is Outcome.COMPLIANT
    change(world, GATEWAY, (*POD, "securityContext", "windowsOptions"), {"hostProcess": True})
    assert _outcome(world, "pod-security-restricted", GATEWAY) is Outcome.VIOLATION


@pytest.mark.parametrize(
    ("policy", "key", "outcome"),
    [
        ("name: own\noperators: {DATE: generalise}", None, Outcome.COMPLIANT),
        ("name: own\ndefault: keep", None, Outcome.VIOLATION),
        ("name: own\noperators: {NAME: keep}", None, Outcome.VIOLATION),
        ("name: own\noperators: {NAME: surrogate}", "secret", Outcome.COMPLIANT),
        ("name: own\noperators: {NAME: surrogate}", "configMap", Outcome.VIOLATION),
        ("name: own\noperators: {NAME: surrogate}", None, Outcome.VIOLATION),
        ("name: own: {", None, Outcome.VIOLATION),
    ],
)
def test_a_policy_of_ones_own_lets_no_identifier_through(policy: str, key: str | None, outcome: Outcome) -> None:
    """It lies in a ConfigMap of the stack, and the key of surrogates in a Secret."""
    world = load()
    change(world, "deidentification", ("data", "policy.yaml"), policy)
    if key:
        change(world, GATEWAY, (*POD, "volumes", 3), {"name": "key", key: {"name": "deidentify-key"}})
        change(world, GATEWAY, (*FIRST, "env", 8), KEY_FILE)
        change(world, GATEWAY, (*FIRST, "volumeMounts", 1), {"name": "key", "mountPath": "/etc/key"})
    assert _outcome(world, "gateway-deidentifies", GATEWAY) is outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('{"static_resources": {}, "admin": {"address": {"pipe": {"path": "/tmp/admin"}}}}', Outcome.COMPLIANT),
        ("static_resources: {{ template }}", Outcome.NOT_APPLICABLE),
        ("a: 1", Outcome.NOT_APPLICABLE),
    ],
)
def test_config_maps_of_others_are_passed_over(text: str, outcome: Outcome) -> None:
    """Only what can be read as a configuration of Envoy is judged as one."""
    world = [_entry("kubernetes:core/v1:ConfigMap", "files", {"data": {"file.yaml": text}})]
    assert _outcome(world, "proxy-keeps-no-text", "files") is outcome


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ({"Action": "s3:*", "Resource": "arn:aws:s3:::models/*"}, Outcome.VIOLATION),
        ({"Action": "s3:DeleteObject*", "Resource": "arn:aws:s3:::mod*"}, Outcome.VIOLATION),
        ({"NotAction": "iam:*", "Resource": "*"}, Outcome.VIOLATION),
        ({"Action": "s3:PutObject", "NotResource": "arn:aws:s3:::other/*"}, Outcome.VIOLATION),
        ({"Action": "s3:PutObject", "Resource": "arn:aws:s3:::models-of-others/*"}, Outcome.COMPLIANT),
        ({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::models"}, Outcome.COMPLIANT),
    ],
)
def test_a_workload_may_read_models_and_not_change_them(statement: dict[str, str], outcome: Outcome) -> None:
    """Whatever words its policy uses."""
    world = load()
    change(world, "policy", ("policy",), json.dumps({"Statement": {"Effect": "Allow", **statement}}))
    assert _outcome(world, "model-bucket-read-only", "role") is outcome


def test_roles_of_services_may_write_models() -> None:
    """Somebody has to bring them."""
    assert _outcome(load(), "model-bucket-read-only", "config-role") is Outcome.NOT_APPLICABLE


def test_a_bucket_is_watched_or_copied_by_whom_the_stack_names() -> None:
    """Where another runs GuardDuty and backups, the buckets inherit what they do."""
    by = {"by": "security account", "answers": "security@hospital.example"}
    world = [*load(), declared(guardduty=by, backup=by)]
    for name in ("detector", "agent", "plan", "selection"):
        change(world, name, ())
    for rule in ("s3-bucket-changes-noticed", "s3-bucket-copied"):
        assert _outcome(world, rule, "bucket") is Outcome.INHERITED
