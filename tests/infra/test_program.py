"""The program as a whole, for every stack."""

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.infra.conftest import REPO, Program, run_program, stack_values

EXPORTS = {
    "gateway_url", "fastapi_url", "triton_http_url", "triton_grpc_url", "kubeconfig", "cluster_name", "model_bucket",
    "image_repositories", "vpc_id", "namespaces", "edge_dns_name", "cluster_kubeconfig", "region",
    "security_topic", "monthly_cost_usd", "auditor_policy_arn",
}  # fmt: skip


def local_values(model: Path, kubeconfig: Path) -> dict[str, Any]:
    """The local stack with what the machine adds to it."""
    prod = stack_values("prod", model)
    return {
        **stack_values("local", model),
        "inference:imageDigests": dict.fromkeys(prod["inference:imageDigests"], f"sha256:{'1' * 64}"),
        "inference:auth": prod["inference:auth"],
        "inference:edge": {**prod["inference:edge"], "certificateId": "12345678-1234-1234-1234-123456789012"},
        "inference:kubeconfig": str(kubeconfig),
        "inference:awsEndpointUrl": "https://198.18.0.1:5566",
        "inference:awsCaBundle": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "inference:addresses": {
            "gateway": "http://127.0.0.1:18080",
            "fastapi": "http://127.0.0.1:18081",
            "tritonHttp": "http://127.0.0.1:18000",
            "tritonGrpc": "127.0.0.1:18001",
        },
    }


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kubeconfig that exists."""
    file = tmp_path_factory.mktemp("kube") / "config"
    file.write_text("{}")
    return file


@pytest.fixture(scope="module")
def local(model: Path, kubeconfig: Path) -> Program:
    """The local stack, applied."""
    return run_program(local_values(model, kubeconfig), stack="local", preview=False)


def test_exports(program: Program) -> None:
    """Every stack exports the same names."""
    assert set(program.exports) == EXPORTS
    assert re.fullmatch(r"https://inference\.(dev\.)?example\.com", program.exports["gateway_url"])


def test_local_stack_has_the_same_resources(local: Program, program: Program) -> None:
    """The local stack registers every type of resource that the AWS stacks do: it is the same program."""
    optional = {"aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"}
    local_types, aws_types = ({each.type for each in found.resources} for found in (local, program))
    assert aws_types - optional == local_types


def test_local_stack_exports_what_it_was_told(local: Program, kubeconfig: Path) -> None:
    """Configured addresses and the path of the configured kubeconfig are what the outputs say."""
    assert local.exports["gateway_url"] == "http://127.0.0.1:18080"
    assert local.exports["triton_grpc_url"] == "127.0.0.1:18001"
    assert local.exports["kubeconfig"] == str(kubeconfig)
    assert local.only("providers:kubernetes")["kubeconfig"] == str(kubeconfig)


def test_local_pods_reach_the_configured_endpoint_only(local: Program) -> None:
    """Where an endpoint is configured, the model is fetched there, under its authority, and nowhere else."""
    policy = next(each for each in local.of("NetworkPolicy") if each.name == "triton")
    (rule,) = policy.inputs["spec"]["egress"]
    assert rule == {
        "to": [{"ipBlock": {"cidr": "198.18.0.1/32"}}],
        "ports": [{"port": 5566, "protocol": "TCP"}],
    }
    fetch = local.only("Deployment", "triton")["spec"]["template"]["spec"]["initContainers"][0]
    env = {each["name"]: each["value"] for each in fetch["env"]}
    assert env["AWS_ENDPOINT_URL"] == "https://198.18.0.1:5566"
    assert env["AWS_CA_BUNDLE"] == "/etc/aws-ca/ca.pem"


def test_local_requests_leave_room_for_a_rollout(local: Program) -> None:
    """Two pods of each workload fit on two cores, so that a rollout is never stuck."""
    millis = [
        int(container["resources"]["requests"]["cpu"].removesuffix("m"))
        for deployment in local.of("Deployment")
        for container in deployment.inputs["spec"]["template"]["spec"]["containers"]
    ]
    assert len(millis) == 4
    assert 2 * sum(millis) <= 1600


def test_everything_is_owned(program: Program) -> None:
    """The AWS provider tags every resource with owner, contact, environment and classification."""
    tags = program.only("providers:aws")["defaultTags"]
    assert all(f'"{name}"' in str(tags).replace("'", '"') for name in ("owner", "contact", "environment"))
    assert "phi" in str(tags)


def test_bad_configuration_registers_nothing(model: Path) -> None:
    """A refused configuration stops the program before any resource."""
    values = {**stack_values("prod", model), "inference:vpcCidr": "10.0.0.0/28"}
    with pytest.raises(pulumi.RunError, match="nothing was changed"):
        run_program(values, stack="prod")


def test_placeholders_stop_an_update(model: Path) -> None:
    """The examples preview, and refuse to be applied as they are."""
    with pytest.raises(pulumi.RunError, match="placeholder digest"):
        run_program(stack_values("prod", model), stack="prod", preview=False)


def test_program_asks_nobody_which_stack_it_is() -> None:
    """No module reads the stack's name, and only config.py reads configuration."""
    for file in (REPO / "infra").rglob("*.py"):
        text = file.read_text()
        assert "get_stack(" not in text, file
        assert file.name == "config.py" or not re.search(r"pulumi\.Config\(|runtime_config", text), file


