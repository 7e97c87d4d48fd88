"""Machines that call with a certificate of the cluster's authority, over real TLS."""

import asyncio
import http.client
import json
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.gateway.auth import Authenticator
from services.gateway.auth.protocol import ClientCertificateProtocol
from services.gateway.clock import SystemClock
from services.gateway.rotation import Rotation
from services.gateway.tls import Identity
from tests.pki import Authority, Leaf
from tests.services.gateway.fake_triton import AUTHORITY, GATEWAY, LOOPBACK
from tests.services.gateway.harness import KEY_SET, RULES, Harness, bearer
from tests.services.http.kept import KeptConnection, listening

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
BATCH, SCOPELESS = "batch.inference.svc.cluster.local", "auditor.inference.svc.cluster.local"
TRITON = "triton.inference.svc.cluster.local"
CALLERS = {BATCH: ["classify"], SCOPELESS: ["audit:read"], TRITON: ["classify"]}
LEAF = AUTHORITY.leaf(GATEWAY, LOOPBACK, usages=(SERVER, CLIENT))
KNOWN = AUTHORITY.leaf(BATCH, usages=(CLIENT,))


def document() -> bytes:
    return json.dumps({"callers": [{"san": name, "scopes": scopes} for name, scopes in CALLERS.items()]}).encode()


def context(folder: Path, leaf: Leaf | None, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """A client's, who shows `leaf` and trusts the cluster's authority."""
    found = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
    found.maximum_version = newest
    if leaf:
        (folder / "client.pem").write_bytes(leaf.chain + leaf.key)
        found.load_cert_chain(folder / "client.pem")
    return found


def asked(ask: Callable[[int], Any], rotation: Rotation | None = None) -> tuple[Any, list[dict[str, Any]]]:
    """What `ask` returns, who gets the port of a gateway that asks for certificates; and the audit trail."""
    rotation = rotation or Rotation(lambda: Identity(LEAF.chain, LEAF.key, AUTHORITY.pem), ask_clients=True)
    harness = Harness(
        clock=SystemClock(),
        rotation=rotation,
        authenticator=Authenticator(RULES, read_keys=lambda: KEY_SET, read_callers=document),
    )
    config = uvicorn.Config(
        harness.app(),
        port=0,
        log_config=None,
        ssl_context_factory=lambda *_: rotation.context,
        http=ClientCertificateProtocol,
    )

    async def run() -> Any:
        async with listening(uvicorn.Server(config)) as (port, _):
            return await ask(port)

    answer = asyncio.run(asyncio.wait_for(run(), timeout=60))
    return answer, harness.audit_lines()


async def post(port: int, tls: ssl.SSLContext, headers: dict[str, str] | None = None) -> int:
    """Status of one request over a connection of its own."""
    connection = KeptConnection(port, headers=headers or {}, tls=tls)
    try:
        return (await connection.post()).status
    finally:
        connection.close()


def posted(tls: ssl.SSLContext, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """Status of one request, and its audit record."""

    status, (record,) = asked(lambda port: post(port, tls, headers))
    return status, record


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])
def test_a_caller_in_the_mapping_is_answered(tmp_path: Path, newest: ssl.TLSVersion) -> None:
    """Without a token, and on record by the name in its certificate."""
    status, record = posted(context(tmp_path, KNOWN, newest=newest))
    assert (status, record["subject"], record["outcome"]) == (200, BATCH, "answered")


def test_a_certificate_gives_the_scopes_of_the_mapping_and_no_others(tmp_path: Path) -> None:
    """The caller is known, and may not do this."""
    status, record = posted(context(tmp_path, AUTHORITY.leaf(SCOPELESS, usages=(CLIENT,))))
    assert (status, record["subject"], record["outcome"]) == (403, SCOPELESS, "missing_scope")


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (None, (401, "missing_token")),
        (AUTHORITY.leaf("other.inference.svc.cluster.local", usages=(CLIENT,)), (403, "certificate_unknown")),
        (LEAF, (403, "certificate_unknown")),
    ],
    ids=["none", "another", "the gateway's own"],
)
def test_who_is_not_in_the_mapping_is_refused(tmp_path: Path, leaf: Leaf | None, expected: tuple[int, str]) -> None:
    """By a problem, and on record without a subject."""
    status, record = posted(context(tmp_path, leaf))
    assert (status, record["outcome"]) == expected
    assert record["subject"] is None


def test_a_token_decides_over_a_certificate(tmp_path: Path) -> None:
    """With both it is the token's subject, and a bad token is not made good."""
    tls = context(tmp_path, KNOWN)
    assert posted(tls, bearer())[1]["subject"] == "caller-7"
    assert posted(tls, {"Authorization": "Bearer a.b"})[0] == 401


@pytest.mark.parametrize(
    "leaf",
    [
        Authority().leaf(BATCH, usages=(CLIENT,)),
        AUTHORITY.leaf(TRITON, usages=(SERVER,)),
        AUTHORITY.leaf(BATCH, usages=(CLIENT,), ends=timedelta(days=-1)),
    ],
    ids=["another authority's", "Triton's, for servers only", "ended"],
)
def test_certificates_that_tls_refuses(tmp_path: Path, leaf: Leaf) -> None:
    """There is no request: the connection ends with the handshake."""

    async def ask(port: int) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await post(port, context(tmp_path, leaf))

    assert asked(ask)[1] == []


def test_a_resumed_connection_has_the_certificate_of_the_first(tmp_path: Path) -> None:
    """TLS does not send it again, and it still says who calls."""
    tls = context(tmp_path, KNOWN)

    async def ask(port: int) -> None:
        await asyncio.to_thread(_post_twice, port, tls)

    _, records = asked(ask)
    assert [record["subject"] for record in records] == [BATCH, BATCH]


def _post_twice(port: int, tls: ssl.SSLContext) -> None:
    """Over two connections, of which the second resumes the session of the first."""
    session = None
    for _ in range(2):
        with tls.wrap_socket(
            socket.create_connection((LOOPBACK, port)), server_hostname=LOOPBACK, session=session
        ) as sock:
            connection = http.client.HTTPSConnection(LOOPBACK, port)
            connection.sock = sock
            connection.request("POST", "/v1/classify", '{"text": "Good."}', {"Content-Type": "application/json"})
            assert connection.getresponse().status == 200
            assert sock.session_reused is (session is not None)
            session = sock.session


def test_a_new_authority_is_believed_from_the_next_handshake_on(tmp_path: Path) -> None:
    """And the one before no longer."""
    other = Authority()
    newest = [Identity(LEAF.chain, LEAF.key, other.pem)]
    rotation = Rotation(lambda: newest[0], ask_clients=True)

    async def ask(port: int) -> int:
        known = context(tmp_path, KNOWN)
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await post(port, known)
        newest[0] = Identity(LEAF.chain, LEAF.key, AUTHORITY.pem)
        rotation.check()
        return await post(port, known)

    assert asked(ask, rotation)[0] == 200


def test_none_is_asked_for_where_no_mapping_is_set(tmp_path: Path) -> None:
    """A certificate that is shown all the same does nothing."""
    rotation = Rotation(lambda: Identity(LEAF.chain, LEAF.key, AUTHORITY.pem))
    tls = context(tmp_path, KNOWN)
    status, (record,) = asked(lambda port: post(port, tls), rotation)
    assert (status, record["outcome"]) == (401, "missing_token")
