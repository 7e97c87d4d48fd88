"""The issuer changes its keys while the gateway runs, and while callers ask without a pause."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.testclient import TestClient

from services.gateway import rereading
from services.gateway.auth import Authenticator
from services.gateway.clock import SystemClock
from services.http.problems import ProblemError
from tests.services.gateway.harness import RULES, Harness, bearer, key_set, token

OLD, NEW = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
BY_OLD, BY_NEW = {"key": OLD, "kid": "old"}, {"key": NEW, "kid": "new"}


class MountedKeys:
    """A ConfigMap's volume: `publish` moves the link `..data` to a new folder, as the kubelet does."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._version = folder, 0
        self.path = folder / "jwks.json"
        self.path.symlink_to("..data/jwks.json")

    def publish(self, content: bytes) -> None:
        self._version += 1
        version = self._folder / f"..{self._version}"
        version.mkdir()
        (version / "jwks.json").write_bytes(content)
        (self._folder / "..data_tmp").symlink_to(version.name)
        (self._folder / "..data_tmp").rename(self._folder / "..data")


@pytest.fixture
def mounted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> MountedKeys:
    """With the old key alone."""
    caplog.set_level(logging.INFO)
    keys = MountedKeys(tmp_path)
    keys.publish(key_set(old=OLD))
    return keys


@pytest.fixture
def authenticator(mounted: MountedKeys) -> Authenticator:
    """On the mounted keys."""
    return Authenticator(RULES, read_keys=mounted.path.read_bytes)


def outcome(authenticator: Authenticator, **signed: object) -> str:
    """The subject of a token, or why it is refused."""
    headers = [(b"authorization", f"Bearer {token(**signed)}".encode())]  # type: ignore[arg-type]
    try:
        return authenticator.authenticate(Request({"type": "http", "headers": headers})).subject
    except ProblemError as error:
        return error.problem.name


def test_a_key_is_added_and_another_retired(
    authenticator: Authenticator, mounted: MountedKeys, caplog: pytest.LogCaptureFixture
) -> None:
    """From the check after each change on; one line says so."""
    assert (outcome(authenticator, **BY_OLD), outcome(authenticator, **BY_NEW)) == ("caller-7", "key_unknown")
    mounted.publish(key_set(old=OLD, new=NEW))
    authenticator.check()
    assert (outcome(authenticator, **BY_OLD), outcome(authenticator, **BY_NEW)) == ("caller-7", "caller-7")
    mounted.publish(key_set(new=NEW))
    authenticator.check()
    assert (outcome(authenticator, **BY_OLD), outcome(authenticator, **BY_NEW)) == ("key_unknown", "caller-7")
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO"]


def test_a_retired_key_refuses_tokens_that_were_accepted_before(
    authenticator: Authenticator, mounted: MountedKeys
) -> None:
    """The very same token, though it was verified and remembered."""
    headers = [(b"authorization", bearer(**BY_OLD)["Authorization"].encode())]
    same = Request({"type": "http", "headers": headers})
    assert authenticator.authenticate(same) == authenticator.authenticate(same)
    mounted.publish(key_set(new=NEW))
    authenticator.check()
    with pytest.raises(ProblemError) as refused:
        authenticator.authenticate(same)
    assert refused.value.problem.name == "key_unknown"


def test_the_name_of_a_retired_key_is_no_way_in(authenticator: Authenticator, mounted: MountedKeys) -> None:
    """Another key under the same name verifies nothing of the one before."""
    mounted.publish(key_set(old=NEW))
    authenticator.check()
    assert outcome(authenticator, **BY_OLD) == "signature_wrong"