def test_no_module_shadows_the_standard_library() -> None:
    """`infra/` comes first on the program's path: no file there may be called like a standard module."""
    import sys

    names = {file.stem for file in (REPO / "infra").iterdir()} - {"__init__", "__main__", "__pycache__"}
    assert not names & sys.stdlib_module_names


def test_stack_without_digests_has_no_workloads(model: Path) -> None:
    """Before images can be pushed, everything but the workloads comes up, and `imageDigests` is all that is missing."""
    values = {**stack_values("prod", model), "inference:imageDigests": ""}
    found = run_program(values, stack="prod")
    assert not found.of("Deployment")
    assert {"gateway", "fastapi-svc", "triton", "tls-proxy"} <= {each.name for each in found.of("Repository")}
    assert found.of("Namespace")


def test_inherited_services_are_not_made(model: Path) -> None:
    """What the organisation runs is declared as a resource, and none of it is made a second time."""
    declared = {"by": "security account", "answers": "cloud@example.com"}
    services = ("cloudtrail", "config", "guardduty", "securityhub", "access-analyzer", "backup", "dns-query-logs")
    values = {**stack_values("prod", model), "inference:inherited": dict.fromkeys(services, declared)}
    found = run_program(values, stack="prod")
    areas = {each.type.split(":")[1].partition("/")[0] for each in found.resources if each.type.startswith("aws:")}
    assert areas.isdisjoint({"cloudtrail", "cfg", "guardduty", "securityhub", "accessanalyzer", "backup", "route53"})
    assert "aws-guardduty-agent" not in {each.inputs["addonName"] for each in found.of("eks/addon:Addon")}
    (declaration,) = found.of("InheritedServices")
    assert declaration.name == "inherited-services"


def test_tunnel_is_made_only_where_it_is_wanted(program: Program, model: Path) -> None:
    """By default there is no instance; with `adminTunnel` there is one, in a group that nobody may call."""
    assert not program.of("ec2/instance:Instance")
    found = run_program({**stack_values("prod", model), "inference:adminTunnel": "true"}, stack="prod")
    assert found.only("ec2/instance:Instance")["vpcSecurityGroupIds"] == ["tunnel-group-id"]
    callers = [
        rule for rule in found.of("SecurityGroupIngressRule") if rule.inputs["securityGroupId"] == "tunnel-group-id"
    ]
    assert callers == []
    assert found.exports["tunnel_instance_id"]
