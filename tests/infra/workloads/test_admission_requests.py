"""Real requests to a real API server that has the admission policies: what it refuses, what it says, and what it takes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra.config_types import Mig
from infra.workloads.admission.certificates import CONTROLLER
from infra.workloads.admission.component import AdmissionPolicies, AdmissionPoliciesArgs
from infra.workloads.admission.host import HOST_PATHS
from infra.workloads.certificates import CERT_MANAGER
from infra.workloads.namespaces import SPACES
from local.processes import await_condition
from tests.infra.components import run_component
from tests.infra.conftest import Program, run_program, stack_values
from tests.infra.workloads import admission_cases as cases
from tests.infra.workloads import admission_objects as objects
from tests.infra.workloads import published_schemas
from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.api_server import Answer, ApiServer, running_api_server

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/inference-test/"
ADMINISTRATORS = ("administrators", "system:authenticated")
"""Groups of somebody who may do everything that RBAC can grant."""
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
SERVICE_ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": "inference"}}
OLD = Case(
    "made before the policies",
    objects.workload("ReplicaSet", objects.pod_spec(objects.container(image="probe:latest"))),
)


@pytest.fixture(scope="module")
def api() -> Iterator[ApiServer]:
    """An API server with the stack's namespaces and policies, and something that is older than they are."""
    with running_api_server() as server:
        define_certificates(server)
        for space in SPACES:
            granted(server.create(namespace(space.name, enforce=space.enforced)))
        granted(server.create(namespace(CERT_MANAGER, enforce="restricted", part_of="other")))
        granted(
            server.create(named(objects.binding("ClusterRoleBinding", ADMINISTRATORS[0], "cluster-admin"), "admins"))
        )
        granted(server.create(named(SERVICE_ACCOUNT, "triton")))
        granted(server.create(named(OLD.manifest(REGISTRY), "old")))
        granted(server.create(named(objects.workload("Pod", objects.pod_spec()), "running")))
        for manifest in made():
            granted(server.create(manifest))
        await_condition(lambda: in_force(server), what="Every policy in force", timeout_s=60)
        yield server


def define_certificates(api: ApiServer) -> None:
    """Cert-manager's kinds, without cert-manager."""
    for definition in published_schemas.cert_manager():
        granted(api.create(definition))
    path = f"/apis/{objects.CERT_MANAGER}"
    kinds = {"Certificate", "CertificateRequest", "ClusterIssuer"}
    await_condition(
        lambda: kinds <= {each["kind"] for each in api.get(path).body.get("resources", [])},
        what="cert-manager's kinds",
        timeout_s=60,
    )


def made(sharing: Mig | None = None) -> list[dict[str, Any]]:
    """The policies and bindings as the component makes them."""

    def build() -> None:
        AdmissionPolicies("admission", AdmissionPoliciesArgs([pulumi.Output.from_input(REGISTRY)], sharing))

    return [each.inputs for each in run_component(build).resources if each.type.startswith("kubernetes:")]


def policy(name: str, sharing: Mig | None = None) -> dict[str, Any]:
    """One of the policies."""
    return next(each for each in made(sharing) if each["metadata"]["name"] == name)


def in_force(api: ApiServer) -> bool:
    """Whether each policy refuses something: the server takes a moment to read them."""
    first = {case.policy: case for case in reversed(cases.REFUSED)}
    by_table = all(
        refused_by(api.create(case.manifest(REGISTRY), dry_run=True)) == name for name, case in first.items()
    )
    return by_table and refused_by(enter(api, "exec")) != "" and refused_by(request_token(api)) != ""


def granted(answer: Answer) -> None:
    assert answer.ok, answer.message


def refused_by(answer: Answer) -> str:
    """The policy that refused; empty where none did."""
    found = re.search(r"ValidatingAdmissionPolicy '([^']+)' with binding", answer.message)
    return found[1] if found else ""


def named(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(manifest).replace(objects.REGISTRY, REGISTRY))
    found["metadata"]["name"] = name
    return found


