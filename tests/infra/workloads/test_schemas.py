"""Everything that the program and the local node make in Kubernetes fits every version that the configuration accepts."""

import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from infra.config import StackConfig
from local.node import addons, identities
from local.node.layout import Layout
from tests.infra.conftest import run_program, stack_values
from tests.infra.workloads import published_schemas
from tests.infra.workloads.strict_schemas import Api

SOURCES = ("local", "dev", "prod", "node")
ACCEPTED: dict[str, str] = {}
"""Fields whose description speaks of something deprecated, and why they are used all the same."""

Manifest = dict[str, Any]


@pytest.fixture(scope="module", params=get_args(StackConfig.model_fields["kubernetes_version"].annotation))
def api(request: pytest.FixtureRequest) -> Api:
    """The kinds of one version of Kubernetes, with cert-manager's."""
    return Api(published_schemas.kubernetes(request.param), published_schemas.cert_manager())


@pytest.fixture(scope="module", params=SOURCES)
def manifests(
    request: pytest.FixtureRequest, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Manifest]:
    """What one source makes, by a label that messages name."""
    if request.param == "node":
        return _of_node(tmp_path_factory.mktemp("node"))
    return _of_stack(request.param, model)


@cache
def _of_stack(stack: str, model: Path) -> dict[str, Manifest]:
    """Every Kubernetes resource of an example stack, applied, with what an example leaves out."""
    prod = stack_values("prod", model)
    values = {
        **stack_values(stack, model),
        **{f"inference:{key}": prod[f"inference:{key}"] for key in ("auth", "accessRoles")},
        "inference:edge": {**prod["inference:edge"], "certificateId": "12345678-1234-1234-1234-123456789012"},
        "inference:imageDigests": dict.fromkeys(prod["inference:imageDigests"], f"sha256:{'1' * 64}"),
    }
    made = run_program(values, stack=stack, preview=False).resources
    return {f"{each.type}::{each.name}": whole(each.inputs) for each in made if each.type.startswith("kubernetes:")}


def _of_node(folder: Path) -> dict[str, Manifest]:
    """The add-ons of the local node, and the definitions of certificates that it installs with them."""
    layout = Layout(folder)
    parts = "".join(part.read_text() for part in Path(addons.__file__).parent.glob("*.yaml"))
    images = dict.fromkeys(re.findall(r"\$\{?(\w+)_image\b", parts), "localhost/program:1")
    documents = yaml.safe_load_all(addons.manifest(layout, identities.ensure(layout), images))
    every = [*documents, *published_schemas.cert_manager()]
    return {f"{each['kind']}::{each['metadata']['name']}": each for each in every}


def whole(value: Any) -> Any:
    """The value with the whole numbers that they were before the engine, which knows only one kind of number."""
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_every_manifest_is_what_the_api_serves(api: Api, manifests: dict[str, Manifest]) -> None:
    """Each kind is served, with no field that it does not have, none missing, and every value of its type."""
    assert {each["kind"] for each in manifests.values()} >= {"Deployment", "Service", "ServiceAccount"}
    assert [f"{label}: {fault}" for label, each in manifests.items() for fault in api.faults(each)] == []


def test_nothing_deprecated_is_used(api: Api, manifests: dict[str, Manifest]) -> None:
    """No kind, and no field that is in use, is called deprecated by the version that serves it."""
    found = {(use, label) for label, each in manifests.items() for use in api.deprecated(each)}
    assert {each for each in found if each[0] not in ACCEPTED} == set()


PLAIN = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "plain"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "plain"}},
        "template": {"spec": {"containers": [{"name": "plain", "resources": {"limits": {"memory": "64Mi"}}}]}},
    },
}
CERTIFICATE = {
    "apiVersion": "cert-manager.io/v1",
    "kind": "Certificate",
    "metadata": {"name": "plain"},
    "spec": {"secretName": "plain", "issuerRef": {"name": "plain"}, "privateKey": {"rotationPolicy": "Always"}},
}


