"""Load from within a cluster."""

import json
from pathlib import Path
from typing import Any

import pytest

from loadtests.measure import Load, LoadTestError
from loadtests.targets.cluster import Cluster
from loadtests.targets.job import manifests
from tests.loadtests.examples import RUN

IMAGE = "registry.example/k6@sha256:" + 64 * "a"
SUMMARY = json.dumps({**{k: v for k, v in vars(RUN).items() if k != "generator_cpu_s"}, "path": "gateway"})


def pod() -> dict[str, Any]:
    job = manifests(IMAGE, {"PROFILE": "smoke"})["items"][1]
    template: dict[str, Any] = job["spec"]["template"]["spec"]
    return template


def cluster(folder: Path, log: str, status: str = "Complete") -> Cluster:
    """With a kubectl that keeps what it was given, and a Job that ends so."""
    job = json.dumps({"status": {"conditions": [{"type": status, "status": "True"}]}})
    program = folder / "kubectl"
    program.write_text(
        f'#!/bin/sh\necho "$1" >> {folder}/calls\ncase $1 in\napply) cat > {folder}/applied ;;\n'
        f"get) cat <<'END'\n{job}\nEND\n;;\nlogs) cat <<'END'\n{log}\nEND\n;;\nesac\n"
    )
    program.chmod(0o755)
    return Cluster(IMAGE, {"KUBECTL": str(program), "PATH": "/usr/bin:/bin"}, poll_s=0)


def test_the_job_is_one_that_the_namespaces_pod_security_admits() -> None:
    """Restricted: not root, no capability, nothing to write on, the runtime's seccomp profile, no token."""
    spec = pod()
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}


def test_it_verifies_the_gateway_and_shows_a_certificate() -> None:
    """Of the cluster's authority; no token is in its manifest."""
    variables = {each["name"]: each["value"] for each in pod()["containers"][0]["env"]}
    assert variables["GATEWAY_URL"].startswith("https://gateway.gateway.svc.cluster.local")
    assert variables["SSL_CERT_FILE"] == "/etc/tls/ca.crt"
    assert variables["TLS_KEY"] == "/etc/tls/tls.key"
    assert variables["PROFILE"] == "smoke"
    assert "TOKEN" not in variables


def test_its_scripts_are_laid_out_as_they_are_here() -> None:
    """All that they import, and they fit into a ConfigMap, which holds a MiB."""
    scripts = manifests(IMAGE, {})["items"][0]["data"]
    items = next(volume["configMap"]["items"] for volume in pod()["volumes"] if "configMap" in volume)
    assert {item["key"] for item in items} == set(scripts)
    assert {item["path"] for item in items} >= {"gateway.js", "lib/profiles.js", "data/texts.json"}
    assert sum(len(content.encode()) for content in scripts.values()) < 2**20


def test_a_run_is_read_from_the_jobs_log_and_the_job_taken_away(tmp_path: Path) -> None:
    """Also of a Job that failed because a threshold broke."""
    found = cluster(tmp_path, f'time="…" level=error msg="thresholds"\n{SUMMARY}', status="Failed")
    run = found.measure("gateway", Load(profile="capacity", rate=7), {})
    assert run.path == "gateway"
    assert (tmp_path / "calls").read_text().split() == ["apply", "get", "logs", "delete"]
    assert '{"name": "RATE", "value": "7"}' in (tmp_path / "applied").read_text()


def test_a_job_that_could_not_run_says_why(tmp_path: Path) -> None:
    """In one sentence, and is taken away."""
    with pytest.raises(LoadTestError, match=r"^The Job's k6 could not run: no such file$"):
        cluster(tmp_path, "no such file").measure("gateway", Load(profile="smoke"), {})
    assert (tmp_path / "calls").read_text().split()[-1] == "delete"


def test_an_image_is_named_by_its_digest() -> None:
    """A tag may be moved."""
    with pytest.raises(LoadTestError, match=r"name it by its digest, as NAME@sha256:…\.$"):
        Cluster("registry.example/k6:1.1.0", {})
