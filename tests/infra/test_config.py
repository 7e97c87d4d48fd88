"""What the stack's configuration refuses, and how it says so."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from infra.config import StackConfig, load_config
from infra.config_types import PLACEHOLDER_DIGEST

REPO = Path(__file__).resolve().parents[2]
Values = dict[str, Any]
CALLER = {"service": "batch", "namespace": "inference", "scopes": ["classify"]}
RSA = {"kty": "RSA", "kid": "a", "n": "x" * 342, "e": "AQAB"}
SIZE = {"replicas": 2, "cpuMillis": 500, "cpuLimitMillis": 1000, "memoryMib": 512}


def refusal(values: Values, *, applying: bool = False) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        StackConfig.parse(values, applying=applying)
    return str(caught.value)


def test_examples_parse(valid: Values) -> None:
    """The checked-in production example is accepted in a preview."""
    config = StackConfig.parse(valid, applying=False)
    assert config.name == "inference-prod"
    assert config.model_repository.prefix == "models/sentiment/0123456789ab"


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("vpcCidr", "198.18.0.0/16", "overlaps 198.18.0.0/15"),
        ("vpcCidr", "172.20.0.0/16", "overlaps 172.20.0.0/16"),
        ("vpcCidr", "10.0.0.0/24", "must be between /16 and /20"),
        ("vpcCidr", "10.0.0.0/8", "must be between /16 and /20"),
        ("vpcCidr", "8.8.0.0/16", "not a private range"),
        ("vpcCidr", "10.0.0.1/16", "valid IPv4 network"),
        ("availabilityZones", "1", "greater than or equal to 2"),
        ("availabilityZones", "4", "less than or equal to 3"),
        ("kubernetesVersion", "1.33", "'1.34' or '1.35'"),
        ("gpuInstanceTypes", ["m6i.large"], "m6i.large: not a known GPU instance type"),
        ("gpuInstanceTypes", ["g4dn"], "g4dn: not a known GPU instance type"),
        ("gpuInstanceTypes", [], "at least 1 item"),
        ("systemInstanceTypes", ["m7g.large"], "m7g.large: not a known x86_64 instance type"),
        ("gpuCapacity", "CHEAP", "'ON_DEMAND' or 'SPOT'"),
        ("gpuNodes", {"min": 2, "desired": 1, "max": 3}, "min <= desired <= max"),
        ("auditLogRetentionDays", "365", "six years or more"),
        ("auditLogRetentionDays", "2200", "in a step of CloudWatch Logs"),
        ("contact", "nobody", "should match pattern"),
        ("environment", "Prod!", "should match pattern"),
        ("environment", "production-", "should match pattern"),
        ("environment", "a-name-of-many-letters", "should match pattern"),
        ("aws:region", "somewhere", "should match pattern"),
        ("awsEndpointUrl", "http://198.18.0.1:5566", "must be an https URL"),
        ("awsCaBundle", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----", "holds a private key"),
        ("awsCaBundle", "text", "must hold a PEM certificate"),
        ("kubeconfig", "no/such/file", "there is no file at no/such/file"),
        ("modelRepository", "no/such/folder", "run `make model`"),
        ("accessRoles", {"viewer": "inference-viewer"}, "name the administrator's role for the first update"),
        ("accessRoles", {"deployer": "a role"}, "should match pattern"),
        ("tritonAccelerator", "amd", "'none' or 'nvidia'"),
        ("gpuInstanceTypes", ["g4dn.banana"], "g4dn.banana: not a known GPU instance type"),
        ("systemInstanceTypes", ["m6i.banana"], "m6i.banana: not a known x86_64 instance type"),
        ("securityContact", "nobody", "should match pattern"),
        ("accessRoles", {"deployer": "one", "viewer": "one"}, "a role of its own"),
        ("accessRoles", {"administrator": "one", "deployer": "one"}, "a role of its own"),
        ("inherited", {"backups": {}}, "is not a known key"),
        ("adminTunnel", "perhaps", "valid boolean"),
        ("gpuSharing", {"strategy": "mps"}, "'time-slicing', 'mig'"),
        ("gpuSharing", {"strategy": "time-slicing", "replicas": 1}, "greater than or equal to 2"),
        ("gpuSharing", {"strategy": "time-slicing", "replicas": 9}, "less than or equal to 8"),
        ("gpuSharing", {"strategy": "time-slicing", "replicas": 2, "migStrategy": "single"}, "is not a known key"),
        ("gpuSharing", {"strategy": "mig", "migStrategy": "single"}, "the GPUs of g4dn.xlarge have no MIG"),
    ],
)
def test_bad_value_is_refused_by_name(valid: Values, key: str, value: object, said: str) -> None:
    """A bad value is refused with its key and what would be accepted."""
    message = refusal({**valid, key: value})
    prefix = key if ":" in key else f"inference:{key}"
    assert re.search(rf"^  {re.escape(prefix)}[^\n]*{re.escape(said)}", message, re.MULTILINE), message


@pytest.mark.parametrize(
    ("key", "path", "value", "said"),
    [
        ("imageDigests", "gateway", "latest", "must be an image digest"),
        ("auth", "issuer", "http://issuer.example.com", "must be an https URL"),
        ("auth", "jwks", {"keys": [{"kty": "oct", "kid": "a", "k": "AA"}]}, "does not match any of the expected tags"),
        ("auth", "jwks", {"keys": [RSA]}, "keys[0].RSA.alg: is not set"),
        ("auth", "jwks", {"keys": [{**RSA, "alg": "RS512"}]}, "'RS256' or 'PS256'"),
        ("auth", "jwks", {"keys": [{**RSA, "alg": "PS256", "n": "x" * 171}]}, "at least 342 characters"),
        ("auth", "jwks", {"keys": [{**RSA, "alg": "PS256"}] * 2}, "gives two keys one kid"),
        ("auth", "maxLifetimeSeconds", 86_401, "less than or equal to 86400"),
        ("auth", "callers", [{**CALLER, "service": "gateway"}], "gateway is a part of the stack"),
        ("auth", "callers", [{**CALLER, "service": "triton"}], "triton is a part of the stack"),
        ("auth", "callers", [{**CALLER, "service": "*"}], "should match pattern"),
        ("auth", "callers", [{**CALLER, "namespace": "default"}], "'gateway', 'inference' or 'loadtest'"),
        ("auth", "callers", [{**CALLER, "scopes": []}], "at least 1 item"),
        ("auth", "callers", [{**CALLER, "scopes": ["everything"]}], "'classify', 'deidentify' or 'audit:read'"),
        ("auth", "callers", [CALLER, {**CALLER, "namespace": "gateway"}], "names a service twice"),
        ("workloads", "triton", {"replicas": 0}, "greater than or equal to 1"),
        ("workloads", "triton", {**SIZE, "maxReplicas": 1}, "maxReplicas must not be under replicas"),
        ("edge", "domainName", "nowhere", "should match pattern"),
        ("edge", "certificateId", "inference", "should match pattern"),
        ("edge", "clientCidrs", ["10.80.0.0/24"], "overlaps vpcCidr 10.80.0.0/16"),
        ("edge", "clientCidrs", ["10.0.0.0/16", "10.0.4.0/24"], "overlap"),
        ("edge", "clientCidrs", [], "at least 1 item"),
        ("edge", "clientCidrs", ["0.0.0.0/0"], "not a private range"),
        ("edge", "clientCidrs", ["10.0.0.0/8"], "wider than /9"),
    ],
)
def test_bad_part_is_refused_by_its_path(valid: Values, key: str, path: str, value: object, said: str) -> None:
    """A fault inside an object is named with its path."""
    message = refusal({**valid, key: {**valid[key], path: value}})
    assert f"inference:{key}" in message
    assert path in message
    assert said in message


def test_private_key_in_jwks_is_refused_without_being_repeated(valid: Values) -> None:
    """A JWKS with a private member is refused, and the message does not hold it."""
    key = {**valid["auth"]["jwks"]["keys"][0], "d": "private-half"}
    message = refusal({**valid, "auth": {**valid["auth"], "jwks": {"keys": [key]}}})
    assert "inference:auth.jwks.keys[0].EC.d: is not a known key" in message
    assert "private-half" not in message


@pytest.mark.parametrize("missing", ["owner", "contact", "securityContact", "edge", "auth", "workloads", "aws:region"])
def test_missing_key_is_named(valid: Values, missing: str) -> None:
    """A missing required key is refused by name."""
    del valid[missing]
    assert f"{missing}: is not set" in refusal(valid)


def test_all_faults_come_in_one_message(valid: Values) -> None:
    """Several faults are reported together, one line each."""
    del valid["owner"]
    message = refusal({**valid, "vpcCidr": "10.0.0.0/28", "kubernetesVersion": "1.20", "auditLogRetentionDays": 1})
    for key in ("owner", "vpcCidr", "kubernetesVersion", "auditLogRetentionDays"):
        assert f"inference:{key}: " in message
    assert len(message.splitlines()) == 5


def test_unknown_key_is_refused(valid: Values) -> None:
    """A misspelt key is refused, or its default would silently hold."""
    assert "inference:deletionProtecton: is not a known key" in refusal({**valid, "deletionProtecton": "true"})


def test_placeholder_digest_is_refused_only_when_applying(valid: Values) -> None:
    """All-zero digests pass a preview and stop an update, by image."""
    digests = StackConfig.parse(valid, applying=False).image_digests
    assert digests is not None
    assert digests.triton == PLACEHOLDER_DIGEST
    message = refusal(valid, applying=True)
    for image in ("gateway", "fastapi-svc", "triton", "tls-proxy"):
        assert f"inference:imageDigests.{image}: is the placeholder digest" in message


def test_placeholder_certificate_is_refused_only_when_applying(valid: Values) -> None:
    """The all-zero certificate passes a preview and stops an update."""
    assert "inference:edge.certificateId: is the placeholder certificate" in refusal(valid, applying=True)


def test_a_stack_without_digests_is_accepted(valid: Values) -> None:
    """Before images can be pushed the repositories must exist: a stack may come up without its workloads."""
    del valid["imageDigests"]
    assert StackConfig.parse(valid, applying=False).image_digests is None


def test_inherited_services_are_named_with_who_answers(valid: Values) -> None:
    """A service is inherited only where it says who runs it and who answers for it."""
    declared = {"by": "organization trail of the log archive", "answers": "cloud@example.com"}
    services = {"access-analyzer": declared, "cloudtrail": declared}
    assert StackConfig.parse({**valid, "inherited": services}, applying=False).inherited.services == set(services)
    message = refusal({**valid, "inherited": {"cloudtrail": {"by": "organization trail"}}})
    assert "inference:inherited.cloudtrail.answers: is not set" in message


@pytest.mark.parametrize("role", ["administrator", "deployer"])
def test_either_who_updates_is_enough(valid: Values, role: str) -> None:
    """The first update is the administrator's, later ones the deployer's: a stack may name one of them alone."""
    config = StackConfig.parse({**valid, "accessRoles": {role: "inference"}}, applying=False)
    assert config.access_roles.granted == {role: "inference"}


@pytest.mark.parametrize("address", ["http://gateway.example.com", "ftp://127.0.0.1"])
def test_plain_http_address_is_refused_off_loopback(valid: Values, address: str) -> None:
    """An address in the outputs is https unless it is on the loopback interface."""
    loopback = {
        "gateway": "http://127.0.0.1:18080",
        "fastapi": "http://localhost:18081",
        "tritonHttp": "http://127.0.0.1:18000",
        "tritonGrpc": "127.0.0.1:18001",
    }
    parsed = StackConfig.parse({**valid, "addresses": loopback}, applying=False).addresses
    assert parsed is not None
    assert parsed.triton_grpc == "127.0.0.1:18001"
    if address.startswith("http:"):
        message = refusal({**valid, "addresses": {**loopback, "gateway": address}})
        assert "inference:addresses.gateway: must be an https URL" in message


def test_gpus_are_shared_as_their_types_can(valid: Values) -> None:
    """Any GPU in turns, and those that have it in partitions; by default a GPU is one pod's."""
    types = {"gpuInstanceTypes": ["p5.4xlarge", "p4d.24xlarge"]}
    partitioned = {**valid, **types, "gpuSharing": {"strategy": "mig", "migStrategy": "mixed"}}
    sliced = {**valid, "gpuSharing": {"strategy": "time-slicing", "replicas": 2}}
    shared = [StackConfig.parse(values, applying=False).gpu_sharing for values in (valid, sliced, partitioned)]
    assert [each and each.strategy for each in shared] == [None, "time-slicing", "mig"]


