"""`python -m policies.analyze`: what it judges in a state, and what it refuses."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from policies.analyze.__main__ import main
from policies.analyze.state import read_state
from policies.outcomes import Outcome
from policies.record import Source
from policies.report.results import Run, read_run
from policies.rules.reads import SECRET, SIGNATURE

CIPHERTEXT = {SIGNATURE: SECRET, "ciphertext": "v1:abc:def"}
SUBNET, BUCKET = "aws:ec2/subnet:Subnet", "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def _entry(kind: str, name: str, inputs: Any = None, outputs: Any = None, **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::project::{kind}::{name}"
    return {"urn": urn, "type": kind, "custom": True, "inputs": inputs or {}, "outputs": outputs or {}, **more}


def _export(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": list(resources)}}


@pytest.fixture
def judged(tmp_path: Path) -> Any:
    """Judges a document and reads what was recorded."""

    def judge(document: Any, *options: str) -> tuple[int, Run]:
        state, results = tmp_path / "state.json", tmp_path / "results.jsonl"
        state.write_text(json.dumps(document))
        status = main(["--state", str(state), "--results", str(results), *options])
        return status, read_run(results, stack="dev")

    return judge


def _of(run: Run, rule: str) -> dict[str, Outcome]:
    return {item.name: item.outcome for item in run.results if item.rule == rule}


def test_single_resources_are_judged_by_inputs_and_relations_by_outputs(judged: Any) -> None:
    """As the engine does: what was declared, and what became of it; the record says that it was a state."""
    bucket = _entry(BUCKET, "models", {}, {"bucket": "models-1"})
    versions = {"versioningConfiguration": {"status": "Suspended"}}
    status, run = judged(
        _export(
            _entry(SUBNET, "open", {"mapPublicIpOnLaunch": True}, {"mapPublicIpOnLaunch": False}),
            bucket,
            _entry(VERSIONING, "v", versions, {"bucket": "models-1", "versioningConfiguration": {"status": "Enabled"}}),
        )
    )
    assert (status, run.mode) == (1, "state")
    assert _of(run, "subnet-no-public-ip") == {"open": Outcome.VIOLATION}
    assert _of(run, "s3-bucket-versioned") == {"models": Outcome.COMPLIANT}
    assert run.not_applicable["subnet-no-public-ip"] == {BUCKET: 1, VERSIONING: 1}


def test_dependencies_of_properties_say_what_belongs_together(judged: Any) -> None:
    """Also where the values do not."""
    bucket = _entry(BUCKET, "models")
    enabled = {"versioningConfiguration": {"status": "Enabled"}}
    versioning = _entry(VERSIONING, "v", enabled, propertyDependencies={"bucket": [bucket["urn"]]})
    _, run = judged(_export(versioning, bucket))
    assert _of(run, "s3-bucket-versioned") == {"models": Outcome.COMPLIANT}


def test_what_waits_to_be_deleted_does_not_count(judged: Any) -> None:
    """The old half of a replacement is no part of the stack any more."""
    old = _entry(SUBNET, "subnet", {"mapPublicIpOnLaunch": True}, delete=True)
    _, run = judged(_export(_entry(SUBNET, "subnet"), old))
    assert _of(run, "subnet-no-public-ip") == {"subnet": Outcome.COMPLIANT}


def test_a_checkpoint_file_is_a_state_too(tmp_path: Path) -> None:
    """Backends in files keep one for each stack, which may be packed with gzip."""
    state = tmp_path / "dev.json.gz"
    document = {"version": 3, "checkpoint": {"stack": "dev", "latest": _export(_entry(SUBNET, "subnet"))["deployment"]}}
    state.write_bytes(gzip.compress(json.dumps(document).encode()))
    assert [item.label for item in read_state(state).declared.resources] == [f"{SUBNET}::subnet"]


def test_the_line_that_made_a_resource_is_recorded(
    judged: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine counts from the folder of Pulumi.yaml, the record from where the command runs."""
    monkeypatch.chdir(tmp_path)
    made = _entry(SUBNET, "subnet", sourcePosition="project:///infra/network.py#7,3")
    _, run = judged(_export(made), "--project", "stacks/dev")
    assert {item.source for item in run.results} == {Source("stacks/dev/infra/network.py", 7)}