def namespace(name: str, *, enforce: str, part_of: str = "inference") -> dict[str, Any]:
    labels = {"pod-security.kubernetes.io/enforce": enforce, "app.kubernetes.io/part-of": part_of}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def enter(api: ApiServer, way: str, *, of: str = "inference", groups: tuple[str, ...] = ADMINISTRATORS) -> Answer:
    return api.ask(
        "POST", f"/api/v1/namespaces/{of}/pods/running/{way}?container=probe&command=id&stdout=1", groups=groups
    )


def request_token(api: ApiServer, *groups: str) -> Answer:
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"audiences": ["sts.amazonaws.com"]},
    }
    path = "/api/v1/namespaces/inference/serviceaccounts/triton/token"
    return api.ask("POST", path, body, groups=(*ADMINISTRATORS, *groups))


def debug(api: ApiServer, image: str, *groups: str) -> Answer:
    """Puts an ephemeral container into a running pod, as `kubectl debug` does."""
    container = {"name": "debugger", "image": image, "securityContext": objects.confined()}
    path = "/api/v1/namespaces/inference/pods/running/ephemeralcontainers"
    body = {"spec": {"ephemeralContainers": [container]}}
    return api.ask("PATCH", path, body, "application/strategic-merge-patch+json", dry_run=True, groups=groups)


def test_every_expression_fits_the_types_it_is_for(api: ApiServer) -> None:
    """The API server's own type checker finds nothing, and does find a field that no Service has."""
    wrong = named(policy("inference-services"), "wrong")
    wrong["spec"]["validations"] = [{"expression": "object.spec.colour == 'red'"}]
    granted(api.create(wrong))
    await_condition(
        lambda: all("observedGeneration" in each for each in statuses(api).values()), what="A check", timeout_s=60
    )
    found = {name: status["typeChecking"] for name, status in statuses(api).items()}
    assert "undefined field 'colour'" in found.pop("wrong")["expressionWarnings"][0]["warning"]
    assert set(map(bool, found.values())) == {False}, found


def statuses(api: ApiServer) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item.get("status", {}) for item in api.get(POLICIES).body["items"]}


@pytest.mark.parametrize("case", cases.REFUSED, ids=lambda case: f"{case.policy}: {case.name}")
def test_an_offender_is_refused_and_told_why(api: ApiServer, case: Case) -> None:
    """By the policy that is meant to, with a message that names what is wrong; the owner of the cluster is no exception."""
    answer = api.create(case.manifest(REGISTRY), dry_run=True)
    assert refused_by(answer) == case.policy, answer
    assert case.says in answer.message


@pytest.mark.parametrize("case", cases.ACCEPTED, ids=lambda case: case.name)
def test_a_neighbour_without_fault_is_taken(api: ApiServer, case: Case) -> None:
    """Nothing is refused that the offenders only resemble."""
    granted(api.create(case.manifest(REGISTRY), dry_run=True))


def test_a_case_knows_where_it_is_sent(api: ApiServer) -> None:
    """The paths that the table gives are the API server's."""
    for case in (*cases.REFUSED, *cases.ACCEPTED):
        assert case.path == api.collection(case.object), case.name


def test_the_gateways_node_port_is_the_only_one(api: ApiServer) -> None:
    """The port that the load balancer knows, of the Service that it knows, in the namespace that it knows."""
    port = {"type": "NodePort", "ports": [{"name": "https", "port": 8443, "nodePort": 30043}]}
    granted(api.create(objects.service("gateway", "gateway", **port), dry_run=True))
    assert refused_by(api.create(objects.service("gateway", "inference", **port), dry_run=True)) == "inference-services"


@pytest.mark.parametrize("way", ["exec", "attach"])
@pytest.mark.parametrize("of", ["gateway", "inference"])
def test_no_administrator_enters_a_pod_with_texts(api: ApiServer, way: str, of: str) -> None:
    """Neither with a shell nor at the running program."""
    answer = enter(api, way, of=of)
    assert refused_by(answer) == "inference-interactive"
    assert "is entered by nobody: read its logs" in answer.message


