"""Signals match what somebody must be told of, and nothing that happens all the time."""

from collections.abc import Mapping
from typing import Any

import pytest

from infra.audit.signals import CLUSTER_SIGNALS, MAXIMUM_PATTERN, TRAIL_SIGNALS, Signal
from tests.infra.audit.patterns import matches

ADMINISTRATOR = "arn:aws:sts::123456789012:assumed-role/inference-operator/jane"


def raised(signals: tuple[Signal, ...], event: Mapping[str, Any]) -> set[str]:
    """Names of the signals whose pattern matches `event`."""
    return {signal.name for signal in signals if matches(signal.pattern, event)}


def call(service: str, name: str, **more: Any) -> dict[str, Any]:
    """A management event as CloudTrail writes it."""
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "eventType": "AwsApiCall",
        "userIdentity": {"type": "AssumedRole"},
    } | more


def request(
    verb: str, resource: str, *, user: str = ADMINISTRATOR, subresource: str = "", code: int = 200, **more: Any
) -> dict[str, Any]:
    """An audit event as the API server writes it."""
    return {
        "verb": verb,
        "user": {"username": user},
        "objectRef": {"resource": resource, "subresource": subresource, "apiGroup": more.get("group", "")},
        "requestURI": more.get("uri", f"/api/v1/{resource}"),
        "responseStatus": {"code": code},
    }


def sign_in(*, mfa: str = "Yes", succeeded: bool = True) -> dict[str, Any]:
    """A user's sign-in to the console."""
    return call(
        "signin",
        "ConsoleLogin",
        userIdentity={"type": "IAMUser"},
        additionalEventData={"MFAUsed": mfa},
        responseElements={"ConsoleLogin": "Success" if succeeded else "Failure"},
        **({} if succeeded else {"errorMessage": "Failed authentication"}),
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (call("s3", "ListBuckets", userIdentity={"type": "Root"}), {"root-used"}),
        (sign_in(mfa="No"), {"console-without-mfa"}),
        (sign_in(succeeded=False), {"console-sign-in-failed"}),
        (call("ec2", "RunInstances", errorCode="Client.UnauthorizedOperation"), {"calls-denied"}),
        (call("s3", "GetObject", errorCode="AccessDenied"), {"calls-denied"}),
        (call("iam", "AttachRolePolicy"), {"iam-policy-changed"}),
        (call("iam", "UpdateAssumeRolePolicy"), {"iam-policy-changed"}),
        (call("kms", "DisableKey"), {"kms-key-endangered"}),
        (call("kms", "ScheduleKeyDeletion"), {"kms-key-endangered"}),
        (call("s3", "PutBucketPolicy"), {"bucket-policy-changed"}),
        (call("s3", "DeleteBucketPublicAccessBlock"), {"bucket-policy-changed"}),
        (call("ec2", "AuthorizeSecurityGroupIngress"), {"security-group-changed"}),
        (call("ec2", "ReplaceNetworkAclEntry"), {"network-acl-changed"}),
        (call("ec2", "AttachInternetGateway"), {"gateway-changed"}),
        (call("ec2", "CreateRoute"), {"route-changed"}),
        (call("ec2", "ModifyVpcEndpoint"), {"vpc-changed"}),
        (call("cloudtrail", "StopLogging"), {"recording-stopped"}),
        (call("cloudtrail", "DeleteTrail"), {"recording-stopped"}),
        (call("cloudtrail", "PutEventSelectors"), {"recording-stopped"}),
        (call("config", "StopConfigurationRecorder"), {"recording-stopped"}),
        (call("logs", "DeleteLogGroup"), {"recording-stopped"}),
        (call("guardduty", "DeleteDetector"), {"detection-stopped"}),
        (call("monitoring", "DisableAlarmActions"), {"detection-stopped"}),
        (call("sns", "Unsubscribe"), {"detection-stopped"}),
        (call("backup", "DeleteBackupVaultAccessPolicy"), {"detection-stopped"}),
        (call("eks", "CreateAccessEntry"), {"cluster-access-changed"}),
    ],
    ids=lambda value: value.get("eventName") if isinstance(value, dict) else "",
)
def test_event_of_aws_raises_its_signal(event: Mapping[str, Any], expected: set[str]) -> None:
    """Each of these events raises one signal, and no other."""
    assert raised(TRAIL_SIGNALS, event) == expected