def test_secrets_that_were_exported_in_plaintext_are_judged_and_hidden(judged: Any) -> None:
    """`--show-secrets` writes them as JSON within the JSON."""
    document = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}})
    secret = {SIGNATURE: SECRET, "plaintext": json.dumps(document)}
    _, run = judged(_export(_entry("aws:kms/key:Key", "key", {"policy": secret})))
    (result,) = (item for item in run.results if item.rule == "kms-key-policy-limited")
    assert result.outcome is Outcome.VIOLATION
    assert [(value.path, value.value) for value in result.values] == [("policy", "[secret]")]


def test_ciphertext_that_no_rule_reads_is_no_obstacle(judged: Any) -> None:
    """Most secrets are nobody's business."""
    _, run = judged(_export(_entry(SUBNET, "subnet", {"mapPublicIpOnLaunch": False, "tags": CIPHERTEXT})))
    assert _of(run, "subnet-no-public-ip") == {"subnet": Outcome.COMPLIANT}


def _refused(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one sentence by which a file is refused; nothing is written."""
    state, results = tmp_path / "state.json", tmp_path / "results.jsonl"
    state.write_bytes(content)
    assert main(["--state", str(state), "--results", str(results), *options]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.json"]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def test_ciphertext_that_a_rule_must_read_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Resource and property are named, and how to get at the value; no outcome is recorded."""
    subnet = _entry(SUBNET, "subnet", {"mapPublicIpOnLaunch": CIPHERTEXT})
    said = _refused(json.dumps(_export(_entry(BUCKET, "b"), subnet)).encode(), tmp_path, capsys)
    assert f"{SUBNET}::subnet mapPublicIpOnLaunch is encrypted" in said
    assert "--show-secrets" in said


REFUSED = {
    "no JSON": (b"resources:\n- a: b\n", "is not JSON"),
    "another kind of JSON": (b"[1, 2]", "is no state of a stack"),
    "an object of something else": (b'{"version": 3, "name": "x"}', "is no state of a Pulumi stack"),
    "resources without URNs": (json.dumps(_export({"type": SUBNET})).encode(), "is no state of a Pulumi stack"),
    "Terraform's state": (b'{"version": 4, "terraform_version": "1.9.0", "resources": []}', "state of Terraform"),
    "a template of CloudFormation": (b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}', "CloudFormation"),
    "stack resources of CloudFormation": (b'{"StackResources": []}', "CloudFormation"),
    "a preview": (b'{"steps": [], "changeSummary": {}}', "is a preview"),
    "age": (b"age-encryption.org/v1\n-> X25519 abc\n", "encrypted with age"),
    "age in text": (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "encrypted with age"),
    "GPG in text": (b"-----BEGIN PGP MESSAGE-----\n\nhQE\n", "encrypted with GPG"),
    "GPG": (b"\x85\x02\x0c\x03" + bytes(range(100)), "encrypted with GPG"),
    "SOPS": (b'{"version": "ENC[AES256_GCM,data:a]", "sops": {"mac": "x"}}', "encrypted with SOPS"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x00", "packed with zstd"),
    "gzip that ends early": (gzip.compress(b"{}" * 100)[:20], "cannot be read"),
    "no resources": (json.dumps(_export()).encode(), "holds no resources"),
    "a stack that was destroyed": (b'{"version": 3, "deployment": {"manifest": {}}}', "holds no resources"),
    "a checkpoint of nothing": (b'{"version": 3, "checkpoint": {"stack": "dev"}}', "holds no resources"),
    "a newer format": (b'{"version": 9, "deployment": {}}', "version 9"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_state_is_refused(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence says what the file is, the exit status is 2, and nothing is written."""
    assert said in _refused(content, tmp_path, capsys)


def test_another_stack_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence is not filed under the wrong name."""
    document = json.dumps(_export(_entry(SUBNET, "subnet"))).encode()
    assert "of stack dev, not prod" in _refused(document, tmp_path, capsys, "--stack", "prod")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its name."""
    assert main(["--state", str(tmp_path / "gone.json"), "--results", str(tmp_path / "r")]) == 2
    assert "gone.json cannot be read" in capsys.readouterr().err


def test_results_that_cannot_be_written_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is judged."""
    (tmp_path / "state.json").write_text(json.dumps(_export(_entry(SUBNET, "subnet"))))
    assert main(["--state", str(tmp_path / "state.json"), "--results", str(tmp_path / "state.json" / "r")]) == 2
    assert "cannot be written" in capsys.readouterr().err