def test_the_clusters_owner_and_other_namespaces_are_exempt(api: ApiServer) -> None:
    """What then fails is that nothing runs here, or that there is no such pod."""
    assert refused_by(enter(api, "exec", groups=("system:masters",))) == ""
    assert refused_by(enter(api, "exec", groups=(*ADMINISTRATORS, "kubeadm:cluster-admins"))) == ""
    answer = enter(api, "exec", of="observability")
    assert (answer.status, refused_by(answer)) == (404, "")


@pytest.mark.parametrize(
    "path", ["exec/inference/running/probe", "run/gateway/running/probe", "pods/../attach/x/y/z", "cri/exec/x"]
)
def test_no_administrator_enters_a_pod_by_its_node(api: ApiServer, path: str) -> None:
    """The kubelet's own way in, which the API server would pass on."""
    answer = api.ask("POST", f"/api/v1/nodes/node/proxy/{path}?command=id", groups=ADMINISTRATORS)
    assert refused_by(answer) == "inference-interactive"
    assert "node node is no way around" in answer.message


def test_a_nodes_health_can_be_read(api: ApiServer) -> None:
    """What fails is that there is no such node."""
    answer = api.ask("GET", "/api/v1/nodes/node/proxy/healthz", groups=ADMINISTRATORS)
    assert (answer.status, refused_by(answer)) == (404, "")


def test_no_administrator_debugs_inside_a_pod(api: ApiServer) -> None:
    """An ephemeral container shares the pod's memory and network."""
    answer = debug(api, f"{REGISTRY}debugger@{objects.DIGEST}", *ADMINISTRATORS)
    assert refused_by(answer) == "inference-interactive"
    granted(debug(api, f"{REGISTRY}debugger@{objects.DIGEST}"))


def test_an_ephemeral_containers_image_is_judged_too(api: ApiServer) -> None:
    """The owner of the cluster may enter, but only with what is in the registry."""
    answer = debug(api, "busybox")
    assert refused_by(answer) == "inference-images"
    assert "container debugger" in answer.message


def test_only_nodes_ask_for_a_workloads_token(api: ApiServer) -> None:
    """Whoever had one could act as the workload; the kubelet asks for those that pods declare."""
    assert refused_by(request_token(api)) == "inference-token-requests"
    granted(request_token(api, "system:nodes"))


def test_only_cert_manager_requests_certificates_of_the_authority(api: ApiServer) -> None:
    """From Certificates that were judged; by hand nobody does, who could ask for any name."""
    request = objects.certificate_request()
    path = api.collection(request)
    granted(api.ask("POST", path, request, dry_run=True, groups=ADMINISTRATORS, user=CONTROLLER))
    other = CONTROLLER.replace("cert-manager:cert-manager", "inference:cert-manager")
    answer = api.ask("POST", path, request, dry_run=True, groups=ADMINISTRATORS, user=other)
    assert refused_by(answer) == "inference-certificate-requests"


def test_a_certificate_does_not_get_another_name_later(api: ApiServer) -> None:
    """A change is judged like the first request, and what does not concern the certificate is left alone."""
    certificate = named(objects.certificate(), "renamed")
    granted(api.create(certificate))
    certificate["metadata"]["labels"] = {"colour": "red"}
    granted(api.apply(certificate, dry_run=True))
    certificate["spec"]["dnsNames"] = ["gateway.gateway.svc.cluster.local"]
    assert refused_by(api.apply(certificate, dry_run=True)) == "inference-certificates"


@pytest.mark.parametrize("name", [space.name for space in SPACES])
def test_a_namespace_keeps_the_label_that_the_policies_hold_by(api: ApiServer, name: str) -> None:
    """Taking it off, or another one on, is refused."""
    answer = api.replace(namespace(name, enforce="privileged", part_of="other"), dry_run=True)
    assert refused_by(answer) == "inference-namespaces"


def test_pod_security_is_not_lowered(api: ApiServer) -> None:
    """Only `system` has pods that Pod Security would refuse."""
    assert refused_by(api.replace(namespace("gateway", enforce="baseline"), dry_run=True)) == "inference-namespaces"
    granted(api.replace(namespace("gateway", enforce="restricted"), dry_run=True))
    granted(api.replace(namespace("system", enforce="privileged"), dry_run=True))
    granted(api.replace(namespace("default", enforce="privileged", part_of="other"), dry_run=True))


