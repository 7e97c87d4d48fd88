from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from services.gateway.deidentify.engine import TextEngine
from tests.services.gateway.harness import Harness


@pytest.fixture
def harness() -> Harness:
    return Harness()


@pytest.fixture
def client(harness: Harness) -> Iterator[TestClient]:
    with TestClient(harness.app(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def engine() -> TextEngine:
    return TextEngine()