@pytest.mark.parametrize(
    "break_it",
    [
        lambda mounted: mounted.publish(b'{"keys": ['),
        lambda mounted: mounted.publish(b'{"keys": []}'),
        lambda mounted: mounted.publish(key_set(old=OLD).replace(b'"kid"', b'"d": "AA", "kid"')),
    ],
    ids=["half written", "empty", "private"],
)
def test_keys_that_cannot_be_used_change_nothing_until_they_can(
    authenticator: Authenticator,
    mounted: MountedKeys,
    caplog: pytest.LogCaptureFixture,
    break_it: Callable[[MountedKeys], None],
) -> None:
    """The keys before stay, one line says so however often it is tried, and the next good ones are taken."""
    break_it(mounted)
    for _ in range(3):
        authenticator.check()
    assert outcome(authenticator, **BY_OLD) == "caller-7"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    mounted.publish(key_set(new=NEW))
    authenticator.check()
    assert outcome(authenticator, **BY_OLD) == "key_unknown"


def test_it_checks_again_and_again(
    authenticator: Authenticator, mounted: MountedKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a task it takes up one key set after the other, without being told."""
    monkeypatch.setattr(rereading, "INTERVAL_S", 0.0)

    async def run() -> None:
        task = asyncio.create_task(authenticator.run())
        for kid, key in (("new", NEW), ("old", OLD)):
            mounted.publish(key_set(**{kid: key}))
            while outcome(authenticator, key=key, kid=kid) != "caller-7":
                await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(run(), timeout=30))


def test_a_gateway_that_runs_takes_up_new_keys(mounted: MountedKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a restart: a token of a key that it does not know is refused until the key is published."""
    monkeypatch.setattr(rereading, "INTERVAL_S", 0.01)
    harness = Harness(authenticator=Authenticator(RULES, read_keys=mounted.path.read_bytes))
    with TestClient(harness.app()) as client:

        def status() -> int:
            return client.post("/v1/classify", json={"text": "Good."}, headers=bearer(**BY_NEW)).status_code

        assert status() == 401
        mounted.publish(key_set(old=OLD, new=NEW))
        while status() == 401:
            pass
        assert status() == 200


class Callers:
    """Ask without a pause, each with fresh and with known tokens of one key in turn, and count the answers by status."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client, self._calling = client, True
        self.statuses: dict[str, list[int]] = {"old": [], "new": []}
        self._tasks = [asyncio.create_task(self._call(each)) for each in (BY_OLD, BY_NEW) for _ in range(3)]

    async def _call(self, signed: dict[str, object]) -> None:
        tokens: Iterator[dict[str, str]] = cycle([bearer(jti=str(number), **signed) for number in range(5)])
        while self._calling:
            answer = await self._client.post("/v1/classify", json={"text": "Good."}, headers=next(tokens))
            self.statuses[str(signed["kid"])].append(answer.status_code)
            await asyncio.sleep(0)  # the gateway is called in this event loop, and the others want their turn

    async def answered(self, each: int = 30) -> dict[str, set[int]]:
        """The statuses of the next answers, at least `each` for either key."""
        for statuses in self.statuses.values():
            statuses.clear()
        while min(map(len, self.statuses.values())) < each and not any(task.done() for task in self._tasks):
            await asyncio.sleep(0)
        return {kid: set(statuses) for kid, statuses in self.statuses.items()}

    async def stop(self) -> None:
        """Raises what a caller met."""
        self._calling = False
        await asyncio.gather(*self._tasks)


def test_callers_are_answered_while_keys_change(mounted: MountedKeys) -> None:
    """Old key, both, new key: at no moment is a token of a published key refused, or one of another accepted."""
    harness = Harness(clock=SystemClock(), authenticator=Authenticator(RULES, read_keys=mounted.path.read_bytes))
    app = harness.app()

    async def run() -> list[dict[str, set[int]]]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://t") as client,
        ):
            callers = Callers(client)
            seen = [await callers.answered()]
            for document in (key_set(old=OLD, new=NEW), key_set(new=NEW)):
                mounted.publish(document)
                harness.authenticator.check()
                await callers.answered(1)  # those that were under way
                seen.append(await callers.answered())
            await callers.stop()
            return seen

    before, both, after = asyncio.run(asyncio.wait_for(run(), timeout=120))
    assert before == {"old": {200}, "new": {401}}
    assert both == {"old": {200}, "new": {200}}
    assert after == {"old": {401}, "new": {200}}