def test_a_workload_may_grow(valid: Values) -> None:
    """Up to `maxReplicas`, or not at all where it is not set."""
    workloads = {**valid["workloads"], "gateway": {**SIZE, "maxReplicas": 6}, "triton": SIZE}
    sizes = StackConfig.parse({**valid, "workloads": workloads}, applying=False).workloads
    assert (sizes.gateway.most_replicas, sizes.triton.most_replicas) == (6, 2)


def test_the_gateways_callers_have_limits(valid: Values) -> None:
    """Of their own, or those by default; each gateway's share has to let a full request through."""
    sizes = StackConfig.parse(valid, applying=False).workloads
    assert (sizes.gateway.limits.requests_per_minute, sizes.gateway.limits.concurrency) == (60_000, 256)
    given = {"gateway": {**SIZE, "maxReplicas": 4, "limits": {"requestsPerMinute": 600, "concurrency": 5}}}
    sizes = StackConfig.parse({**valid, "workloads": {**valid["workloads"], **given}}, applying=False).workloads
    assert (sizes.gateway.limits.requests_per_minute, sizes.gateway.most_pods) == (600, 5)
    for limits in ({"concurrency": 4}, {"requestsPerMinute": 29}, {"textsPerMinute": 959}):
        given["gateway"]["limits"] = limits
        values = {**valid, "workloads": {**valid["workloads"], **given}}
        assert "inference:workloads.gateway: limits must give each of up to 5 gateways" in refusal(values)


