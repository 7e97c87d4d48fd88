"""Which cluster is used, and what is asked of a user who names one."""

from pathlib import Path

import pytest

from local import clusters, forward
from local.errors import LocalError

PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in *"network inspect"*) echo "fc00::1 172.18.0.1" ;; *fail*) echo "no such archive" >&2; exit 1 ;;
"--kubeconfig"*"get crd"*) exit ${WITHOUT_CERT_MANAGER:-0} ;; esac
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts programs named docker, kind, kubectl and load on PATH that write down how they were called."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name in ("docker", "kind", "kubectl", "load"):
        (binaries / name).write_text(PROGRAM)
        (binaries / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(binaries), prepend=":")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(forward, "kubectl", lambda: binaries / "kubectl")
    return tmp_path / "calls"


def given(tmp_path: Path, **environment: str) -> clusters.GivenCluster:
    """A given cluster whose kubeconfig is there."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.touch()
    return clusters.GivenCluster(tmp_path, {"LOCAL_KUBECONFIG": str(kubeconfig), **environment})


def test_a_kubeconfig_in_the_environment_wins(tmp_path: Path, calls: Path) -> None:
    """LOCAL_KUBECONFIG is taken even where kind and Docker are there."""
    assert isinstance(clusters.choose(tmp_path, {"LOCAL_KUBECONFIG": "any"}), clusters.GivenCluster)


def test_kind_is_used_where_docker_runs(tmp_path: Path, calls: Path) -> None:
    """With both programs working, no node of our own is started."""
    assert isinstance(clusters.choose(tmp_path, {}), clusters.KindCluster)


def test_this_machine_becomes_the_node_where_nothing_else_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither kind nor a kubeconfig: the own node."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert isinstance(clusters.choose(tmp_path, {}), clusters.OwnNode)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "Set LOCAL_HOST_ADDRESS"),
        ({"LOCAL_HOST_ADDRESS": "192.0.2.1"}, "Set LOCAL_IMAGE_IMPORT"),
    ],
)
def test_what_a_given_cluster_lacks_is_named(tmp_path: Path, environment: dict[str, str], sentence: str) -> None:
    """One sentence says which variable to set, before anything is done."""
    with pytest.raises(LocalError, match=sentence):
        given(tmp_path, **environment).check()


def test_a_kubeconfig_that_is_no_file_is_named(tmp_path: Path) -> None:
    """The path in the message is the one that was given."""
    with pytest.raises(LocalError, match="missing, which is no file"):
        clusters.GivenCluster(tmp_path, {"LOCAL_KUBECONFIG": str(tmp_path / "missing")}).check()


def test_a_given_cluster_without_cert_manager_is_refused(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is deployed: without it no workload gets its certificate."""
    monkeypatch.setenv("WITHOUT_CERT_MANAGER", "1")
    with pytest.raises(LocalError, match="has no cert-manager"):
        given(tmp_path).start(lambda text: None)


def test_an_image_goes_to_a_given_cluster_by_the_users_command(tmp_path: Path, calls: Path) -> None:
    """{archive} and {reference} are filled in, without a shell in between."""
    cluster = given(tmp_path, LOCAL_HOST_ADDRESS="192.0.2.1", LOCAL_IMAGE_IMPORT="load {archive} --as {reference}")
    cluster.load(Path("image; rm.tar"), "repository@sha256:0")
    assert calls.read_text() == "load image; rm.tar --as repository@sha256:0\n"


def test_a_failed_import_says_why(tmp_path: Path, calls: Path) -> None:
    """The last line of the user's command is in the sentence."""
    cluster = given(tmp_path, LOCAL_HOST_ADDRESS="192.0.2.1", LOCAL_IMAGE_IMPORT="load fail")
    with pytest.raises(LocalError, match="no such archive"):
        cluster.load(Path("image.tar"), "repository")


def test_kind_pods_reach_this_machine_at_the_gateway_of_its_network(tmp_path: Path, calls: Path) -> None:
    """The IPv4 gateway of Docker's network is the host's address."""
    assert clusters.KindCluster(tmp_path).host_address == "172.18.0.1"


def test_the_kind_cluster_is_made_once_in_the_test_ranges(tmp_path: Path, calls: Path) -> None:
    """Pods and Services live in the RFC 2544 ranges there too."""
    clusters.KindCluster(tmp_path).start(lambda text: None)
    assert "kind create cluster --name private-inference" in calls.read_text()
    assert "podSubnet: 198.18.0.0/16, serviceSubnet: 198.19.0.0/16" in (tmp_path / "kind" / "cluster.yaml").read_text()


def test_an_image_goes_into_kinds_node_by_its_digest(tmp_path: Path, calls: Path) -> None:
    """The archive is imported under its repository, with the reference by digest that pods use."""
    (tmp_path / "image.tar").touch()
    clusters.KindCluster(tmp_path).load(tmp_path / "image.tar", "repository@sha256:0")
    assert calls.read_text() == (
        "docker exec -i private-inference-control-plane ctr -n k8s.io images import --base-name repository --digests -\n"
    )
