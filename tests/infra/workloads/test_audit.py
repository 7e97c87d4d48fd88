"""How the gateway's audit records leave its pod."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.workloads import audit_collector, audit_outlet
from tests.infra.conftest import Program, run_program, stack_values
from tests.infra.service_constants import constant

GATEWAYS = {"app.kubernetes.io/name": "gateway"}
COLLECTORS = {"app.kubernetes.io/name": "audit-collector"}


@pytest.fixture(scope="module")
def emulated(model: Path) -> Program:
    """The dev stack, with an AWS API elsewhere than at AWS."""
    return run_program(
        {**stack_values("dev", model), "inference:awsEndpointUrl": "https://198.18.0.1:5566"}, stack="dev"
    )


def pod(program: Program, workload: str) -> dict[str, Any]:
    found: dict[str, Any] = program.only("Deployment", workload)["spec"]["template"]["spec"]
    return found


def sidecar(program: Program) -> dict[str, Any]:
    """The gateway's own."""
    (found,) = [each for each in pod(program, "gateway")["initContainers"] if each["name"] == audit_outlet.NAME]
    assert isinstance(found, dict)
    return found


def mounted(container: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a container sees of its pod's volumes."""
    return {each["name"]: each for each in container["volumeMounts"]}


def env(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") or each.get("valueFrom") for each in container["env"]}


def policy(program: Program, workload: str) -> dict[str, Any]:
    found: dict[str, Any] = program.only("NetworkPolicy", workload)["spec"]
    return found


def peer(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def test_records_lie_on_a_volume_that_the_trail_can_not_fill(program: Program) -> None:
    """The kubelet evicts a pod whose volume is over its limit: the trail stops before, and refuses requests."""
    (container,) = pod(program, "gateway")["containers"]
    (volume,) = [each for each in pod(program, "gateway")["volumes"] if each["name"] == "audit"]
    limit = int(volume["emptyDir"]["sizeLimit"].removesuffix("Mi"))
    assert int(env(container)["GATEWAY_AUDIT_MAX_MIB"]) < limit
    assert env(container)["GATEWAY_AUDIT_DIR"] == mounted(container)["audit"]["mountPath"] == "/var/log/audit"


def test_a_trail_says_which_pod_wrote_it_and_what_ran_there(program: Program) -> None:
    """The pod's name and the image by digest are in the start record."""
    (container,) = pod(program, "gateway")["containers"]
    assert env(container)["GATEWAY_AUDIT_INSTANCE"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert env(container)["GATEWAY_AUDIT_VERSION"] == container["image"]


def test_the_sidecar_outlives_the_gateway_and_has_its_volume(program: Program) -> None:
    """It is stopped after the gateway, and has the time to be fetched from before the pod goes."""
    found = sidecar(program)
    assert found["restartPolicy"] == "Always"
    assert found["image"] == pod(program, "gateway")["containers"][0]["image"]
    assert found["command"][1:] == ["-m", "services.gateway.audit", "serve"]
    assert mounted(found)["audit"]["mountPath"] == "/var/log/audit"
    drain_s = int(env(pod(program, "gateway")["containers"][0])["GATEWAY_DRAIN_S"])
    stopping_s = 5 + drain_s + constant("services.gateway.__main__", "GRACEFUL_SHUTDOWN_S")
    round_s = constant("services.gateway.audit.collector", "INTERVAL_S")
    assert stopping_s + 2 * round_s < pod(program, "gateway")["terminationGracePeriodSeconds"]


def test_the_gateway_reaches_nothing_new(program: Program) -> None:
    """Triton, and the cluster's DNS by its namespace's policy; it is the collector that comes."""
    (triton,) = policy(program, "gateway")["egress"]
    assert triton["to"] == [peer("inference", {"app.kubernetes.io/name": "triton"})]
    assert policy(program, "gateway")["ingress"][-1] == {
        "from": [peer("audit", COLLECTORS)],
        "ports": [{"port": audit_outlet.PORT, "protocol": "TCP"}],
    }


def test_the_collector_finds_every_pod_that_has_records(program: Program) -> None:
    """Those that are not ready, and those that go, too: by a Service that no traffic is balanced over."""
    service = program.only("Service", audit_outlet.SERVICE)["spec"]
    assert (service["clusterIP"], service["publishNotReadyAddresses"], service["selector"]) == ("None", True, GATEWAYS)
    (container,) = pod(program, "audit-collector")["containers"]
    assert env(container)["AUDIT_SOURCE"] == "gateway-audit.gateway.svc.cluster.local"
    assert policy(program, "audit-collector")["egress"][0] == {
        "to": [peer("gateway", GATEWAYS)],
        "ports": [{"port": audit_outlet.PORT, "protocol": "TCP"}],
    }


def test_nobody_calls_the_collector(program: Program) -> None:
    """It has no ingress at all; the kubelet looks after it from the node."""
    assert not policy(program, "audit-collector").get("ingress")


def test_both_sides_know_each_other_by_certificate(program: Program) -> None:
    """The names that the services demand are in the certificates."""
    names = {name: program.only("Certificate", f"{name}-tls")["spec"] for name in ("gateway", "audit-collector")}
    assert constant("services.gateway.audit.outlet", "COLLECTOR_NAME") in names["audit-collector"]["dnsNames"]
    assert constant("services.gateway.audit.collector", "SOURCE_NAME") in names["gateway"]["dnsNames"]
    assert names["audit-collector"]["usages"] == ["digital signature", "client auth"]
    assert constant("services.gateway.audit.outlet", "PORT") == audit_outlet.PORT


def test_the_collectors_role_writes_records_and_reads_none(program: Program) -> None:
    """It puts objects below one prefix of the locked bucket, with the archive's key through S3."""
    document = json.loads(program.only("iam/policy:Policy", "audit-collector-policy")["policy"])
    put, encrypt = document["Statement"]
    assert put["Action"] == "s3:PutObject"
    assert put["Resource"].endswith("-gateway-audit/gateway/*")
    assert encrypt["Action"] == ["kms:GenerateDataKey", "kms:Decrypt"]
    assert "archive-key" in encrypt["Resource"]
    assert list(encrypt["Condition"]["StringEquals"]) == ["kms:ViaService"]
    (container,) = pod(program, "audit-collector")["containers"]
    assert env(container)["AUDIT_ARCHIVE"].endswith(f"/{audit_collector.PREFIX}")


def test_only_the_collector_has_credentials(program: Program) -> None:
    """No token is in the gateway's pod."""
    assert not [each for each in pod(program, "gateway")["volumes"] if "projected" in each]
    assert [each["name"] for each in pod(program, "audit-collector")["volumes"] if "projected" in each] == ["aws-token"]


def log_readers(program: Program) -> list[dict[str, Any]]:
    """Bindings to read logs where the collector is."""
    return [each.inputs for each in program.of("RoleBinding") if "log-reader" in each.name]


def test_the_archive_alone_has_the_records_on_aws(program: Program) -> None:
    """Its own rights say who reads: nothing is printed, and nobody reads logs in the collector's namespace."""
    (container,) = pod(program, "audit-collector")["containers"]
    assert env(container)["AUDIT_PRINT"] == "false"
    assert log_readers(program) == []


def test_auditors_read_printed_records_where_aws_is_emulated(emulated: Program) -> None:
    """Nobody's rights are judged by an emulated AWS; the API server judges who reads the collector's log."""
    (container,) = pod(emulated, "audit-collector")["containers"]
    assert env(container)["AUDIT_PRINT"] == "true"
    (reader,) = log_readers(emulated)
    assert reader["metadata"]["namespace"] == "audit"
    assert [each["name"] for each in reader["subjects"]] == ["inference:auditor"]


@pytest.mark.parametrize("right", ["viewer", "operator", "deployer"])
def test_nobody_else_reads_logs_where_records_are_printed(program: Program, right: str) -> None:
    """As in the other namespaces, but for the logs."""
    (role,) = [
        each.inputs
        for each in program.of("rbac.authorization.k8s.io/v1:Role")
        if (each.inputs["metadata"]["namespace"], each.inputs["metadata"]["name"]) == ("audit", f"inference:{right}")
    ]
    assert "pods/log" not in {resource for rule in role["rules"] for resource in rule["resources"]}