def test_partitioned_gpus_give_the_device_plugin_one_capability(api: ApiServer) -> None:
    """It alone, and only while the policy is that of a stack with partitions."""
    adding = {"drop": ["ALL"], "add": ["SYS_ADMIN"]}
    plugin, exporter = (
        objects.gpu_workload(each.app, each.path, read_only=not each.writable, capabilities=adding)
        for each in HOST_PATHS
    )

    def refusing(manifest: dict[str, Any]) -> str:
        return refused_by(api.create(named(manifest, "probe"), dry_run=True))

    name = "inference-confinement"
    assert refusing(plugin) == refusing(exporter) == name
    try:
        granted(api.apply(policy(name, Mig.model_validate({"strategy": "mig", "migStrategy": "single"}))))
        await_condition(lambda: refusing(plugin) == "", what="The other policy in force", timeout_s=60)
        assert refusing(exporter) == name
    finally:
        granted(api.apply(policy(name)))
        await_condition(lambda: refusing(plugin) == name, what="The first policy in force again", timeout_s=60)


def test_what_is_older_than_a_policy_can_be_scaled_but_not_changed(api: ApiServer) -> None:
    """A rollout away from it has to be able to scale it down."""
    old = named(OLD.manifest(REGISTRY), "old")
    old["spec"]["replicas"] = 0
    granted(api.replace(old, dry_run=True))
    old["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 5
    assert refused_by(api.replace(old, dry_run=True)) == "inference-images"


def test_a_large_pod_is_judged_within_the_servers_budget(api: ApiServer) -> None:
    """Expressions that cost too much would refuse it, because policies that fail refuse."""
    words = [f"--option-{index}={'x' * 100}" for index in range(100)]
    volumes = [{"name": f"volume-{index}", "emptyDir": {}} for index in range(100)]
    mounts = [{"name": each["name"], "mountPath": f"/{each['name']}", "readOnly": True} for each in volumes]
    containers = [objects.container(f"c{index}", args=words, volumeMounts=mounts) for index in range(40)]
    spec = objects.pod_spec(*containers, volumes=volumes)
    granted(api.create(named(objects.workload(spec=spec), "large"), dry_run=True))
    server = objects.container(command=["tritonserver"], args=[*objects.TRITON, *words])
    granted(api.create(named(objects.workload(spec=objects.pod_spec(server)), "large"), dry_run=True))


@pytest.mark.parametrize("stack", ["prod", "dev", "local"])
def test_what_the_program_makes_is_taken(api: ApiServer, stack: str, model: Path) -> None:
    """Each resource, as the engine applies it; cert-manager's too."""
    manifests = [whole(each) for each in of_stack(stack, model)]
    assert {"Deployment", "Certificate"} <= {each["kind"] for each in manifests}
    answers = {api.address(each): api.apply(each, dry_run=True) for each in manifests}
    assert {name: answer.message for name, answer in answers.items() if not answer.ok} == {}


def of_stack(stack: str, model: Path) -> list[dict[str, Any]]:
    """What an example stack makes in Kubernetes, with what it leaves for the machine to say, in the test's registry."""
    prod = stack_values("prod", model)
    from_prod = {key: prod[f"inference:{key}"] for key in ("auth", "imageDigests", "accessRoles")}
    values = {**{f"inference:{key}": value for key, value in from_prod.items()}, **stack_values(stack, model)}
    found = []
    for each in kubernetes(run_program(values, stack=stack)):
        written = re.sub(
            r"123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com/inference-[a-z]+/", REGISTRY, json.dumps(each)
        )
        found.append(json.loads(written))
    return found


def kubernetes(program: Program) -> list[dict[str, Any]]:
    """Manifests; where the engine chooses a name, the resource's own stands in."""
    found = []
    for each in program.resources:
        if each.type.startswith("kubernetes:") and "kind" in each.inputs:
            metadata = {"name": each.name, **each.inputs.get("metadata", {})}
            found.append({**each.inputs, "metadata": metadata})
    return found


def whole(value: Any) -> Any:
    """The value with the whole numbers that they were before the engine, which knows one kind of number."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
