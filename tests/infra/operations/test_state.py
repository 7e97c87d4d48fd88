"""The real engine keeps its state where bootstrap said, over TLS, and no secret lies there in the clear."""

import base64
import gzip
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
import yaml

from local import toolchain
from local.aws import server
from local.node.pki import Authority, Identity
from local.paths import REPO
from tests.infra.conftest import ACCOUNT

pytestmark = pytest.mark.engine

SECRET = "only-the-deployer-reads-this"
PROGRAM = """
import pulumi
pulumi.export("token", pulumi.Output.secret(pulumi.Config().require_secret("token")))
pulumi.export("name", "shown to everybody")
"""
STACK = """config:
  aws:region: us-east-1
  inference:environment: dev
  inference:accessRoles:
    deployer: inference-deployer
"""


@dataclass(frozen=True)
class Emulated:
    """The emulated account, as the environment of a process sees it."""

    url: str
    environment: dict[str, str]

    def client(self, service: str) -> Any:
        """A client that verifies the emulator's certificate."""
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            verify=self.environment["AWS_CA_BUNDLE"],
            aws_access_key_id="emulated",
            aws_secret_access_key="emulated",
        )


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """moto behind TLS, with nothing in it."""
    folder = tmp_path_factory.mktemp("emulator")
    authority = Authority(folder / "authority", "emulator")
    certificate, key = authority.issue(
        Identity(name="emulator", common_name="emulator", addresses=("127.0.0.1",), server=True), folder / "server"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
    account = Emulated(
        url=f"https://127.0.0.1:{port}",
        environment={
            **kept,
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{port}",
            "AWS_CA_BUNDLE": str(authority.certificate),
            "AWS_ACCESS_KEY_ID": "emulated",
            "AWS_SECRET_ACCESS_KEY": "emulated",
            "PYTHONPATH": str(REPO),
        },
    )
    try:
        server.start(
            folder / "state",
            address="127.0.0.1",
            port=port,
            certificate=certificate,
            key=key,
            ca_certificate=authority.certificate,
        )
        yield account
    finally:
        server.stop(folder / "state")


@dataclass(frozen=True)
class Engine:
    """The engine in a project of its own, whose state is where bootstrap told."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        """What the CLI prints."""
        done = subprocess.run(
            [str(toolchain.path("pulumi")), *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder / "program", env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def told(emulated: Emulated, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The commands that bootstrap prints, by argument: `pulumi login` and `pulumi stack init`."""
    folder = tmp_path_factory.mktemp("stacks")
    (folder / "Pulumi.dev.yaml").write_text(STACK)
    command = (
        "import sys; from pathlib import Path; from infra.operations.bootstrap import bootstrap; "
        "from infra.operations.stacks import StackFile; "
        "sys.exit(bootstrap(StackFile.read('dev', folder=Path(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, str(folder)],
        env=emulated.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [shlex.split(line) for line in re.findall(r"^  (pulumi .+)$", done.stdout, re.MULTILINE)]


@pytest.fixture(scope="module")
def engine(emulated: Emulated, told: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A stack that was made with the lines that bootstrap printed and updated once.

    The bucket's address is completed with where the emulator is: for a bucket the engine's library does not look at
    AWS_ENDPOINT_URL.
    """
    folder = tmp_path_factory.mktemp("engine")
    (folder / "program").mkdir()
    runtime = {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parent.parent)}}
    (folder / "program" / "Pulumi.yaml").write_text(json.dumps({"name": "small", "runtime": runtime}))
    (folder / "program" / "__main__.py").write_text(PROGRAM)
    made = Engine(
        folder,
        {
            **emulated.environment,
            "PATH": f"{toolchain.path('pulumi-language-python').parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        },
    )
    (_, *login), (_, *init) = told
    where = urlencode({"region": "us-east-1", "endpoint": emulated.url, "s3ForcePathStyle": "true"})
    made.run("login", f"{login[1].partition('?')[0]}?{where}")
    made.run(*init)
    made.run("config", "set", "--secret", "token", SECRET)
    made.run("up", "--yes", "--skip-preview")
    return made


def objects(emulated: Emulated) -> dict[str, bytes]:
    """Everything in the bucket of the state, by key."""
    s3, bucket = emulated.client("s3"), f"inference-state-{ACCOUNT}-us-east-1"
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_the_engine_keeps_its_state_in_the_bucket(engine: Engine, emulated: Emulated) -> None:
    """The stack is there, and its outputs are found again."""
    assert any(key.startswith(".pulumi/stacks/small/dev") for key in objects(emulated))
    assert json.loads(engine.run("stack", "output", "--json", "--show-secrets")) == {
        "token": SECRET,
        "name": "shown to everybody",
    }


def test_no_object_holds_a_secret_in_the_clear(engine: Engine, emulated: Emulated) -> None:
    """Neither the state nor its history, as it stands, unpacked, or in base64; what is no secret is found there."""
    found = objects(emulated)
    contents = [gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for body in found.values()]
    assert any(b"shown to everybody" in content for content in contents)
    for hidden in (SECRET.encode(), base64.b64encode(SECRET.encode())):
        assert not [key for key, content in zip(found, contents, strict=True) if hidden in content]


def test_the_stack_file_holds_a_data_key_that_only_kms_opens(engine: Engine, emulated: Emulated) -> None:
    """It is encrypted with the key of the alias, in the context of this stack: without that, KMS refuses."""
    document = yaml.safe_load((engine.folder / "program" / "Pulumi.dev.yaml").read_text())
    assert "context_stack=dev" in document["secretsprovider"]
    kms, sealed = emulated.client("kms"), base64.b64decode(document["encryptedkey"])
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"stack": "dev"})
    assert opened["KeyId"] == kms.describe_key(KeyId="alias/inference-state")["KeyMetadata"]["Arn"]
    with pytest.raises(kms.exceptions.ClientError):
        kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"stack": "prod"})


def test_the_lock_is_gone_and_versions_are_kept(engine: Engine, emulated: Emulated) -> None:
    """An update leaves no lock behind, and the state that it replaced can be had back."""
    assert not [key for key in objects(emulated) if "/locks/" in key]
    versions = emulated.client("s3").list_object_versions(
        Bucket=f"inference-state-{ACCOUNT}-us-east-1", Prefix=".pulumi/stacks/small/"
    )["Versions"]
    assert len(versions) > len({each["Key"] for each in versions})


def test_objects_are_encrypted_with_the_key_of_the_bucket(engine: Engine, emulated: Emulated) -> None:
    """The engine names no key; the bucket's own is taken."""
    s3, kms = emulated.client("s3"), emulated.client("kms")
    key = kms.describe_key(KeyId="alias/inference-state-bucket")["KeyMetadata"]["Arn"]
    for name in objects(emulated):
        assert s3.head_object(Bucket=f"inference-state-{ACCOUNT}-us-east-1", Key=name)["SSEKMSKeyId"] == key, name
