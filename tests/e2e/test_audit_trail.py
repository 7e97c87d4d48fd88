"""The gateway's audit trail, from the pod's volume to the archive, and who reads it."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from infra.access_groups import OPERATOR, group
from local.paths import REPO
from tests.e2e import store
from tests.e2e.api import Api, pods
from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

COLLECTOR = "/apis/apps/v1/namespaces/audit/deployments/audit-collector"


def verify(*paths: Path, anchors: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What the command says of these files and folders."""
    command = [sys.executable, "-m", "services.gateway.audit", "verify", *map(str, paths)]
    command += ["--anchors", str(anchors)] if anchors else []
    return subprocess.run(command, capture_output=True, text=True, cwd=REPO, check=False)


@pytest.fixture
def archive(api: Api, tmp_path: Path) -> Path:
    """A copy of what the archive's bucket holds now."""
    template = api.get(COLLECTOR)["spec"]["template"]["spec"]
    [container] = template["containers"]
    s3 = store.client(api, container, namespace="audit", authority=store.trusted(template), folder=tmp_path)
    [uri] = [urlsplit(each["value"]) for each in container["env"] if each["name"] == "AUDIT_ARCHIVE"]
    folder = tmp_path / "archive"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=uri.netloc, Prefix=uri.path.strip("/")):
        for found in page.get("Contents", []):
            target = folder / found["Key"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(s3.get_object(Bucket=uri.netloc, Key=found["Key"])["Body"].read())
    return folder


@pytest.fixture
def recorded(gateway: httpx.Client, audit_lines: AuditLines) -> str:
    """The id of a request whose record is in the archive."""
    request_id = str(gateway.post("/v1/classify", json={"text": "The care was excellent."}).json()["request_id"])
    audit_lines.await_each({request_id})
    return request_id


def test_what_is_in_the_archive_is_whole(recorded: str, archive: Path, kubectl: Kubectl, tmp_path: Path) -> None:
    """Every chain of every pod so far, against the anchors that the gateway's log holds."""
    log = tmp_path / "gateway.log"
    log.write_text(kubectl("logs", "-n", "gateway", "deployment/gateway", "-c", "gateway"))
    said = verify(archive, anchors=log)
    assert said.returncode == 0, said.stderr
    assert any(recorded in path.read_text() for path in archive.rglob("*") if path.is_file())


def test_a_record_that_is_edited_in_the_archive_is_named(recorded: str, archive: Path) -> None:
    """Whoever changes one can't hide it: the hash of its line and the chain say where."""
    [edited] = [path for path in archive.rglob("*") if path.is_file() and recorded in path.read_text()]
    edited.write_text(edited.read_text().replace('"local-user"', '"someone-else"', 1))
    said = verify(archive)
    assert said.returncode == 1
    assert edited.name in said.stderr


def test_a_pod_that_goes_leaves_all_its_records(
    api: Api, gateway: httpx.Client, kubectl: Kubectl, audit_lines: AuditLines
) -> None:
    """Its sidecar stays until the collector has come for them."""
    asked = {str(gateway.post("/v1/classify", json={"text": "Good care."}).json()["request_id"]) for _ in range(20)}
    [pod] = [each["metadata"]["name"] for each in pods(api, "gateway", "gateway")]
    kubectl("delete", "pod", "-n", "gateway", pod, "--wait=false")
    audit_lines.await_each(asked)
    until(lambda: gateway.get("/readyz").status_code == 200, "a gateway in its place", timeout_s=180)


def test_an_operator_reads_no_audit_record(kubectl: Kubectl) -> None:
    """Logs are an operator's in every other namespace of the stack."""
    said = kubectl(
        *("--as=somebody", f"--as-group={group(OPERATOR)}", "logs", "-n", "audit", "deployment/audit-collector"),
        check=False,
    )
    assert "forbidden" in said.lower()