def changed(manifest: Manifest, path: str, value: Any) -> Manifest:
    """A copy with one value set; `path` is in dots, with numbers for items of lists."""
    copy: Manifest = yaml.safe_load(yaml.safe_dump(manifest))
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    target: Any = copy
    for part in parents:
        target = target[part]
    target[last] = value
    return copy


@pytest.mark.parametrize("manifest", [PLAIN, CERTIFICATE], ids=["built-in", "custom"])
def test_a_plain_manifest_has_no_fault(api: Api, manifest: Manifest) -> None:
    """What the faults below are made of is right."""
    assert [*api.faults(manifest), *api.deprecated(manifest)] == []


@pytest.mark.parametrize(
    ("manifest", "path", "value", "says"),
    [
        (PLAIN, "spec.replica", 1, "spec: Additional properties are not allowed ('replica' was unexpected)"),
        (PLAIN, "metadata.lables", {}, "'lables' was unexpected"),
        (PLAIN, "spec.template.spec.containers.0.img", "x", "spec.template.spec.containers.0: "),
        (PLAIN, "spec.replicas", "1", "spec.replicas: '1' is not of type 'integer'"),
        (PLAIN, "spec.template.spec.containers.0.resources.limits.memory", "64MiB", "does not match"),
        (PLAIN, "spec.selector", None, "spec.selector: None is not of type 'object'"),
        (PLAIN, "spec", {"template": {}}, "spec: 'selector' is a required property"),
        (PLAIN, "apiVersion", "apps/v1beta2", "apps/v1beta2/Deployment is not served"),
        (PLAIN, "kind", "PodSecurityPolicy", "apps/v1/PodSecurityPolicy is not served"),
        (CERTIFICATE, "spec.secretname", "plain", "'secretname' was unexpected"),
        (CERTIFICATE, "spec.privateKey.rotationPolicy", "Sometimes", "'Sometimes' is not one of ['Never', 'Always']"),
        (CERTIFICATE, "metadata.lables", {}, "'lables' was unexpected"),
        (CERTIFICATE, "apiVersion", "cert-manager.io/v1alpha2", "cert-manager.io/v1alpha2/Certificate is not served"),
    ],
)
def test_a_fault_is_found(api: Api, manifest: Manifest, path: str, value: Any, says: str) -> None:
    """One wrong thing in a right manifest is found where it is."""
    (fault,) = api.faults(changed(manifest, path, value))
    assert says in fault


@pytest.mark.parametrize(
    ("manifest", "use"),
    [
        ({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "old"}}, "v1/Endpoints"),
        (changed(PLAIN, "spec.template.spec.serviceAccount", "default"), "PodSpec.serviceAccount"),
        (
            changed(PLAIN, "spec.template.spec.volumes", [{"name": "old", "gitRepo": {"repository": "x"}}]),
            "Volume.gitRepo",
        ),
    ],
    ids=["kind", "field", "field of a list's item"],
)
def test_a_deprecated_use_is_found(api: Api, manifest: Manifest, use: str) -> None:
    """A deprecated kind and deprecated fields are named, wherever they are."""
    assert list(api.faults(manifest)) == []
    assert use in api.deprecated(manifest)


@pytest.mark.parametrize("missing", [{"GOPROXY": "off"}, {"PATH": ""}], ids=["network", "Go"])
def test_schemas_that_cannot_be_fetched_are_said_to_be(
    missing: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is kept and nobody answers, one sentence says what to do."""
    monkeypatch.setattr(published_schemas, "_FOLDER", tmp_path / "empty")
    for name, value in {"GOMODCACHE": str(tmp_path / "modules"), **missing}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(pytest.fail.Exception, match="run this once with Go and a network"):
        published_schemas.kubernetes("1.35")


def test_kept_schemas_need_neither_network_nor_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read once is read from the cache."""
    kept = published_schemas.kubernetes("1.35"), published_schemas.cert_manager()
    monkeypatch.setenv("PATH", "")
    assert (published_schemas.kubernetes("1.35"), published_schemas.cert_manager()) == kept
