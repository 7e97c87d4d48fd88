"""A certificate that is renewed while the gateway runs."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.gateway import rereading
from services.gateway.rotation import Rotation
from services.gateway.settings import SettingsError
from services.gateway.tls import Identity, identity_files
from tests.pki import Leaf, mount
from tests.services.gateway.fake_triton import AUTHORITY, GATEWAY, gateway_identity
from tests.services.gateway.handshake import shown
from tests.services.gateway.harness import Harness
from tests.services.gateway.test_tls import settings

FIRST, SECOND = AUTHORITY.leaf(GATEWAY), AUTHORITY.leaf(GATEWAY)


@pytest.fixture
def rotating(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Rotation]:
    """On mounted files that hold FIRST, in `tmp_path`."""
    caplog.set_level(logging.INFO)
    mount(tmp_path, FIRST, AUTHORITY.pem)
    yield Rotation(identity_files(settings(tmp_path)))
    assert "PRIVATE" not in caplog.text
    assert str(tmp_path) not in caplog.text


@pytest.mark.parametrize("name", ["gateway", None])
def test_a_renewed_certificate_is_shown_from_the_next_handshake_on(
    rotating: Rotation, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str | None
) -> None:
    """Whether or not the client names a server; the context that was handed out stays the same, and one line says so."""
    context = rotating.context
    assert shown(context, name=name) == FIRST.serial
    mount(tmp_path, SECOND, AUTHORITY.pem)
    rotating.check()
    assert shown(context, name=name) == SECOND.serial
    assert rotating.identity == Identity(SECOND.chain, SECOND.key, AUTHORITY.pem)
    assert len(caplog.records) == 1


def test_the_same_files_change_nothing(rotating: Rotation, caplog: pytest.LogCaptureFixture) -> None:
    """A check without news keeps the very identity, to which connections are bound, and logs nothing."""
    before = rotating.identity
    rotating.check()
    assert rotating.identity is before
    assert caplog.records == []


def _mismatched(folder: Path) -> None:
    mount(folder, Leaf(SECOND.chain, FIRST.key), AUTHORITY.pem)


def _half_written(folder: Path) -> None:
    (folder / "tls.crt").write_bytes(SECOND.chain[: len(SECOND.chain) // 2])


def _missing(folder: Path) -> None:
    (folder / "..data").unlink()


@pytest.mark.parametrize("break_files", [_mismatched, _half_written, _missing])
def test_files_that_cannot_be_used_change_nothing_until_they_can(
    rotating: Rotation, tmp_path: Path, caplog: pytest.LogCaptureFixture, break_files: Callable[[Path], None]
) -> None:
    """The certificate before is shown on, one line says so however often it is tried, and the next good one is taken."""
    before = rotating.identity
    break_files(tmp_path)
    for _ in range(3):
        rotating.check()
    assert shown(rotating.context) == FIRST.serial
    assert rotating.identity is before
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    third = AUTHORITY.leaf(GATEWAY)
    mount(tmp_path, third, AUTHORITY.pem)
    rotating.check()
    assert shown(rotating.context) == third.serial


def test_a_gateway_does_not_start_without_one(tmp_path: Path) -> None:
    """The first identity has to be usable."""
    with pytest.raises(SettingsError):
        Rotation(identity_files(settings(tmp_path)))


def test_an_expired_certificate_is_shown_on() -> None:
    """Who verifies it refuses it; a load balancer and a kubelet verify none, and hear from /readyz what is wrong."""
    expired = AUTHORITY.leaf(GATEWAY, ends=timedelta(days=-1))
    assert shown(Rotation(lambda: gateway_identity(expired)).context) == expired.serial


def test_it_checks_again_and_again(rotating: Rotation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a task it takes up one certificate after the other, without being told."""
    monkeypatch.setattr(rereading, "INTERVAL_S", 0.0)

    async def run() -> None:
        task = asyncio.create_task(rotating.run())
        for leaf in (SECOND, AUTHORITY.leaf(GATEWAY)):
            mount(tmp_path, leaf, AUTHORITY.pem)
            while rotating.identity.chain != leaf.chain:
                await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(run(), timeout=30))


def test_the_certificates_end_is_a_metric() -> None:
    """As Unix time, that of the certificate in use."""
    newest = [gateway_identity()]
    harness = Harness(rotation=Rotation(lambda: newest[0]))
    with TestClient(harness.app()) as client:
        for leaf in (None, AUTHORITY.leaf(GATEWAY, ends=timedelta(days=7))):
            newest[0] = gateway_identity(leaf) if leaf else newest[0]
            harness.rotation.check()
            (line,) = [line for line in client.get("/metrics").text.splitlines() if line.startswith("gateway_tls_")]
            name, value = line.split()
            assert name == "gateway_tls_certificate_not_after_timestamp_seconds"
            assert float(value) == newest[0].not_after.timestamp()
