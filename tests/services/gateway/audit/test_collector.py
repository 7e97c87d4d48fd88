"""From the sidecar beside a gateway into the archive, over mutual TLS."""

import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.gateway.audit.archive import PrintedArchive, S3Archive, object_name
from services.gateway.audit.collector import SOURCE_NAME, Collector, FetchError, Source, client_context, gateways
from services.gateway.audit.outlet import COLLECTOR_NAME, Outlet
from services.gateway.audit.segments import listing
from services.gateway.audit.shipping import Shipping
from services.gateway.audit.verify import verify
from tests.pki import Authority, mount
from tests.services.gateway.audit.trail import write_chain

REPO = Path(__file__).parents[4]
AUTHORITY = Authority()


class Store:
    """An S3 client that keeps objects in a folder; fails while `failing`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failing = False

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        if self.failing:
            raise RuntimeError("the bucket did not answer")
        assert Bucket == "bucket"
        path = self.folder / Key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)


class Site:
    """A volume, its outlet, and an archive."""

    def __init__(self, folder: Path) -> None:
        self.volume = folder / "volume"
        self.volume.mkdir()
        self.store = Store(folder / "archive")
        self.archive = S3Archive(self.store, uri="s3://bucket/gateway")
        self.server_tls = self.identity(folder / "server", SOURCE_NAME)
        self.client_tls = self.identity(folder / "client", COLLECTOR_NAME)
        self.port = 0

    @staticmethod
    def identity(folder: Path, name: str, *, authority: Authority = AUTHORITY) -> Path:
        mount(folder, authority.leaf(name), AUTHORITY.pem)
        return folder

    def sources(self, tls: Path | None = None) -> list[Source]:
        return [Source("127.0.0.1", self.port, context=client_context(tls or self.client_tls))]

    def collected(self) -> int:
        return Collector(self.sources, self.archive).round()


@contextmanager
def offered(site: Site) -> Iterator[None]:
    with Outlet(("127.0.0.1", 0), Shipping(site.volume), tls=site.server_tls) as outlet:
        site.port = outlet.server_address[1]
        threading.Thread(target=outlet.serve_forever, args=(0.01,), daemon=True).start()
        yield
        outlet.shutdown()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with offered(site):
        yield site


def test_records_reach_the_archive_and_verify_there(site: Site) -> None:
    """Objects are named by chain, first and last record and its hash."""
    chain = write_chain(site.volume, *[3] * 10, end=True, segment_bytes=2000)
    assert site.collected() == 32
    assert site.collected() == 0
    write_chain(site.volume, 4)
    assert site.collected() == 5
    assert (site.store.folder / "gateway" / chain).is_dir()
    report = verify([site.store.folder])
    assert (report.faults, report.records) == ([], 37)


def test_a_store_that_fails_loses_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The records stay on the volume; the log names the error's type alone."""
    write_chain(site.volume, 3)
    site.store.failing = True
    assert site.collected() == 0
    assert "RuntimeError" in caplog.text
    assert "did not answer" not in caplog.text
    site.store.failing = False
    assert site.collected() == 4


def test_a_lost_receipt_ships_twice_and_still_verifies(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collector that was killed between the two."""
    write_chain(site.volume, 3)
    monkeypatch.setattr(Source, "_receipt", lambda *_: (_ for _ in ()).throw(OSError))
    site.collected()
    monkeypatch.undo()
    assert site.collected() == 4
    assert verify([site.store.folder]).faults == []


def test_broken_records_are_kept_apart_and_hold_up_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Evidence of tampering is archived too, and verifying the archive finds it."""
    write_chain(site.volume, 3)
    (path,) = listing(site.volume)
    path.write_bytes(path.read_bytes().replace(b'"r1"', b'"rX"'))
    assert site.collected() == 4
    assert "not whole" in caplog.text
    assert list((site.store.folder / "gateway" / "broken").iterdir())
    assert verify([site.store.folder]).faults != []


@pytest.mark.parametrize("who", ["nobody", "another name", "another authority"])
def test_nobody_but_the_collector_gets_records(site: Site, tmp_path: Path, who: str) -> None:
    """Neither without a certificate, nor with one of another name, nor of another authority."""
    write_chain(site.volume, 3)
    if who == "nobody":
        context = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
    else:
        authority = Authority() if who == "another authority" else AUTHORITY
        name = "triton.inference.svc.cluster.local" if who == "another name" else COLLECTOR_NAME
        context = client_context(Site.identity(tmp_path / "other", name, authority=authority))
    with pytest.raises((OSError, FetchError)):
        Source("127.0.0.1", site.port, context=context).drain(site.archive)
    assert site.collected() == 4


def test_the_collector_asks_nobody_but_a_gateway(site: Site, tmp_path: Path) -> None:
    """A pod with another certificate of the same authority is not believed."""
    write_chain(site.volume, 3)
    Site.identity(site.server_tls, "triton.inference.svc.cluster.local")
    assert site.collected() == 0


def test_one_gateway_that_is_gone_holds_up_no_other(site: Site) -> None:
    """The others are drained in the same round."""
    write_chain(site.volume, 3)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gone = Source("127.0.0.1", port, context=client_context(site.client_tls))
    assert Collector(lambda: [gone, *site.sources()], site.archive).round() == 4


def test_a_name_without_addresses_is_an_empty_round(site: Site) -> None:
    """No gateway runs yet."""
    assert gateways("gateways.invalid", 1, site.client_tls)() == []


def test_what_is_printed_is_in_the_archive(site: Site) -> None:
    """Where the collector's log is what an auditor reads."""
    write_chain(site.volume, 2)
    stream = io.StringIO()
    assert Collector(site.sources, PrintedArchive(site.archive, stream)).round() == 3
    assert stream.getvalue().encode() == listing(site.volume)[0].read_bytes()


@pytest.mark.parametrize("uri", ["", "bucket/prefix", "s3://bucket", "s3://bucket/", "https://bucket/prefix"])
def test_an_archive_needs_a_bucket_and_a_prefix(tmp_path: Path, uri: str) -> None:
    """Anything else is said at the start."""
    with pytest.raises(ValueError, match="AUDIT_ARCHIVE"):
        S3Archive(Store(tmp_path), uri=uri)


def test_nothing_that_a_record_says_leads_out_of_the_prefix() -> None:
    """A chain's name becomes part of an object's: one that can't be a name is kept apart."""
    assert object_name(b'{"chain":"../../x"}\n').startswith("broken/")


def test_the_sidecar_stays_until_everything_was_fetched(tmp_path: Path) -> None:
    """Told to stop, it serves on; with the last receipt it ends."""
    site = Site(tmp_path)
    write_chain(site.volume, 5, end=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        site.port = probe.getsockname()[1]
    env: dict[str, Any] = {
        **os.environ,
        "AUDIT_DIR": str(site.volume),
        "AUDIT_TLS_DIR": str(site.server_tls),
        "AUDIT_PORT": str(site.port),
    }
    command = [sys.executable, "-m", "services.gateway.audit", "serve"]
    with subprocess.Popen(command, cwd=REPO, env=env, stderr=subprocess.PIPE, text=True) as sidecar:
        try:
            assert sidecar.stderr
            assert "Offering" in sidecar.stderr.readline()
            sidecar.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                sidecar.wait(0.5)
            assert site.collected() == 7
            assert sidecar.wait(30) == 0
        finally:
            sidecar.kill()
    assert verify([site.store.folder]).faults == []
