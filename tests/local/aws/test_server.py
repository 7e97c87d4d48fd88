"""The emulator as a background process, over TLS, with real clients."""

import datetime
import ipaddress
import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.aws import server
from local.errors import LocalError
from tests.local.aws.examples.common import TRUST

LARGE = 25 * 1024 * 1024


@dataclass(frozen=True)
class Running:
    """A started emulator."""

    state: Path
    port: int
    certificate: Path
    key: Path

    def client(self, service: str, **more: Any) -> Any:
        """A boto3 client that verifies the emulator's certificate, as pods do."""
        credentials = {"aws_access_key_id": "x", "aws_secret_access_key": "y"}
        return boto3.client(
            service,
            endpoint_url=f"https://127.0.0.1:{self.port}",
            verify=str(self.certificate),
            region_name="us-east-1",
            **{**credentials, **more},
        )

    def start(self, **changes: Any) -> None:
        """Start it with its own settings, or changed ones."""
        settings: dict[str, Any] = {
            "address": "127.0.0.1",
            "port": self.port,
            "certificate": self.certificate,
            "key": self.key,
            "ca_certificate": self.certificate,
        }
        server.start(changes.pop("state", self.state), **{**settings, **changes})


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulator")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "tls.crt", folder / "tls.key"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator for this file."""
    folder = tmp_path_factory.mktemp("emulator")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    emulator = Running(folder / "state", port, *_certificate(folder))
    emulator.start()
    yield emulator
    server.stop(emulator.state)
    assert not server.running(emulator.state)


def test_starting_twice_keeps_the_first(running: Running) -> None:
    """Start is idempotent: what the emulator holds survives a second start."""
    running.client("s3").create_bucket(Bucket="kept")
    running.start()
    assert server.running(running.state)
    assert "kept" in [bucket["Name"] for bucket in running.client("s3").list_buckets()["Buckets"]]


def test_a_taken_port_is_one_sentence(running: Running, tmp_path: Path) -> None:
    """Another process on the port is named before anything is started."""
    with pytest.raises(LocalError, match=rf"cannot listen on 127\.0\.0\.1:{running.port} .*end what uses the port"):
        running.start(state=tmp_path)
    assert not (tmp_path / "moto.pid").exists()


def test_an_untrusted_certificate_is_one_sentence(running: Running, tmp_path: Path) -> None:
    """The answer counts only if the authority vouches for it."""
    other, _ = _certificate(tmp_path)
    with pytest.raises(LocalError, match="certificate is not trusted"):
        running.start(ca_certificate=other)
    running.start()


def test_a_silent_client_does_not_stop_others(running: Running) -> None:
    """A connection that never makes its TLS handshake holds up nobody."""
    with socket.create_connection(("127.0.0.1", running.port)):
        assert running.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_serves_several_clients_a_large_object(running: Running) -> None:
    """Four clients at once read 25 MB by path, as boto3 addresses an IP endpoint, and get what was put."""
    body = os.urandom(LARGE)
    s3 = running.client("s3")
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="model.onnx", Body=body)
    assert s3.generate_presigned_url("get_object", Params={"Bucket": "large", "Key": "k"}).startswith(
        f"https://127.0.0.1:{running.port}/large/k?"
    )

    def fetch(_: int) -> bool:
        return bool(running.client("s3").get_object(Bucket="large", Key="model.onnx")["Body"].read() == body)

    with ThreadPoolExecutor(4) as clients:
        assert all(clients.map(fetch, range(4)))


def test_a_projected_token_becomes_credentials(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 exchanges a pod's web identity token for the role's credentials, with nothing but the environment."""
    role = running.client("iam").create_role(RoleName="triton", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    running.client("s3").create_bucket(Bucket="mine")
    token = tmp_path / "token"
    token.write_text(jwt.encode({"sub": "system:serviceaccount:inference:triton"}, "k" * 32, algorithm="HS256"))
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ROLE_ARN": role,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{running.port}",
        "AWS_CA_BUNDLE": str(running.certificate),
    }.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session(region_name=os.environ["AWS_REGION"])  # boto3 itself reads only AWS_DEFAULT_REGION
    assert ":assumed-role/triton/" in session.client("sts").get_caller_identity()["Arn"]
    assert [bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]][-1] == "mine"


def test_a_bucket_that_demands_tls_can_be_used(running: Running) -> None:
    """A conditional Deny whose condition does not hold denies nothing; an unconditional one does."""
    s3 = running.client("s3")
    s3.create_bucket(Bucket="closed")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::closed/*"]}
    conditional = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="closed", Policy=json.dumps({"Version": "2012-10-17", "Statement": [conditional]}))
    s3.put_object(Bucket="closed", Key="k", Body=b"x")
    s3.put_bucket_policy(Bucket="closed", Policy=json.dumps({"Version": "2012-10-17", "Statement": deny}))
    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket="closed", Key="k", Body=b"x")


def test_managed_policies_are_there(running: Running) -> None:
    """Roles can be given AWS's own policies."""
    policy = running.client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")
    assert json.dumps(policy, default=str).count("AmazonEKSWorkerNodePolicy") >= 1