@pytest.mark.parametrize(
    "event",
    [
        call("s3", "GetObject"),
        call("sts", "AssumeRoleWithWebIdentity"),
        call("ec2", "DescribeInstances"),
        call("kms", "Decrypt"),
        call("iam", "GetPolicy"),
        call("s3", "HeadBucket", errorCode="AccessDenied"),
        call("health", "Notify", eventType="AwsServiceEvent", userIdentity={"type": "Root"}),
        sign_in(),
    ],
    ids=lambda event: event["eventName"],
)
def test_daily_business_of_aws_raises_nothing(event: Mapping[str, Any]) -> None:
    """What services and well-behaved people do all day is no signal."""
    assert raised(TRAIL_SIGNALS, event) == set()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (request("get", "secrets"), {"kubernetes-secret-read"}),
        (request("list", "secrets"), {"kubernetes-secret-read"}),
        (request("watch", "secrets"), {"kubernetes-secret-read"}),
        (request("create", "pods", subresource="exec", code=101), {"kubernetes-pod-entered"}),
        (request("create", "pods", subresource="attach"), {"kubernetes-pod-entered"}),
        (request("create", "pods", subresource="portforward"), {"kubernetes-pod-entered"}),
        (request("patch", "pods", subresource="ephemeralcontainers"), {"kubernetes-pod-entered"}),
        (request("list", "pods", user="system:anonymous"), {"kubernetes-anonymous-admitted"}),
        (
            request("create", "clusterrolebindings", group="rbac.authorization.k8s.io"),
            {"kubernetes-rights-changed"},
        ),
        (request("delete", "roles", group="rbac.authorization.k8s.io"), {"kubernetes-rights-changed"}),
        (request("list", "pods", user="inference:administrator:jane"), {"kubernetes-glass-broken"}),
    ],
)
def test_event_of_kubernetes_raises_its_signal(event: Mapping[str, Any], expected: set[str]) -> None:
    """Each of these requests raises one signal, and no other."""
    assert raised(CLUSTER_SIGNALS, event) == expected


@pytest.mark.parametrize(
    "event",
    [
        request("get", "secrets", user="system:node:ip-10-0-0-1"),
        request("list", "secrets", user="system:serviceaccount:kube-system:coredns"),
        request("list", "secrets", user="eks:kms-storage-migrator"),
        request("create", "secrets"),
        request("get", "pods", subresource="log"),
        request("list", "pods", user="system:anonymous", code=403),
        request("get", "", user="system:anonymous", uri="/readyz?verbose"),
        request("get", "", user="system:anonymous", uri="/livez"),
        request("update", "clusterroles", user="system:kube-controller-manager", group="rbac.authorization.k8s.io"),
        request("get", "roles", group="rbac.authorization.k8s.io"),
    ],
)
def test_daily_business_of_kubernetes_raises_nothing(event: Mapping[str, Any]) -> None:
    """What the control plane, nodes and service accounts do, and probes without a name, are no signal."""
    assert raised(CLUSTER_SIGNALS, event) == set()


@pytest.mark.parametrize("signal", [*TRAIL_SIGNALS, *CLUSTER_SIGNALS], ids=lambda signal: signal.name)
def test_pattern_is_one_that_aws_takes(signal: Signal) -> None:
    """A pattern is no longer than CloudWatch Logs takes, and names what it is from."""
    assert len(signal.pattern) <= MAXIMUM_PATTERN
    assert signal.source
    assert signal.threshold >= 1


def test_every_signal_has_a_name_of_its_own() -> None:
    """Names become those of filters, metrics and alarms."""
    names = [signal.name for signal in (*TRAIL_SIGNALS, *CLUSTER_SIGNALS)]
    assert len(names) == len(set(names))


def test_monitoring_section_of_the_benchmark_is_covered() -> None:
    """Of section 4 of the CIS benchmark only 4.15, which is the organisation's, and 4.16 have no signal."""
    sources = " ".join(signal.source for signal in TRAIL_SIGNALS).replace(",", "").split()
    assert {f"4.{number}" for number in range(1, 15)} == {each for each in sources if each.startswith("4.")}