def test_threads_follow_the_cpu_request(valid: Values) -> None:
    """Thread counts are the CPU request rounded up to whole cores, at least one."""
    sizes = StackConfig.parse(valid, applying=False).workloads
    threads = [sizes.triton.model_copy(update={"cpu_millis": cpu}).threads for cpu in (300, 1000, 1001, 3000)]
    assert threads == [1, 1, 2, 3]


def test_loaded_from_the_engines_configuration(valid: Values) -> None:
    """Values that the engine passes as text are typed; an empty one counts as not set."""
    digests = dict.fromkeys(valid["imageDigests"], f"sha256:{'1' * 64}")
    edge = {**valid["edge"], "certificateId": "12345678-1234-1234-1234-123456789012"}
    raw = {
        (key if ":" in key else f"inference:{key}"): value if isinstance(value, str) else json.dumps(value)
        for key, value in {**valid, "imageDigests": digests, "edge": edge, "kubeconfig": "", "addresses": {}}.items()
    }
    pulumi.runtime.set_all_config({**raw, "other:key": "ignored"})
    try:
        config = load_config()
    finally:
        pulumi.runtime.set_all_config({})
    assert config.deletion_protection is True
    assert config.kubeconfig is None
    assert config.addresses is None


def test_project_documents_every_key() -> None:
    """Pulumi.yaml describes each key of StackConfig, and no other."""
    documented = yaml.safe_load((REPO / "Pulumi.yaml").read_text())["config"]
    known = {field.alias for field in StackConfig.model_fields.values()} - {"aws:region"}
    assert set(documented) == known
    assert all(len(entry["description"]) > 20 for entry in documented.values())


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_example_stacks_hold_no_account_and_no_secret(stack: str) -> None:
    """The checked-in stacks name no AWS account, no private key and no encrypted value."""
    text = (REPO / f"Pulumi.{stack}.yaml").read_text()
    assert not re.search(r"(?<![0-9a-f])(?!0{12})\d{12}(?![0-9a-f])", text)
    assert not re.search(r"PRIVATE KEY|secure:|encryptionsalt|AKIA", text)
