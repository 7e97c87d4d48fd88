"""What an API server would be given: restricted pods, closed namespaces, internal Services."""

from typing import Any

import pytest

from infra.workloads.namespaces import NAMES
from infra.workloads.triton import ARGUMENTS
from tests.infra.conftest import ACCOUNT, Program

WORKLOADS = {"gateway": "gateway", "fastapi-svc": "inference", "triton": "inference", "audit-collector": "audit"}


def pod(program: Program, workload: str) -> dict[str, Any]:
    spec: dict[str, Any] = program.only("Deployment", workload)["spec"]["template"]["spec"]
    return spec


def containers(program: Program) -> list[dict[str, Any]]:
    pods = [pod(program, workload) for workload in WORKLOADS]
    return [each for spec in pods for each in (*spec["containers"], *spec.get("initContainers", []))]


def test_every_container_is_restricted(program: Program) -> None:
    """Containers, init containers too, run as non-root without capabilities on a read-only root file system."""
    found = containers(program)
    assert len(found) == 8
    for container in found:
        security = container["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] == 65532
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_every_container_has_requests_and_limits(program: Program) -> None:
    """CPU and memory are requested and limited, and memory is never overcommitted."""
    for container in containers(program):
        requests, limits = container["resources"]["requests"], container["resources"]["limits"]
        assert {"cpu", "memory"} <= set(requests) & set(limits)
        assert requests["memory"] == limits["memory"]


def test_images_are_the_stacks_own_by_digest(program: Program) -> None:
    """Every container runs an image of this account's registry, by digest."""
    for container in containers(program):
        registry, _, rest = container["image"].partition("/")
        assert registry == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
        assert "@sha256:" in rest
        assert ":" not in rest.partition("@")[0]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_pods_share_nothing_with_their_node(program: Program, workload: str) -> None:
    """No host namespace, no host path, no token of the API server, no service links."""
    spec = pod(program, workload)
    assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
    assert not any("hostPath" in volume for volume in spec["volumes"])
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert program.only("ServiceAccount", workload)["automountServiceAccountToken"] is False


@pytest.mark.parametrize("workload", WORKLOADS)
def test_pods_have_all_three_probes(program: Program, workload: str) -> None:
    """A slow start is not a dead pod, and a pod that is not ready is not restarted."""
    (container,) = pod(program, workload)["containers"]
    paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}
    expected = {
        "gateway": {"startup": "/readyz", "readiness": "/livez", "liveness": "/livez"},
        "fastapi-svc": {"startup": "/readyz", "readiness": "/readyz", "liveness": "/livez"},
        "triton": {
            "startup": "/v2/health/ready",
            "readiness": "/v2/health/ready",
            "liveness": "/v2/health/live",
        },
        "audit-collector": {"startup": "/livez", "readiness": "/livez", "liveness": "/livez"},
    }
    assert paths == expected[workload]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_rollouts_lose_no_pod(program: Program, workload: str) -> None:
    """A new pod is ready before an old one goes, which first drains; a disruption takes one at a time."""
    spec = program.only("Deployment", workload)["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    template = spec["template"]["spec"]
    drain = template["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert 0 < drain < template["terminationGracePeriodSeconds"]
    assert program.only("PodDisruptionBudget", workload)["spec"]["maxUnavailable"] == 1


def test_services_are_internal(program: Program) -> None:
    """No Service makes a load balancer or names an external address; nodes lead to the gateway alone."""
    headless = {"triton-headless", "gateway-audit", "gateway-headless"}
    assert {each.name for each in program.of("Service")} == {*WORKLOADS, *headless}
    for service in program.of("Service"):
        assert service.inputs["spec"]["type"] == ("NodePort" if service.name == "gateway" else "ClusterIP")
        assert "externalIPs" not in service.inputs["spec"]
    for name in headless:
        assert program.only("Service", name)["spec"]["clusterIP"] == "None"


def test_workloads_live_in_closed_namespaces(program: Program) -> None:
    """Every namespaced object is in a namespace of the stack."""
    kinds = (
        "Deployment",
        "DaemonSet",
        "Service",
        "ServiceAccount",
        "ConfigMap",
        "PodDisruptionBudget",
        "NetworkPolicy",
    )
    for kind in kinds:
        for each in program.of(kind):
            assert each.inputs["metadata"]["namespace"] in NAMES


def test_only_the_gateway_calls_triton(program: Program) -> None:
    """Triton admits gRPC from the gateway's pods, and metrics' readers; the gateway calls gRPC and nothing else."""
    admitted, measured = program.only("NetworkPolicy", "triton")["spec"]["ingress"]
    gateway = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateway"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "gateway"}},
    }
    assert admitted == {"from": [gateway], "ports": [{"port": 8001, "protocol": "TCP"}]}
    readers = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}
    assert measured == {"from": [readers], "ports": [{"port": 8002, "protocol": "TCP"}]}
    (called,) = program.only("NetworkPolicy", "gateway")["spec"]["egress"]
    assert called["to"][0]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "triton"}}
    assert called["ports"] == [{"port": 8001, "protocol": "TCP"}]


