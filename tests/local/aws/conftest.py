"""moto in this process, empty for every test, and the resources that an example refers to."""

import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local.aws.api import Api
from local.aws.emulator import start_here
from local.aws.lifecycle import Lifecycle
from local.aws.resources import RESOURCES
from tests.local.aws.examples.common import LOGGING_POLICY
from tests.local.aws.examples.every import EXAMPLES
from tests.local.aws.plugin import Plugin


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The URL of a moto server on loopback."""
    server, url = start_here()
    yield url
    server.stop()


def restart(endpoint: str) -> None:
    """What a restart does to moto: everything in it is lost."""
    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(request).close()


@pytest.fixture(scope="session")
def shared_api(moto: str) -> Api:
    """One set of clients for the session: making them is slow, and they hold no state of moto's."""
    return Api(endpoint=moto)


@pytest.fixture
def api(shared_api: Api) -> Api:
    """The API of an empty account."""
    restart(shared_api.endpoint)
    return shared_api


BUCKETS: Mapping[str, Mapping[str, Any]] = {
    "logs": {"bucket": "logs", "forceDestroy": True},
    "locked": {"bucket": "locked", "objectLockEnabled": True},
}
"""Buckets beside the example's: one that S3 may log to, one with Object Lock."""


class World:
    """Resources that examples refer to, created once when they are first asked for."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._made: dict[str, dict[str, Any]] = {}

    def lifecycle(self, token: str, **default_tags: str) -> Lifecycle:
        """The lifecycle of a type in this account."""
        return Lifecycle(resource=RESOURCES[token], api=self.api, default_tags=default_tags)

    def refer(self, token: str, name: str) -> Any:
        """An output (or "id") of the example of a type, or of one of `BUCKETS`."""
        if token not in self._made:
            kind = "aws:s3/bucket:Bucket" if token in BUCKETS else token
            identity, outputs = self.lifecycle(kind).create(self._inputs(token))
            self._made[token] = {**outputs, "id": identity}
            if token == "logs":
                self.api.call("s3", "put_bucket_policy", {"Bucket": "logs", "Policy": LOGGING_POLICY})
        return self._made[token][name]

    def state(self, token: str) -> dict[str, Any]:
        """The outputs of what `refer` has created."""
        return self._made[token]

    def made(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and outputs, with the id, of all that `refer` has created, in that order."""
        return [("aws:s3/bucket:Bucket" if name in BUCKETS else name, state) for name, state in self._made.items()]

    def _inputs(self, token: str) -> Mapping[str, Any]:
        return BUCKETS[token] if token in BUCKETS else EXAMPLES[token].inputs(self.refer)


@pytest.fixture
def world(api: Api) -> World:
    """An empty account and what examples need in it."""
    return World(api)


@pytest.fixture
def plugin(world: World) -> Plugin:
    """A configured plugin on an empty account."""
    return Plugin(world.api.endpoint)