def test_no_pod_calls_the_unauthenticated_service(program: Program) -> None:
    """fastapi-svc asks nobody who they are, so no pod may call it."""
    assert program.only("NetworkPolicy", "fastapi-svc")["spec"]["ingress"] == []


def test_no_pod_reaches_instance_metadata(program: Program) -> None:
    """The widest egress rule leaves out link-local and private addresses."""
    for workload in ("triton", "fastapi-svc"):
        blocks = [
            peer["ipBlock"] for rule in program.only("NetworkPolicy", workload)["spec"]["egress"] for peer in rule["to"]
        ]
        (wide,) = [block for block in blocks if block["cidr"] == "0.0.0.0/0"]
        assert {"169.254.0.0/16", "10.0.0.0/8"} <= set(wide["except"])


@pytest.mark.parametrize("workload", ["triton", "fastapi-svc"])
def test_only_the_init_container_holds_the_token(program: Program, workload: str) -> None:
    """The model is fetched with a short-lived token for AWS STS that the serving container never sees."""
    spec = pod(program, workload)
    fetch, *sidecars = spec["initContainers"]
    (serving,) = spec["containers"]
    env = {each["name"]: each["value"] for each in fetch["env"]}
    assert env["MODEL_URI"].endswith("/models/sentiment/0123456789ab")
    assert env["AWS_ROLE_ARN"].startswith("arn:aws:iam:")
    assert env["AWS_EC2_METADATA_DISABLED"] == "true"
    (token,) = [volume for volume in spec["volumes"] if volume["name"] == "aws-token"]
    (projection,) = token["projected"]["sources"]
    assert projection["serviceAccountToken"]["audience"] == "sts.amazonaws.com"
    assert "aws-token" in {mount["name"] for mount in fetch["volumeMounts"]}
    for container in (serving, *sidecars):
        assert "aws-token" not in {mount["name"] for mount in container["volumeMounts"]}
    (model,) = [mount for mount in serving["volumeMounts"] if mount["name"] == "model"]
    assert model["readOnly"] is True


@pytest.mark.parametrize("workload", ["triton", "fastapi-svc"])
def test_another_model_rolls_the_pods(program: Program, workload: str) -> None:
    """The pod template names the manifest's hash, and the init container checks it."""
    template = program.only("Deployment", workload)["spec"]["template"]
    digest = template["metadata"]["annotations"]["inference/model-manifest-sha256"]
    env = {each["name"]: each["value"] for each in template["spec"]["initContainers"][0]["env"]}
    assert env["MODEL_MANIFEST_SHA256"] == digest


def test_triton_keeps_no_input_and_takes_no_orders() -> None:
    """Models cannot be loaded at run time, administration is locked, and nothing records inputs."""
    assert "--model-control-mode=none" in ARGUMENTS
    assert "--disable-auto-complete-config" in ARGUMENTS
    for prefix in ("--http-restricted-api=", "--grpc-restricted-protocol="):
        (restricted,) = [argument for argument in ARGUMENTS if argument.startswith(prefix)]
        assert {"shared-memory", "model-repository", "trace"} <= set(
            restricted.removeprefix(prefix).split(":")[0].split(",")
        )
        assert restricted.endswith("=$(POD_UID)")
    forbidden = ("--trace", "--log-verbose", "--cache-config", "--response-cache")
    assert not any(argument.startswith(forbidden) for argument in ARGUMENTS)


def test_triton_gets_a_gpu_where_there_is_one(program: Program) -> None:
    """With an accelerator Triton asks for one GPU, on nodes that have some, past their taint; the others stay away."""
    spec = pod(program, "triton")
    assert spec["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert spec["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert [each["key"] for each in spec["tolerations"]] == ["nvidia.com/gpu"]
    for workload in ("gateway", "fastapi-svc"):
        assert pod(program, workload)["nodeSelector"] == {"inference/node-pool": "system"}
        assert not pod(program, workload).get("tolerations")


def test_threads_follow_the_cpu_request(prod: Program) -> None:
    """Both servers of the model compute with as many threads as whole cores were requested."""
    env = {
        workload: {each["name"]: each.get("value") for each in pod(prod, workload)["containers"][0]["env"]}
        for workload in ("triton", "fastapi-svc")
    }
    assert env["triton"]["MODEL_THREADS"] == "3"
    assert env["fastapi-svc"]["FASTAPI_SVC_THREADS"] == "1"


def test_gateway_knows_its_issuer_by_public_keys_only(prod: Program) -> None:
    """The mounted key set holds public members only."""
    (keys,) = [each for each in prod.of("ConfigMap") if each.name == "gateway-auth"]
    assert '"d"' not in keys.inputs["data"]["jwks.json"]
    env = {each["name"]: each.get("value") for each in pod(prod, "gateway")["containers"][0]["env"]}
    assert env["GATEWAY_TRITON_URL"] == "dns:///triton-headless.inference.svc.cluster.local:8001"
    assert env["GATEWAY_AUTH_JWKS_FILE"] == "/etc/gateway/jwks.json"
